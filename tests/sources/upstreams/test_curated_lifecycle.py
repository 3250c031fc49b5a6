"""Rows of the curated file on when endpoints end."""

from typing import Any

import pytest

from sources.upstreams.curated.lifecycle import lifecycle_rules
from sources.upstreams.curated.rows import CuratedRow

ROW = {
    "provider": "openai",
    "ids": ["o4-mini"],
    "source": "https://developers.openai.com/api/docs/deprecations",
    "checked": "2026-08-20",
}
EVIDENCE = (ROW["source"], ROW["checked"])


def read(**fields: Any) -> tuple[Any, list[str]]:
    row = CuratedRow("row 1", {**ROW, **fields}, "2026-11-30")
    (rule,) = lifecycle_rules(row)
    return rule, row.complaints


def test_a_row_states_days_and_a_successor() -> None:
    stated = {
        "deprecated_on": "2026-04-22",
        "retired_on": "2026-10-23",
        "successors": ["gpt-5.6-terra"],
    }
    rule, complaints = read(**stated)
    assert complaints == []
    assert (rule.provider, rule.ids, rule.facts) == ("openai", ("o4-mini",), stated)
    assert rule.evidence == dict.fromkeys(stated, EVIDENCE)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "it states neither a stage nor a day nor a successor"),
        ({"retired_on": "soon"}, "retired_on is “soon”, and no date"),
        ({"lifecycle": "gone"}, "lifecycle is “gone”, and not one of"),
        ({"retired_on": "2026-04-22", "deprecated_on": "2026-04-23"}, "deprecated after it"),
        ({"retired_on": "2026", "retired_not_before": "2026"}, "exclude each other"),
        ({"billed_as_successor_from": "2026-12-01"}, "a successor that it does not name"),
        ({"billed_as_successor_from": "2026-12", "successors": ["o5"]}, "is no whole date"),
        ({"successors": "o5"}, "successors is no list of texts"),
        ({"retired_on": "2026", "successor_basis": "guess"}, "successor_basis is “guess”"),
        ({"retired_on": "2026", "until": "2027"}, "there is no field until"),
        ({"retired_on": "2026", "provider": "nowhere"}, "provider “nowhere” is not in"),
        ({"retired_on": "2026", "checked": ""}, "checked is missing"),
    ],
)
def test_a_mistake_is_named(fields: dict[str, Any], complaint: str) -> None:
    assert any(complaint in found for found in read(**fields)[1])
