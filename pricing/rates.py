"""Rates, rate cards, and what a request costs under one. Pure: no Django, no clock, no database.

Amounts are `Decimal` US dollars (or the stated currency) per `meter(...).per` units, never floats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Context, Decimal, Inexact
from typing import Any, Literal

from pricing.meters import meter
from pricing.terms import BASE, Band, Terms
from pricing.usage import Usage, of_the_prompt

State = Literal["priced", "free", "included", "dynamic", "unknown", "not_offered"]
STATES: tuple[State, ...] = ("priced", "free", "included", "dynamic", "unknown", "not_offered")

# What numeric(24, 12) holds. Every adapter rounds to it once, so that a refresh never sees a price move
# because of a float's last digit.
PLACES = Decimal("1e-12")
LIMIT = Decimal("1e12")


@dataclass(frozen=True, slots=True)
class StatedRate:
    """One source's price of one meter under stated terms.

    `amount` is money per `meter(meter).per` units; None unless the state is `priced` or `free`.
    `valid_from` and `valid_to` bound it where the source dates its prices (half-open); None is not dated.
    """

    meter: str
    amount: Decimal | None
    state: State = "priced"
    terms: Terms = field(default=BASE)
    currency: str = "USD"
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The rate as the smallest JSON object: amounts are strings, what is usual is left out."""
        stated: dict[str, Any] = {"meter": self.meter}
        if self.amount is not None:
            stated["amount"] = str(self.amount)
        if self.state != "priced":
            stated["state"] = self.state
        if self.currency != "USD":
            stated["currency"] = self.currency
        if self.terms != BASE:
            stated["terms"] = self.terms.to_json()
        if self.valid_from:
            stated["from"] = self.valid_from.isoformat()
        if self.valid_to:
            stated["to"] = self.valid_to.isoformat()
        return stated

    @classmethod
    def from_json(cls, stated: Mapping[str, Any]) -> "StatedRate":
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError on another shape."""
        return cls(
            meter=stated["meter"],
            amount=Decimal(stated["amount"]) if "amount" in stated else None,
            state=stated.get("state", "priced"),
            terms=Terms.from_json(stated["terms"]) if "terms" in stated else BASE,
            currency=stated.get("currency", "USD"),
            valid_from=datetime.fromisoformat(stated["from"]) if "from" in stated else None,
            valid_to=datetime.fromisoformat(stated["to"]) if "to" in stated else None,
        )


def stated(
    meter: str,
    amount: Decimal | int | None,
    *,
    terms: Terms = BASE,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> StatedRate:
    """A rate in US dollars per the meter's unit, with its state read off the amount.

    A stated zero is free, an absent amount is unknown, a negative one depends on the request (a router).
    Raises ValueError when the amount is not a number that a price can be.
    """
    if amount is None:
        return StatedRate(meter, None, "unknown", terms, valid_from=valid_from, valid_to=valid_to)
    exact = rounded(Decimal(amount))
    if exact < 0:
        return StatedRate(meter, None, "dynamic", terms, valid_from=valid_from, valid_to=valid_to)
    state: State = "priced" if exact else "free"
    return StatedRate(meter, exact, state, terms, valid_from=valid_from, valid_to=valid_to)


def rounded(amount: Decimal) -> Decimal:
    """An amount at the precision that is stored, 15 significant digits at the most, no trailing zeros.

    Upstreams print floats: 2.7500000000000004e-07 is 2.75e-07, and no price has 16 digits.
    Raises ValueError for NaN, infinities, sums that no price reaches, and what would round to a zero,
    which is another statement: free.
    """
    if not amount:
        return Decimal(0)
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError(f"{amount} is not a price")
    short = Decimal(f"{amount:.15g}").quantize(PLACES)
    if not short or abs(short) >= LIMIT:
        raise ValueError(f"{amount} is not a price")
    return Decimal(f"{short:f}".rstrip("0").rstrip("."))


# Sums of money are exact or an error: 10^18 tokens at a price of 15 digits need half of these.
_EXACT = Context(prec=80, traps=[Inexact])

# Where the field lists no price of their own, these tokens are billed as those: reasoning is written like
# any other output, and an image that a model reads is counted in tokens of its input.
_BILLED_AS = {
    "reasoning": "output",
    "input_image": "input",
    "cache_read_image": "cache_read",
    "cache_write_image": "cache_write",
}
# An endpoint that is stated to keep no cache reads these tokens as it reads any others.
_WITHOUT_A_CACHE = {"cache_read": "input", "cache_write": "input"}
# A fee that nobody mentions is not charged; of every other meter, what is not stated is unknown.
_ONLY_IF_STATED = {"request"}
# What an option says of the unit that is counted; a request does not choose it.
_DESCRIPTIVE = {"billed_by"}
STANDARD = ("", "standard", "default")


class UnknownTier(ValueError):
    """A service tier that the card does not state. It is refused, never priced as the standard tier."""

    def __init__(self, tier: str, stated_tiers: tuple[str, ...]) -> None:
        others = ", ".join(("standard", *stated_tiers))
        super().__init__(f"There is no “{tier}” tier here: {others} is what is stated.")
        self.tier = tier


@dataclass(frozen=True, slots=True)
class RateCard:
    """The rates of one endpoint, with the times and the terms of each."""

    rates: tuple[StatedRate, ...]

    def at(self, instant: datetime) -> "RateCard":
        """The card as it stood at an instant, its rates without dates: for usage of another time."""
        held = (rate for rate in self.rates if _stands(rate, instant))
        return RateCard(tuple(replace(rate, valid_from=None, valid_to=None) for rate in held))

    @property
    def tiers(self) -> tuple[str, ...]:
        """The service tiers that are stated beside the standard one, in order."""
        return tuple(sorted({rate.terms.tier for rate in self.rates} - {""}))


@dataclass(frozen=True, slots=True)
class Asked:
    """Under which terms a request is made: when, in which tier and region, with which options."""

    at: datetime
    tier: str = ""
    region: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What a quantity of one meter costs. `amount` is exact, in the currency of the rate.

    `rate` is the row that applied; it may be another meter's, as when reasoning is billed as output.
    `inherited` says that the tier or band that applies to the request does not name this meter.
    """

    meter: str
    quantity: Decimal
    rate: StatedRate
    amount: Decimal
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A quantity that cannot be priced: its state, and the options that its price depends on, if it does."""

    meter: str
    quantity: Decimal
    state: State
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a usage costs, a line for each meter, and what could not be priced."""

    lines: tuple[Line, ...]
    unpriced: tuple[Unpriced, ...] = ()

    @property
    def currency(self) -> str:
        """The currency of every line, or nothing where they differ."""
        currencies = {line.rate.currency for line in self.lines}
        return currencies.pop() if len(currencies) == 1 else "" if currencies else "USD"

    @property
    def total(self) -> Decimal | None:
        """The sum of the lines, exact; None where a meter has no price or currencies differ."""
        if self.unpriced or not self.currency:
            return None
        return _sum(line.amount for line in self.lines)

    @property
    def state(self) -> State:
        """Whether there is a total, or why there is none."""
        reasons: tuple[State, ...] = ("not_offered", "dynamic", "included", "unknown")
        for state in reasons:
            if any(unpriced.state == state for unpriced in self.unpriced):
                return state
        return "priced" if any(line.amount for line in self.lines) or not self.lines else "free"

    def times(self, requests: int | Decimal) -> "Cost":
        """What so many alike requests cost."""
        number = Decimal(requests)
        return Cost(
            tuple(
                replace(line, quantity=_product(line.quantity, number), amount=_product(line.amount, number))
                for line in self.lines
            ),
            tuple(replace(missed, quantity=_product(missed.quantity, number)) for missed in self.unpriced),
        )


