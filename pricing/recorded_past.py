"""Put recorded prices before the first that this install saw, so that both make one history."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain

from django.db.models import F, Q

from catalog.copy_rows import insert_rows, update_rows
from catalog.models import Source
from pricing.meters import meter
from pricing.models import Rate
from pricing.own_past import terms_text
from pricing.past_rates import PastRate, PriceHistory
from pricing.terms import BASE

# The meter and the terms, as text.
Series = tuple[str, str]
_BASE = terms_text(BASE.to_json())


@dataclass(slots=True)
class FirstRate:
    """The oldest published rate of a series on record."""

    id: int
    state: str
    amount: Decimal | None
    currency: str
    begin: datetime | None
    end: datetime | None
    source_id: int
    origin: str
    evidence: str
    edited: bool

    @property
    def reaches_back(self) -> bool:
        """Whether a past may go before it: it has a price and a start, and is no editor's."""
        return self.state == "priced" and self.currency == "USD" and not self.edited

    def goes_back(self, begin: datetime, origin: str, evidence: str) -> "FirstRate":
        first = self.origin == Rate.Origin.FIRST
        origin = origin if first else self.origin
        return replace(self, begin=begin, origin=origin, evidence=evidence)


@dataclass(frozen=True, slots=True)
class Joined:
    """The past of a series: rows to add, and its first rate as it goes on from there.

    `unmoved` is whether the last price of the past is that of the first rate.
    """

    rows: Sequence[PastRate] = ()
    first: FirstRate | None = None
    unmoved: bool = False
    refusal: str = ""


def add_past(
    histories: Mapping[int, PriceHistory], *, source_id: int, as_of: datetime
) -> Counter[str]:
    """Add the recorded past of these endpoints, from the source that the record is of.

    Only what lies before the first published rate of a series is added, so that what an install saw
    stays, and a second time adds nothing. Runs in the caller's transaction.
    """
    first = _first_rates(histories)
    counts: Counter[str] = Counter()
    added: list[tuple[int, PastRate]] = []
    changed: list[FirstRate] = []
    for endpoint_id, history in histories.items():
        for joined in _join(history, first.get(endpoint_id, {}), source_id):
            added += [(endpoint_id, rate) for rate in joined.rows]
            changed += [joined.first] if joined.first else []
            counts[joined.refusal] += bool(joined.refusal)
    update_rows(
        Rate,
        ("valid_from", "origin", "evidence"),
        [(rate.id, rate.begin, rate.origin, rate.evidence) for rate in changed],
    )
    if added:
        insert_rows(Rate, _COLUMNS, (_columns(*row, source_id, as_of) for row in added))
    counts["past rates new"] += sum(1 for _, rate in added if not rate.is_slip)
    counts["past slips new"] += sum(1 for _, rate in added if rate.is_slip)
    counts["rates known since earlier"] += len(changed)
    return +counts


def _join(
    history: PriceHistory, record: Mapping[Series, FirstRate], source_id: int
) -> Iterator[Joined]:
    """The past of every series of an endpoint, the standard ones first.

    Under other terms a meter has a past only where its standard price has one: two sources' cards
    do not mix.
    """
    named: dict[Series, list[PastRate]] = defaultdict(list)
    for rate in history.rates:
        named[rate.meter, terms_text(rate.terms.to_json())].append(rate)
    base = {
        series: _before(record[series], named[series], source_id)
        for series in named
        if series[1] == _BASE and series in record
    }
    yield from base.values()
    meters = {series[0] for series, joined in base.items() if not joined.refusal}
    moved = history.moved
    unmoved = bool(base) and all(joined.unmoved for joined in base.values())
    for series in dict.fromkeys(chain(named, record)):
        name, terms = series
        standing = record.get(series)
        if series in base or (terms != _BASE and (name, _BASE) in named and name not in meters):
            continue
        if standing and series in named:
            yield _before(standing, named[series], source_id)
        elif standing and unmoved and (name if (name, _BASE) in named else "*") not in moved:
            yield _since_listed(standing, history, source_id)
        elif not standing and name in meters and all(rate.end for rate in named[series]):
            yield Joined(named[series])


def _before(first: FirstRate, past: Sequence[PastRate], source_id: int) -> Joined:
    """The past of a series up to its first rate, without gap or overlap where the price is known.

    If the last price of the past is the first one's, that holds since then. If not, the price
    changed before it was seen, which only the same source can show. A rate without a start is
    compared with the past at its end.
    """
    if not first.reaches_back:
        return Joined(refusal="past left out: no price, or an editor's")
    limit = first.begin or first.end
    rows = [rate for rate in past if limit is None or rate.begin < limit]
    held = [rate for rate in rows if not rate.is_slip]
    last = held[-1] if held else None
    if last is None or (limit and last.end and last.end < limit):
        return Joined(rows if held and first.begin else ())
    rows.remove(last)
    if last.amount == first.amount:
        since = first.goes_back(last.begin, last.origin, last.evidence)
        return Joined(rows, since, unmoved=True)
    if first.begin is None:
        return Joined(refusal="past left out: dated since ever by another source")
    if first.source_id != source_id:
        return Joined(refusal="past left out: another source's price")
    change = Rate.Origin.CHANGE
    moved = first.goes_back(first.begin, change, first.evidence)
    return Joined([*rows, replace(last, end=first.begin)], moved if moved != first else None)


def _since_listed(first: FirstRate, history: PriceHistory, source_id: int) -> Joined:
    """A rate that the history does not name and of which it records no change."""
    own = first.reaches_back and first.source_id == source_id
    if not own or first.begin is None or first.begin <= history.listed:
        return Joined()
    return Joined(first=first.goes_back(history.listed, Rate.Origin.FIRST, history.evidence))


_COLUMNS = (
    *("endpoint", "meter", "terms", "amount", "currency", "per", "state", "valid_from"),
    *("valid_to", "observed_at", "source", "origin", "why", "evidence"),
)


def _columns(
    endpoint_id: int, rate: PastRate, source_id: int, as_of: datetime
) -> tuple[object, ...]:
    return (
        *(endpoint_id, rate.meter, terms_text(rate.terms.to_json()), rate.amount, "USD"),
        *(meter(rate.meter).per, "priced", rate.begin, rate.end, as_of, source_id),
        *(rate.origin, rate.why, rate.evidence),
    )


def _first_rates(endpoint_ids: Mapping[int, PriceHistory]) -> dict[int, dict[Series, FirstRate]]:
    rows = (
        Rate.objects.for_endpoints(endpoint_ids)
        .published()
        .exclude(valid_from__isnull=False, valid_to=F("valid_from"))
        .annotate(edited=Q(source__slug=Source.EDITOR))
        .order_by(F("valid_from").desc(nulls_last=True))
        .values_list(
            *("endpoint_id", "meter", "terms", "id", "state", "amount", "currency", "valid_from"),
            *("valid_to", "source_id", "origin", "evidence", "edited"),
        )
    )
    first: dict[int, dict[Series, FirstRate]] = defaultdict(dict)
    for endpoint_id, name, terms, *columns in rows.iterator(5000):
        first[endpoint_id][name, terms_text(terms)] = FirstRate(*columns)
    return first
