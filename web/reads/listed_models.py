"""Facts and providers of the models in a list."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from catalog.lifecycle import model_stage_sql
from catalog.sql import rows


class RowKey(NamedTuple):
    """A model, and the endpoint whose row stands for it: None for a model without one."""

    id: int
    endpoint_id: int | None


class ListedModel(NamedTuple):
    """`first_providers` is JSON, [[slug, name], …]: the few that a row names."""

    id: int
    slug: str
    name: str
    creator_slug: str
    creator_name: str
    mode: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    capabilities: list[str]
    provider_count: int
    first_providers: str
    released: str
    stage: str
    floating: bool
    listed_since: str
    retired_on: str


class ModelProviders(NamedTuple):
    model_id: int
    slugs: list[str]


_MODELS = f"""
SELECT model.id, model.slug, model.name, creator.slug AS creator_slug, creator.name AS creator_name,
       model.mode, model.context_window, model.max_input, model.max_output, model.capabilities,
       model.provider_count, model.first_providers::text, model.released,
       {model_stage_sql()} AS stage, model.floating, model.listed_since,
       coalesce(nullif(model.retired_on, ''), model.ends_on) AS retired_on
FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY asked (id, place)
JOIN catalog_model model ON model.id = asked.id
JOIN catalog_creator creator ON creator.id = model.creator_id
ORDER BY asked.place
"""  # noqa: S608 - put together from fixed words alone
_PROVIDERS = """
SELECT served.model_id, array_agg(provider.slug ORDER BY provider.slug) AS slugs
FROM (
    SELECT DISTINCT model_id, provider_id FROM catalog_endpoint WHERE model_id = ANY(%(ids)s)
) served
JOIN catalog_provider provider ON provider.id = served.provider_id
GROUP BY served.model_id
"""


def listed_models(ids: Sequence[int], today: date) -> list[ListedModel]:
    return rows(ListedModel, _MODELS, ids=list(ids), today=today.isoformat())


def provider_slugs(ids: Sequence[int]) -> dict[int, list[str]]:
    slugs = {row.model_id: row.slugs for row in rows(ModelProviders, _PROVIDERS, ids=list(ids))}
    return defaultdict(list, slugs)
