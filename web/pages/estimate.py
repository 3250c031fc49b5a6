"""The estimate page: a workload on every endpoint of the catalog."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from statistics import median_high

from catalog.search import best_named, search_words
from pricing.choices import cost_range
from pricing.endpoint import PricedEndpoint
from pricing.priced_endpoints import ranker
from pricing.ranking import Among, Ranker, Ranking, Reason, Scope
from pricing.request import Request
from web.format.figures import thousands, tokens
from web.pages.estimate_drawing import EstimateDrawing, drawing_of
from web.params.estimate import EstimateQuery
from web.params.workload import Workload
from web.params.workload_fields import OPTIONS
from web.reads.addresses import slug_behind
from web.reads.choices import among_choices
from web.reads.endpoint_filter import OF_ENDPOINTS, OF_ROWS, EndpointFilter, endpoint_filter
from web.reads.known_columns import by_known_speeds, is_offered
from web.reads.live import METRICS
from web.reads.live_rows import live_of
from web.reads.rate_basis import rate_basis
from web.reads.ratings import best_ratings
from web.reads.speeds import speed_filter
from web.tables.cost_lines import Itemised, itemised, total
from web.tables.estimate import (
    OUT_OF_SCOPE,
    EstimateRow,
    UnrankedGroup,
    UnrankedModel,
    groups,
    in_rows,
    unranked,
)
from web.text.estimate import shown_choices

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class Estimate:
    """Content of the estimate page; without rows if the workload is not understood.

    `pinned` rows come above `rows` and are not among them; `unranked` are pinned without a rank.
    `total` counts the ranked, `pages` their pages; `tiers` are those of any endpoint; `lines` are
    the cost lines of the opened row. `rated_from` is the rating from which models are ranked, None
    where others are ranked too; `rated` counts those models: pinned ones may be rated lower.
    `choices` are words of options that prices of the workload depend on.
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
    rated_from: Decimal | None
    rated: int
    drawing: EstimateDrawing | None
    lines: list[Itemised]
    choices: Mapping[str, tuple[str, ...]]

    @property
    def others(self) -> int:
        """How many models are ranked only because they are pinned."""
        return self.total - self.rated if self.rated_from is not None else 0

    @property
    def live(self) -> tuple[str, ...]:
        """The live figures that are known of any endpoint."""
        return tuple(metric for metric in METRICS if is_offered(metric))


