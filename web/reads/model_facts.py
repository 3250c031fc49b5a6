"""Facts of one model, for its own page and the comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from catalog.lifecycle import day_sql, model_stage_sql
from catalog.sql import rows
from web.http.page_cache import cached_each


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model on a day; unknown texts and dates are empty.

    From the day `billed_from` on requests for it are answered and billed as another model.
    `choosing` to `about` are an editor's Markdown, empty where the text comes from facts.
    """

    id: int
    slug: str
    name: str
    creator_id: int
    creator_slug: str
    creator_name: str
    family: str
    description: str
    mode: str
    stage: str
    floating: bool
    deprecated_on: str
    retired_on: str
    ends_on: str
    listed_since: str
    missing_since: str
    released: str
    knowledge_cutoff: str
    open_weights: bool | None
    licence: str
    modalities_in: Sequence[str]
    modalities_out: Sequence[str]
    capabilities: Sequence[str]
    context: int | None
    max_output: int | None
    successor_slug: str | None
    successor_name: str | None
    base_slug: str | None
    base_name: str | None
    billed_as_slug: str | None
    billed_as_name: str | None
    billed_from: str
    choosing: str
    best_for: str
    alternatives: str
    faq: str
    about: str


_MODELS = f"""
SELECT model.id, model.slug, model.name, model.creator_id, creator.slug AS creator_slug,
       creator.name AS creator_name, model.family, model.description, model.mode,
       {model_stage_sql()} AS stage, model.floating, model.deprecated_on, model.retired_on,
       model.ends_on, model.listed_since, model.released,
       coalesce({day_sql("model.missing_since")}, '') AS missing_since,
       model.knowledge_cutoff, model.open_weights, model.licence, model.modalities_in,
       model.modalities_out, model.capabilities, model.context_window AS context,
       model.max_output, successor.slug AS successor_slug, successor.name AS successor_name,
       base.slug AS base_slug, base.name AS base_name,
       billed.slug AS billed_as_slug, billed.name AS billed_as_name,
       coalesce(billed.since, '') AS billed_from,
       model.choosing, model.best_for, model.alternatives, model.faq, model.about
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN catalog_model successor ON successor.id = model.successor_id
LEFT JOIN catalog_model base ON base.id = model.derived_from_id
LEFT JOIN LATERAL (
    SELECT other.slug, other.name,
           to_char(alias.billed_from AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since
    FROM catalog_alias alias JOIN catalog_model other ON other.id = alias.billed_as_id
    WHERE alias.model_id = model.id ORDER BY alias.spelling LIMIT 1
) billed ON true
"""  # noqa: S608 - put together from fixed words alone


def model_of_slug(slug: str, today: date) -> ModelFacts | None:
    where = "WHERE model.slug = %(slug)s"
    models = rows(ModelFacts, _MODELS + where, slug=slug, today=today.isoformat())
    return models[0] if models else None


def _read_by_id(ids: Sequence[int], now: datetime) -> dict[int, ModelFacts]:
    where = "WHERE model.id = ANY(%(ids)s)"
    models = rows(ModelFacts, _MODELS + where, ids=list(ids), today=now.date().isoformat())
    return {model.id: model for model in models}


models_by_id = cached_each(_read_by_id, most=512)
