"""Write rates down: history is kept, a changed price closes a row and opens another, slips are held."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.bulk import insert_rows, update_rows
from catalog.models import Source
from pricing.meters import meter
from pricing.models import Rate
from pricing.rates import BASE, StatedRate
from pricing.slips import Base, is_slip, usual_amounts

# Where a rate that names no start begins.
BEGINNING = datetime.min.replace(tzinfo=UTC)

Series = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Observed:
    """A rate as a source states it now."""

    rate: StatedRate
    source_id: int
    observed_at: datetime

    @property
    def begin(self) -> datetime:
        """From when it holds: as dated, or since it was seen; the oldest of dated rates has no start."""
        return self.rate.valid_from or (BEGINNING if self.rate.valid_to else self.observed_at)


@dataclass(slots=True)
class Row:
    """A row of pricing.Rate that is in the database (it has an id) or is about to be."""

    id: int | None
    state: str
    amount: Decimal | None
    currency: str
    begin: datetime
    end: datetime | None
    source_id: int
    observed_at: datetime
    announced: bool
    held: bool
    edited: bool = False
    origin: str = Rate.Origin.FIRST

    def says(self, rate: StatedRate) -> bool:
        return (self.state, self.amount, self.currency) == (rate.state, rate.amount, rate.currency)


def record_rates(cards: Mapping[int, Sequence[Observed]], *, as_of: Mapping[int, datetime]) -> Counter[str]:
    """Bring the rates of these endpoints to what is observed, and count what happened.

    `cards` holds the whole card of each endpoint id: an open rate that it no longer names is closed at
    `as_of[endpoint id]`, the date of the data. An editor's rate is never touched. Runs in the caller's
    transaction, and writes nothing where nothing differs.
    """
    kept = _kept(cards)
    slips = _slips(cards)
    counts: Counter[str] = Counter()
    inserts: list[tuple[Series, Row]] = []
    updates: list[Row] = []
    for endpoint_id, card in cards.items():
        for series, items in _by_series(endpoint_id, card).items():
            rows = kept.pop(series, [])
            if any(row.edited and row.end is None for row in rows):
                continue
            added, closed = _continue_series(rows, items, slips)
            counts.update("held" if row.held else row.origin for row in added)
            inserts += [(series, row) for row in added]
            updates += closed
    for (endpoint_id, _, _), rows in kept.items():
        ended = [row for row in rows if row.end is None and not row.edited and not row.held]
        for row in ended:
            row.end = max(as_of[endpoint_id], row.begin)
        counts["closed"] += len(ended)
        updates += ended
    _write(inserts, updates)
    return counts


def terms_text(terms: Mapping[str, Any]) -> str:
    """Terms as text, equal for equal terms."""
    return json.dumps(terms, sort_keys=True) if terms else "{}"


def _by_series(endpoint_id: int, card: Sequence[Observed]) -> dict[Series, list[Observed]]:
    series: dict[Series, list[Observed]] = defaultdict(list)
    for item in card:
        series[endpoint_id, item.rate.meter, terms_text(item.rate.terms.to_json())].append(item)
    return series


def _continue_series(
    rows: list[Row], items: list[Observed], slips: Collection[int]
) -> tuple[list[Row], list[Row]]:
    """The rows to add to a series so that it ends in what is observed, and its rows that change by that."""
    added: list[Row] = []
    changed: list[Row] = []
    refused = [row for row in rows if row.held]
    latest = max(
        (row for row in rows if not row.held), key=lambda row: (row.begin, row.end is None), default=None
    )
    for item in sorted(items, key=lambda item: item.begin):
        rate = item.rate
        if latest and rate.valid_to and rate.valid_to <= latest.begin:
            continue  # History that is written already.
        if latest and latest.end is None and latest.says(rate):
            if latest.announced and latest.begin <= item.observed_at:
                latest.announced = False
                changed.append(latest)
            continue
        if any(row.says(rate) for row in refused):
            continue
        row = _row(item, latest, held=id(item) in slips)
        added.append(row)
        if row.held:
            continue
        if latest and latest.end is None:
            latest.end = row.begin
            changed.append(latest)
        latest = row
    return added, [row for row in changed if row.id is not None]


def _row(item: Observed, before: Row | None, *, held: bool) -> Row:
    begin, origin = item.begin, Rate.Origin.FIRST
    if before:
        # A price that is stated anew for a time we have on record takes over where that record began.
        begin = begin if begin > before.begin else max(item.observed_at, before.begin)
        begin = max(begin, before.end) if before.end else begin
        origin = Rate.Origin.CHANGE if before.source_id == item.source_id else Rate.Origin.CORRECTION
    end = item.rate.valid_to
    return Row(
        id=None,
        state=item.rate.state,
        amount=item.rate.amount,
        currency=item.rate.currency,
        begin=begin,
        end=max(end, begin) if end else None,
        source_id=item.source_id,
        observed_at=item.observed_at,
        announced=begin > item.observed_at,
        held=held,
        origin=origin,
    )


def _slips(cards: Mapping[int, Sequence[Observed]]) -> set[int]:
    """The observations, by identity, that are too far off what is usual to be published."""
    if not cards:
        return set()
    base = {id_: _base_amounts(card) for id_, card in cards.items()}
    usual = usual_amounts(base)
    slips = set()
    for id_, card in cards.items():
        sound = {
            name: one.amount
            for name, one in base[id_].items()
            if not is_slip(one.amount, usual.get((id_, name)))
        }
        for item in card:
            name = item.rate.meter
            own = sound.get(name) if item.rate.terms != BASE else None
            if is_slip(item.rate.amount, own or usual.get((id_, name))):
                slips.add(id(item))
    return slips


def _base_amounts(card: Sequence[Observed]) -> dict[str, Base]:
    return {
        item.rate.meter: Base(item.rate.amount, item.source_id)
        for item in card
        if item.rate.amount and item.rate.terms == BASE and item.rate.valid_to is None
    }


def _kept(cards: Mapping[int, Sequence[Observed]]) -> dict[Series, list[Row]]:
    """The rows that are on record for these endpoints, by series."""
    rows: dict[Series, list[Row]] = defaultdict(list)
    editor = Source.objects.filter(slug=Source.EDITOR).values_list("id", flat=True).first()
    found = Rate.objects.for_endpoints(cards).values_list(
        *("endpoint_id", "meter", "terms", "id", "state", "amount", "currency", "valid_from", "valid_to"),
        *("source_id", "observed_at", "announced", "held"),
    )
    for (
        endpoint_id,
        name,
        terms,
        id_,
        state,
        amount,
        currency,
        begin,
        end,
        source,
        seen,
        announced,
        held,
    ) in found.iterator(chunk_size=5000):
        rows[endpoint_id, name, terms_text(terms)].append(
            Row(
                id=id_,
                state=state,
                amount=amount,
                currency=currency,
                begin=begin or BEGINNING,
                end=end,
                source_id=source,
                observed_at=seen,
                announced=announced,
                held=held,
                edited=source == editor,
            )
        )
    return rows


def _write(inserts: Sequence[tuple[Series, Row]], updates: Sequence[Row]) -> None:
    """Closings first: a new row may begin only where the one before it has ended."""
    update_rows(Rate, ("valid_to", "announced"), [(row.id, row.end, row.announced) for row in updates])
    fields = (
        *("endpoint", "meter", "terms", "amount", "currency", "per", "state", "valid_from", "valid_to"),
        *("observed_at", "source", "origin", "announced", "held", "why"),
    )
    insert_rows(
        Rate,
        fields,
        (
            (
                *(endpoint_id, name, terms, row.amount, row.currency, meter(name).per, row.state),
                *(None if row.begin == BEGINNING else row.begin, row.end, row.observed_at, row.source_id),
                *(row.origin, row.announced, row.held, ""),
            )
            for (endpoint_id, name, terms), row in inserts
        ),
    )
