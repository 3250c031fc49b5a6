"""The estimate page: a workload on every endpoint of the catalog."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from pricing.endpoint import PricedEndpoint
from pricing.priced_endpoints import ranker
from pricing.ranking import Among, Ranker, Ranking, Scope
from pricing.request import Request
from pricing.typical_reasoning import typical_cost, with_reasoning
from web.charts import scatter
from web.format.figures import money, thousands, tokens
from web.params.estimate import EstimateQuery
from web.reads.choices import among_choices
from web.reads.endpoint_filter import EndpointFilter, endpoint_filter
from web.reads.rate_basis import rate_basis
from web.tables.cost_lines import Itemised, itemised, total
from web.tables.estimate import (
    EstimateRow,
    UnrankedGroup,
    UnrankedModel,
    groups,
    in_rows,
    unranked,
)

PER_PAGE = 30
# Number of ranked models that are links in the drawing, besides those on its frontier.
LINKED = 30
DRAWN = "Cost against context"
AXES = (
    scatter.Axis("cost per 1,000 requests", "per 1,000 requests", scatter.dollars),
    scatter.Axis("tokens of context", "context", scatter.thousands_of_tokens),
)


@dataclass(frozen=True, slots=True)
class FrontierModel:
    """A model that no other beats at cost and context; `price` is of 1,000 requests, in words."""

    slug: str
    name: str
    price: str
    context: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Content of the estimate page; without rows if the workload is not understood.

    `pinned` rows come above `rows` and are not among them; `unranked` are pinned without a rank.
    `total` counts the ranked, `pages` their pages; `tiers` are those of any endpoint; `lines` are
    the cost lines of the opened row.
    """

    asked: EstimateQuery
    at: datetime
    tiers: Sequence[str]
    rows: list[EstimateRow]
    pinned: list[EstimateRow]
    unranked: list[UnrankedModel]
    apart: list[UnrankedGroup]
    total: int
    pages: int
    drawing: str
    frontier: list[FrontierModel]
    lines: list[Itemised]


