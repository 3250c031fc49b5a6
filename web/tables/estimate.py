"""An estimate in rows: the cost at each ranked endpoint, and the endpoints without a rank. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from catalog.provider_kinds import DIRECT, ProviderKind
from pricing.choices import CostRange, cost_range, unmet
from pricing.endpoint import PricedEndpoint
from pricing.estimate import CostShare, cost_shares
from pricing.ranking import Ranking, Reason, cost_or_reason
from pricing.rates import State
from pricing.request import Request
from pricing.typical_reasoning import typical_cost, with_reasoning
from web.format.figures import money_exact, plain
from web.params.estimate import EstimateQuery
from web.params.workload import Workload
from web.reads.live import Measurement
from web.tables.cost_lines import total
from web.text.estimate import (
    announced_note,
    band_note,
    compared,
    hours_note,
    range_note,
    state_of,
    why_not_ranked,
)
from web.text.life_tag import life_tag
from web.text.prices import WORDS

# Endpoints named in each unranked group; every one where the groups hold FEW in all.
NAMED_APART = 3
FEW = 40

# Reasons of endpoints that other choices of the query would rank.
OUT_OF_SCOPE = ("unrated", "indirect", "unmeasured")
UNSTATED_CACHE = Reason("unknown", "cache_read")


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """An endpoint's place. Money is US dollars: `total` for all requests, `per_thousand` for 1,000.

    Where the workload leaves an option of a price open, they are the lowest, and `most` is the
    highest total; else it is None.

    `listed` is the total at list prices, where the endpoint has agreed ones; `live` are the figures
    of the columns of live metrics.

    `bar` is the total in percent of the largest in sight; `shares` are the parts of the total;
    `notes` are conditions that may change it; `thinking` is the total with typical reasoning, None
    where the workload states its reasoning, and `ordered` is it for 1,000 requests, else
    `per_thousand`; `with_id` distinguishes rows by their ids; `headline` is the endpoint of
    the model's headline.
    """

    rank: int
    endpoint: PricedEndpoint
    total: Decimal
    most: Decimal | None
    state: State
    per_thousand: Decimal
    bar: int
    shares: tuple[CostShare, ...]
    notes: tuple[str, ...]
    thinking: Decimal | None
    ordered: Decimal
    against: str
    pinned: bool
    with_pin: str
    opens: str
    is_open: bool
    rating: Decimal | None
    with_id: bool
    headline: bool
    listed: Decimal | None = None
    live: tuple[tuple[str, Measurement | None], ...] = ()

    @property
    def ident(self) -> str:
        return str(self.endpoint.endpoint_id)

    @property
    def via(self) -> str:
        """The kind of a provider that is not direct: gateway, reseller."""
        kind = ProviderKind(self.endpoint.kind)
        return "" if kind in DIRECT else kind.label

    @property
    def life(self) -> str:
        return life_tag(self.endpoint.stage, ended=self.endpoint.ended)

    @property
    def amount(self) -> str:
        return plain(self.total)

    @property
    def most_amount(self) -> str:
        return "" if self.most is None else plain(self.most)

    @property
    def exactly(self) -> str:
        least = money_exact(self.total)
        return least if self.most is None else f"{least} to {money_exact(self.most)}"


def in_rows(
    places: Sequence[tuple[int, PricedEndpoint]],
    query: EstimateQuery,
    request: Request,
    pinned: Decimal | None,
    now: datetime,
    ratings: Mapping[str, Decimal],
) -> list[EstimateRow]:
    """`pinned` is the cost of one request at the first pinned model, for comparison."""
    priced = [(rank, endpoint, cost_range(endpoint.card, request)) for rank, endpoint in places]
    largest = max((total(found.least) for *_, found in priced), default=Decimal(0))
    thinking = with_reasoning(request, query.assumed_reasoning)
    links = query.links
    rows = []
    for rank, endpoint, found in priced:
        cost = found.least
        typical = typical_cost(endpoint, thinking)
        per_thousand = total(cost.times(1000))
        thinking_one = total(typical) if typical else None
        cost_of_one = total(cost)
        address = f"{endpoint.provider}/{endpoint.upstream_id}"
        is_pinned = endpoint.model in query.pins
        rows.append(
            EstimateRow(
                rank=rank,
                endpoint=endpoint,
                total=total(cost.times(query.workload.requests)),
                most=total(found.most.times(query.workload.requests)) if found.is_open else None,
                state=cost.state,
                per_thousand=per_thousand,
                bar=max(1, round(100 * cost_of_one / largest)) if cost_of_one else 0,
                shares=cost_shares(cost),
                notes=_notes(endpoint, found, now),
                thinking=None if thinking_one is None else thinking_one * query.workload.requests,
                ordered=per_thousand if thinking_one is None else thinking_one * 1000,
                against="" if is_pinned or not pinned else compared(cost_of_one, pinned),
                pinned=is_pinned,
                with_pin=links.pinning(endpoint.model),
                opens=links.opening(address),
                is_open=query.opened == address,
                rating=ratings.get(endpoint.model),
                with_id=query.per == "endpoint",
                headline=bool(query.model) and endpoint.place == 1,
                listed=_at_list_price(endpoint, request, query.workload.requests),
            )
        )
    return rows


def _at_list_price(endpoint: PricedEndpoint, request: Request, requests: int) -> Decimal | None:
    if endpoint.list_card is None:
        return None
    cost = cost_or_reason(endpoint.list_card, request)
    return None if isinstance(cost, Reason) else total(cost.times(requests))


def _notes(endpoint: PricedEndpoint, found: CostRange, now: datetime) -> tuple[str, ...]:
    cost, request = found.least, found.request
    sized = request.usage["input"] or request.usage["output"]
    unbilled_cache = request.usage["cache_read"] and all(
        line.meter != "cache_read" for line in cost.lines
    )
    notes = (
        range_note(found, unmet(endpoint.card.rates, request)),
        "no cache price is stated: cached tokens are billed as input" if unbilled_cache else "",
        hours_note(endpoint.card, cost, request.at),
        band_note(endpoint.card, request),
        announced_note(endpoint.card, request, now),
        "its context is not stated: the request may not fit"
        if sized and not endpoint.context
        else "",
    )
    return tuple(filter(None, notes))


# What is not ranked -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnrankedGroup:
    """Endpoints that are not ranked for the same reason; `named` are the first of them.

    Of models outside the scope of the ranking none is named: they have a price, and no rank.
    """

    why: str
    state: State
    count: int
    named: tuple[PricedEndpoint, ...]
    kind: str
    lacks_cache: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.named) if self.named else 0

    @property
    def word(self) -> str:
        return _word(self.state)


def _word(state: State) -> str:
    return "Unknown" if state == "unknown" else WORDS[state]


def groups(apart: Mapping[Reason, Sequence[PricedEndpoint]]) -> list[UnrankedGroup]:
    few = sum(map(len, apart.values())) <= FEW
    named = None if few else NAMED_APART
    return [
        UnrankedGroup(
            why=why_not_ranked(reason),
            state=state_of(reason),
            count=len(endpoints),
            named=() if reason.kind in OUT_OF_SCOPE else tuple(endpoints[:named]),
            kind=reason.kind,
            lacks_cache=reason == UNSTATED_CACHE,
        )
        for reason, endpoints in sorted(apart.items(), key=_largest_first)
    ]


def _largest_first(group: tuple[Reason, Sequence[PricedEndpoint]]) -> tuple[bool, int]:
    """The models that other choices would rank come before all that cannot be ranked."""
    reason, endpoints = group
    return reason.kind not in OUT_OF_SCOPE, -len(endpoints)


@dataclass(frozen=True, slots=True)
class UnrankedModel:
    """A pinned model that has no place, and why; the state is "" for an unknown model."""

    model: str
    name: str
    state: State | Literal[""]
    why: str
    without: str

    @property
    def word(self) -> str:
        return _word(self.state) if self.state else "—"


def unranked(
    query: EstimateQuery, ranking: Ranking, names: Mapping[str, str]
) -> list[UnrankedModel]:
    """Pinned models without a rank, in the order of their pins."""
    placed = {endpoint.model for endpoint in ranking.per_model} if query.pins else set()
    models = []
    for pin in query.pins:
        if pin in placed:
            continue
        reasons = [
            reason
            for reason, endpoints in ranking.apart.items()
            if any(endpoint.model == pin for endpoint in endpoints)
        ]
        state: State | Literal[""] = state_of(reasons[0]) if reasons else ""
        why = ". ".join(map(why_not_ranked, reasons))
        if not reasons:
            known = pin in names
            why = "The filters leave it out" if known else "No endpoint of such a model is known"
        models.append(UnrankedModel(pin, names.get(pin, pin), state, why, query.links.pinning(pin)))
    return models


def as_markdown(rows: Sequence[EstimateRow], workload: Workload, address: str) -> str:
    lines = [
        f"| # | Model | Provider | Cost per {workload.every} | Per 1,000 requests |",
        "|--:|---|---|--:|--:|",
        *(
            f"| {row.rank} | {_cell(row.endpoint.model_name)} "
            f"| {_cell(row.endpoint.provider_name)} "
            f"| {row.exactly} | {money_exact(row.per_thousand)} |"
            for row in rows
        ),
    ]
    return "\n".join([*lines, "", address])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
