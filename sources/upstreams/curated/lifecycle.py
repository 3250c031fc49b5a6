"""When endpoints end, and what their providers name in their place. Pure."""

from collections.abc import Iterator
from typing import Any

from catalog.lifecycle import Lifecycle
from sources.base import EndpointRule, Evidence
from sources.upstreams.curated.policy import RULE_FIELDS, add_known, endpoint_rule
from sources.upstreams.curated.rows import CuratedRow

_DAYS = ("deprecated_on", "retired_on", "retired_not_before", "billed_as_successor_from")
_FIELDS = (*RULE_FIELDS, "lifecycle", *_DAYS, "successors", "successor_basis", "note")


def lifecycle_rules(row: CuratedRow) -> Iterator[EndpointRule]:
    row.rest(_FIELDS)
    days = {name: row.day(name) for name in _DAYS}
    stated: dict[str, Any] = {
        "lifecycle": row.word("lifecycle", Lifecycle),
        **days,
        "successors": row.texts("successors"),
    }
    if not any(stated.values()):
        row.complain("it states neither a stage nor a day nor a successor")
    if days["retired_on"] and days["retired_not_before"]:
        row.complain("a day of retirement and a day before which there is none exclude each other")
    if days["retired_on"] and days["deprecated_on"] > days["retired_on"]:
        row.complain("it is deprecated after it is retired")
    if len(days["billed_as_successor_from"]) not in (0, len("2026-11-30")):
        row.complain("billed_as_successor_from is no whole date")
    if days["billed_as_successor_from"] and not stated["successors"]:
        row.complain("it is billed as a successor that it does not name")
    basis = row.text("successor_basis")
    if basis not in ("", "curated"):
        row.complain(f"successor_basis is “{basis}”, and not curated")
    stated |= {"successor_basis": basis, "lifecycle_note": row.text("note")}
    facts: dict[str, Any] = {}
    evidence: dict[str, Evidence] = {}
    add_known(facts, evidence, stated, row.evidence())
    yield endpoint_rule(row, facts, evidence)
