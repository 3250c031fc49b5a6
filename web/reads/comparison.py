"""Reads of the comparison: candidate endpoints of a model, and models to add."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.lifecycle import in_use_sql
from catalog.provider_kinds import DIRECT
from catalog.sql import rows
from web.http.page_cache import cached_each


@dataclass(frozen=True, slots=True)
class ComparableEndpoint:
    """An endpoint that may represent its model; `place` 1 is the model's headline.

    One out of use has no place and no standing.
    """

    id: int
    model_id: int
    provider_slug: str
    provider_name: str
    kind: str
    upstream_id: str
    in_use: bool
    place: int | None
    standing: str

    @property
    def direct(self) -> bool:
        return self.kind in DIRECT


_ENDPOINTS = f"""
SELECT endpoint.id, endpoint.model_id, provider.slug AS provider_slug,
       provider.name AS provider_name, provider.kind, endpoint.upstream_id,
       {in_use_sql("endpoint")} AS in_use, price.place, coalesce(price.standing, '') AS standing
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
LEFT JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
WHERE endpoint.model_id = ANY(%(models)s)
ORDER BY price.place, length(endpoint.upstream_id), endpoint.upstream_id, endpoint.id
"""  # noqa: S608 - put together from fixed words alone


def _read_endpoints(model_ids: Sequence[int], now: datetime) -> dict[int, list[ComparableEndpoint]]:
    """Endpoints in use of each model, its headline first; of a model without any, all of them."""
    today = now.date().isoformat()
    endpoints = rows(ComparableEndpoint, _ENDPOINTS, models=list(model_ids), today=today)
    by_model: dict[int, list[ComparableEndpoint]] = defaultdict(list)
    for endpoint in endpoints:
        by_model[endpoint.model_id].append(endpoint)
    in_use = {
        model_id: [endpoint for endpoint in endpoints if endpoint.in_use]
        for model_id, endpoints in by_model.items()
    }
    return {model_id: in_use[model_id] or endpoints for model_id, endpoints in by_model.items()}


# A comparison is changed step by step.
comparable_endpoints = cached_each(_read_endpoints, most=512)


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


def first_models(without: Sequence[str], most: int) -> list[SuggestedModel]:
    """Models in the order Top."""
    which = """JOIN pricing_headline headline ON headline.model_id = model.id
        WHERE headline.folded = '' AND model.slug <> ALL(%(without)s)
        ORDER BY headline.top LIMIT %(most)s"""
    return rows(SuggestedModel, _SUGGESTED + which, without=list(without), most=most)


@dataclass(frozen=True, slots=True)
class ModelId:
    slug: str
    id: int


_IDS = "SELECT slug, id FROM catalog_model WHERE slug = ANY(%(slugs)s)"


def _read_ids(slugs: Sequence[str], now: datetime) -> dict[str, int]:
    return {model.slug: model.id for model in rows(ModelId, _IDS, slugs=list(slugs))}


model_ids = cached_each(_read_ids, most=2048)
