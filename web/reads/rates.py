"""The rates of endpoints, as pages show them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from catalog.sql import ask
from pricing.meters import amount_per_unit
from pricing.rate_cards import holds_sql
from pricing.rates import State
from pricing.terms import Terms
from web.format.figures import partial_date
from web.format.terms import in_words
from web.reads.prices import Price


@dataclass(frozen=True, slots=True, eq=False)
class CurrentRate:
    """A rate that holds, and who stated it when. `begins` is the date of one that holds only from
    then on.

    One that says the same is the same object, so that what is made of rates is kept by them: going
    through all that they say would take longer than making it.
    """

    price: Price
    terms: Terms
    source: str
    observed: str
    begins: str = ""

    @property
    def terms_in_words(self) -> str:
        return in_words(self.terms)


_RATES = f"""
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per, rate.terms::text,
       rate.content_billed_as_input, source.name, (rate.observed_at AT TIME ZONE 'UTC')::date, rate.why
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%(ids)s) AND {holds_sql()}
ORDER BY rate.id
"""  # noqa: S608 - put together from fixed words alone


def current_rates(endpoint_ids: Sequence[int], now: datetime) -> dict[int, list[CurrentRate]]:
    """The published rates of these endpoints that hold at an instant."""
    found: dict[int, list[CurrentRate]] = defaultdict(list)
    for endpoint_id, *stated in ask(_RATES, ids=list(endpoint_ids), at=now):
        found[endpoint_id].append(_current_rate(*stated))
    return found


_COMING = """
SELECT rate.meter, rate.state, rate.amount, rate.currency, rate.per, rate.terms::text,
       rate.content_billed_as_input, source.name, (rate.observed_at AT TIME ZONE 'UTC')::date, rate.why,
       to_char(rate.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS begins
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = %s AND NOT rate.held AND rate.valid_from > %s
ORDER BY rate.valid_from, rate.id
"""


def coming_rates(endpoint_id: int, now: datetime) -> list[CurrentRate]:
    """The published rates of an endpoint that begin later: announced ones."""
    return [_current_rate(*stated) for stated in ask(_COMING, endpoint_id, now)]


@lru_cache(maxsize=8192)
def _current_rate(
    slug: str,
    state: State,
    amount: Decimal | None,
    currency: str,
    per: int,
    terms: str,
    content: bool | None,
    source: str,
    on: date,
    why: str,
    begins: str = "",
) -> CurrentRate:
    """A rate as a page shows it. The same figures come back at every view, so they are kept."""
    observed = partial_date(on.isoformat())
    basis = ": ".join(filter(None, (f"{source}, {observed}", why)))
    exact = amount_per_unit(amount, slug, per)
    price = Price(
        slug, state, exact, currency=currency, basis=basis, content_billed_as_input=content
    )
    return CurrentRate(
        price, Terms.from_json(json.loads(terms)), source, observed, partial_date(begins)
    )
