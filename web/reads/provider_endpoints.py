"""The endpoints of one provider: what a search leaves, in which order, and their prices."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.lifecycle import stage_sql
from catalog.search import SEPARATORS, like_patterns, search_words
from catalog.sql import rows
from pricing.meters import HEADLINE
from pricing.rate_cards import holds_sql
from pricing.rates import State
from web.params.tables import TableFilters
from web.reads.found_models import Found, Match


class ProviderEndpoint(NamedTuple):
    """`own_date` is the endpoint's own release date, "" where `released` is the model's."""

    id: int
    upstream_id: str
    variant: str
    snapshot: str
    quantization: str
    region: str
    mode: str
    context_window: int | None
    max_output: int | None
    capabilities: list[str]
    lacks: list[str]
    stage: str
    retired_on: str
    missing_since: datetime | None
    own_date: str
    released: str
    model_slug: str
    model_name: str
    creator_slug: str
    creator_name: str


class BaseRate(NamedTuple):
    """A rate at standard terms, and who stated it on which day."""

    endpoint_id: int
    meter: str
    state: State
    amount: Decimal | None
    currency: str
    per: int
    source: str
    observed: str


# Every word is looked for in the names of the model and its creator, and in the endpoint's id. The
# stored search text, which names every provider, narrows that to a few models first.
_SEARCHED = """
JOIN catalog_creator creator ON creator.id = model.creator_id
     AND model.search_text LIKE ALL (%(patterns)s)
     AND translate(
         lower(concat_ws(' ', model.name, model.slug, creator.name, endpoint.upstream_id)),
         %(separators)s, %(spaces)s
     ) LIKE ALL (%(patterns)s)
"""
# The base price of one meter in dollars, at most one an endpoint: rates do not overlap. OFFSET 0
# has it looked up for each endpoint, where PostgreSQL would rather read the rates of all providers.
_PRICED = f"""
LEFT JOIN LATERAL (
    SELECT rate.amount, rate.per FROM pricing_rate rate
    WHERE rate.endpoint_id = endpoint.id AND rate.meter = %(meter)s
      AND rate.terms = '{{}}' AND rate.currency = 'USD' AND {holds_sql()}
    OFFSET 0
) price ON true
"""  # noqa: S608 - put together from fixed words alone
_SORT_KEYS = {
    "name": "lower(model.name)",
    "context": "endpoint.context_window",
    "released": "nullif(coalesce(nullif(endpoint.released, ''), model.released), '')",
    **dict.fromkeys(HEADLINE, "price.amount / price.per"),
}
_ENDPOINTS = f"""
SELECT endpoint.id, endpoint.upstream_id, endpoint.variant, endpoint.snapshot,
       endpoint.quantization, endpoint.region, endpoint.mode, endpoint.context_window,
       endpoint.max_output, endpoint.capabilities, endpoint.lacks,
       {stage_sql("endpoint")} AS stage, endpoint.retired_on, endpoint.missing_since,
       endpoint.released AS own_date,
       coalesce(nullif(endpoint.released, ''), model.released) AS released,
       model.slug AS model_slug, model.name AS model_name,
       creator.slug AS creator_slug, creator.name AS creator_name
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY asked (id, place)
JOIN catalog_endpoint endpoint ON endpoint.id = asked.id
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
ORDER BY asked.place
"""  # noqa: S608 - put together from fixed words alone
_BASE_RATES = f"""
SELECT rate.endpoint_id, rate.meter, rate.state, rate.amount, rate.currency, rate.per,
       source.name AS source,
       to_char(rate.observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS observed
FROM pricing_rate rate
JOIN catalog_source source ON source.id = rate.source_id
WHERE rate.endpoint_id = ANY(%(ids)s) AND rate.meter = ANY(%(meters)s) AND rate.terms = '{{}}'
  AND {holds_sql()}
"""  # noqa: S608 - put together from fixed words alone


def find_provider_endpoints(provider_id: int, filters: TableFilters, now: datetime) -> Found:
    """Those on the pages that `filters` name; past the last page none, and a total of 0.

    Without a value to sort by they come last in both directions.
    """
    patterns = like_patterns(search_words(filters.q))
    searched = _SEARCHED if patterns else ""
    priced = _PRICED if filters.column in HEADLINE else ""
    key, direction = _SORT_KEYS[filters.column], "DESC" if filters.descending else "ASC"
    statement = f"""
        SELECT endpoint.id, count(*) OVER () AS total
        FROM catalog_endpoint endpoint
        JOIN catalog_model model ON model.id = endpoint.model_id
        {searched} {priced}
        WHERE endpoint.provider_id = %(provider_id)s
        ORDER BY {key} {direction} NULLS LAST, lower(model.name), endpoint.upstream_id
        LIMIT %(count)s OFFSET %(start)s"""  # noqa: S608 - put together from fixed words alone
    values: dict[str, Any] = {
        "provider_id": provider_id,
        "count": filters.shown,
        "start": filters.start,
        "patterns": patterns,
        "separators": SEPARATORS,
        "spaces": " " * len(SEPARATORS),
        "meter": filters.column,
        "at": now,
    }
    found = rows(Match, statement, **values)
    return Found([match.id for match in found], found[0].total if found else 0)


def provider_endpoints(ids: Sequence[int], now: datetime) -> list[ProviderEndpoint]:
    """These endpoints, in this order."""
    return rows(ProviderEndpoint, _ENDPOINTS, ids=list(ids), today=now.date().isoformat())


def base_rates(endpoint_ids: Sequence[int], now: datetime) -> list[BaseRate]:
    """The headline rates at standard terms of these endpoints."""
    return rows(BaseRate, _BASE_RATES, ids=list(endpoint_ids), meters=list(HEADLINE), at=now)
