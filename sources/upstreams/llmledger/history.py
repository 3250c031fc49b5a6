"""The changes of LiteLLM's cost map as price histories. Pure.

A key's changes are rows of [day, kind, field, old, new, flag, index of the commit]. Its price of a
field holds from the change that made it, or from the day the key was listed, until the next one. A
key that is removed and listed again keeps a price only if the changes around that connect.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from pricing.meters import meter as meter_of
from pricing.past_rates import PastRate, PriceHistory
from pricing.rates import rounded
from pricing.terms import BASE, Terms
from sources.upstreams.litellm.fields import LEGACY, SECONDARY
from sources.upstreams.litellm.keys import identify
from sources.upstreams.litellm.prices import price_of
from sources.upstreams.llmledger.fields import (
    BLOCKS,
    COMMIT,
    CORRECTED,
    LAST,
    OUTLIER,
    REVERTED,
    SLIPS,
    TOKENS,
    UNIT,
)

_PER_MILLION = Decimal(1_000_000)


class Event(NamedTuple):
    """One change of the map; `day` is an ISO date, `evidence` the address of the commit."""

    day: str
    kind: str
    field: str
    old: Any
    new: Any
    flag: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Span:
    """A price per single token over days; a price that never held ends where it begins."""

    amount: Decimal
    begin: str
    end: str | None
    origin: str
    evidence: str
    why: str = ""


def read_histories(data: Mapping[str, Any], missed: Counter[str]) -> tuple[PriceHistory, ...]:
    """One history an endpoint; of several keys of one, the plainest and longest listed counts."""
    commits = [f"{COMMIT}{commit}" for commit in data["sources"]]
    by_endpoint: dict[tuple[str, str], list[tuple[Any, PriceHistory]]] = defaultdict(list)
    for row in data["models"]:
        key, provider_name = row["key"], row["host"]
        name = identify(key, provider_name)
        events = [
            Event(day, kind, field, old, new, flag, commits[place])
            for day, kind, field, old, new, flag, place in data["events"].get(key, ())
        ]
        if name.options:
            missed["history of a key with options"] += 1
        elif history := _history(name.provider, name.upstream_id, row, events, missed):
            rank = provider_name in SECONDARY, history.listed, key
            by_endpoint[name.provider, name.upstream_id].append((rank, history))
    missed["history of another key"] += sum(len(found) - 1 for found in by_endpoint.values())
    return tuple(min(found)[1] for _, found in sorted(by_endpoint.items()))


def _history(
    provider: str,
    upstream_id: str,
    row: Mapping[str, Any],
    events: Sequence[Event],
    missed: Counter[str],
) -> PriceHistory | None:
    listed = _listed(events)
    if listed is None:
        missed["key without a first day"] += 1
        return None
    presence = [event for event in events if event.kind in ("added", "start", "removed")]
    changes: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind == "price" and event.field not in LEGACY:
            changes[event.field].append(event)
    for name, field in LAST.items():
        if field not in changes and row[name]:
            amount = Decimal(row[name]) / _PER_MILLION
            changes[field] = [Event(listed.day, "price", field, None, amount, "", listed.evidence)]
    rates: list[PastRate] = []
    moved: set[str] = set()
    for field, steps in changes.items():
        price = price_of(field)
        if field in BLOCKS:
            moved |= {*TOKENS, "*"}
        elif not price or price[0] not in TOKENS:
            moved.add("*")
        else:
            moved |= {price[0]} if price[1] != BASE else set()
            try:
                rates += _rates(*price, _spans(steps, presence, missed))
            except ValueError:
                missed[f"odd price: {field}"] += 1
    rates.sort(key=lambda rate: (rate.meter, rate.terms != BASE, str(rate.terms), rate.begin))
    return PriceHistory(
        provider,
        upstream_id,
        tuple(rates),
        _midnight(listed.day),
        listed.evidence,
        frozenset(moved),
    )


def _listed(presence: Iterable[Event]) -> Event | None:
    """The event since which a key is in the map without interruption."""
    listed: Event | None = None
    for event in presence:
        if event.kind == "removed":
            listed = None
        elif event.kind in ("added", "start"):
            listed = listed or event
    return listed


def _spans(changes: Sequence[Event], presence: Sequence[Event], missed: Counter[str]) -> list[Span]:
    steps, slips = _without_undone(changes)
    listed = _listed(presence)
    if not steps and listed and changes[0].old:
        held = Span(changes[0].old, listed.day, None, "first", listed.evidence)
        return [*slips, held]
    spans: list[Span] = []
    current: Span | None = None
    for step in steps:
        before = [event for event in presence if event.day <= step.day]
        if current is None or current.amount != step.old:
            listed = _listed(before)
            if current and listed:  # the key was removed, and listed again at another price
                spans.append(replace(current, end=max(current.begin, listed.day)))
            current = None
            if step.old and listed:
                current = Span(step.old, listed.day, None, "first", listed.evidence)
        origin = "first" if not current else "correction" if step.flag in CORRECTED else "change"
        begin = step.day
        if current and step.flag == UNIT:
            # The same price in another unit: it holds since the mistake was listed.
            begin = current.begin
            slips.append(_slip(current.amount, current.begin, step))
        elif current:
            spans.append(replace(current, end=step.day))
        current = Span(step.new, begin, None, origin, step.evidence) if step.new else None
    return [*slips, *(span for span in (*spans, current) if span and span.end != span.begin)]


def _without_undone(changes: Sequence[Event]) -> tuple[list[Event], list[Span]]:
    """The changes without prices that never held, and those as slips.

    A pair of changes of which the second undid the first; a correction to many times the price, and
    back.
    """
    kept: list[Event] = []
    slips: list[Span] = []
    for change in changes:
        first = kept[-1] if kept else None
        if first and (_is_undone(first, change) or _is_outlier(first, change)):
            kept.pop()
            if first.new:
                slips.append(_slip(first.new, first.day, change))
            if first.old != change.new:
                kept.append(change._replace(old=first.old))
        else:
            kept.append(change)
    return kept, slips


def _is_undone(first: Event, change: Event) -> bool:
    return first.flag == change.flag == REVERTED and first.old == change.new


def _is_outlier(first: Event, change: Event) -> bool:
    if not (first.flag in CORRECTED and change.flag in CORRECTED):
        return False
    if not (first.old and first.new and change.new):
        return False
    times = [first.new / first.old, first.new / change.new]
    return bool(min(times) >= OUTLIER or max(times) <= 1 / OUTLIER)


def _slip(amount: Decimal, day: str, mended: Event) -> Span:
    why = SLIPS[mended.flag].format(day=mended.day)
    return Span(amount, day, day, "correction", mended.evidence, why)


def _rates(meter: str, terms: Terms, spans: Iterable[Span]) -> Iterable[PastRate]:
    for span in spans:
        if span.amount < 0:
            raise ValueError(f"{span.amount} is below zero")
        yield PastRate(
            meter,
            rounded(Decimal(span.amount) * meter_of(meter).per),
            _midnight(span.begin),
            _midnight(span.end) if span.end else None,
            span.origin,
            span.evidence,
            terms,
            span.why,
        )


def _midnight(day: str) -> datetime:
    parsed = date.fromisoformat(day)
    return datetime(parsed.year, parsed.month, parsed.day, tzinfo=UTC)
