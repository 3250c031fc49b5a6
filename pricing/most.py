"""The most that a call can cost, before it is made. Pure."""

from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from pricing.price import price
from pricing.rates import PLACES, RateCard
from pricing.usage import Usage


class NoBound(ValueError):
    """Why no limit can be kept: what is used would have no price in USD. A part of a sentence."""


def most_it_costs(
    card: RateCard, *, input_tokens: int, output_tokens: int, begins: datetime, ends: datetime
) -> Decimal:
    """The most that a call of at most so many tokens can cost, in USD, rounded up to what is kept.

    The tokens of the input may also be written to a cache, those of the output all be reasoning;
    the price may be that of its beginning or of its end. Raises NoBound.
    """
    plain = {"input": input_tokens, "output": output_tokens}
    cost = price(card, Usage.of(**plain), at=begins)
    if cost.total is None:
        missing = ", ".join(sorted({part.meter for part in cost.unpriced}))
        raise NoBound(f"{missing} {cost.state}" if missing else "prices in several currencies")
    if cost.currency != "USD":
        raise NoBound(f"it is priced in {cost.currency}, and limits are in US dollars")
    totals = (
        price(card, usage, at=instant).total
        for usage in _dearer(plain)
        for instant in (begins, ends)
    )
    return rounded_up(max(total for total in totals if total is not None))


def _dearer(plain: dict[str, int]) -> Iterator[Usage]:
    yield Usage.of(**plain)
    yield Usage.of(**plain, cache_write=plain["input"])
    yield Usage.of(**plain, reasoning=plain["output"])


def rounded_up(amount: Decimal) -> Decimal:
    """To the smallest amount that is kept."""
    return amount.quantize(PLACES, rounding=ROUND_CEILING)
