"""Why a source states another figure than the one that is shown, where that is plain. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from pricing.rates import StatedRate
from pricing.terms import BASE, Terms
from web.format.figures import partial_date
from web.format.terms import in_words
from web.reads.prices import PastPrice

_ROUNDED = Decimal("0.01")
_LIMITS = ("context_window", "max_input", "max_output")
_SLIPS = {Decimal(10) ** power for power in (1, 2, 3, 6)}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of a claim beside its figure; dates are ISO dates, "" where unknown.

    `data_of` is the date of its source's data, `shown_of` that of the source that is shown.
    """

    by_pattern: bool = False
    data_of: str = ""
    shown_of: str = ""

    @property
    def reason(self) -> str:
        if self.by_pattern:
            return "by a rule for several ids"
        if self.data_of and self.shown_of and self.data_of < self.shown_of:
            return f"older data, of {partial_date(self.data_of)}"
        return ""


def terms_in_short(terms: Terms) -> str:
    """Hours stand in full in the rate card: at set hours; batch, over 272,000 input tokens."""
    words = in_words(replace(terms, schedules=()))
    parts = [words[:1].lower() + words[1:]] if words != in_words(BASE) else []
    if terms.schedules:
        parts.append("at set hours")
    return ", ".join(parts) or "at standard terms"


def why_another_price(
    claim: StatedRate,
    shown: Decimal | None,
    currency: str,
    known: Circumstances,
    *,
    card: Iterable[tuple[str, Terms, Decimal | None]] = (),
    past: Sequence[PastPrice] = (),
) -> str:
    """`card` are the endpoint's other prices by meter and terms, `past` those of before."""
    if claim.currency != currency:
        return f"in {claim.currency}"
    if claim.amount is None or shown is None:
        return known.reason
    for meter, terms, amount in card:
        if (meter, amount) == (claim.meter, claim.amount) and terms != claim.terms:
            return f"another of its prices: {terms_in_short(terms)}"
    for price in past:
        if (price.meter, price.amount) == (claim.meter, claim.amount) and not claim.terms.tier:
            return f"the price until {partial_date(price.until)}"
    if claim.amount and shown:
        larger, smaller = max(claim.amount, shown), min(claim.amount, shown)
        if larger / smaller in _SLIPS:
            return f"{larger / smaller:,.0f} times apart: perhaps another unit"
        if larger - smaller <= _ROUNDED * larger:
            return "rounded"
    return known.reason


def why_another_fact(
    field: str, value: Any, shown: Any, facts: Mapping[str, Any], known: Circumstances
) -> str:
    """`facts` are all that the same source states of the same subject."""
    if field in _LIMITS and isinstance(value, int) and isinstance(shown, int) and value and shown:
        if field == "max_output" and value in (facts.get("context_window"), facts.get("max_input")):
            return "the same as its context"
        if abs(value - shown) * 20 <= max(value, shown):
            return "rounded"
    return known.reason
