"""The list of models: as many queries whatever it holds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import F, FilteredRelation, Q, Value
from django.db.models.functions import Lower, NullIf

from catalog.models import Model, ModelQuerySet, stage_on
from pricing.meters import HEADLINE
from pricing.rates import State
from web.filters import ModelFilters
from web.prices import Price, unstated
from web.queries.ask import ask
from web.queries.site import Named, site

PER_PAGE = 50
MARKS = 3


@dataclass(frozen=True, slots=True)
class ModelRow:
    slug: str
    name: str
    creator_slug: str
    creator_name: str
    context: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    capabilities: Named
    providers: Named
    provider_count: int
    released: str
    stage: str


@dataclass(frozen=True, slots=True)
class ModelList:
    rows: list[ModelRow]
    total: int
    page: int
    pages: int
    filters: ModelFilters

    @property
    def first(self) -> int:
        return (self.page - 1) * PER_PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return (self.page - 1) * PER_PAGE + len(self.rows)


_LISTED = (
    *("id", "slug", "name", "creator__slug", "creator__name", "mode", "context_window", "max_output"),
    *("capabilities", "provider_count", "released", "lifecycle", "deprecated_on", "retired_on"),
)


def read_model_list(filters: ModelFilters, today: date, *, creator: str = "") -> ModelList:
    """A page of the models that the filters leave, of one creator if need be.

    A page past the last one is the last one, and says so.
    """
    found = Model.objects.listed().matching(filters.q)
    if creator:
        found = found.filter(creator__slug=creator)
    # The index of releases holds no count; the whole catalog's is known, and no older than a minute.
    total = found.count() if filters.q or creator else site().models
    pages = max(1, -(-total // PER_PAGE))
    if filters.page > pages:
        filters = filters.complaining(f"there is no page {filters.page:,}, this is the last")
    page = min(filters.page, pages)
    start = (page - 1) * PER_PAGE
    models = list(in_order(found, filters).values_list(*_LISTED, named=True)[start : start + PER_PAGE])
    return ModelList(_rows(models, today), total, page, pages, filters)


def in_order(models: ModelQuerySet, filters: ModelFilters) -> ModelQuerySet:
    """Sorted as asked, what has no value last in both directions, and ties always the same way."""
    if filters.sort == "-released":  # as the index has it: the empty date is the smallest
        return models.order_by("-released", "slug")
    keys: dict[str, Any] = {
        "name": Lower("name"),
        "context": F("context_window"),
        "providers": F("provider_count"),
        "released": NullIf("released", Value("")),
    }
    if filters.column in HEADLINE:
        named = Q(lowest_rates__meter=filters.column)
        models = models.annotate(lowest=FilteredRelation("lowest_rates", condition=named))
    key = keys.get(filters.column, F("lowest__amount"))
    order = key.desc(nulls_last=True) if filters.descending else key.asc(nulls_last=True)
    return models.order_by(order, "slug")


def _rows(models: Sequence[Any], today: date) -> list[ModelRow]:
    ids = [model.id for model in models]
    lowest, providers, vocabulary = lowest_prices(ids), first_providers(ids), site()
    return [
        ModelRow(
            slug=model.slug,
            name=model.name,
            creator_slug=model.creator__slug,
            creator_name=model.creator__name,
            context=model.context_window,
            max_output=model.max_output,
            prices=tuple(lowest[model.id].get(slug) or unstated(slug, model.mode) for slug in HEADLINE),
            capabilities=vocabulary.named(model.capabilities),
            providers=tuple(providers[model.id]),
            provider_count=model.provider_count,
            released=model.released,
            stage=stage_on(today, model.lifecycle, model.deprecated_on, model.retired_on),
        )
        for model in models
    ]


_LOWEST = """
SELECT lowest.model_id, lowest.meter, lowest.state, lowest.amount,
       provider.name AS provider, endpoint.upstream_id, model.slug
FROM pricing_lowestrate lowest
JOIN catalog_model model ON model.id = lowest.model_id
JOIN catalog_endpoint endpoint ON endpoint.id = lowest.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE lowest.model_id = ANY(%s) AND lowest.meter = ANY(%s)
"""


def lowest_prices(model_ids: Sequence[int]) -> dict[int, dict[str, Price]]:
    """The lowest headline prices of these models, each naming the endpoint that sells at it."""
    found: dict[int, dict[str, Price]] = defaultdict(dict)
    for row in ask(_LOWEST, list(model_ids), list(HEADLINE)):
        seller = _seller(row.provider, row.upstream_id, row.slug)
        found[row.model_id][row.meter] = Price(row.meter, cast(State, row.state), row.amount, seller=seller)
    return found


def _seller(provider: str, upstream_id: str, model_slug: str) -> str:
    """The endpoint in words: its provider is enough where the id there is the model's plain name."""
    plain = model_slug.partition("/")[2]
    return provider if upstream_id.rpartition("/")[2].lower() == plain else f"{provider} ({upstream_id})"


_FIRST_PROVIDERS = """
SELECT model_id, slug, name FROM (
    SELECT served.model_id, provider.slug, provider.name,
           row_number() OVER (
               PARTITION BY served.model_id
               ORDER BY provider.kind NOT IN ('first-party', 'cloud', 'inference-host'),
                        provider.kind <> 'first-party', lower(provider.name)
           ) AS place
    FROM (SELECT DISTINCT model_id, provider_id FROM catalog_endpoint WHERE model_id = ANY(%s)) served
    JOIN catalog_provider provider ON provider.id = served.provider_id
) placed
WHERE place <= %s
ORDER BY model_id, place
"""


def first_providers(model_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The first few providers of these models by (slug, name): makers, then who runs it, then the rest."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for model_id, slug, name in ask(_FIRST_PROVIDERS, list(model_ids), MARKS):
        found[model_id].append((slug, name))
    return found
