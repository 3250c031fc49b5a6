"""The list of models: a page of rows, and the filters above them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache

from django.urls import reverse

from pricing.meters import HEADLINE
from web.pages.head import Head, head_of_list
from web.params.columns import Column, Heading, headings
from web.params.lists import PER_PAGE, page_count
from web.params.models import COLUMNS, ModelFilters, default_sort
from web.reads.choices import among_choices, choices
from web.reads.found_models import (
    NOTHING_LEFT_OUT,
    LeftOut,
    count_left_out,
    find_models,
)
from web.reads.known_columns import by_known_column, is_offered
from web.reads.listed_models import ListedModel, ListedRate, listed_models, lowest_rates
from web.reads.prices import Price, unstated
from web.reads.site import Named, site
from web.tables.filter_chips import FilterBar, FilterNames, filter_bar
from web.text.endpoints import apart, endpoint_name


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`context` is the whole window; `max_input` the most input if that is unknown.

    `columns` are the keys of the columns to draw.
    """

    slug: str
    name: str
    creator_slug: str
    creator_name: str
    context: int | None
    max_input: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    capabilities: Named
    providers: Named
    provider_count: int
    released: str
    stage: str
    floating: bool
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelListPage:
    """Rows of the pages from `filters.first` to `filters.page`.

    The first `above` of them are in the browser already and not in `rows`. `creator` restricts the
    list on a creator's page, whatever the filters. `left_out` counts other matches.
    """

    filters: ModelFilters
    rows: list[ModelRow]
    total: int
    bar: FilterBar
    headings: list[Heading]
    creator: str = ""
    above: int = 0
    left_out: LeftOut = NOTHING_LEFT_OUT

    @property
    def pages(self) -> int:
        return page_count(self.total)

    @property
    def optional_columns(self) -> tuple[Column, ...]:
        return offered_columns()[1:]

    @property
    def first(self) -> int:
        return self.filters.start + 1 if self.total else 0

    @property
    def begins(self) -> int:
        return self.first + self.above

    @property
    def last(self) -> int:
        return self.filters.start + self.above + len(self.rows)


def model_list_page(
    filters: ModelFilters, today: date, *, creator: str = "", only_last: bool = False
) -> ModelListPage:
    """Models that match the filters, of one creator if given.

    A page past the last one becomes the last one, with a complaint. Where several pages show as
    one, `only_last` leaves out the rows of all but the last.
    """
    filters = among_choices(replace(filters, creator="") if creator else filters)
    filters = by_known_column(filters, default_sort(filters.q))
    wanted = replace(filters, creator=creator) if creator else filters
    above = (filters.page - filters.first) * PER_PAGE if only_last else 0
    matches = find_models(wanted, today, filters.start + above, filters.shown - above)
    existing = filters.within(matches.total)
    if existing is not filters:
        return model_list_page(existing, today, creator=creator)
    rows = read_rows(matches.ids, today, plans=filters.plans, provider=filters.provider)
    known, vocabulary = choices(), site()
    capabilities = tuple(vocabulary.capabilities.items())
    bar, titles = _around(
        filters,
        known.creators,
        known.providers,
        capabilities,
        vocabulary.policies,
        offered_columns(),
    )
    left_out = count_left_out(wanted, today)
    return ModelListPage(filters, rows, matches.total, bar, titles, creator, above, left_out)


def model_list_head(page: ModelListPage) -> Head:
    filters = page.filters
    title = f"{filters.q} · Models" if filters.q else "AI models and what every provider charges"
    description = "AI models, every provider that serves them, and what each of them costs."
    query = filters.query(page=filters.page, columns=())
    return head_of_list(title, description, reverse("models"), query, filters.page)


def offered_columns() -> tuple[Column, ...]:
    """The columns of which something is known."""
    return tuple(column for column in COLUMNS if is_offered(column.key))


@lru_cache(maxsize=512)
def _around(
    filters: ModelFilters,
    creators: Named,
    providers: Named,
    capabilities: Named,
    policies: frozenset[str],
    columns: tuple[Column, ...],
) -> tuple[FilterBar, list[Heading]]:
    names = FilterNames(dict(creators), dict(providers), dict(capabilities), policies)
    return filter_bar(filters, names), headings(columns, filters)


def read_rows(
    ids: Sequence[int], today: date, *, plans: bool = False, provider: str = ""
) -> list[ModelRow]:
    """Rows of these models in this order; prices at one provider, if given."""
    models, named = listed_models(ids, today), cache(site().named)
    prices = _lowest_prices(models, plans=plans, provider=provider)
    columns = tuple(column.key for column in offered_columns())
    return [
        ModelRow(
            slug=model.slug,
            name=model.name,
            creator_slug=model.creator_slug,
            creator_name=model.creator_name,
            context=model.context_window,
            max_input=None if model.context_window else model.max_input,
            max_output=model.max_output,
            prices=tuple(price for price in prices[model.id] if price.meter in columns),
            capabilities=named(tuple(model.capabilities)),
            providers=_pairs(model.first_providers),
            provider_count=model.provider_count,
            released=model.released,
            stage=model.stage,
            floating=model.floating,
            columns=columns,
        )
        for model in models
    ]


@lru_cache(maxsize=4096)
def _pairs(text: str) -> Named:
    return tuple((slug, name) for slug, name in json.loads(text))


def _lowest_prices(
    models: Sequence[ListedModel], *, plans: bool, provider: str
) -> dict[int, tuple[Price, ...]]:
    slugs = {model.id: model.slug for model in models}
    prices = {
        (rate.model_id, rate.meter): _price(rate, slugs[rate.model_id])
        for rate in lowest_rates(list(slugs), plans=plans, provider=provider)
    }
    return {
        model.id: tuple(
            prices.get((model.id, meter)) or unstated(meter, model.mode) for meter in HEADLINE
        )
        for model in models
    }


@lru_cache(maxsize=16384)
def _price(rate: ListedRate, model_slug: str) -> Price:
    where = apart(rate.region, rate.variant)
    named = endpoint_name(rate.provider, rate.upstream_id, where, model_slug)
    return Price(rate.meter, rate.state, rate.amount, where=named)
