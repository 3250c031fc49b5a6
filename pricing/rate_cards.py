"""Rate cards as they are kept: the published rates of endpoints, with their times and terms."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django.db import connection

from pricing.meters import amount_per_unit, not_sold
from pricing.rates import RateCard, State, StatedRate
from pricing.terms import Terms

# The driver is fastest with text, and the same few values come again: each is parsed once.
_RATES = """
SELECT rate.endpoint_id, rate.meter, rate.amount::text, rate.state, rate.terms::text,
       rate.currency, rate.per, rate.valid_from::text, rate.valid_to::text,
       rate.content_billed_as_input
FROM pricing_rate rate
WHERE NOT rate.held
ORDER BY rate.endpoint_id, rate.id
"""
_ENDPOINTS = """
SELECT id, mode, lacks FROM catalog_endpoint endpoint WHERE mode <> '' OR lacks <> '{}'
"""
# The meters that an endpoint may be known not to sell.
_MAY_BE_ABSENT = ("output", "cache_read", "cache_write", "web_search", "reasoning")


def holds_sql(table: str = "rate", at: str = "%(at)s") -> str:
    """Whether a rate is published and holds at an instant, as SQL. Its validity is half-open."""
    return f"""(NOT {table}.held
        AND ({table}.valid_from IS NULL OR {table}.valid_from <= {at})
        AND ({table}.valid_to IS NULL OR {table}.valid_to > {at}))"""


def announced_sql(table: str = "rate", at: str = "%(at)s") -> str:
    """Whether a rate is published, and begins after an instant."""
    return f"(NOT {table}.held AND {table}.valid_from > {at})"


def per_million_sql(table: str = "rate") -> str:
    return f"({table}.amount * 1000000 / {table}.per)"


def all_cards() -> dict[int, RateCard]:
    found: dict[int, list[StatedRate]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_RATES)
        for endpoint_id, *written, content in cursor.fetchall():
            found[endpoint_id].append(_rate(*written, content=content))
        cursor.execute(_ENDPOINTS)
        for endpoint_id, mode, lacks in cursor.fetchall():
            if endpoint_id in found:
                found[endpoint_id] += _absent(found[endpoint_id], mode, tuple(lacks))
    # Half of all cards are those of another endpoint too.
    alike: dict[tuple[int, ...], RateCard] = {}
    return {
        endpoint_id: alike.setdefault(tuple(map(id, rates)), RateCard(tuple(rates)))
        for endpoint_id, rates in found.items()
    }


def _absent(rates: Sequence[StatedRate], mode: str, lacks: tuple[str, ...]) -> list[StatedRate]:
    named = {rate.meter for rate in rates}
    return [
        _not_offered(slug)
        for slug in _MAY_BE_ABSENT
        if slug not in named and not_sold(slug, mode, lacks)
    ]


@lru_cache
def _not_offered(slug: str) -> StatedRate:
    return StatedRate(slug, None, "not_offered")


@lru_cache(maxsize=65536)
def _rate(
    slug: str,
    amount: str | None,
    state: State,
    terms: str,
    currency: str,
    per: int,
    since: str | None,
    until: str | None,
    *,
    content: bool | None,
) -> StatedRate:
    exact = amount_per_unit(None if amount is None else Decimal(amount), slug, per)
    return StatedRate(
        slug, exact, state, _terms(terms), currency, _instant(since), _instant(until), content
    )


@lru_cache
def _terms(written: str) -> Terms:
    return Terms.from_json(json.loads(written))


@lru_cache
def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
