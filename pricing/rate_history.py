"""Write rates: history is kept, a changed price closes a row and opens another, slips are held."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q

from catalog.copy_rows import insert_rows, update_rows
from catalog.models import Source
from catalog.suitability import DEFERRED
from pricing.magnitude_guard import Base, is_slip, usual_amounts
from pricing.meters import meter
from pricing.models import Rate
from pricing.rates import StatedRate
from pricing.terms import BASE, Terms
from pricing.unit_guard import listed_under_tokens

# Where a rate that names no start begins.
BEGINNING = datetime.min.replace(tzinfo=UTC)
WHY_SLIP = "held: 50 times the usual amount and more, or 1/50 of it and less"
WHY_OF_PIECES = "held: a price per image, minute or page, as it seems, under one per million tokens"
# Terms of a whole card, the base last.
_WHOLE_CARDS = (*(Terms(tier=tier) for tier in DEFERRED), BASE)

Series = tuple[int, str, str]
Price = tuple[str, Decimal | None, str]


@dataclass(frozen=True, slots=True)
class Observed:
    """A rate as a source states it now."""

    rate: StatedRate
    source_id: int
    observed_at: datetime

    @property
    def price(self) -> Price:
        return self.rate.state, self.rate.amount, self.rate.currency


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
    content: bool | None = None
    edited: bool = False
    approved: bool = False
    why: str = ""
    origin: str = Rate.Origin.FIRST

    @property
    def price(self) -> Price:
        return self.state, self.amount, self.currency

    @property
    def span(self) -> tuple[datetime, datetime | None, Price, bool | None]:
        return self.begin, self.end, self.price, self.content

    @property
    def counts(self) -> bool:
        return not self.held and self.end != self.begin

    def goes_on_with(self, stated: "Row") -> bool:
        alike = self.price == stated.price and self.content == stated.content
        return alike and self.end in (None, stated.end)

    def moves_to(self, stated: "Row") -> bool:
        """Whether a stated row bills otherwise.

        A first statement on content billed as input is no change.
        """
        both = None not in (self.content, stated.content)
        return self.price != stated.price or (both and self.content != stated.content)


def record_rates(
    cards: Mapping[int, Sequence[Observed]], *, as_of: Mapping[int, datetime]
) -> Counter[str]:
    """Bring the rates of these endpoints to what is observed, and count what happened.

    `cards` holds the whole card of each endpoint id: a rate that it no longer names is closed at
    `as_of[endpoint id]`, the date of the data. An editor's rate is never touched. Runs in the
    caller's transaction, and writes nothing where nothing differs.
    """
    kept = _kept(cards)
    slips = _slips(cards)
    withdrawn: list[Row] = []
    counts: Counter[str] = Counter()
    inserts: list[tuple[Series, Row]] = []
    updates: list[Row] = []
    for endpoint_id, card in cards.items():
        for series, items in _by_series(endpoint_id, card).items():
            rows = kept.pop(series, [])
            if any(row.edited and row.end is None for row in rows):
                continue
            withdrawn += _hold_published(rows, items, slips)
            added, changed = _continue_series(
                rows, _timeline(items, _held_back(rows, items, slips))
            )
            counts.update("held" if row.held else row.origin for row in added)
            inserts += [(series, row) for row in added]
            updates += changed
    for (endpoint_id, _, _), rows in kept.items():
        standing = (row for row in rows if not (row.edited or row.held))
        ended = [closed for row in standing for closed in _close(row, as_of[endpoint_id])]
        counts["closed"] += len(ended)
        updates += ended
    counts["held"] += len(withdrawn)
    Rate.objects.filter(id__in=[row.id for row in withdrawn]).update(held=True, why=WHY_OF_PIECES)
    _write(inserts, updates)
    return +counts


def terms_text(terms: Mapping[str, Any]) -> str:
    return json.dumps(terms, sort_keys=True) if terms else "{}"


def _by_series(endpoint_id: int, card: Sequence[Observed]) -> dict[Series, list[Observed]]:
    series: dict[Series, list[Observed]] = defaultdict(list)
    for item in card:
        series[endpoint_id, item.rate.meter, terms_text(item.rate.terms.to_json())].append(item)
    return series


def _hold_published(
    rows: Iterable[Row], items: Iterable[Observed], slips: Mapping[int, str]
) -> list[Row]:
    """Hold the prices of a piece that an earlier version published and no editor has seen."""
    caught = {item.price for item in items if slips.get(id(item)) == WHY_OF_PIECES}
    found = [row for row in rows if row.counts and not row.approved and row.price in caught]
    for row in found:
        row.held = True
    return found


def _held_back(
    rows: Iterable[Row], items: Iterable[Observed], slips: Mapping[int, str]
) -> dict[int, str]:
    """The slips, by identity, among these observations; a price published before is none."""
    published = [row.price for row in rows if row.counts]
    return {
        id(item): slips[id(item)]
        for item in items
        if id(item) in slips and item.price not in published
    }


def _timeline(items: Iterable[Observed], held_back: Mapping[int, str]) -> list[Row]:
    """The rows of a series, in order, as if nothing were on record.

    A rate ends where the next one begins, unless that is held. Of two with one start, the last
    stated counts. Alone, a rate without dates is valid since it was seen; before others, since
    ever.
    """
    by_start = {item.rate.valid_from or BEGINNING: item for item in items}
    held = {start for start, item in by_start.items() if id(item) in held_back}
    next_start = dict(pairwise(sorted(by_start.keys() - held)))
    rows = []
    for start in sorted(by_start):
        item = by_start[start]
        ends = {item.rate.valid_to, next_start.get(start)} - held
        end = min((end for end in ends if end), default=None)
        begin = item.observed_at if start == BEGINNING and end is None else start
        rows.append(_row(item, begin, end, why_held=held_back.get(id(item), "")))
    return rows


def _row(item: Observed, begin: datetime, end: datetime | None, *, why_held: str) -> Row:
    return Row(
        id=None,
        state=item.rate.state,
        amount=item.rate.amount,
        currency=item.rate.currency,
        begin=begin,
        end=end,
        source_id=item.source_id,
        observed_at=item.observed_at,
        announced=begin > item.observed_at,
        held=bool(why_held),
        why=why_held,
        content=item.rate.content_billed_as_input,
    )


def _continue_series(rows: Sequence[Row], stated: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The rows to add so that a series goes on as stated, and the rows changed by that.

    The recorded past stays. A price that is held already is not held again.
    """
    held = [row.price for row in rows if row.held]
    wanted = [row for row in stated if not (row.held and row.price in held)]
    record = sorted((row for row in rows if row.counts), key=lambda row: row.begin)
    changed = _take_back(record, wanted)
    record = [row for row in record if row.counts]
    added = [row for row in wanted if record and row.end and row.end <= record[0].begin]
    latest = record[-1] if record else None
    for row in wanted:
        if latest and row.end and row.end <= latest.begin:
            continue
        if latest and latest.goes_on_with(row):
            changed += _confirm(latest, row)
            continue
        if latest:
            row.origin = _origin(latest, row)
        if row.held:
            added.append(row)
        elif not latest or _follow(latest, row):
            added.append(row)
            changed += _close(latest, row.begin) if latest else []
            latest = row
    return added, [row for row in changed if row.id is not None]


