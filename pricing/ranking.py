"""Which endpoints can serve a workload, and in which order of cost. Pure.

Floats rank, Decimals bill: what is shown is priced by `pricing.price.price`, exactly.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Lock
from typing import Generic, TypeVar

import polars as pl

from catalog.provider_kinds import DIRECT
from pricing.choices import (
    CHOICES,
    choice_order,
    choices,
    stated_choices,
    unmet,
    without_other_words,
)
from pricing.endpoint import PricedEndpoint
from pricing.media import Needs, lacking, needs
from pricing.price import Cost, UnknownTier, is_passed
from pricing.rates import RateCard
from pricing.request import Request
from pricing.typical_reasoning import reasons, with_reasoning
from pricing.usage import Usage

# Whether an endpoint is among those to rank. Its answers are kept: equal ones answer alike.
Among = Callable[[PricedEndpoint], bool]

# Sums of floats that differ in no figure that is read are equal, in the order of the endpoints.
_FIGURES = 12
_MOST_KEPT = 48
# What a workload needs of a model, by the meters that it uses: its name, and where it is stated.
_NEEDS: dict[str, tuple[str, str, str]] = {
    "reasoning": ("reasoning", "capabilities", "reasoning"),
    "input_image": ("vision", "capabilities", "vision"),
    "input_audio": ("audio-input", "modalities_in", "audio"),
    "output_audio": ("audio-output", "modalities_out", "audio"),
}
# The place among headlines of an endpoint whose place is not known.
_LAST = 10**9
_SMALL = ("context", "max_input", "max_output")
_CHOSEN = frozenset(CHOICES)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an endpoint is not ranked; `what` is the meter, tier or capability that it is about.

    `kind` is plan, local, deferred, conditional, floating, purpose, tier, capability, makes, takes,
    work, option, small, free, undated, currency, unrated, indirect, unmeasured or a state.
    """

    kind: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which models a ranking per model takes, and at which of their endpoints.

    `direct` takes only models at a direct provider, `rated` only these models, unless none of them
    can serve the workload; models of `keep` are taken in any case. A model's endpoint is the first
    in the order of headlines among those that can serve the workload; with `cheapest`, the one
    where it costs least. `shown` selects among these endpoints: filters by price mean them.
    """

    direct: bool = False
    rated: frozenset[str] = frozenset()
    cheapest: bool = False
    keep: frozenset[str] = frozenset()
    shown: Among | None = None


CHEAPEST = Scope(cheapest=True)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The endpoints that can serve a workload, cheapest first, and one of each model in the scope.

    `apart` are those that are not ranked. `costs` is about what a request costs at each of
    `per_model`, typical reasoning included: good for an order and a drawing, not for a bill. Where
    the request leaves options of a price open, an endpoint is ranked at its lowest; `choices` are
    the stated words of such options.
    """

    ranked: list[PricedEndpoint]
    per_model: list[PricedEndpoint]
    costs: list[float]
    apart: dict[Reason, list[PricedEndpoint]]
    choices: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _UnitPrices:
    """The unit prices of every endpoint under the same rates, by meter; `apart` has none.

    `choices` are words of options that prices of these meters depend on. With `is_open`, some
    endpoints have a row for each combination of them that may be the cheapest.
    """

    prices: pl.DataFrame
    apart: Mapping[Reason, list[int]]
    choices: Mapping[str, tuple[str, ...]]
    is_open: bool


T = TypeVar("T")


