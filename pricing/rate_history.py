"""Write rates: history is kept, a changed price closes a row and opens another, slips are held."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from django.db import connection

from catalog.copy_rows import insert_rows, update_rows
from catalog.json_text import from_json_text
from catalog.models import Source
from pricing.meters import meter
from pricing.models import Rate
from pricing.observed import Claimant, Observed, Price, Series
from pricing.origins import is_change, is_reverted
from pricing.own_past import LastPublished, series_of, terms_text
from pricing.slips import WHY_OF_PIECES, Watch, find_slips

# Where a rate that names no start begins.
BEGINNING = datetime.min.replace(tzinfo=UTC)
WHY_STILL = "held since an earlier refresh"
EMPTY: Mapping[int, Sequence[Claimant]] = {}


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
    decided: bool = False
    origin: str = Rate.Origin.FIRST
    ended_by: int | None = None
    why: str = ""
    item: Observed | None = None
    ends_now: bool = False

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
    cards: Mapping[int, Sequence[Observed]],
    *,
    as_of: Mapping[int, datetime],
    claims: Mapping[int, Sequence[Claimant]] = EMPTY,
    watch: Watch = Watch.PAST,
    refresh_id: int | None = None,
) -> Counter[str]:
    """Bring the rates of these endpoints to what is observed, and count what happened.

    `cards` holds the whole card of each endpoint id: a rate that it no longer names is closed at
    `as_of[endpoint id]`, the date of the data. An editor's rate is never touched. `claims` are of
    all sources that state rates of an endpoint now; `refresh_id` is noted on the rows. Runs in the
    caller's transaction, and writes nothing where nothing differs.
    """
    kept = _kept(cards)
    slips = find_slips(cards, _standing(kept, as_of), claims, watch)
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
            stated = _timeline(items, _held_back(rows, items, slips, watch))
            added, changed = _continue_series(rows, stated, claims.get(endpoint_id, ()))
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
    _write(inserts, updates, refresh_id)
    return +counts


def _standing(
    kept: Mapping[Series, Sequence[Row]], as_of: Mapping[int, datetime]
) -> dict[Series, LastPublished]:
    """The price of each series that was published last, and not for the future."""
    standing = {}
    for series, rows in kept.items():
        now = as_of.get(series[0])
        begun = [row for row in rows if row.counts and not (now and row.begin > now)]
        if begun:
            latest = max(begun, key=lambda row: row.begin)
            standing[series] = LastPublished(latest.price, latest.source_id)
    return standing


def _by_series(endpoint_id: int, card: Sequence[Observed]) -> dict[Series, list[Observed]]:
    series: dict[Series, list[Observed]] = defaultdict(list)
    for item in card:
        series[series_of(endpoint_id, item)].append(item)
    return series


def _hold_published(
    rows: Iterable[Row], items: Iterable[Observed], slips: Mapping[int, str]
) -> list[Row]:
    """Hold the prices of a piece that an earlier version published and no editor has seen."""
    caught = {item.price for item in items if slips.get(id(item)) == WHY_OF_PIECES}
    found = [row for row in rows if row.counts and not row.decided and row.price in caught]
    for row in found:
        row.held = True
    return found


def _held_back(
    rows: Sequence[Row], items: Iterable[Observed], slips: Mapping[int, str], watch: Watch
) -> dict[int, str]:
    """The slips, by identity, among these observations; a price published before is none.

    Unless its source states it anew, what is held stays so; what an editor rejected always does.
    """
    published = [row.price for row in rows if row.counts]
    held = {row.price for row in rows if row.held and (row.decided or watch < Watch.PAST)}
    return {
        id(item): slips.get(id(item), WHY_STILL)
        for item in items
        if (id(item) in slips or item.price in held) and item.price not in published
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
        item=item,
    )


def _continue_series(
    rows: Sequence[Row], stated: Sequence[Row], claims: Sequence[Claimant]
) -> tuple[list[Row], list[Row]]:
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
            row.origin = _origin(latest, row, claims)
        if row.held:
            added.append(row)
        elif not latest or _follow(latest, row):
            added.append(row)
            changed += _close(latest, row.begin) if latest else []
            if len(record) > 1:
                changed += _revert(record[-2], record[-1], row)
            record.append(row)
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
    """Of equal prices the source is the one that wins now, whichever was read first."""
    before = row.end, row.announced, row.source_id
    row.end, row.announced = stated.end, row.announced and row.begin > stated.observed_at
    if not row.edited:
        row.source_id = stated.source_id
    return [row] if (row.end, row.announced, row.source_id) != before else []


def _origin(before: Row, row: Row, claims: Sequence[Claimant]) -> str:
    moved = before.moves_to(row) and row.begin > before.begin
    is_moved = moved and row.item is not None and is_change(before, row, row.item, claims)
    return Rate.Origin.CHANGE if is_moved else Rate.Origin.CORRECTION


def _revert(earlier: Row, before: Row, row: Row) -> list[Row]:
    """Call both a correction, the price that is back soon and the one before it."""
    if not is_reverted(earlier, before, row):
        return []
    row.origin = Rate.Origin.CORRECTION
    if before.origin != Rate.Origin.CHANGE:
        return []
    before.origin = Rate.Origin.CORRECTION
    return [before]


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
    row.end, row.ends_now = end, True
    return [row]


_ON_RECORD = f"""
SELECT rate.endpoint_id, rate.meter, rate.terms, rate.id, rate.state, rate.amount, rate.currency,
       rate.valid_from, rate.valid_to, rate.source_id, rate.observed_at, rate.announced, rate.held,
       rate.content_billed_as_input, source.slug = '{Source.EDITOR}', rate.by_id IS NOT NULL,
       rate.origin, rate.ended_by_id
FROM pricing_rate rate JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%s) AND rate.origin <> '{Rate.Origin.WITHDRAWN}'
"""  # noqa: S608 - put together from fixed words alone


def _kept(cards: Mapping[int, Sequence[Observed]]) -> dict[Series, list[Row]]:
    rows: dict[Series, list[Row]] = defaultdict(list)
    # Few terms for many rates.
    names: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ON_RECORD, [[*cards]])
        for endpoint_id, name, stored, id_, state, amount, currency, begin, *rest in cursor:
            if stored not in names:
                names[stored] = terms_text(from_json_text(stored))
            row = Row(id_, state, amount, currency, begin or BEGINNING, *rest)
            rows[endpoint_id, name, names[stored]].append(row)
    return rows


def _write(
    inserts: Sequence[tuple[Series, Row]], updates: Sequence[Row], refresh_id: int | None
) -> None:
    """Write closings first: a row may begin only where the one before it has ended."""
    update_rows(
        Rate,
        ("valid_to", "announced", "origin", "source", "ended_by"),
        [
            (
                *(row.id, row.end, row.announced, row.origin, row.source_id),
                refresh_id if row.ends_now else row.ended_by,
            )
            for row in {row.id: row for row in updates}.values()
        ],
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
        *("refresh", "ended_by"),
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
                *(row.origin, row.announced, row.held, row.content, row.why, refresh_id),
                refresh_id if row.ends_now else None,
            )
            for (endpoint_id, name, terms), row in inserts
        ),
    )
