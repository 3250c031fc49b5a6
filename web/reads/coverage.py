"""What is known: how many endpoints and models have each fact, by source, with the oldest date."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from catalog.lifecycle import in_lists_sql, in_use_sql
from catalog.provider_kinds import DIRECT
from catalog.sql import rows
from pricing.meters import not_sold
from pricing.rate_cards import holds_sql
from web.http.page_cache import cached_read
from web.reads.endpoint_prices import COLUMN_METERS


class StatedFact(NamedTuple):
    """Endpoints of a provider, or models, with a fact from a source; `oldest` is an ISO date."""

    provider_id: int
    fact: str
    source: str
    endpoints: int
    oldest: str


class ServingProvider(NamedTuple):
    """A provider and the number of its endpoints in use."""

    id: int
    slug: str
    name: str
    kind: str
    endpoints: int

    @property
    def direct(self) -> bool:
        return self.kind in DIRECT


class _SourceName(NamedTuple):
    slug: str
    name: str


class _Number(NamedTuple):
    number: int


class _Unsold(NamedTuple):
    provider_id: int
    mode: str
    lacks: list[str]
    meter: str
    endpoints: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """`unsold` counts a provider's endpoints that are known not to sell a meter, by both.

    `model_facts` are as `facts`, of `models` models; their `provider_id` is 0. `sources` maps slugs
    to names.
    """

    providers: list[ServingProvider]
    facts: list[StatedFact]
    unsold: Counter[tuple[int, str]]
    models: int
    model_facts: list[StatedFact]
    sources: dict[str, str]


SEARCH_CONTENT = "search_content"

# An editor may have emptied a fact, and of a data policy "unknown" may be stated; everything else
# that a source states has a value.
_IS_KNOWN = """CASE WHEN stated.key LIKE 'capability.%%' THEN true
    WHEN stated.value ->> 0 = 'editor' OR stated.key IN ('training', 'retention', 'zdr')
        THEN coalesce(to_jsonb({table}) ->> stated.key, '') NOT IN ('', 'unknown', '[]')
    ELSE true END"""
_COUNTED = """stated.value ->> 0 AS source, count(*) AS endpoints,
       coalesce(min(left(stated.value ->> 1, 10)), '') AS oldest"""
_IN_USE = f"""catalog_endpoint endpoint WHERE {in_use_sql("endpoint")}"""
_PROVIDERS = f"""
SELECT provider.id, provider.slug, provider.name, provider.kind, count(*) AS endpoints
FROM catalog_provider provider
JOIN (SELECT provider_id FROM {_IN_USE}) used ON used.provider_id = provider.id
GROUP BY provider.id ORDER BY count(*) DESC, provider.slug
"""  # noqa: S608 - put together from fixed words alone
# A stage is known by its own statement, else by that of a date.
_OF_ENDPOINTS = f"""
SELECT endpoint.provider_id, stated.key AS fact, {_COUNTED}
FROM catalog_endpoint endpoint CROSS JOIN LATERAL jsonb_each(endpoint.provenance) stated
WHERE {in_use_sql("endpoint")} AND {_IS_KNOWN.format(table="endpoint")}
    AND stated.key <> 'lifecycle'
GROUP BY endpoint.provider_id, stated.key, stated.value ->> 0
UNION ALL
SELECT endpoint.provider_id, 'lifecycle', {_COUNTED}
FROM catalog_endpoint endpoint CROSS JOIN LATERAL (
    SELECT coalesce(endpoint.provenance -> 'lifecycle', endpoint.provenance -> 'retired_on',
                    endpoint.provenance -> 'deprecated_on') AS value
) stated
WHERE {in_use_sql("endpoint")} AND stated.value IS NOT NULL
GROUP BY endpoint.provider_id, stated.value ->> 0
"""  # noqa: S608 - put together from fixed words alone
# A provider's data policy is settled in each of its endpoints, and counted there.
_OF_PROVIDERS = f"""
SELECT provider.id AS provider_id, stated.key AS fact, {_COUNTED}
FROM catalog_provider provider CROSS JOIN LATERAL jsonb_each(provider.provenance) stated
WHERE {_IS_KNOWN.format(table="provider")}
  AND stated.key NOT IN ('training', 'retention', 'zdr')
