"""Current and announced rates of endpoints."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog.sql import rows
from pricing.meters import amount_per_unit
from pricing.rate_cards import announced_sql, holds_sql
from pricing.rates import State
from pricing.terms import Terms
from sources.registry import upstreams
from web.format.figures import partial_date
from web.format.terms import in_words
from web.http.page_cache import cached_read
from web.reads.prices import AnnouncedPrice, Price, next_other


@dataclass(frozen=True, slots=True, eq=False)
class CurrentRate:
    """A rate with its source and the date of its data.

    `begins` is the date of an announced one. Equal rates are one object, compared by identity:
    rates are cache keys, and a comparison by value would take longer.
    """

    price: Price
    terms: Terms
    source: str
    observed: str
    begins: str = ""

    @property
    def terms_in_words(self) -> str:
        return in_words(self.terms)


@dataclass(slots=True, unsafe_hash=True)
class _RateRow:
    """A rate as stored. Rows of several endpoints are equal if they state the same."""

    endpoint_id: int = field(compare=False)
    meter: str
    state: State
    amount: Decimal | None
    currency: str
    per: int
    terms: str
    content_billed_as_input: bool | None
    source: str
    observed: date
    why: str
    begins: date | None


_BASE = "{}"
_COLUMNS = """
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per,
       rate.terms::text AS terms, rate.content_billed_as_input, source.name AS source,
       (rate.observed_at AT TIME ZONE 'UTC')::date AS observed, rate.why,
       CASE WHEN rate.valid_from > %(at)s THEN (rate.valid_from AT TIME ZONE 'UTC')::date END
           AS begins
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
"""
_CURRENT_AND_ANNOUNCED = f"""
{_COLUMNS}
WHERE rate.endpoint_id = ANY(%(ids)s) AND ({holds_sql()} OR {announced_sql()})
ORDER BY CASE WHEN rate.valid_from > %(at)s THEN rate.valid_from END NULLS FIRST, rate.id
"""
_ANYWHERE = f"""
{_COLUMNS}
WHERE {announced_sql()} AND rate.terms = '{_BASE}'
ORDER BY rate.valid_from, rate.id
"""
_ANNOUNCED = f"""
{_COLUMNS}
WHERE rate.endpoint_id = %(id)s AND {announced_sql()}
ORDER BY rate.valid_from, rate.id
"""

# The oldest dates of the data that the current rates of an endpoint rest on, of the upstreams and
# of all sources: the latter counts where there is none of the former; see Site.iso_as_of.
OLDEST_DATA = f"""
SELECT rate.endpoint_id, min(source.as_of) AS of_all,
       min(source.as_of) FILTER (WHERE source.slug = ANY(%(upstreams)s)) AS of_upstreams
FROM pricing_rate rate JOIN catalog_source source ON source.id = rate.source_id
WHERE {holds_sql(at="now()")}
"""  # noqa: S608 - put together from fixed words alone
_OLDEST_OF_THESE = f"""
SELECT endpoint_id,
       to_char(coalesce(of_upstreams, of_all) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS as_of
FROM ({OLDEST_DATA} AND rate.endpoint_id = ANY(%(ids)s) GROUP BY rate.endpoint_id) oldest
"""  # noqa: S608 - put together from fixed words alone


def oldest_data(endpoint_ids: Sequence[int]) -> dict[int, str]:
    """By endpoint, as an ISO date; an endpoint without rates, or data without a date, has none."""
    stated: list[dict[str, Any]] = rows(
        dict, _OLDEST_OF_THESE, ids=list(endpoint_ids), upstreams=[*upstreams()]
    )
    return {row["endpoint_id"]: row["as_of"] for row in stated if row["as_of"]}


def current_rates(
    endpoint_ids: Sequence[int], now: datetime, *, past: bool = False
) -> dict[int, list[CurrentRate]]:
    """The rates that hold, each with the next one that is announced under the same terms.

    A meter without a price at standard terms until then is unknown, with what is announced. Of a
    past instant nothing was announced that has come since: prices alone.
    """
    held: dict[tuple[int, str, str], _RateRow] = {}
    announced: dict[tuple[int, str, str], list[AnnouncedPrice]] = defaultdict(list)
    for row in rows(_RateRow, _CURRENT_AND_ANNOUNCED, ids=list(endpoint_ids), at=now):
        key = row.endpoint_id, row.meter, row.terms
        if row.begins is None:
            held[key] = row
        elif past:
            continue
        else:
            announced[key].append(_announced(row))
            if key not in held and row.terms == _BASE:
                held[key] = replace(row, state="unknown", amount=None, why="", begins=None)
    by_endpoint: dict[int, list[CurrentRate]] = defaultdict(list)
    for key, row in held.items():
        by_endpoint[row.endpoint_id].append(_current_rate(row, tuple(announced.get(key, ()))))
    return by_endpoint


Announced = Mapping[tuple[int, str], Sequence[AnnouncedPrice]]


def with_announced(price: Price, endpoint_id: int, anywhere: Announced) -> Price:
    """A price at standard terms, for lists: with what is announced of it, if anything is."""
    announced = anywhere.get((endpoint_id, price.meter))
    if not announced:
        return price
    coming = next_other(announced, price.state, price.amount, price.currency)
    return replace(price, announced=coming)


def _read_announced(now: datetime) -> Announced:
    announced: dict[tuple[int, str], list[AnnouncedPrice]] = defaultdict(list)
    for row in rows(_RateRow, _ANYWHERE, at=now):
        announced[row.endpoint_id, row.meter].append(_announced(row))
    return announced


# They are few: prices at standard terms by endpoint and meter.
announced_anywhere = cached_read(_read_announced, most=1)


def announced_rates(endpoint_id: int, now: datetime) -> list[CurrentRate]:
    return [_current_rate(row) for row in rows(_RateRow, _ANNOUNCED, id=endpoint_id, at=now)]


@lru_cache(maxsize=8192)
def _current_rate(row: _RateRow, announced: tuple[AnnouncedPrice, ...] = ()) -> CurrentRate:
    observed = partial_date(row.observed.isoformat())
    amount = amount_per_unit(row.amount, row.meter, row.per)
    price = Price(
        row.meter,
        row.state,
        amount,
        currency=row.currency,
        basis=": ".join(filter(None, (f"{row.source}, {observed}", row.why))),
        content_billed_as_input=row.content_billed_as_input,
        announced=next_other(announced, row.state, amount, row.currency),
    )
    begins = partial_date(row.begins.isoformat()) if row.begins else ""
    return CurrentRate(price, Terms.from_json(json.loads(row.terms)), row.source, observed, begins)


def _announced(row: _RateRow) -> AnnouncedPrice:
    amount = amount_per_unit(row.amount, row.meter, row.per)
    begins = row.begins.isoformat() if row.begins else ""
    return AnnouncedPrice(begins, row.state, amount, row.currency)
