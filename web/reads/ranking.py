"""Which endpoints can serve a workload, and in which order of cost. Pure: offers in, offers out.

Floats rank, Decimals bill: what is shown is priced by `pricing.rates.price`, exactly.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from threading import Lock
from typing import Generic, TypeVar

import polars as pl

from catalog.search import search_words
from catalog.suitability import aside, writes
from pricing.rates import Cost, RateCard, UnknownTier, Unpriced, is_passed, price
from pricing.terms import BASE
from pricing.usage import Usage
from web.params.models import DEFAULTS, NARROWING, ModelFilters
from web.reads.offers import Offer, Offers, offers

# Sums of floats that differ in no figure that anybody reads are equal, and stand in the order of
# the offers.
_FIGURES = 12
_MOST_KEPT = 48
# What a workload needs of a model, by the meters that it uses: its name, and where it is stated.
_NEEDS: dict[str, tuple[str, str, str]] = {
    "reasoning": ("reasoning", "capabilities", "reasoning"),
    "input_image": ("vision", "capabilities", "vision"),
    "input_audio": ("audio-input", "modalities_in", "audio"),
    "output_audio": ("audio-output", "modalities_out", "audio"),
}
_SMALL = ("context", "max_input", "max_output")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an endpoint is not ranked; `what` is the meter, tier or capability that it is about.

    `kind` is plan, local, deferred, purpose, tier, capability, small, free, undated, currency or a
    state.
    """

    kind: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The endpoints that can serve a workload, cheapest first, each model's cheapest, and the
    others.

    `costs` is about what a request costs at each of `cheapest`: good for a drawing, not for a bill.
    """

    ranked: list[Offer]
    cheapest: list[Offer]
    costs: list[float]
    apart: dict[Reason, list[Offer]]


@dataclass(frozen=True, slots=True)
class _Regime:
    """The unit prices of every offer under the same rates, a column a meter, and who has none."""

    prices: pl.DataFrame
    apart: Mapping[Reason, list[int]]


T = TypeVar("T")


class _Kept(Generic[T]):
    """The last few answers, by what was asked."""

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
    """Ranks one edition of the offers, and keeps the prices of the regimes and filters that come
    again."""

    def __init__(self, of: Offers) -> None:
        self._offers = of.all
        self._cards = {id(offer.card): offer.card for offer in of.all}.values()  # many share one
        rates = {id(rate): rate for card in self._cards for rate in card.rates}.values()
        self._instants = sorted(
            {at for rate in rates for at in (rate.valid_from, rate.valid_to) if at}
        )
        self._schedules = [*{schedule for rate in rates for schedule in rate.terms.schedules}]
        self._bands = [*{rate.terms.band for rate in rates if rate.terms.band}]
        self.tiers = sorted({rate.terms.tier for rate in rates} - {""})
        self.largest = max((offer.context or 0 for offer in of.all), default=0)
        self._regimes = _Kept[_Regime]()
        self._masks = _Kept[pl.Series]()
        self.names = {offer.model: offer.model_name for offer in of.all}
        self._models = {model: n for n, model in enumerate(self.names)}

    def rank(
        self,
        usage: Usage,
        at: datetime,
        tier: str,
        filters: ModelFilters,
        *,
        uncached: bool = False,
    ) -> Ranking:
        """Rank what the filters leave; free endpoints only where plans count as lowest too."""
        key = (*self._regime_key(usage, at, tier), uncached)
        regime = self._regimes.get(key, lambda: self._regime(usage, at, tier, uncached))
        mask = self._mask(filters, at.date())
        apart = {reason: self._kept(places, mask) for reason, places in regime.apart.items()}
        total = pl.sum_horizontal(
            pl.col(slug) * float(quantity) for slug, quantity in usage.own.items()
        )
        found = regime.prices.with_columns(
            total=total.round_sig_figs(_FIGURES), small=_too_small(usage)
        )
        if mask is not None:
            found = found.filter(mask.gather(found["place"]))
        apart[Reason("small")] = self._at(found.filter("small"))
        found = found.filter(~pl.col("small"))
        if not filters.plans:
            apart[Reason("free")] = self._at(found.filter("free"))
            found = found.filter(~pl.col("free"))
        found = found.sort("total", maintain_order=True)
        cheapest = found.unique("model", keep="first", maintain_order=True)
        others = {why: who for why, who in apart.items() if who}
        return Ranking(self._at(found), self._at(cheapest), cheapest["total"].to_list(), others)

    def _at(self, found: pl.DataFrame) -> list[Offer]:
        return [self._offers[place] for place in found["place"]]

    def _kept(self, places: Sequence[int], mask: pl.Series | None) -> list[Offer]:
        return [self._offers[place] for place in places if mask is None or mask[place]]

    # Prices ------------------------------------------------------------------------------------------

    def _regime_key(self, usage: Usage, at: datetime, tier: str) -> tuple[Hashable, ...]:
        """What decides which rates apply.

        Where a band is marginal, the quantities themselves do too.
        """
        marginal = any(band.applies == "marginal" for band in self._bands)
        return (
            tier,
            tuple(usage.own),
            sum(instant <= at for instant in self._instants),
            tuple(schedule.holds(at) for schedule in self._schedules),
            tuple(is_passed(band, usage) for band in self._bands),
            tuple(usage.counted.items()) if marginal else (),
        )

    def _regime(self, usage: Usage, at: datetime, tier: str, uncached: bool) -> _Regime:
        rows: list[tuple[object, ...]] = []
        apart: dict[Reason, list[int]] = defaultdict(list)
        priced = {id(card): _unit_prices(card, usage, at, tier, uncached) for card in self._cards}
        for place, offer in enumerate(self._offers):
            found = _unfit(offer, usage) or priced[id(offer.card)]
            if isinstance(found, Reason):
                apart[found].append(place)
            else:
                sizes = (getattr(offer, name) for name in _SMALL)
                rows.append((place, self._models[offer.model], not any(found), *sizes, *found))
        columns = [*("place", "model", "free", *_SMALL), *usage.own]
        types = [
            pl.Int64,
            pl.Int64,
            pl.Boolean,
            *(pl.Int64 for _ in _SMALL),
            *(pl.Float64 for _ in usage.own),
        ]
        schema = pl.Schema(dict(zip(columns, types, strict=True)))
        return _Regime(pl.DataFrame(rows, schema, orient="row"), dict(apart))

    # Filters -----------------------------------------------------------------------------------------

    def _mask(self, filters: ModelFilters, today: date) -> pl.Series | None:
        """Which of the offers the filters leave; None for all."""
        stated = tuple((name, getattr(filters, name)) for name in NARROWING)
        if not filters.narrow:
            return None
        return self._masks.get(
            (stated, today),
            lambda: pl.Series(
                [_passes(offer, filters, today) for offer in self._offers], dtype=pl.Boolean
            ),
        )


def ranker() -> Ranker:
    """The ranker of the catalog as it is now."""
    return _ranker(offers())


@lru_cache(maxsize=1)
def _ranker(of: Offers) -> Ranker:
    return Ranker(of)


def _unfit(offer: Offer, usage: Usage) -> Reason | None:
    """Why an endpoint is not ranked whatever it costs, if so."""
    if why := aside(offer.kind, offer.variant):
        return Reason(why)
    if usage["output"] and not writes(offer.model, offer.mode, offer.modalities_out):
        return Reason("purpose")
    for slug, (need, where, word) in _NEEDS.items():
        if usage[slug] and word not in getattr(offer, where):
            return Reason("capability", need)
    return None


def cost_under(card: RateCard, usage: Usage, at: datetime, tier: str, *, uncached: bool) -> Cost:
    """What a usage costs; `uncached` bills cached tokens as plain input where nobody states their
    price.

    That is the most they can cost: a cache that costs more than none is not used. Raises
    UnknownTier.
    """
    cost = price(card, usage, at=at, tier=tier)
    if uncached and cost.unpriced and all(_is_unstated_cache(missed) for missed in cost.unpriced):
        plain = {slug: number for slug, number in usage.counted.items() if slug != "cache_read"}
        return price(card, Usage.of(**plain), at=at, tier=tier)
    return cost


def _is_unstated_cache(missed: Unpriced) -> bool:
    return (missed.meter, missed.state) == ("cache_read", "unknown")


def _unit_prices(
    card: RateCard, usage: Usage, at: datetime, tier: str, uncached: bool
) -> list[float] | Reason:
    """What a unit of each meter costs under a card, or why there is no total."""
    try:
        cost = cost_under(card, usage, at, tier, uncached=uncached)
    except UnknownTier:
        return Reason("tier", tier)
    if cost.unpriced:
        missed = next(each for each in cost.unpriced if each.state == cost.state)
        if missed.state == "unknown" and _is_dated(card, missed.meter, at):
            return Reason("undated", missed.meter)
        return Reason(missed.state, "" if missed.state in ("included", "dynamic") else missed.meter)
    if cost.currency != "USD":
        return Reason("currency", cost.currency)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    quantities: dict[str, Decimal] = defaultdict(Decimal)
    for line in cost.lines:
        amounts[line.meter] += line.amount
        quantities[line.meter] += line.quantity
    if usage.own.get("cache_read") and "cache_read" not in amounts:  # billed as plain input
        amounts["cache_read"], quantities["cache_read"] = amounts["input"], quantities["input"]
    return [float(amounts[slug] / (quantities[slug] or 1)) for slug in usage.own]


def _is_dated(card: RateCard, slug: str, at: datetime) -> bool:
    """Whether a meter without a price at an instant has one at another."""
    return any(rate.meter == slug and not rate.holds_at(at) for rate in card.rates)


def _too_small(usage: Usage) -> pl.Expr:
    """Whether a request does not fit: what is not stated is not held against an endpoint."""
    asked, answered = int(usage["input"]), int(usage["output"])
    short = (
        (pl.col("context") < asked + answered)
        | (pl.col("max_input") < asked)
        | (pl.col("max_output") < answered)
    )
    return short.fill_null(value=False)


def _passes(offer: Offer, filters: ModelFilters, today: date) -> bool:
    """Whether an endpoint is among what is asked for, as on the list of models."""
    stated = (test for name, test in _TESTS.items() if getattr(filters, name) != DEFAULTS[name])
    return all(test(offer, filters, today) for test in stated)


def _at_most(slug: str, most: Decimal | None, offer: Offer, today: date) -> bool:
    """Whether the base card asks no more for a million tokens, as that day begins."""
    at = datetime.combine(today, time(), UTC)
    base = (rate for rate in offer.card.rates if rate.meter == slug and rate.terms == BASE)
    amounts = [rate.amount for rate in base if rate.holds_at(at) and rate.amount is not None]
    return most is not None and any(amount <= most for amount in amounts)


def _is_recent(offer: Offer, filters: ModelFilters, today: date) -> bool:
    since = today - timedelta(days=filters.released_within or 0)
    return since.isoformat() <= offer.released <= today.isoformat()


_TESTS: dict[str, Callable[[Offer, ModelFilters, date], bool]] = {
    "q": lambda offer, filters, _: all(
        word in offer.search_text for word in search_words(filters.q)
    ),
    "creator": lambda offer, filters, _: offer.creator == filters.creator,
    "provider": lambda offer, filters, _: offer.provider == filters.provider,
    "capability": lambda offer, filters, _: offer.capabilities.issuperset(filters.capability),
    "modality": lambda offer, filters, _: (
        filters.modality in offer.modalities_in | offer.modalities_out
    ),
    "input_max": lambda offer, filters, today: _at_most("input", filters.input_max, offer, today),
    "output_max": lambda offer, filters, today: _at_most(
        "output", filters.output_max, offer, today
    ),
    "context_min": lambda offer, filters, _: (offer.context or 0) >= (filters.context_min or 0),
    "released_within": _is_recent,
    "zdr": lambda offer, _filters, _: offer.zdr == "default",
    "no_training": lambda offer, _filters, _: offer.training in ("no", "opt_in"),
    "open_weights": lambda offer, _filters, _: bool(offer.open_weights),
    "lifecycle": lambda offer, filters, _: offer.stage == filters.lifecycle,
}
