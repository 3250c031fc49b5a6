"""The list of models: a page of rows, and the filters above them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache

from django.urls import reverse

from agreements.agreed import Agreements
from catalog.boards import BOARDS, board_and_category
from pricing.meters import HEADLINE
from web.http.page_cache import cached_each
from web.pages.head import Head, head_of_list
from web.params.columns import Column, Heading, headings
from web.params.lists import PER_PAGE, page_count
from web.params.models import COLUMNS, RATING_BOARDS, SPEEDS, ModelFilters, default_sort
from web.reads.agreed import agreed_by_model, with_agreed
from web.reads.choices import Choices, among_choices, choices
from web.reads.endpoint_prices import COLUMN_METERS, EndpointPrices, endpoint_prices
from web.reads.found_models import (
    NOTHING_FOLDED,
    FoldedModels,
    find_models,
)
from web.reads.headlines import HeadlineRow, LowerPrice, rows_of_endpoints
from web.reads.known_columns import by_known_column, by_known_speeds, is_offered
from web.reads.listed_models import RowKey, listed_models
from web.reads.live import Measurement
from web.reads.prices import Price, unstated
from web.reads.rates import current_rates
from web.reads.ratings import ListedRating, RatedBoard, rated_boards, ratings_on
from web.reads.site import Named, site
from web.tables.filter_chips import FilterBar, FilterNames, filter_bar
from web.text.endpoints import apart, endpoint_name
from web.text.list_order import order_in_words
from web.text.ratings import board_name


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`context` is the whole window; `max_input` the most input if that is unknown.

    `prices`, `own` (of another unit than tokens) and `lower` (at a cheaper endpoint elsewhere) are
    of the endpoint at `provider`; `standing` is "" for a model without one. `columns` are the keys
    of the columns to draw.
    """

    slug: str
    name: str
    creator_slug: str
    creator_name: str
    context: int | None
    max_input: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    own: Price | None
    lower: LowerPrice | None
    endpoint_id: int | None
    provider_slug: str
    provider: str
    kind: str
    standing: str
    rating: ListedRating | None
    capabilities: Named
    providers: Named
    provider_count: int
    released: str
    stage: str
    floating: bool
    columns: tuple[str, ...]
    latency: Measurement | None = None
    throughput: Measurement | None = None
    uptime: Measurement | None = None

    def __hash__(self) -> int:
        # Rows that differ in other fields alone are few, and all fields take longer than the row.
        return hash((self.slug, self.provider_slug))


@dataclass(frozen=True, slots=True)
class ModelListPage:
    """Rows of the pages from `filters.first` to `filters.page`.

    The first `above` of them are in the browser already and not in `rows`. `creator` restricts the
    list on a creator's page, whatever the filters. `folded` counts other matches. `order` is in
    words; `rated` is where the ratings come from, `board` its name.
    """

    filters: ModelFilters
    rows: list[ModelRow]
    total: int
    bar: FilterBar
    headings: list[Heading]
    order: str
    rated: RatedBoard | None
    board: str
    creator: str = ""
    above: int = 0
    folded: FoldedModels = NOTHING_FOLDED

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
    filters = by_known_speeds(by_known_column(filters, default_sort(filters.q)))
    wanted = replace(filters, creator=creator) if creator else filters
    above = (filters.page - filters.first) * PER_PAGE if only_last else 0
    matches = find_models(wanted, today, filters.start + above, filters.shown - above)
    existing = filters.within(matches.total)
    if existing is not filters:
        return model_list_page(existing, today, creator=creator)
    if filters.at:
        rows = _rows_at(matches.keys, today, filters.rated_on, filters.at)
    else:
        rows = model_rows(matches.keys, today, board=filters.rated_on)
    vocabulary, rated = site(), rated_boards()
    bar, titles = _around(
        replace(filters, first=1, page=1, complaints=()),  # which change no link
        _names(
            choices(),
            tuple(vocabulary.capabilities.items()),
            vocabulary.policies,
            tuple(board for board in RATING_BOARDS if board_and_category(board) in rated),
            tuple(name for name, metric in SPEEDS.items() if is_offered(metric)),
        ),
        offered_columns(),
    )
    board = rated.get(board_and_category(filters.rated_on))
    name = "" if filters.rated_on == BOARDS[0] else board_name(filters.rated_on)
    return ModelListPage(
        filters=filters,
        rows=rows,
        total=matches.total,
        bar=bar,
        headings=titles,
        order=order_in_words(filters, board=name, as_of=board.as_of if board else ""),
        rated=board,
        board=board_name(filters.rated_on),
        creator=creator,
        above=above,
        folded=matches.folded,
    )


def model_list_head(page: ModelListPage) -> Head:
    filters = page.filters
    title = f"{filters.q} · Models" if filters.q else "AI models and what every provider charges"
    description = "AI models, every provider that serves them, and what each of them costs."
    query = filters.query(page=filters.page, columns=())
    return head_of_list(title, description, reverse("models"), query, filters.page)


def offered_columns() -> tuple[Column, ...]:
    """The columns of which something is known."""
    return tuple(column for column in COLUMNS if is_offered(column.key))