class _Kept(Generic[T]):
    """The last few answers by their question."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        if (kept := self._answers.get(key)) is not None:
            return kept
        answer = make()
        with self._lock:
            self._answers[key] = answer
            if len(self._answers) > _MOST_KEPT:
                self._answers.popitem(last=False)
        return answer


class Ranker:
    """Ranks the endpoints in use, and keeps the prices of the regimes that come again."""

    def __init__(self, endpoints: Sequence[PricedEndpoint]) -> None:
        self._endpoints = endpoints
        # Many endpoints share one card.
        self._cards = {id(endpoint.card): endpoint.card for endpoint in endpoints}.values()
        rates = {id(rate): rate for card in self._cards for rate in card.rates}.values()
        # Rates with an option that a request may leave open, of the few cards that have any.
        self._optional = {
            id(card): optional
            for card in self._cards
            if (
                optional := [r for r in card.rates if not _CHOSEN.isdisjoint(dict(r.terms.options))]
            )
        }
        every = [rate for rates in self._optional.values() for rate in rates]
        self.choices = _in_order(stated_choices(every, {rate.meter for rate in every}))
        self._instants = sorted(
            {at for rate in rates for at in (rate.valid_from, rate.valid_to) if at}
        )
        self._schedules = [*{schedule for rate in rates for schedule in rate.terms.schedules}]
        self._bands = [*{rate.terms.band for rate in rates if rate.terms.band}]
        self.tiers = sorted({rate.terms.tier for rate in rates} - {""})
        self.largest = max((endpoint.context or 0 for endpoint in endpoints), default=0)
        self._regimes = _Kept[_UnitPrices]()
        self._masks = _Kept[pl.Series]()
        self.names = {endpoint.model: endpoint.model_name for endpoint in endpoints}
        self._models = {model: n for n, model in enumerate(self.names)}

    def rank(
        self,
        request: Request,
        *,
        among: Among | None = None,
        free: bool = False,
        scope: Scope = CHEAPEST,
        reasoning: Decimal = Decimal(0),
    ) -> Ranking:
        """Rank all endpoints, or those that `among` selects; free ones only with `free`.

        The order has reasoning `reasoning` times as long as the answer where a model reasons.
        """
        usage = request.usage
        thinking = with_reasoning(request, reasoning)
        regime = self._regimes.get(
            self._regime_key(request, thinking), lambda: self._regime(request, thinking)
        )
        mask = self._mask(among)
        apart = {
            reason: [self._endpoints[place] for place in places if mask is None or mask[place]]
            for reason, places in regime.apart.items()
        }
        total = pl.sum_horizontal(
            pl.col(slug) * float(quantity)
            for slug, quantity in (thinking or request).usage.own.items()
        )
        found = regime.prices.with_columns(
            total=total.round_sig_figs(_FIGURES), small=_too_small(usage)
        )
        if regime.is_open:
            least = found.sort("total", maintain_order=True).unique("place", keep="first")
            found = least.sort("place")
        if mask is not None:
            found = found.filter(mask.gather(found["place"]))
        apart[Reason("small")] = self._at(found.filter("small"))
        found = found.filter(~pl.col("small"))
        if not free:
            apart[Reason("free")] = self._at(found.filter("free"))
            found = found.filter(~pl.col("free"))
        found = found.sort("total", maintain_order=True)
        per_model, left_out = self._in_scope(found, scope)
        apart |= {reason: self._at(endpoints) for reason, endpoints in left_out.items()}
        others = {reason: endpoints for reason, endpoints in apart.items() if endpoints}
        return Ranking(
            self._at(found),
            self._at(per_model),
            per_model["total"].to_list(),
            others,
            regime.choices,
        )

    def _in_scope(
        self, found: pl.DataFrame, scope: Scope
    ) -> tuple[pl.DataFrame, dict[Reason, pl.DataFrame]]:
        """An endpoint a model in order of cost, and those of the models that the scope leaves."""
        first = found if scope.cheapest else found.sort("headline", maintain_order=True)
        first = first.unique("model", keep="first", maintain_order=True)
        if (shown := self._mask(scope.shown)) is not None:
            first = first.filter(shown.gather(first["place"]))
        if not scope.cheapest:
            first = first.sort("total", maintain_order=True)
        left_out = {}
        rated, kept = self._is_any_of(scope.rated), self._is_any_of(scope.keep)
        if not first.filter(rated).is_empty():
            left_out[Reason("unrated")] = first.filter(~(rated | kept))
            first = first.filter(rated | kept)
        if scope.direct:
            left_out[Reason("indirect")] = first.filter(~(pl.col("direct") | kept))
            first = first.filter(pl.col("direct") | kept)
        return first, left_out

    def _is_any_of(self, models: frozenset[str]) -> pl.Expr:
        numbers = [self._models[model] for model in models if model in self._models]
        return pl.col("model").is_in(pl.Series(numbers, dtype=pl.Int64).implode())

    def _at(self, found: pl.DataFrame) -> list[PricedEndpoint]:
        return [self._endpoints[place] for place in found["place"]]

    def _regime_key(self, request: Request, thinking: Request | None) -> tuple[Hashable, ...]:
        """What decides which rates apply.

        Where a band is marginal, the quantities themselves do too.
        """
        marginal = any(band.applies == "marginal" for band in self._bands)
        usage = request.usage
        thought = thinking.usage if thinking else None
        return (
            request.tier,
            request.uncached,
            request.options,
            tuple(usage.own),
            sum(instant <= request.at for instant in self._instants),
            tuple(schedule.holds(request.at) for schedule in self._schedules),
            tuple(is_passed(band, usage) for band in self._bands),
            tuple(usage.counted.items()) if marginal else (),
            thought and tuple(is_passed(band, thought) for band in self._bands),
            tuple(thought.counted.items()) if thought and marginal else (),
        )

    def _regime(self, request: Request, thinking: Request | None) -> _UnitPrices:
        usage, meters = request.usage, tuple((thinking or request).usage.own)
        rows: list[tuple[object, ...]] = []
        apart: dict[Reason, list[int]] = defaultdict(list)
        priced = {id(card): self._unit_prices(card, request) for card in self._cards}
        thoughtful = self._thoughtful_prices(thinking) if thinking else {}
        needed = needs(usage)
        for place, endpoint in enumerate(self._endpoints):
            found = _unfit(endpoint, usage, needed) or priced[id(endpoint.card)]
            if isinstance(found, Reason):
                apart[found].append(place)
            else:
                facts = (
                    *(place, self._models[endpoint.model], endpoint.place or _LAST),
                    *(not all(any(prices.values()) for prices in found), endpoint.kind in DIRECT),
                    *(getattr(endpoint, name) for name in _SMALL),
                )
                several = thoughtful.get(id(endpoint.card), found) if reasons(endpoint) else found
                rows += (
                    (*facts, *(prices.get(slug, 0.0) for slug in meters)) for prices in several
                )
        schema = pl.Schema(
            {
                **dict.fromkeys(("place", "model", "headline"), pl.Int64),
                **dict.fromkeys(("free", "direct"), pl.Boolean),
                **dict.fromkeys(_SMALL, pl.Int64),
                **dict.fromkeys(meters, pl.Float64),
            }
        )
        frame = pl.DataFrame(rows, schema, orient="row")
        able = {id(self._endpoints[place].card) for place in frame["place"]}
        optional = [
            rate
            for card in able
            for rate in self._optional.get(card, ())
            if rate.holds_at(request.at)
        ]
        words = _in_order(stated_choices(optional, usage.own))
        is_open = frame["place"].n_unique() < frame.height
        return _UnitPrices(frame, dict(apart), words, is_open)

    def _thoughtful_prices(self, thinking: Request) -> dict[int, list[dict[str, float]]]:
        """The unit prices of a request with typical reasoning, of the cards that have them all."""
        prices = {id(card): self._unit_prices(card, thinking) for card in self._cards}
        return {card: found for card, found in prices.items() if not isinstance(found, Reason)}

    def _unit_prices(self, card: RateCard, request: Request) -> list[dict[str, float]] | Reason:
        """Unit prices of a request under a card, for each combination of open options that may be
        the cheapest."""
        optional = self._optional.get(id(card))
        if not optional:
            only = _unit_prices(card, request)
            return only if isinstance(only, Reason) else [only]
        card, missed = without_other_words(card, request), unmet(optional, request)
        requests = [replace(request, options=options) for options in choices(optional, request)]
        prices = [_unit_prices(card, one) for one in (request, *requests)]
        if known := [found for found in prices if not isinstance(found, Reason)]:
            return _undercut_by_none(known)
        if missed:
            return Reason("option", missed[0])
        return next(found for found in prices if isinstance(found, Reason))

    def _mask(self, among: Among | None) -> pl.Series | None:
        if among is None:
            return None
        return self._masks.get(
            among, lambda: pl.Series([among(one) for one in self._endpoints], dtype=pl.Boolean)
        )


def _unfit(endpoint: PricedEndpoint, usage: Usage, needed: Needs) -> Reason | None:
    if endpoint.aside:
        return Reason(endpoint.aside)
    if lack := lacking(endpoint, needed):
        return Reason(*lack)
    for slug, (need, where, word) in _NEEDS.items():
        if usage[slug] and word not in getattr(endpoint, where):
            return Reason("capability", need)
    return None


def _in_order(choices: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(sorted(words, key=choice_order)) for name, words in choices.items()}


def cost_or_reason(card: RateCard, request: Request) -> Cost | Reason:
    """What a request costs in US dollars, or why it has no such price."""
    try:
        cost = request.cost(card)
    except UnknownTier:
        return Reason("tier", request.tier)
    if cost.unpriced:
        missed = next(each for each in cost.unpriced if each.state == cost.state)
        if missed.state == "unknown" and card.is_dated(missed.meter, request.at):
            return Reason("undated", missed.meter)
        return Reason(missed.state, "" if missed.state in ("included", "dynamic") else missed.meter)
    if cost.currency != "USD":
        return Reason("currency", cost.currency)
    return cost


def _unit_prices(card: RateCard, request: Request) -> dict[str, float] | Reason:
    cost = cost_or_reason(card, request)
    if isinstance(cost, Reason):
        return cost
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    quantities: dict[str, Decimal] = defaultdict(Decimal)
    for line in cost.lines:
        amounts[line.meter] += line.amount
        quantities[line.meter] += line.quantity
    own = request.usage.own
    if own.get("cache_read") and "cache_read" not in amounts:  # billed as plain input
        amounts["cache_read"], quantities["cache_read"] = amounts["input"], quantities["input"]
    return {slug: float(amounts[slug] / (quantities[slug] or 1)) for slug in own}


def _undercut_by_none(several: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Unit prices than which no others are as low for each meter."""
    kept: list[dict[str, float]] = []
    for prices in sorted(several, key=lambda each: sum(each.values())):
        if not any(all(lower[slug] <= prices[slug] for slug in prices) for lower in kept):
            kept.append(prices)
    return kept


def _too_small(usage: Usage) -> pl.Expr:
    asked, answered = int(usage["input"]), int(usage["output"])
    short = (
        (pl.col("context") < asked + answered)
        | (pl.col("max_input") < asked)
        | (pl.col("max_output") < answered)
    )
    return short.fill_null(value=False)