def _take_back(record: Sequence[Row], wanted: Sequence[Row]) -> list[Row]:
    now = max((row.observed_at for row in wanted), default=BEGINNING)
    future = [row for row in record if row.announced and row.begin > now]
    stated = [row for row in wanted if row.begin > now and not row.held]
    if not wanted or [row.span for row in future] == [row.span for row in stated]:
        return []
    return [closed for row in future for closed in _close(row, row.begin)]


def _confirm(row: Row, stated: Row) -> list[Row]:
    before = row.end, row.announced
    row.end, row.announced = stated.end, row.announced and row.begin > stated.observed_at
    return [row] if (row.end, row.announced) != before else []


def _origin(before: Row, row: Row) -> str:
    """CHANGE where the same source bills otherwise from a later time on; else CORRECTION."""
    moved = row.source_id == before.source_id and before.moves_to(row) and row.begin > before.begin
    return Rate.Origin.CHANGE if moved else Rate.Origin.CORRECTION


def _follow(before: Row, row: Row) -> bool:
    """Place a row behind the record before it; False if that leaves no time for it."""
    if row.begin <= before.begin:
        # A price stated anew for a time that is on record counts from when that was seen.
        row.begin = max(row.observed_at, before.begin)
    if before.end and (before.edited or before.end <= row.observed_at):
        row.begin = max(row.begin, before.end)
    return row.end is None or row.end > row.begin


