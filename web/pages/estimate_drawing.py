"""The estimate's drawing: cost against rating, or against context where no model is rated."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pricing.choices import cost_range
from pricing.ranking import Ranking
from pricing.request import Request
from pricing.typical_reasoning import typical_cost, with_reasoning
from web.charts import scatter
from web.format.figures import money, tokens
from web.params.estimate import EstimateQuery
from web.tables.cost_lines import total
from web.text.ratings import board_name

# Number of ranked models that are links in the drawing, besides those on its frontier.
LINKED = 30
_COST = scatter.Axis("cost per 1,000 requests", "per 1,000 requests", scatter.dollars)
_CONTEXT = scatter.Axis("tokens of context", "context", scatter.thousands_of_tokens)


@dataclass(frozen=True, slots=True)
class FrontierModel:
    """A model that no other beats at both; `price` is of 1,000 requests, in words like `value`."""

    slug: str
    name: str
    price: str
    value: str


@dataclass(frozen=True, slots=True)
class EstimateDrawing:
    """SVG for wide screens and for narrow ones, and the models of the frontier as a table.

    `against` is what the cost is drawn against.
    """

    against: str
    svg: str
    frontier: tuple[FrontierModel, ...]


def drawing_of(
    asked: EstimateQuery,
    ranking: Ranking,
    request: Request,
    ratings: Mapping[str, Decimal],
    known: Mapping[int, Decimal],
) -> EstimateDrawing | None:
    """None without a model to draw. `known` are costs of 1,000 requests by endpoint."""
    rated = any(endpoint.model in ratings for endpoint in ranking.per_model)
    points = _points(ranking, ratings if rated else None)
    if not points:
        return None
    best, linked = scatter.frontier(points), points[:LINKED]
    prices = _prices({point.slug for point in (*best, *linked)}, asked, ranking, request, known)
    named = "Arena rating" if rated else "context"

    def in_words(point: scatter.Point) -> str:
        return f"{point.y:,.0f}" if rated else tokens(int(point.y))

    def told(point: scatter.Point) -> scatter.Point:
        price = f"{prices[point.slug]} per 1,000 requests"
        return replace(point, lines=(price, f"{in_words(point)} {named}"))

    board = board_name(asked.filters.rated_on)
    axes = (_COST, _rating_axis(board) if rated else _CONTEXT)
    best_told, linked_told = [*map(told, best)], [*map(told, linked)]
    return EstimateDrawing(
        against=f"{named}, {board.lower()}" if rated else named,
        svg="".join(
            scatter.draw(
                points, best_told, axes, size, linked=linked_told, title=f"Cost against {named}"
            )
            for size in (scatter.WIDE, scatter.NARROW)
        ),
        frontier=tuple(
            FrontierModel(point.slug, point.name, prices[point.slug], in_words(point))
            for point in best
        ),
    )


def _rating_axis(board: str) -> scatter.Axis:
    return scatter.Axis(
        f"Arena rating, {board.lower()}", "rating", lambda value: f"{value:,.0f}", logarithmic=False
    )


def _points(ranking: Ranking, ratings: Mapping[str, Decimal] | None) -> list[scatter.Point]:
    """Ranked models with a cost above zero and a rating, or without ratings a known context.

    Their places are the cost of 1,000 requests as it is ordered by, and the rating or the tokens.
    """
    return [
        scatter.Point(endpoint.model, endpoint.model_name, cost * 1000, float(value))
        for endpoint, cost in zip(ranking.per_model, ranking.costs, strict=True)
        if cost and (value := endpoint.context if ratings is None else ratings.get(endpoint.model))
    ]


def _prices(
    models: set[str],
    asked: EstimateQuery,
    ranking: Ranking,
    request: Request,
    known: Mapping[int, Decimal],
) -> dict[str, str]:
    """Cost of 1,000 requests at the endpoint of each model, as it is ordered by, formatted."""
    thinking = with_reasoning(request, asked.assumed_reasoning)
    prices = {}
    for endpoint in ranking.per_model:
        if endpoint.model in models:
            ordered = known.get(endpoint.endpoint_id)
            if ordered is None:
                cost = typical_cost(endpoint, thinking)
                cost = cost or cost_range(endpoint.card, request).least
                ordered = total(cost.times(1000))
            prices[endpoint.model] = money(ordered)
    return prices
