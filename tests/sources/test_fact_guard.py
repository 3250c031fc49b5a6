"""Facts other than prices: what an answer may change unseen, and from where on it waits."""

from collections.abc import Mapping
from typing import Any

import pytest

from sources.fact_guard import FactDifference, FactKind, compare_facts
from sources.guard import EndpointKey, compare

Catalog = dict[EndpointKey, dict[str, Any]]
STATED = {
    "context_window": 200_000,
    "released": "2026-05-01",
    "lifecycle": "active",
    "capabilities": {"vision": True, "tools": True, "audio-input": False},
    "zdr": "no",
}


def catalog(count: int = 100) -> Catalog:
    return {("azure", f"m-{n}"): dict(STATED) for n in range(count)}


def difference(count: int, others: Mapping[str, Any], *, of: int = 100) -> FactDifference:
    """What changes if the first endpoints state something else; None for nothing."""
    before, after = catalog(of), catalog(of)
    for place, (key, facts) in enumerate(before.items()):
        if place < count:
            changed = {**facts, **others}
            after[key] = {name: value for name, value in changed.items() if value is not None}
    return compare_facts(before, after)


@pytest.mark.parametrize(
    ("others", "most", "reason"),
    [
        ({"context_window": None}, 20, "21 of 100 limits differ"),
        ({"released": "2026-06-01"}, 20, "21 of 100 dates of release or knowledge differ"),
        ({"released": None}, 20, "21 of 100 dates of release or knowledge differ"),
        ({"retired_on": "2026-12-01"}, 10, "11 of 100 endpoints have another lifecycle"),
        ({"lifecycle": "retired"}, 10, "11 of 100 endpoints have another lifecycle"),
        ({"capabilities": {"vision": True}}, 10, "11 of 100 endpoints lose a capability"),
        (
            {"capabilities": {"vision": True, "tools": False}},
            10,
            "11 of 100 endpoints lose a capability",
        ),
        ({"zdr": "default"}, 10, "11 of 100 endpoints have another data policy"),
        ({"training": "no"}, 10, "11 of 100 endpoints have another data policy"),
    ],
)
def test_more_than_a_share_of_a_kind_does_not_change_unseen(others, most, reason):
    assert difference(most, others).reasons == []
    assert difference(most + 1, others).reasons == [reason]


def test_a_twentieth_of_the_limits_does_not_move_by_one_factor_unseen():
    assert difference(5, {"context_window": 200}).reasons == []
    assert difference(6, {"context_window": 200}).reasons == [
        "6 of 100 limits are 1/1,000 of what they were"
    ]
    assert difference(4, {"context_window": 200}, of=10).reasons == []
    assert difference(5, {"context_window": 200}, of=10).reasons == [
        "5 of 10 limits are 1/1,000 of what they were",
        "5 of 10 limits differ",
    ]


@pytest.mark.parametrize(
    "others",
    [
        {"max_output": 4096, "knowledge_cutoff": "2026-01"},
        {"capabilities": {"vision": True, "tools": True, "reasoning": True}},
        {"name": "Another", "family": "other", "parameters": []},
    ],
)
def test_what_becomes_known_needs_no_editor(others):
    assert difference(100, others).reasons == []


def test_endpoints_that_come_or_go_are_no_changed_facts():
    assert compare_facts(catalog(10), catalog(40)).moves == []
    assert compare_facts(catalog(40), catalog(10)).moves == []


def test_facts_are_a_part_of_the_whole_difference():
    facts = difference(30, {"context_window": 200})
    rates: Mapping[EndpointKey, Any] = {key: [] for key in catalog()}
    found = compare(rates, rates, at=None, facts=facts)  # type: ignore[arg-type]
    assert found.reasons == facts.reasons
    as_json = found.to_json()
    assert as_json["facts"] == {"limits": {"stated": 100, "changed": 30}}
    assert as_json["providers"]["azure"]["facts"] == 30
    assert as_json["fact_samples"][0] == {
        "provider": "azure",
        "id": "m-0",
        "field": "context_window",
        "before": 200_000,
        "after": 200,
    }
    assert facts.changed(FactKind.LIMITS) == 30
