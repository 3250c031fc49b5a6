"""Rate cards as they are kept: the published rates of endpoints, with their times and terms."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from django.db import connection

from pricing.meters import amount_per_unit, not_sold
from pricing.rates import RateCard, StatedRate
from pricing.terms import Terms

# A text for each card, with a line of JSON for each rate: the driver takes longest with many
# values. The same few lines come again, so each is parsed once.
_CARDS = r"""
SELECT rate.endpoint_id, string_agg(json_build_array(
           rate.meter, rate.amount::text, rate.state, rate.terms::text, rate.currency, rate.per,
           rate.valid_from, rate.valid_to, rate.content_billed_as_input
       )::text, E'\n' ORDER BY rate.id)
FROM pricing_rate rate
WHERE NOT rate.held AND (%(ids)s::bigint[] IS NULL OR rate.endpoint_id = ANY(%(ids)s::bigint[]))
GROUP BY rate.endpoint_id
"""
_ENDPOINTS = """
SELECT mode, lacks, array_agg(id) FROM catalog_endpoint
WHERE mode <> '' OR lacks <> '{}'
GROUP BY mode, lacks
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
    return cards_of(None)


def cards_of(endpoint_ids: Sequence[int] | None) -> dict[int, RateCard]:
    """The cards of these endpoints, or of all, by endpoint; one without a rate has none."""
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, {"ids": None if endpoint_ids is None else [*endpoint_ids]})
        written = dict(cursor.fetchall())
        cursor.execute(_ENDPOINTS)
        absent = {
            endpoint_id: slugs
            for mode, lacks, endpoint_ids in cursor.fetchall()
            if (slugs := [slug for slug in _MAY_BE_ABSENT if not_sold(slug, mode, lacks)])
            for endpoint_id in endpoint_ids
        }
    # Half of all cards are those of another endpoint too.
    rates = {text: tuple(map(_rate, text.split("\n"))) for text in {*written.values()}}
    alike: dict[tuple[int, ...], RateCard] = {}
    found = {}
    for endpoint_id, text in written.items():
        own = rates[text]
        if endpoint_id in absent:
            named = {rate.meter for rate in own}
            own += tuple(_not_offered(slug) for slug in absent[endpoint_id] if slug not in named)
        found[endpoint_id] = alike.setdefault(tuple(map(id, own)), RateCard(own))
    return found


@lru_cache
def _not_offered(slug: str) -> StatedRate:
    return StatedRate(slug, None, "not_offered")


@lru_cache(maxsize=65536)
def _rate(written: str) -> StatedRate:
    slug, amount, state, terms, currency, per, since, until, content = json.loads(written)
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
