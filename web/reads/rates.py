"""The current and the announced rates of endpoints, as pages show them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
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
    what is made of rates is cached by them, and comparing them by value would take longer.
    """

    price: Price
    terms: Terms
    source: str
    observed: str
    begins: str = ""

    @property
    def terms_in_words(self) -> str:
        return in_words(self.terms)


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
    """The published rates of these endpoints that hold at an instant."""
    by_endpoint: dict[int, list[CurrentRate]] = defaultdict(list)
    for endpoint_id, rate in rows(_of_endpoint, _CURRENT, ids=list(endpoint_ids), at=now):
        by_endpoint[endpoint_id].append(rate)
    return by_endpoint


def announced_rates(endpoint_id: int, now: datetime) -> list[CurrentRate]:
    """The published rates of an endpoint that begin later."""
    return [rate for _, rate in rows(_of_endpoint, _ANNOUNCED, id=endpoint_id, at=now)]


def _of_endpoint(
    endpoint_id: int,
    meter: str,
    state: State,
    amount: Decimal | None,
    currency: str,
    per: int,
    terms: str,
    content_billed_as_input: bool | None,
    source: str,
    observed: date,
    why: str,
    begins: date | None,
) -> tuple[int, CurrentRate]:
    stated = (state, amount, currency, per, terms, content_billed_as_input)
    return endpoint_id, _current_rate(meter, *stated, source, observed, why, begins)


@lru_cache(maxsize=8192)
def _current_rate(
    meter: str,
    state: State,
    amount: Decimal | None,
    currency: str,
    per: int,
    terms: str,
    content_billed_as_input: bool | None,
    source: str,
    observed: date,
    why: str,
    begins: date | None,
) -> CurrentRate:
    on = partial_date(observed.isoformat())
    price = Price(
        meter,
        state,
        amount_per_unit(amount, meter, per),
        currency=currency,
        basis=": ".join(filter(None, (f"{source}, {on}", why))),
        content_billed_as_input=content_billed_as_input,
    )
    start = partial_date(begins.isoformat()) if begins else ""
    return CurrentRate(price, Terms.from_json(json.loads(terms)), source, on, start)
