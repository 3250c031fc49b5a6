"""Current and announced rates of endpoints."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from catalog.sql import rows
from pricing.meters import amount_per_unit
from pricing.rate_cards import holds_sql
from pricing.rates import State
from pricing.terms import Terms
from web.format.figures import partial_date
from web.format.terms import in_words
from web.reads.prices import Price


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


_COLUMNS = """
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per,
       rate.terms::text AS terms, rate.content_billed_as_input, source.name AS source,
       (rate.observed_at AT TIME ZONE 'UTC')::date AS observed, rate.why,
       CASE WHEN rate.valid_from > %(at)s THEN (rate.valid_from AT TIME ZONE 'UTC')::date END
           AS begins
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
"""
_CURRENT = f"""
{_COLUMNS}
WHERE rate.endpoint_id = ANY(%(ids)s) AND {holds_sql()}
ORDER BY rate.id
"""
_ANNOUNCED = f"""
{_COLUMNS}
WHERE rate.endpoint_id = %(id)s AND NOT rate.held AND rate.valid_from > %(at)s
ORDER BY rate.valid_from, rate.id
"""


def current_rates(endpoint_ids: Sequence[int], now: datetime) -> dict[int, list[CurrentRate]]:
    by_endpoint: dict[int, list[CurrentRate]] = defaultdict(list)
    for row in rows(_RateRow, _CURRENT, ids=list(endpoint_ids), at=now):
        by_endpoint[row.endpoint_id].append(_current_rate(row))
    return by_endpoint


def announced_rates(endpoint_id: int, now: datetime) -> list[CurrentRate]:
    return [_current_rate(row) for row in rows(_RateRow, _ANNOUNCED, id=endpoint_id, at=now)]


@lru_cache(maxsize=8192)
def _current_rate(row: _RateRow) -> CurrentRate:
    observed = partial_date(row.observed.isoformat())
    price = Price(
        row.meter,
        row.state,
        amount_per_unit(row.amount, row.meter, row.per),
        currency=row.currency,
        basis=": ".join(filter(None, (f"{row.source}, {observed}", row.why))),
        content_billed_as_input=row.content_billed_as_input,
    )
    begins = partial_date(row.begins.isoformat()) if row.begins else ""
    return CurrentRate(price, Terms.from_json(json.loads(row.terms)), row.source, observed, begins)
