"""The headline: which endpoint's whole row stands for a model. Pure.

The creator's own API; else the cheapest direct provider by the blend at standard terms; else the
cheapest gateway; else whatever exists, with its standing named.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cached_property

from catalog.provider_kinds import DIRECT, ProviderKind
from catalog.suitability import CONDITIONAL, own_tier
from catalog.vocabulary import Vocabulary
from pricing.meters import HEADLINE, MILLION, meter, meter_order


class Standing(Vocabulary):
    """What an endpoint is for its model, the first to be shown first."""

    OWN = "own", "creator's own API"
    DIRECT = "direct", "direct provider"
    GATEWAY = "gateway", "gateway"
    FREE = "free", "free of charge"
    RESELLER = "reseller", "reseller"
    TRIAL = "trial", "free trial"
    DEFERRED = "deferred", "batch or flex only"
    FINE_TUNED = "fine_tuned", "fine-tuned"
    CONDITIONAL = "conditional", "not sold to everybody"
    FLOATING = "floating", "floating id"
    PLAN = "plan", "subscription plan"
    LOCAL = "local", "local"
    UNPRICED = "unpriced", "price unknown"
    MISSING = "missing", "no longer listed"


# Sold by use, at once and to everybody.
SOLD = (Standing.OWN, Standing.DIRECT, Standing.GATEWAY, Standing.RESELLER)
# Serving words of an id in another tier than the standard one, by speed.
_SPEEDS = frozenset({"fast", "ultrafast", "priority", "spot"})
_PLACES = {standing: place for place, standing in enumerate(Standing)}
# 3 input tokens for each output token.
BLEND = "3 input : 1 output"
# Unit prices of models without token prices, what is made before what is sent.
_OWN_UNITS = (
    "image",
    "video_second",
    "clip",
    "audio_second",
    "output_second",
    "audio_hour",
    "audio_hour_out",
    "page",
    "query",
    "request",
    "message",
    "output_character",
    "output_pixel",
    "output_image",
    "output_audio",
    "output_video",
)
_OWN_PLACES = {slug: place for place, slug in enumerate(_OWN_UNITS)}
# Amounts are compared to four digits: 1.99997 is what a conversion leaves of 2.
_ROUNDING = Context(prec=4)


def blended(put_in: Decimal, put_out: Decimal | None = None) -> Decimal:
    """A price of input and output as `BLEND`; that of input alone where there is no other."""
    return put_in if put_out is None else (3 * put_in + put_out) / 4


@dataclass(frozen=True, slots=True)
class BaseRate:
    """A rate at standard terms: USD for `meter(slug).per` units; None unless priced or free."""

    state: str
    amount: Decimal | None = None


UNKNOWN = BaseRate("unknown")


@dataclass(frozen=True)
class HeadlineCandidate:
    """An endpoint of a model, as far as the headline depends on it.

    `own` is whether the provider belongs to the model's creator. `domestic` is an API for one
    country. `writes` is whether the model answers with text. `missing` is no longer listed by any
    source.
    """

    endpoint: int
    upstream_id: str
    provider: str
    kind: str
    own: bool
    domestic: bool
    variant: frozenset[str]
    region: str
    snapshot: str
    floating: bool
    missing: bool
    writes: bool
    rates: Mapping[str, BaseRate]

    def rate(self, slug: str) -> BaseRate:
        return self.rates.get(slug, UNKNOWN)

    @cached_property
    def blend(self) -> Decimal | None:
        """USD per million tokens, 3 input : 1 output; input alone where no output is sold."""
        put_in, put_out = self.rate("input").amount, self.rate("output").amount
        if put_in is None:
            return None
        if put_out is not None:
            return blended(put_in, put_out)
        sells_none = not self.writes or self.rate("output").state == "not_offered"
        return put_in if sells_none else None

    @cached_property
    def own_unit(self) -> str:
        """The meter of a row that lacks a price of input or output; empty for none."""
        if not any(self.rate(slug).amount is None for slug in ("input", "output")):
            return ""
        stated = [
            slug
            for slug, rate in self.rates.items()
            if slug not in HEADLINE and rate.amount is not None
        ]
        return min(stated, key=_own_unit_order, default="")

    @cached_property
    def amounts(self) -> tuple[Decimal, ...]:
        """The prices by which it sells: empty where none is known."""
        shown = ("input", "output", self.own_unit)
        amounts = (self.rate(slug).amount for slug in shown if slug)
        return tuple(amount for amount in amounts if amount is not None)

    @cached_property
    def standing(self) -> Standing:  # noqa: C901 - one rule after the other
        if self.missing:
            return Standing.MISSING
        if self.kind == ProviderKind.PLAN:
            return Standing.PLAN
        if self.kind == ProviderKind.LOCAL:
            return Standing.LOCAL
        if not self.amounts:
            return Standing.UNPRICED
        if self.floating:
            return Standing.FLOATING
        if own_tier(self.variant):
            return Standing.DEFERRED
        if not self.variant.isdisjoint(CONDITIONAL):
            return Standing.CONDITIONAL
        if "ft" in self.variant:
            return Standing.FINE_TUNED
        if "free" in self.variant:
            return Standing.TRIAL
        if self.own:
            return Standing.OWN
        if not any(self.amounts):
            return Standing.FREE
        if self.kind == ProviderKind.RESELLER:
            return Standing.RESELLER
        return Standing.DIRECT if self.kind in DIRECT else Standing.GATEWAY

    @cached_property
    def cost(self) -> tuple[int, int, Decimal]:
        """Sort key, the cheapest first: token prices before other units before input alone."""
        if self.blend is not None:
            return 0, 0, _ROUNDING.plus(self.blend)
        if self.own_unit:
            price = self.rate(self.own_unit).amount or Decimal(0)
            return 1, _own_unit_order(self.own_unit)[1], _ROUNDING.plus(price)
        if (alone := next(iter(self.amounts), None)) is not None:
            return 2, 0, _ROUNDING.plus(alone)
        return 3, 0, Decimal(0)

    @cached_property
    def digits(self) -> int:
        """Digits of its prices: a conversion leaves more of them than a price as published."""
        return sum(len(amount.normalize().as_tuple().digits) for amount in self.amounts)


def _own_unit_order(slug: str) -> tuple[int, int, str]:
    """Sort key of meters; those of tokens, of which one result takes many, come last."""
    known = _OWN_PLACES.get(slug)
    if known is not None:
        return 0, known, slug
    return 1 + (meter(slug).per == MILLION), len(_OWN_UNITS) + meter_order(slug)[0], slug


def in_order(candidates: Iterable[HeadlineCandidate]) -> list[HeadlineCandidate]:
    """Candidates of one model, the headline first.

    By standing. Of the creator's own endpoints the plainest first: its API before its cloud,
    worldwide before one country, without a variant, region or snapshot; of others the cheapest at
    standard speed.
    """
    return sorted(candidates, key=_order)


def _order(candidate: HeadlineCandidate) -> tuple[object, ...]:
    plain = (bool(candidate.variant), bool(candidate.region), bool(candidate.snapshot))
    directness = _directness(candidate)
    own = (not candidate.own, directness, candidate.domestic, *plain)
    names = (candidate.provider, candidate.upstream_id, candidate.endpoint)
    place = _PLACES[candidate.standing]
    if candidate.standing in SOLD and candidate.standing != Standing.OWN:
        speedy = not candidate.variant.isdisjoint(_SPEEDS)
        return place, speedy, candidate.cost, directness, candidate.digits, *plain, *names
    return place, *own, candidate.cost, *names


def _directness(candidate: HeadlineCandidate) -> int:
    """The place of its kind among direct ones; after them for others."""
    kind = candidate.kind
    return next((place for place, direct in enumerate(DIRECT) if direct == kind), len(DIRECT))


def by_cost(candidates: Iterable[HeadlineCandidate]) -> list[HeadlineCandidate]:
    """Those that are sold by use, at once and to everybody, the cheapest first."""
    sold = (candidate for candidate in candidates if candidate.standing in SOLD)
    return sorted(sold, key=lambda candidate: (candidate.cost, _order(candidate)))


@dataclass(frozen=True, slots=True)
class Lower:
    """A cheaper endpoint than the headline's: its blend is lower and so is its price of `meter`.

    `ratio` is how many times the headline's price is its own.
    """

    endpoint: int
    meter: str
    amount: Decimal
    ratio: Decimal


def lower_than(headline: HeadlineCandidate, cheapest: Sequence[HeadlineCandidate]) -> Lower | None:
    """The cheapest of `cheapest` whose row is below the headline's; None if there is none."""
    slug = "input" if headline.blend is not None else headline.own_unit
    shown = headline.rate(slug).amount if slug else None
    if not shown or headline.standing not in SOLD:
        return None
    for candidate in cheapest:
        if candidate.cost >= headline.cost:
            return None
        price = candidate.rate(slug).amount
        if price and _ROUNDING.plus(price) < _ROUNDING.plus(shown):
            return Lower(candidate.endpoint, slug, price, shown / price)
    return None
