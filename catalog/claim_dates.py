"""Since when a source has stated each of its claims about a subject. Pure.

A claim is a fact by its field, one capability, or the rates of a meter under one `Terms.family`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

Family = tuple[str, str, tuple[tuple[str, str], ...]]


def rate_claim(meter: str, family: Family) -> str:
    tier, region, options = family
    if not (tier or region or options):
        return f"rate.{meter}"
    return f"rate.{meter} {json.dumps([tier, region, dict(options)], sort_keys=True)}"


def claims_by_name(
    facts: Mapping[str, Any], rates: Iterable[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Every claim by name, with its value, to compare with another's of the same name.

    `rates` are as `StatedRate.to_json` writes them.
    """
    claims = {name: value for name, value in facts.items() if name != "capabilities"}
    for slug, has in facts.get("capabilities", {}).items():
        claims[f"capability.{slug}"] = has
    cards: dict[str, list[bytes]] = defaultdict(list)
    for rate in rates:
        name = f"rate.{rate['meter']}"
        if terms := rate.get("terms"):
            options = tuple(sorted(terms.get("options", {}).items()))
            family = terms.get("tier", ""), terms.get("region", ""), options
            name = rate_claim(rate["meter"], family)
        cards[name].append(msgspec.json.encode(rate, order="deterministic"))
    return claims | {name: sorted(card) for name, card in cards.items()}


def dates_of_same(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    stated_at: datetime,
    since: Mapping[str, str],
    evidence: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """By name, the ISO instant of each claim that is as it was, dated as by `began`.

    Claims are as by `claims_by_name`; the dates are those of `before`.
    """
    whole = stated_at.isoformat()
    dates = {}
    for claim, value in after.items():
        if claim not in before or before[claim] != value:
            continue
        if evidence or (since and claim not in since):
            begin = began(claim, stated_at=stated_at, since=since, evidence=evidence)
            dates[claim] = begin.isoformat()
        else:
            dates[claim] = since.get(claim, whole)
    return dates


def began(
    claim: str,
    *,
    stated_at: datetime,
    since: Mapping[str, str],
    evidence: Mapping[str, Sequence[str]],
) -> datetime:
    """The date of the data that first had a claim with its present value.

    Of a fact with evidence it is the day of the check, which the source states. Rates are checked
    every day by some sources, and a check makes no newer price.
    """
    whole = "capabilities" if claim.startswith("capability.") else claim
    if whole in evidence and not claim.startswith("rate."):
        return first_instant(evidence[whole][1])
    if claim in since:
        return datetime.fromisoformat(since[claim])
    # Earlier versions dated all capabilities as one.
    if whole == "capabilities" and whole in since:
        return datetime.fromisoformat(since[whole])
    return stated_at


def first_instant(day: str) -> datetime:
    """The first instant of an ISO date, which may be a month or a year."""
    year, month, date = (*map(int, day.split("-")), 1, 1)[:3]
    return datetime(year, month, date, tzinfo=UTC)
