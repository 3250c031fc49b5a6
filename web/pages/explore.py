"""The drawing of models: price against rating or speed, with its table, legend and sentences."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.urls import reverse

from catalog.boards import BOARDS, OVERALL
from web.charts.scatter import REST, Axis, Point, frontier
from web.format.figures import money, thousands
from web.pages.explored import (
    MEASURE_NAMES,
    ExploredModel,
    LegendEntry,
    axes,
    coming_price,
    creator_groups,
    in_order,
    legend,
)
from web.pages.head import Head, head_of_list
from web.params.columns import Column, Heading, headings
from web.params.explore import COLUMNS, MEASURES, ExploreQuery
from web.params.models import NARROWING, ModelFilters
from web.reads.choices import among_choices, choices
from web.reads.explore import (
    PricedModel,
    RatingSource,
    priced_models,
    rated_categories,
    rated_creators,
    rating_sources,
)
from web.reads.known_columns import known_columns
from web.reads.rates import announced_anywhere
from web.reads.site import site
from web.tables.filter_chips import FilterBar, FilterNames, filter_bar
from web.text.ratings import CATEGORY_NAMES, board_name

# So many models are named, linked and in the table; further ones are dots.
MOST = 300
_PRICE_TITLES = {"blend": "Price", "input": "Input price", "output": "Output price"}
_FILTER_FIELDS = frozenset((*NARROWING, "via"))
_BETTER = {"rating": "is rated higher", "throughput": "is faster", "latency": "answers sooner"}
# Bounds of a price, in dollars, under which the best is named.
_BOUNDS = (Decimal(1), Decimal(5), Decimal("0.2"))


@dataclass(frozen=True, slots=True)
class ExplorePage:
    """`rows` are in the table's order, at most `MOST`; `drawn` counts all points.

    `matched` counts the models that pass the filters; `free` are those without a place on a scale
    of prices because they cost nothing. `made_up` is whether figures are of demo calls, which are
    never among real ones.
    """

    asked: ExploreQuery
    rows: list[ExploredModel]
    points: list[Point]
    best: list[Point]
    legend: list[LegendEntry]
    matched: int
    free: int
    axes: tuple[Axis, Axis]
    bar: FilterBar
    headings: list[Heading]
    boards: dict[str, str]
    measures: tuple[str, ...]
    sources: list[RatingSource]
    made_up: bool

    @property
    def drawn(self) -> int:
        return len(self.points)

    @property
    def linked(self) -> list[Point]:
        slugs = {row.of.slug for row in self.rows}
        return [point for point in self.points if point.slug in slugs]

    @property
    def title(self) -> str:
        title = drawing_title(self.asked, self.boards)
        return f"{title}: demo, made-up calls" if self.made_up else title

    @property
    def on_line(self) -> str:
        return f"On the line no priced model at the same price or less {_BETTER[self.asked.y]}."

    @property
    def finding(self) -> str:
        """The best of all, and the best below a round price."""
        best = self.best_rows
        if len(best) < 2:
            return ""
        dearest = max(best, key=lambda row: row.price)
        found = f"Best of the priced: {dearest.of.name}, {money(dearest.price)}"
        for bound in _BOUNDS:
            within = [row for row in best if row.price <= bound]
            if within and dearest not in within:
                cheap = max(within, key=lambda row: row.price)
                return (
                    f"{found}. At {money(bound).removesuffix('.00')} or less: {cheap.of.name}, "
                    f"{money(cheap.price)}."
                )
        return f"{found}."

    @property
    def at_which(self) -> str:
        """Which endpoint a model is at."""
        if not self.asked.filters.chooses_endpoints:
            return (
                "Each model is at its creator’s own API, else at the cheapest direct provider that "
                "charges, else at the cheapest gateway that does."
            )
        if self.asked.filters.via == "any":
            return "Each model is at its cheapest endpoint of those that pass the filters."
        return "Each model is at the first endpoint, in the usual order, that passes the filters."

    @property
    def count(self) -> str:
        """207 models with a rating and a price, of 1,832 that match. 3 more cost nothing."""
        measured = "a rating" if self.asked.y == "rating" else f"a {self.asked.y}"
        drawn = f"{thousands(self.drawn)} model{'' if self.drawn == 1 else 's'}"
        listed = "that match" if self.asked.filters.narrow else "in the list"
        parts = [f"{drawn} with {measured} and a price by the token"]
        parts.append(f", of {thousands(self.matched)} {listed}")
        if self.free:
            costs = "costs" if self.free == 1 else "cost"
            parts.append(f"; {thousands(self.free)} more {costs} nothing")
        if self.drawn > len(self.rows):
            parts.append(f"; the best {thousands(len(self.rows))} are named")
        return "".join(parts)

    @property
    def best_rows(self) -> list[ExploredModel]:
        return [row for row in self.rows if row.best]

    @property
    def other_rows(self) -> list[ExploredModel]:
        return [row for row in self.rows if not row.best]

    @property
    def file_name(self) -> str:
        return "-".join(("ratecard", *re.findall(r"[a-z0-9]+", self.title.lower())))

    @property
    def kept_by_filters(self) -> list[tuple[str, str]]:
        """What the form of the filters does not state itself."""
        return [pair for pair in self.asked.pairs() if pair[0] not in _FILTER_FIELDS]

    @property
    def kept_by_axes(self) -> list[tuple[str, str]]:
        """What the form of the axes does not state itself."""
        return [pair for pair in self.asked.pairs() if pair[0] not in self._axis_fields]

    @property
    def _axis_fields(self) -> Set[str]:
        measured = {"y"} if len(self.measures) > 1 else set()
        rated = {"board"} if self.asked.y == "rating" and self.boards else set()
        return {"x"} | measured | rated


def explore_page(asked: ExploreQuery, today: date) -> ExplorePage:
    measures = tuple(measure for measure in MEASURES if measure in known_columns())
    boards = _boards()
    asked = _offered(_among_choices(asked), measures, boards)
    models, matched = priced_models(asked.filters, today)
    explored = _explored(models, asked)
    made_up = any(model.of.is_made_up(asked.y) for model in explored)
    lower = asked.y == "latency"
    points = [model.point for model in explored]
    best = frontier(points, low_is_better=lower)
    on_line = {point.slug for point in best}
    rows = [replace(model, best=model.of.slug in on_line) for model in explored]
    rows.sort(key=lambda row: (not row.best, row.value if lower else -row.value, row.of.slug))
    named = rows[: max(MOST, len(best))]
    known = choices()
    names = FilterNames(
        dict(known.creators),
        dict(known.providers),
        site().capabilities,
        site().policies,
        known.regions,
        tuple(boards),
    )
    return ExplorePage(
        asked=asked,
        rows=in_order(named, asked.sort),
        points=points,
        best=best,
        legend=legend(named),
        matched=matched,
        free=sum(_is_free(model, asked) for model in models),
        axes=axes(asked.x, asked.y, board_name(asked.board), made_up=made_up),
        bar=_bar(asked, names),
        headings=headings(_columns(asked), asked),
        boards=boards,
        measures=measures,
        sources=rating_sources(asked.board) if asked.y == "rating" else [],
        made_up=made_up,
    )


def explore_head(page: ExplorePage) -> Head:
    description = (
        "What AI models cost at one provider each, against how they are rated: every model as a "
        "point, the best named, by board and category, with the frontier of price and rating."
    )
    return head_of_list(page.title, description, reverse("explore"), page.asked.query(), 1)


def drawing_title(asked: ExploreQuery, boards: Mapping[str, str]) -> str:
    """Price against rating: coding."""
    title = f"{_PRICE_TITLES[asked.x]} against {asked.y}"
    return f"{title}: {boards[asked.board].lower()}" if _names_board(asked, boards) else title


def _names_board(asked: ExploreQuery, boards: Mapping[str, str]) -> bool:
    return asked.y == "rating" and asked.board in boards and asked.board != BOARDS[0]


def _boards() -> dict[str, str]:
    """Names of the boards with ratings, then of the categories of texts, by their values."""
    rated = rated_categories()
    whole = {one.board for one in rated if one.category == OVERALL}
    texts = {one.category for one in rated if one.board == BOARDS[0]}
    values = [board for board in BOARDS if board in whole]
    values += [category for category in CATEGORY_NAMES if category in texts]
    return {value: board_name(value) for value in values}


def _among_choices(asked: ExploreQuery) -> ExploreQuery:
    filters = among_choices(asked.filters)
    complaints = (*asked.complaints, *filters.complaints)
    return replace(asked, filters=replace(filters, complaints=()), complaints=complaints)


def _offered(
    asked: ExploreQuery, measures: Sequence[str], boards: Mapping[str, str]
) -> ExploreQuery:
    """The query without a measure that nothing has a value of, and without an unknown board."""
    if asked.y != MEASURES[0] and asked.y not in measures:
        asked = asked.complaining(f"nothing is known of {asked.y} yet", y=MEASURES[0])
    if asked.filters.board and asked.board not in boards:
        complaint = f"nothing is rated on {board_name(asked.board).lower()} yet"
        asked = asked.complaining(complaint, filters=replace(asked.filters, board=""))
    return asked


def _explored(models: Sequence[PricedModel], asked: ExploreQuery) -> list[ExploredModel]:
    """Models with a price above zero and a value, by slug."""
    placed, announced = [], announced_anywhere()
    for model in models:
        price, value = getattr(model, asked.x), getattr(model, asked.y)
        if price and value:
            coming = coming_price(model, asked.x, announced)
            placed.append(ExploredModel(model, price, value, asked.y, coming=coming))
    groups = creator_groups(
        [model.of.creator_slug for model in placed], [creator.slug for creator in rated_creators()]
    )
    return [replace(model, group=groups.get(model.of.creator_slug, REST)) for model in placed]


def _is_free(model: PricedModel, asked: ExploreQuery) -> bool:
    return getattr(model, asked.x) == 0 and bool(getattr(model, asked.y))


def _bar(asked: ExploreQuery, names: FilterNames) -> FilterBar:
    """The chips of the model list, which keep what the drawing shows."""
    bar, rest = filter_bar(asked.filters, names), asked.query(filters=ModelFilters())
    chips = [replace(chip, query="&".join(filter(None, (rest, chip.query)))) for chip in bar.chips]
    return replace(bar, chips=chips)


def _columns(asked: ExploreQuery) -> list[Column]:
    """The table's columns, the last one named after what is measured."""
    name, price, value = COLUMNS
    return [name, price, replace(value, label=MEASURE_NAMES[asked.y])]