GROUP BY provider.id, stated.key, stated.value ->> 0
"""  # noqa: S608 - put together from fixed words alone
_LISTED = f"model.provider_count > 0 AND {in_lists_sql('model', '%(today)s')}"
_OF_MODELS = f"""
SELECT 0 AS provider_id, stated.key AS fact, {_COUNTED}
FROM catalog_model model CROSS JOIN LATERAL jsonb_each(model.provenance) stated
WHERE {_LISTED} AND {_IS_KNOWN.format(table="model")}
GROUP BY stated.key, stated.value ->> 0
UNION ALL
SELECT 0, 'rating', (
    SELECT source.slug FROM catalog_source source WHERE source.id = min(rating.source_id)
), count(DISTINCT rating.model_id), coalesce(min(rating.as_of)::text, '')
FROM catalog_rating rating JOIN catalog_model model ON model.id = rating.model_id
WHERE {_LISTED} GROUP BY rating.source_id
"""  # noqa: S608 - put together from fixed words alone
# The prices in the columns of the provider table: under standard terms, or options alone.
_PRICED = f"""
SELECT rate.endpoint_id, rate.meter, min(rate.source_id) AS source_id,
       min(rate.observed_at) AS observed_at,
       bool_or(rate.content_billed_as_input IS NOT NULL) AS states_content
FROM pricing_rate rate
WHERE rate.meter = ANY(%(meters)s) AND rate.state <> 'unknown' AND {holds_sql()}
  AND rate.terms - 'options' = '{{}}'::jsonb
GROUP BY rate.endpoint_id, rate.meter
"""  # noqa: S608 - put together from fixed words alone
_OF_PRICES = f"""
WITH priced AS ({_PRICED})
SELECT endpoint.provider_id, fact.name AS fact, source.slug AS source, count(*) AS endpoints,
       to_char(min(priced.observed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS oldest
FROM priced
JOIN catalog_endpoint endpoint ON endpoint.id = priced.endpoint_id
JOIN catalog_source source ON source.id = priced.source_id
CROSS JOIN LATERAL (
    SELECT priced.meter AS name UNION ALL SELECT '{SEARCH_CONTENT}' WHERE priced.states_content
) fact
WHERE {in_use_sql("endpoint")}
GROUP BY endpoint.provider_id, fact.name, source.slug
"""  # noqa: S608 - put together from fixed words alone
_UNPRICED = f"""
WITH priced AS ({_PRICED})
SELECT endpoint.provider_id, endpoint.mode, endpoint.lacks, wanted.meter, count(*) AS endpoints
FROM catalog_endpoint endpoint CROSS JOIN unnest(%(meters)s::text[]) AS wanted (meter)
LEFT JOIN priced ON priced.endpoint_id = endpoint.id AND priced.meter = wanted.meter
WHERE {in_use_sql("endpoint")} AND priced.meter IS NULL
  AND (endpoint.mode <> '' OR endpoint.lacks <> '{{}}')
GROUP BY endpoint.provider_id, endpoint.mode, endpoint.lacks, wanted.meter
"""  # noqa: S608 - put together from fixed words alone
_MODELS = f"SELECT count(*) AS number FROM catalog_model model WHERE {_LISTED}"  # noqa: S608
_SOURCES = "SELECT slug, name FROM catalog_source"


def _read(now: datetime) -> Coverage:
    today = now.date().isoformat()
    providers = rows(ServingProvider, _PROVIDERS, today=today)
    sizes = {provider.id: provider.endpoints for provider in providers}
    prices = {"today": today, "at": now, "meters": list(COLUMN_METERS)}
    return Coverage(
        providers=providers,
        facts=[
            *rows(StatedFact, _OF_ENDPOINTS, today=today),
            *rows(StatedFact, _OF_PRICES, **prices),
            # What is stated of a provider holds for each of its endpoints.
            *(
                fact._replace(endpoints=sizes[fact.provider_id])
                for fact in rows(StatedFact, _OF_PROVIDERS)
                if fact.provider_id in sizes
            ),
        ],
        unsold=_unsold(rows(_Unsold, _UNPRICED, **prices)),
        models=rows(_Number, _MODELS, today=today)[0].number,
        model_facts=rows(StatedFact, _OF_MODELS, today=today),
        sources={source.slug: source.name for source in rows(_SourceName, _SOURCES)},
    )


coverage = cached_read(_read, most=1)


def _unsold(unpriced: list[_Unsold]) -> Counter[tuple[int, str]]:
    counts = Counter[tuple[int, str]]()
    for row in unpriced:
        if not_sold(row.meter, row.mode, row.lacks):
            counts[row.provider_id, row.meter] += row.endpoints
    return counts