def price(
    card: RateCard,
    usage: Usage,
    *,
    at: datetime,
    tier: str = "",
    region: str = "",
    options: Mapping[str, str] | None = None,
) -> Cost:
    """Itemise what `usage` costs under `card` at an instant: exact, unrounded, in the currency as published.

    Of the rates of a meter that hold, the most specific applies: the asked tier's own before the standard
    one, the asked region's before the one for everywhere, then options, the highest band passed, and hours
    before no hours. A meter that a tier or band does not name is inherited, each for itself. Every token
    counts once, under the narrowest meter that counts it. Raises UnknownTier for a tier that the card does
    not state, ValueError for an `at` without a time zone.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    asked = Asked(at, "" if tier in STANDARD else tier, region, tuple(sorted((options or {}).items())))
    standing = tuple(rate for rate in card.rates if _stands(rate, at))
    if asked.tier and asked.tier not in (tiers := RateCard(standing).tiers):
        raise UnknownTier(asked.tier, tiers)
    held = [rate for rate in standing if _holds(rate.terms, asked, usage)]
    banded = any(rate.terms.band for rate in held)
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    position = Decimal(0)
    for slug, quantity in usage.own.items():
        rates = _choose(slug, held)
        if rates and rates[0].amount is not None:
            for rate, part in _parts(rates, usage, quantity, position if of_the_prompt(slug) else None):
                inherited = bool(asked.tier and not rate.terms.tier) or (banded and not rate.terms.band)
                lines.append(Line(slug, part, rate, _money(part, rate), inherited))
        elif rates or slug not in _ONLY_IF_STATED:
            unpriced.append(_unpriced(slug, quantity, rates, standing, asked))
        position += quantity if of_the_prompt(slug) else 0
    return Cost(tuple(lines), tuple(unpriced))


def _stands(rate: StatedRate, at: datetime) -> bool:
    return (rate.valid_from is None or rate.valid_from <= at) and (
        rate.valid_to is None or at < rate.valid_to
    )


def _holds(terms: Terms, asked: Asked, usage: Usage) -> bool:
    return (
        terms.tier in ("", asked.tier)
        and terms.region in ("", asked.region)
        and all(option in asked.options for option in terms.options if option[0] not in _DESCRIPTIVE)
        and (terms.band is None or _passed(terms.band, usage))
        and (not terms.schedules or any(schedule.holds(asked.at) for schedule in terms.schedules))
    )


def _passed(band: Band, usage: Usage) -> bool:
    """Whether a request is past a band's threshold; cached tokens count towards it."""
    counted = usage["input" if band.basis == "total_input" else band.basis]
    return counted > band.threshold if band.operator == "gt" else counted >= band.threshold