@lru_cache(maxsize=2)
def _names(
    known: Choices,
    capabilities: Named,
    policies: frozenset[str],
    boards: tuple[str, ...],
    speeds: tuple[str, ...],
) -> FilterNames:
    return FilterNames(
        dict(known.creators),
        dict(known.providers),
        dict(capabilities),
        policies,
        known.regions,
        boards,
        speeds,
    )


@lru_cache(maxsize=512)
def _around(
    filters: ModelFilters, names: FilterNames, columns: tuple[Column, ...]
) -> tuple[FilterBar, list[Heading]]:
    return filter_bar(filters, names), headings(columns, filters)


def model_rows(keys: Sequence[RowKey], today: date, *, board: str = BOARDS[0]) -> list[ModelRow]:
    """Rows of these models in this order, each with what its endpoint has, and its rating."""
    found = _rows(keys, today, board)
    return [found[key] for key in keys if key in found]


def _rows_at(keys: Sequence[RowKey], today: date, board: str, at: datetime) -> list[ModelRow]:
    """Rows of today's endpoints with their prices at a past instant, without what has no past:
    lower prices elsewhere, and figures of how endpoints perform."""
    found = _rows(keys, today, board)
    rates = current_rates([key.endpoint_id for key in keys if key.endpoint_id], at, past=True)
    rows = []
    for key, row in ((key, found[key]) for key in keys if key in found):
        then = endpoint_prices(tuple(rates.get(key.endpoint_id or 0, ())), "", (), ())
        own = then.per_unit if row.own and then.per_unit else None
        rows.append(
            replace(
                row,
                prices=tuple(_price_at(price, then) for price in row.prices),
                own=replace(own, where=row.own.where) if own and row.own else None,
                lower=None,
                latency=None,
                throughput=None,
                uptime=None,
            )
        )
    return rows


def _price_at(price: Price, then: EndpointPrices) -> Price:
    past = then.columns[COLUMN_METERS.index(price.meter)]
    if past.state == "unknown" and price.state == "not_offered":
        return price
    return replace(past, where=price.where)


def rows_with_agreed(
    rows: Sequence[ModelRow], agreements: Agreements, now: datetime
) -> list[ModelRow]:
    """The rows with the visitor's own prices beside the list prices."""
    agreed = agreed_by_model(agreements, now)
    return [
        replace(row, prices=with_agreed(row.prices, agreed[row.slug]))
        if row.slug in agreed
        else row
        for row in rows
    ]


def _read_rows(
    keys: Sequence[RowKey], today: date, board: str, _now: datetime
) -> dict[RowKey, ModelRow]:
    """An endpoint has the limits and the capabilities of its model unless it states otherwise."""
    ids, by_model = [model for model, _ in keys], dict(keys)
    endpoints = rows_of_endpoints(list(by_model.values()))
    models, named = listed_models(ids, today), cache(site().named)
    ratings = ratings_on(board, ids)
    columns = tuple(column.key for column in offered_columns())
    rows: dict[RowKey, ModelRow] = {}
    for model in models:
        row = endpoints.get(model.id)
        prices = _prices(row, model.slug) if row else _unstated(model.mode)
        context, max_input, max_output = model.context_window, model.max_input, model.max_output
        capabilities = dict.fromkeys(model.capabilities)
        if row:
            if row.context or row.max_input:
                context, max_input = row.context, row.max_input
            max_output = row.max_output or max_output
            stated = (*model.capabilities, *row.capabilities)
            capabilities = dict.fromkeys(word for word in stated if word not in row.lacks)
        rows[RowKey(model.id, by_model[model.id])] = ModelRow(
            slug=model.slug,
            name=model.name,
            creator_slug=model.creator_slug,
            creator_name=model.creator_name,
            context=context,
            max_input=None if context else max_input,
            max_output=max_output,
            prices=tuple(price for price in prices if price.meter in columns),
            own=row.own if row else None,
            lower=row.lower if row else None,
            endpoint_id=row.endpoint_id if row else None,
            provider_slug=row.provider_slug if row else "",
            provider=row.provider if row else "",
            kind=row.kind if row else "",
            standing=row.standing if row else "",
            rating=ratings.get(model.id),
            capabilities=named(tuple(capabilities)),
            providers=_pairs(model.first_providers),
            provider_count=model.provider_count,
            released=model.released,
            stage=model.stage,
            floating=model.floating,
            columns=columns,
            latency=row.latency if row else None,
            throughput=row.throughput if row else None,
            uptime=row.uptime if row else None,
        )
    return rows


# Readers page through, sort and filter the same rows.
_rows = cached_each(_read_rows, most=4096)


@lru_cache(maxsize=4096)
def _pairs(text: str) -> Named:
    return tuple((slug, name) for slug, name in json.loads(text))


def _prices(row: HeadlineRow, model_slug: str) -> tuple[Price, ...]:
    where = apart(row.region, row.variant)
    named = endpoint_name(row.provider, row.upstream_id, where, model_slug)
    return tuple(replace(price, where=named) if price.where else price for price in row.prices)


def _unstated(mode: str) -> tuple[Price, ...]:
    return tuple(unstated(meter, mode) for meter in HEADLINE)