def read_estimate(
    asked: EstimateQuery, now: datetime, *, endpoints: Ranker | None = None
) -> Estimate:
    """By default of the public endpoints."""
    endpoints = endpoints or ranker(now.date())
    ranked = rank(asked, now, endpoints)
    asked, ranking, request = ranked.asked, ranked.ranking, ranked.request
    at = asked.workload.at or now
    if ranking is None or request is None:
        return Estimate(asked, at, endpoints.tiers, [], [], [], [], 0, 0, None, 0, None, [], {})
    listed = ranking.per_model if asked.per == "model" else ranking.ranked
    pages = max(1, -(-len(listed) // PER_PAGE))
    asked = _up_to(asked, pages)
    first, last = asked.filters.first, asked.filters.page
    pins = _pins(listed, asked)
    reference = total(cost_range(listed[pins[0]].card, request).least) if pins else None
    pins = [*_headline(listed, asked, pins), *pins]
    shown = range((first - 1) * PER_PAGE, min(last * PER_PAGE, len(listed)))
    places = [*pins, *(n for n in shown if n not in pins)]
    ratings = best_ratings(asked.filters.rated_on)
    rows = in_rows([(n + 1, listed[n]) for n in places], asked, request, reference, now, ratings)
    rows = _with_live(rows)
    least = _least_rating(asked)
    rated = 0
    if least is not None:
        rated = sum(ratings.get(endpoint.model, 0) >= least for endpoint in ranking.per_model)
    drawing = None
    if first == 1:
        drawing = drawing_of(
            asked,
            ranking,
            request,
            ratings,
            known={row.endpoint.endpoint_id: row.ordered for row in rows},
        )
    return Estimate(
        asked=asked,
        at=at,
        tiers=endpoints.tiers,
        rows=rows[len(pins) :],
        pinned=rows[: len(pins)],
        unranked=unranked(asked, ranking, endpoints.names),
        apart=groups(ranking.apart),
        total=len(listed),
        pages=pages,
        rated_from=least if rated else None,
        rated=rated,
        drawing=drawing,
        lines=_lines(asked, rows, request),
        choices=ranking.choices,
    )


def _with_live(rows: list[EstimateRow]) -> list[EstimateRow]:
    metrics = [metric for metric in METRICS if is_offered(metric)]
    if not metrics:
        return rows
    figures = live_of([row.endpoint.endpoint_id for row in rows])
    return [
        replace(
            row,
            live=tuple(
                (metric, figures.get(row.endpoint.endpoint_id, {}).get(metric))
                for metric in metrics
            ),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class RankedQuery:
    """A query, its ranking and one request; both None after a complaint about the workload."""

    asked: EstimateQuery
    ranking: Ranking | None = None
    request: Request | None = None


def rank(asked: EstimateQuery, now: datetime, known: Ranker) -> RankedQuery:
    asked = _checked(_known_model(_among_choices(asked), known), known)
    if asked.workload.complaints:
        return RankedQuery(asked)
    request = asked.workload.request(now)
    among = _among(asked, request, known)
    speedy = speed_filter(asked.filters, among)

    def ranked(selected: Among | None) -> Ranking:
        return known.rank(
            request,
            among=selected,
            free=asked.free,
            scope=_scope(asked, request.at.date()),
            reasoning=asked.assumed_reasoning,
        )

    if speedy is None:
        return RankedQuery(asked, ranked(among), request)
    ranking = _with_unmeasured(ranked(speedy), ranked(replace(speedy, unmeasured=True)))
    return RankedQuery(asked, ranking, request)


def _with_unmeasured(ranking: Ranking, unmeasured: Ranking) -> Ranking:
    """A ranking with those endpoints apart of which it is not known how they perform."""
    apart = {reason: [*endpoints] for reason, endpoints in ranking.apart.items()}
    for reason, endpoints in unmeasured.apart.items():
        if reason.kind not in OUT_OF_SCOPE:
            apart.setdefault(reason, []).extend(endpoints)
    if unmeasured.ranked:
        apart[Reason("unmeasured")] = unmeasured.ranked
    return replace(ranking, apart=apart)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Whether an endpoint passes the filters, and serves the model or one of the models."""

    passes: EndpointFilter | None
    model: str = ""
    models: frozenset[str] | None = None

    def __call__(self, endpoint: PricedEndpoint) -> bool:
        return (
            self.model in ("", endpoint.model)
            and (self.models is None or endpoint.model in self.models)
            and (self.passes is None or self.passes(endpoint))
        )


def _among(asked: EstimateQuery, request: Request, known: Ranker) -> Among | None:
    filters = asked.filters
    names = () if asked.per == "endpoint" else OF_ENDPOINTS
    passes = endpoint_filter(filters, request.at.date(), names=names)
    models = best_named(search_words(filters.q), known.names) if filters.q else None
    if filters.rating_min is not None:
        rated = _rated_at_least(filters.rating_min, filters.rated_on)
        models = rated if models is None else models & rated
    return passes if models is None and not asked.model else _Chosen(passes, asked.model, models)


def _scope(asked: EstimateQuery, today: date) -> Scope:
    """The best rated models at direct providers; more where the query names models or providers."""
    filters, least = asked.filters, _least_rating(asked)
    return Scope(
        direct=not (_is_named(asked) or filters.kind or filters.via == "any"),
        rated=_rated_at_least(least, filters.rated_on) if least is not None else frozenset(),
        cheapest=filters.via == "any",
        keep=frozenset(asked.pins),
        shown=endpoint_filter(filters, today, names=OF_ROWS),
    )


def _is_named(asked: EstimateQuery) -> bool:
    filters = asked.filters
    return bool(asked.model or filters.q or filters.creator or filters.provider)


def _least_rating(asked: EstimateQuery) -> Decimal | None:
    """The rating from which models are ranked where no filter states one.

    Half of the board's models are rated as high: people choose between those. None for all models.
    """
    filters = asked.filters
    if asked.per == "endpoint" or filters.unfolded or _is_named(asked):
        return None
    # People rate answers in words: no picture, no speech, no page.
    if filters.rating_min is None and not filters.board and asked.workload.beyond_text:
        return None
    if filters.rating_min is not None:
        return filters.rating_min
    ratings = best_ratings(filters.rated_on)
    return median_high(ratings.values()) if ratings else None


def _rated_at_least(least: Decimal, board: str) -> frozenset[str]:
    ratings = best_ratings(board).items()
    return frozenset(model for model, rating in ratings if rating >= least)


def _among_choices(asked: EstimateQuery) -> EstimateQuery:
    filters = by_known_speeds(among_choices(asked.filters))
    complaints = (*asked.complaints, *filters.complaints)
    return replace(asked, filters=replace(filters, complaints=()), complaints=complaints)


def _slug(name: str, known: Ranker) -> str:
    return name if not name or name in known.names else slug_behind(name) or name


def _known_model(asked: EstimateQuery, known: Ranker) -> EstimateQuery:
    """The query with its model and its pins by slug, by whatever names it has them."""
    pins = tuple(dict.fromkeys(_slug(pin, known) for pin in asked.pins))
    asked = replace(asked, model=_slug(asked.model, known), pins=pins)
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
    return replace(asked, workload=_spelled(workload, known))


def _spelled(workload: Workload, known: Ranker) -> Workload:
    """The workload with its options as prices spell them, and complaints about unknown ones."""
    for option in OPTIONS:
        word = workload.options.get(option.name)
        if word is None:
            continue
        spellings = {stated.lower(): stated for stated in known.choices.get(option.name, ())}
        if stated := spellings.get(word.lower()):
            workload = replace(workload, options={**workload.options, option.name: stated})
        else:
            words = ", ".join(shown_choices(known.choices.get(option.name, ())))
            complaint = f"No price states “{word}” here; those that are stated: {words or 'none'}."
            workload = workload.complaining(option.name, complaint)
    return workload


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


def _lines(asked: EstimateQuery, rows: Sequence[EstimateRow], request: Request) -> list[Itemised]:
    """Cost lines of the opened row, each rate with its source and date."""
    endpoint = next((row.endpoint for row in rows if row.is_open), None)
    if endpoint is None:
        return []
    basis = rate_basis(endpoint.endpoint_id, endpoint.card)
    return itemised(cost_range(endpoint.card, request).least, asked.workload, basis)


def complaint_of_tier(tier: str, stated: Sequence[str]) -> str:
    return (
        f"No endpoint states a “{tier}” tier; those that are stated: {', '.join(stated) or 'none'}."
    )