def _close(row: Row, at: datetime) -> list[Row]:
    end = max(at, row.begin)
    if row.end is not None and row.end <= end:
        return []
    row.end = end
    return [row]


def _slips(cards: Mapping[int, Sequence[Observed]]) -> dict[int, str]:
    """Why an observation, by identity, waits for an editor."""
    if not cards:
        return {}
    base = {id_: _base_amounts(card) for id_, card in cards.items()}
    usual = usual_amounts(base)
    slips: dict[int, str] = {}
    of_pieces = listed_under_tokens(base)
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
                slips[id(item)] = WHY_SLIP
            elif id_ in of_pieces and item.rate.amount and meter(name).unit == "token":
                slips[id(item)] = WHY_OF_PIECES
    return slips


def _base_amounts(card: Sequence[Observed]) -> dict[str, Base]:
    """The base amounts by meter: an id that is sold in one tier alone has that tier's."""
    return {
        item.rate.meter: Base(item.rate.amount, item.source_id)
        for terms in _WHOLE_CARDS
        for item in card
        if item.rate.amount and item.rate.terms == terms and item.rate.valid_to is None
    }


def _kept(cards: Mapping[int, Sequence[Observed]]) -> dict[Series, list[Row]]:
    rows: dict[Series, list[Row]] = defaultdict(list)
    found = (
        Rate.objects.for_endpoints(cards)
        .order_by()
        .annotate(edited=Q(source__slug=Source.EDITOR), approved=Q(by__isnull=False))
        .values_list(
            *(
                "endpoint_id",
                "meter",
                "terms",
                "id",
                "state",
                "amount",
                "currency",
                "valid_from",
                "valid_to",
            ),
            *("source_id", "observed_at", "announced", "held", "content_billed_as_input"),
            *("edited", "approved"),
        )
    )
    for endpoint_id, name, terms, id_, state, amount, currency, begin, *rest in found.iterator(
        5000
    ):
        row = Row(id_, state, amount, currency, begin or BEGINNING, *rest)
        rows[endpoint_id, name, terms_text(terms)].append(row)
    return rows


def _write(inserts: Sequence[tuple[Series, Row]], updates: Sequence[Row]) -> None:
    """Write closings first: a row may begin only where the one before it has ended."""
    update_rows(
        Rate, ("valid_to", "announced"), [(row.id, row.end, row.announced) for row in updates]
    )
    if not inserts:
        return
    fields = (
        *(
            "endpoint",
            "meter",
            "terms",
            "amount",
            "currency",
            "per",
            "state",
            "valid_from",
            "valid_to",
        ),
        *("observed_at", "source", "origin", "announced", "held", "content_billed_as_input", "why"),
    )
    insert_rows(
        Rate,
        fields,
        (
            (
                *(endpoint_id, name, terms, row.amount, row.currency, meter(name).per, row.state),
                *(
                    None if row.begin == BEGINNING else row.begin,
                    row.end,
                    row.observed_at,
                    row.source_id,
                ),
                *(row.origin, row.announced, row.held, row.content, row.why),
            )
            for (endpoint_id, name, terms), row in inserts
        ),
    )
