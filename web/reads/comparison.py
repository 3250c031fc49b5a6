"""Reads of the comparison: candidate endpoints of a model, and models to add."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.lifecycle import TODAY, in_lists_sql, in_use_sql
from catalog.provider_kinds import DIRECT
from catalog.sql import rows
from pricing.rate_cards import holds_sql, per_million_sql


@dataclass(frozen=True, slots=True)
class ComparableEndpoint:
    """An endpoint that may represent its model. `own` is whether its provider is the creator.

    `sells` is whether any rate has an amount, `input` the base price of input in US dollars.
    """

    id: int
    model_id: int
    provider_slug: str
    provider_name: str
    kind: str
    own: bool
    upstream_id: str
    plain: bool
    in_use: bool
    sells: bool
    input: Decimal | None

    @property
    def direct(self) -> bool:
        return self.kind in DIRECT


_ENDPOINTS = f"""
WITH asked AS MATERIALIZED (SELECT * FROM catalog_endpoint WHERE model_id = ANY(%(models)s)),
sold AS (
    SELECT rate.endpoint_id, bool_or(rate.amount IS NOT NULL) AS sells,
           min({per_million_sql()}) FILTER (
               WHERE rate.meter = 'input' AND rate.terms = '{{}}' AND rate.currency = 'USD'
           ) AS input
    FROM pricing_rate rate
    WHERE rate.endpoint_id = ANY(ARRAY(SELECT id FROM asked)) AND {holds_sql()}
    GROUP BY rate.endpoint_id
)
SELECT asked.id, asked.model_id, provider.slug AS provider_slug, provider.name AS provider_name,
       provider.kind, coalesce(provider.creator_id = model.creator_id, false) AS own,
       asked.upstream_id,
       asked.variant || asked.snapshot || asked.region = '' AND NOT asked.floating AS plain,
       {in_use_sql("asked")} AS in_use, coalesce(sold.sells, false) AS sells, sold.input
FROM asked
JOIN catalog_provider provider ON provider.id = asked.provider_id
JOIN catalog_model model ON model.id = asked.model_id
LEFT JOIN sold ON sold.endpoint_id = asked.id
ORDER BY asked.id
"""  # noqa: S608 - put together from fixed words alone


def comparable_endpoints(
    model_ids: Sequence[int], now: datetime
) -> dict[int, list[ComparableEndpoint]]:
    """Endpoints in use of each model; of a model without any, all of them."""
    today = now.date().isoformat()
    endpoints = rows(ComparableEndpoint, _ENDPOINTS, models=list(model_ids), at=now, today=today)
    by_model: dict[int, list[ComparableEndpoint]] = defaultdict(list)
    for endpoint in endpoints:
        by_model[endpoint.model_id].append(endpoint)
    in_use = {
        model_id: [endpoint for endpoint in endpoints if endpoint.in_use]
        for model_id, endpoints in by_model.items()
    }
    return {model_id: in_use[model_id] or endpoints for model_id, endpoints in by_model.items()}


@dataclass(frozen=True, slots=True)
class SuggestedModel:
    """A model that can be added to the comparison."""

    slug: str
    name: str
    creator_slug: str
    creator_name: str
    provider_count: int


_SUGGESTED = """
SELECT model.slug, model.name, creator.slug AS creator_slug, creator.name AS creator_name,
       model.provider_count
FROM catalog_model model JOIN catalog_creator creator ON creator.id = model.creator_id
"""


def suggested_by_id(ids: Sequence[int]) -> list[SuggestedModel]:
    which = "WHERE model.id = ANY(%(ids)s) ORDER BY array_position(%(ids)s::bigint[], model.id)"
    return rows(SuggestedModel, _SUGGESTED + which, ids=list(ids))


def most_served(without: Sequence[str], most: int) -> list[SuggestedModel]:
    which = f"""WHERE model.provider_count > 0 AND {in_lists_sql("model", TODAY)}
          AND model.slug <> ALL(%(without)s)
        ORDER BY model.provider_count DESC, model.slug LIMIT %(most)s"""
    return rows(SuggestedModel, _SUGGESTED + which, without=list(without), most=most)


@dataclass(frozen=True, slots=True)
class ModelId:
    slug: str
    id: int


_IDS = "SELECT slug, id FROM catalog_model WHERE slug = ANY(%(slugs)s)"


def model_ids(slugs: Iterable[str]) -> dict[str, int]:
    wanted = sorted(set(slugs))
    models = rows(ModelId, _IDS, slugs=wanted) if wanted else []
    return {model.slug: model.id for model in models}