def _choose(slug: str, held: list[StatedRate]) -> list[StatedRate]:
    """The rate that applies to a meter's tokens, the highest marginal band first; empty where none does."""
    rates = [rate for rate in held if rate.meter == slug]
    if not rates:
        return _choose(_BILLED_AS[slug], held) if slug in _BILLED_AS else []
    closest = max(_closeness(rate.terms) for rate in rates)
    best = sorted((r for r in rates if _closeness(r.terms) == closest), key=_height, reverse=True)
    highest = {(rate.state, rate.amount) for rate in best if _height(rate) == _height(best[0])}
    if len(highest) > 1:
        return []  # what tells them apart is nothing that was asked
    if best[0].state == "not_offered" and slug in _WITHOUT_A_CACHE:
        return _choose(_WITHOUT_A_CACHE[slug], held)
    return best


def _closeness(terms: Terms) -> tuple[bool, bool, int]:
    return bool(terms.tier), bool(terms.region), sum(name not in _DESCRIPTIVE for name, _ in terms.options)


def _height(rate: StatedRate) -> tuple[int, bool]:
    return rate.terms.band.threshold if rate.terms.band else -1, bool(rate.terms.schedules)


def _parts(
    rates: list[StatedRate], usage: Usage, quantity: Decimal, position: Decimal | None
) -> Iterator[tuple[StatedRate, Decimal]]:
    """The rate of each part of a meter's tokens: one rate for all, unless a band prices what is past it.

    `position` is how many tokens of the prompt come before; None is after all of it.
    """
    left = quantity
    for rate in rates:
        band = rate.terms.band
        if band is None or band.applies == "whole_request":
            yield rate, left
            return
        if position is None or band.basis != "total_input":
            yield rate, left
            return
        first = band.threshold if band.operator == "gt" else band.threshold - 1
        past = min(left, max(Decimal(0), position + left - first))
        if past:
            yield rate, past
        left -= past
        if not left:
            return
    raise ValueError(f"{rates[0].meter} has a marginal band and no rate below it")


def _unpriced(
    slug: str, quantity: Decimal, rates: list[StatedRate], standing: tuple[StatedRate, ...], asked: Asked
) -> Unpriced:
    if rates:
        return Unpriced(slug, quantity, rates[0].state)
    options = {name for rate in standing if rate.meter == slug for name, _ in rate.terms.options}
    return Unpriced(slug, quantity, "unknown", tuple(sorted(options - dict(asked.options).keys())))


def _money(quantity: Decimal, rate: StatedRate) -> Decimal:
    """The exact price of a quantity: every `per` is a power of ten, so dividing only moves the point."""
    assert rate.amount is not None
    return _EXACT.divide(_product(quantity, rate.amount), Decimal(meter(rate.meter).per)).normalize(_EXACT)


def _product(one: Decimal, other: Decimal) -> Decimal:
    return _EXACT.multiply(one, other)


def _sum(amounts: Iterator[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total