def read_estimate(asked: EstimateQuery, now: datetime) -> Estimate:
    endpoints = ranker(now.date())
    ranked = rank(asked, now)
    asked, ranking, request = ranked.asked, ranked.ranking, ranked.request
    at = asked.workload.at or now
    if ranking is None or request is None:
        return Estimate(asked, at, endpoints.tiers, [], [], [], [], 0, 0, "", [], [])
    listed = ranking.per_model if asked.per == "model" else ranking.ranked
    pages = max(1, -(-len(listed) // PER_PAGE))
    asked = _up_to(asked, pages)
    first, last = asked.filters.first, asked.filters.page
    pins = _pins(listed, asked)
    reference = total(request.cost(listed[pins[0]].card)) if pins else None
    pins = [*_headline(listed, asked, pins), *pins]
    shown = range((first - 1) * PER_PAGE, min(last * PER_PAGE, len(listed)))
    places = [*pins, *(n for n in shown if n not in pins)]
    rows = in_rows([(n + 1, listed[n]) for n in places], asked, request, reference)
    points = _points(ranking) if first == 1 else []
    best, linked = scatter.frontier(points), points[:LINKED]
    shown_models = {point.slug for point in (*best, *linked)}
    prices = _prices(shown_models, ranking, rows, request, asked.assumed_reasoning)
    return Estimate(
        asked=asked,
        at=at,
        tiers=endpoints.tiers,
        rows=rows[len(pins) :],
        pinned=rows[: len(pins)],
        unranked=unranked(asked, ranking, endpoints.names),
        apart=groups(ranking),
        total=len(listed),
        pages=pages,
        drawing=_drawing(points, best, linked, prices),
        frontier=[
            FrontierModel(point.slug, point.name, prices[point.slug], int(point.y))
            for point in best
        ],
        lines=_lines(asked, rows, request),
    )


@dataclass(frozen=True, slots=True)
class RankedQuery:
    """A query, its ranking and one request; both None after a complaint about the workload."""

    asked: EstimateQuery
    ranking: Ranking | None = None
    request: Request | None = None


def rank(asked: EstimateQuery, now: datetime) -> RankedQuery:
    known = ranker(now.date())
    asked = _checked(_known_model(_among_choices(asked), known), known)
    if asked.workload.complaints:
        return RankedQuery(asked)
    request = asked.workload.request(now)
    ranking = known.rank(
        request,
        among=_among(asked, request),
        free=asked.free,
        scope=_scope(asked),
        reasoning=asked.assumed_reasoning,
    )
    return RankedQuery(asked, ranking, request)


@dataclass(frozen=True, slots=True)
class _OfModel:
    """Whether an endpoint is of one model and passes the filters."""

    model: str
    passes: EndpointFilter | None

    def __call__(self, endpoint: PricedEndpoint) -> bool:
        return endpoint.model == self.model and (self.passes is None or self.passes(endpoint))


def _among(asked: EstimateQuery, request: Request) -> Among | None:
    passes = endpoint_filter(asked.filters, request.at.date())
    return _OfModel(asked.model, passes) if asked.model else passes


def _scope(asked: EstimateQuery) -> Scope:
    return Scope(cheapest=True, keep=frozenset(asked.pins))


def _among_choices(asked: EstimateQuery) -> EstimateQuery:
    filters = among_choices(asked.filters)
    complaints = (*asked.complaints, *filters.complaints)
    return replace(asked, filters=replace(filters, complaints=()), complaints=complaints)


def _known_model(asked: EstimateQuery, known: Ranker) -> EstimateQuery:
    if not asked.model or asked.model in known.names:
        return asked
    complaint = f"no endpoint of a model “{asked.model[:40]}” is in use"
    return replace(asked, model="", complaints=(*asked.complaints, complaint))


def _checked(asked: EstimateQuery, known: Ranker) -> EstimateQuery:
    """The query, with complaints about an unknown tier and a request too large for any endpoint."""
    workload = asked.workload
    needed = workload.number("input") + workload.number("output")
    if workload.tier and workload.tier not in known.tiers:
        workload = workload.complaining("tier", complaint_of_tier(workload.tier, known.tiers))
    elif known.largest and needed > known.largest:
        room = f"the largest context is {tokens(known.largest)}"
        complaint = f"No model takes {thousands(needed)} tokens a request: {room}."
        workload = workload.complaining("input", complaint)
    return replace(asked, workload=workload)


def _up_to(asked: EstimateQuery, pages: int) -> EstimateQuery:
    page, first = asked.filters.page, asked.filters.first
    if page <= pages:
        return asked
    complaint = f"there is no page {thousands(page)}, this is the last"
    filters = replace(asked.filters, page=pages, first=min(first, pages))
    return replace(asked, filters=filters, complaints=(*asked.complaints, complaint))


def _pins(listed: Sequence[PricedEndpoint], asked: EstimateQuery) -> list[int]:
    """Positions of the pinned models, each at its cheapest endpoint, in the order of the pins."""
    places: dict[str, int] = {}
    if asked.pins:
        for place, endpoint in enumerate(listed):
            if endpoint.model in asked.pins:
                places.setdefault(endpoint.model, place)
    return [places[pin] for pin in asked.pins if pin in places]


def _headline(
    listed: Sequence[PricedEndpoint], asked: EstimateQuery, pins: Sequence[int]
) -> list[int]:
    """The position of the endpoint that stands for the query's one model, first in place."""
    if not asked.model or asked.per == "model":
        return []
    places = [n for n, endpoint in enumerate(listed) if endpoint.place == 1 and n not in pins]
    return places[:1]


def _points(ranking: Ranking) -> list[scatter.Point]:
    """Ranked models with a cost above zero and a known context, cheapest first.

    Their places are the cost of 1,000 requests, and the tokens of context.
    """
    return [
        scatter.Point(endpoint.model, endpoint.model_name, cost * 1000, endpoint.context)
        for endpoint, cost in zip(ranking.per_model, ranking.costs, strict=True)
        if cost and endpoint.context
    ]


def _drawing(
    points: Sequence[scatter.Point],
    best: Sequence[scatter.Point],
    linked: Sequence[scatter.Point],
    prices: Mapping[str, str],
) -> str:
    """For wide screens and for narrow ones; the style sheet shows one."""

    def told(of: Sequence[scatter.Point]) -> list[scatter.Point]:
        return [
            replace(
                point,
                lines=(
                    f"{prices[point.slug]} per 1,000 requests",
                    f"{tokens(int(point.y))} context",
                ),
            )
            for point in of
        ]

    return "".join(
        scatter.draw(points, told(best), AXES, geometry, linked=told(linked), title=DRAWN)
        for geometry in (scatter.WIDE, scatter.NARROW)
    )


def _prices(
    models: Set[str],
    ranking: Ranking,
    rows: Sequence[EstimateRow],
    request: Request,
    reasoning: Decimal,
) -> dict[str, str]:
    """Cost of 1,000 requests at the endpoint of each model, as it is ordered by, formatted."""
    known = {row.endpoint.endpoint_id: row.ordered for row in rows}
    thinking = with_reasoning(request, reasoning)
    prices = {}
    for endpoint in ranking.per_model:
        if endpoint.model in models:
            ordered = known.get(endpoint.endpoint_id)
            if ordered is None:
                cost = typical_cost(endpoint, thinking) or request.cost(endpoint.card)
                ordered = total(cost.times(1000))
            prices[endpoint.model] = money(ordered)
    return prices


def _lines(asked: EstimateQuery, rows: Sequence[EstimateRow], request: Request) -> list[Itemised]:
    """Cost lines of the opened row, each rate with its source and date."""
    endpoint = next((row.endpoint for row in rows if row.is_open), None)
    if endpoint is None:
        return []
    basis = rate_basis(endpoint.endpoint_id, endpoint.card)
    return itemised(request.cost(endpoint.card), asked.workload, basis)


def complaint_of_tier(tier: str, stated: Sequence[str]) -> str:
    return (
        f"No endpoint states a “{tier}” tier; those that are stated: {', '.join(stated) or 'none'}."
    )
