"""Rates and rate cards. Pure.

Amounts are `Decimal` US dollars (or the stated currency) per `meter(...).per` units, never floats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pricing.terms import BASE, Terms

State = Literal["priced", "free", "included", "dynamic", "unknown", "not_offered"]
STATES: tuple[State, ...] = ("priced", "free", "included", "dynamic", "unknown", "not_offered")

# What numeric(24, 12) holds. Every adapter rounds to it once, so that a refresh never sees a price
# move because of a float's last digit.
PLACES = Decimal("1e-12")
LIMIT = Decimal("1e12")


@dataclass(frozen=True, slots=True)
class StatedRate:
    """One source's price of one meter under stated terms.

    `amount` is money per `meter(meter).per` units; None unless the state is `priced` or `free`.
    `valid_from` and `valid_to` bound it where the source dates its prices (half-open); None is not
    dated. `content_billed_as_input` is for searches: whether what they find is billed as input
    on top; None is not stated.
    """

    meter: str
    amount: Decimal | None
    state: State = "priced"
    terms: Terms = field(default=BASE)
    currency: str = "USD"
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    content_billed_as_input: bool | None = None

    def holds_at(self, at: datetime) -> bool:
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_to is None or at < self.valid_to
        )

    def to_json(self) -> dict[str, Any]:
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
        if self.content_billed_as_input is not None:
            stated["content_billed_as_input"] = self.content_billed_as_input
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
            content_billed_as_input=stated.get("content_billed_as_input"),
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

    A stated zero is free, an absent amount is unknown, a negative one depends on the request (a
    router). Raises ValueError when the amount is not a number that a price can be.
    """
    if amount is None:
        return StatedRate(meter, None, "unknown", terms, valid_from=valid_from, valid_to=valid_to)
    exact = rounded(Decimal(amount))
    if exact < 0:
        return StatedRate(meter, None, "dynamic", terms, valid_from=valid_from, valid_to=valid_to)
    state: State = "priced" if exact else "free"
    return StatedRate(meter, exact, state, terms, valid_from=valid_from, valid_to=valid_to)


def rounded(amount: Decimal) -> Decimal:
    """An amount at the precision that is stored, 15 significant digits at the most, no trailing
    zeros.

    Upstreams print floats: 2.7500000000000004e-07 is 2.75e-07, and no price has 16 digits. Raises
    ValueError for NaN, infinities, sums that no price reaches, and what would round to a zero,
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


@dataclass(frozen=True, slots=True)
class RateCard:
    """The rates of one endpoint, with the times and the terms of each."""

    rates: tuple[StatedRate, ...]

    def at(self, instant: datetime) -> "RateCard":
        """The card as valid at an instant, its rates without dates: for usage of another time."""
        held = (rate for rate in self.rates if rate.holds_at(instant))
        return RateCard(tuple(replace(rate, valid_from=None, valid_to=None) for rate in held))

    def is_dated(self, meter: str, at: datetime) -> bool:
        return any(rate.meter == meter and not rate.holds_at(at) for rate in self.rates)

    @property
    def tiers(self) -> tuple[str, ...]:
        return tuple(sorted({rate.terms.tier for rate in self.rates} - {""}))
