"""The list of models: as many queries whatever it holds."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from catalog.lifecycle import stage_on
from catalog.sql import ask
from pricing.meters import HEADLINE
from pricing.rates import State
from web.params.lists import PER_PAGE, page_count
from web.params.models import ModelFilters
from web.reads.choices import among_choices
from web.reads.found_models import find_models, lowest_rates
from web.reads.prices import Price, unstated
from web.reads.site import Named, site
from web.text.endpoints import apart, seller


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`context` is the whole window; where nobody states it, `takes` is the most that goes in."""

    slug: str
    name: str
    creator_slug: str
    creator_name: str
    context: int | None
    takes: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    capabilities: Named
    providers: Named
    provider_count: int
    released: str
    stage: str


@dataclass(frozen=True, slots=True)
class ModelList:
    """The rows of the pages from `filters.first` to `filters.page`, of `pages` in all.

    `creator` is the one to whom the page itself keeps, whatever the filters are. `above` of the
    rows are in the browser already, and not among `rows`.
    """

    rows: list[ModelRow]
    total: int
    pages: int
    filters: ModelFilters
    creator: str = ""
    above: int = 0

    @property
    def page(self) -> int:
        return self.filters.page

    @property
    def first(self) -> int:
        return self.filters.start + 1 if self.total else 0

    @property
    def begins(self) -> int:
        """The place in the whole list of the first of `rows`."""
        return self.first + self.above

    @property
    def last(self) -> int:
        return self.filters.start + self.above + len(self.rows)


def read_model_list(
    filters: ModelFilters, today: date, *, creator: str = "", only_last: bool = False
) -> ModelList:
    """A page of the models that the filters leave, of one creator if need be.

    A page past the last one is the last one, and says so. Of several pages as one, `only_last`
    leaves out the rows of all but the last.
    """
    filters = among_choices(replace(filters, creator="") if creator else filters)
    wanted = replace(filters, creator=creator) if creator else filters
    above = (filters.page - filters.first) * PER_PAGE if only_last else 0
    found = find_models(wanted, today, filters.start + above, filters.shown - above)
    existing = filters.within(found.total)
    if existing is not filters:
        return read_model_list(existing, today, creator=creator)
    rows = read_rows(found.ids, today, filters.plans, filters.provider)
    return ModelList(rows, found.total, page_count(found.total), filters, creator, above)


_MODELS = """
SELECT model.id, model.slug, model.name, creator.slug AS creator_slug, creator.name AS creator_name,
       model.mode, model.context_window, model.max_input, model.max_output, model.capabilities,
       model.provider_count, model.first_providers::text, model.released, model.lifecycle,
       model.deprecated_on, model.retired_on
FROM unnest(%s::bigint[]) WITH ORDINALITY asked (id, place)
JOIN catalog_model model ON model.id = asked.id
JOIN catalog_creator creator ON creator.id = model.creator_id
ORDER BY asked.place
"""


def read_models(ids: Sequence[int]) -> list[Any]:
    """The facts of these models, in this order."""
    return ask(_MODELS, list(ids))


def read_rows(
    ids: Sequence[int], today: date, plans: bool = False, provider: str = ""
) -> list[ModelRow]:
    """The rows of these models, in this order; with the prices at one provider, if one is named."""
    models, named = read_models(ids), cache(site().named)
    lowest = _lowest_prices(models, plans, provider)
    return [
        ModelRow(
            slug=model.slug,
            name=model.name,
            creator_slug=model.creator_slug,
            creator_name=model.creator_name,
            context=model.context_window,
            takes=None if model.context_window else model.max_input,
            max_output=model.max_output,
            prices=tuple(
                lowest[model.id].get(slug) or unstated(slug, model.mode) for slug in HEADLINE
            ),
            capabilities=named(tuple(model.capabilities)),
            providers=_pairs(model.first_providers),
            provider_count=model.provider_count,
            released=model.released,
            stage=stage_on(today, model.lifecycle, model.deprecated_on, model.retired_on),
        )
        for model in models
    ]


@lru_cache(maxsize=4096)
def _pairs(text: str) -> Named:
    """The first providers as the catalog keeps them. The same few serve most models."""
    return tuple((slug, name) for slug, name in json.loads(text))


_LOWEST = """
SELECT lowest.model_id, lowest.meter, lowest.state, lowest.amount, provider.slug AS provider_slug,
       provider.name AS provider, endpoint.upstream_id, endpoint.region, endpoint.variant
FROM {lowest_rates} lowest
JOIN catalog_endpoint endpoint ON endpoint.id = lowest.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE lowest.model_id = ANY(%(ids)s) AND lowest.meter = ANY(%(meters)s)
"""


def read_lowest(model_ids: Sequence[int], plans: bool, provider: str = "") -> list[Any]:
    """The lowest headline rates of these models; with `plans`, of every endpoint that there is."""
    question = _LOWEST.replace("{lowest_rates}", lowest_rates(plans, provider))
    return ask(question, ids=list(model_ids), meters=list(HEADLINE), provider=provider)


def _lowest_prices(
    models: Sequence[Any], plans: bool, provider: str
) -> dict[int, dict[str, Price]]:
    """The lowest headline prices of these models, each naming the endpoint that sells at it."""
    found: dict[int, dict[str, Price]] = {model.id: {} for model in models}
    slugs = {model.id: model.slug for model in models}
    for rate in read_lowest(list(found), plans, provider):
        found[rate.model_id][rate.meter] = _price(
            *(rate.meter, rate.state, rate.amount, rate.provider, rate.upstream_id),
            *(rate.region, rate.variant, slugs[rate.model_id]),
        )
    return found


@lru_cache(maxsize=16384)
def _price(
    meter: str,
    state: State,
    amount: Decimal | None,
    provider: str,
    upstream_id: str,
    region: str,
    variant: str,
    slug: str,
) -> Price:
    """A price at a named endpoint. The same figures come back at every view, so they are kept."""
    return Price(
        meter, state, amount, seller=seller(provider, upstream_id, apart(region, variant), slug)
    )


_ALL_PROVIDERS = """
SELECT served.model_id, array_agg(provider.slug ORDER BY provider.slug) AS slugs
FROM (SELECT DISTINCT model_id, provider_id FROM catalog_endpoint WHERE model_id = ANY(%s)) served
JOIN catalog_provider provider ON provider.id = served.provider_id
GROUP BY served.model_id
"""


def all_providers(model_ids: Sequence[int]) -> dict[int, list[str]]:
    """Every provider of these models, by slug."""
    found: dict[int, list[str]] = defaultdict(list)
    return found | {row.model_id: row.slugs for row in ask(_ALL_PROVIDERS, list(model_ids))}
