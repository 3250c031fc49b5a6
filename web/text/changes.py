"""Changes in words: percentages, stages, and titles of what happened on a day. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from web.format.figures import money_exact
from web.reads.prices import Price
from web.text.prices import MEANINGS, counted

# A rise or fall of a hundredth and more is rounded to tenths of a percent, as bills are.
_TENTH = Decimal("0.1")
_HUNDRED = Decimal(100)


def percent_exact(before: Price, after: Price) -> Decimal | None:
    """By how many percent a price rose, below zero if it fell.

    None where one of them is no amount, they are in two currencies, or it was free.
    """
    comparable = before.currency == after.currency and before.counted == after.counted
    if not (comparable and before.amount and after.amount is not None):
        return None
    return (after.amount - before.amount) * 100 / before.amount


def percent(change: Decimal) -> str:
    """+7.1 %, −66.7 %, +1,150 %; a change that is none after rounding is < 0.1 %.

    A price that remains never falls by 100 %.
    """
    sign = "+" if change > 0 else "−"
    size = abs(change)
    rounded = size.quantize(_TENTH, ROUND_HALF_EVEN)
    if not rounded:
        return f"{sign}<{_TENTH} %"
    if change < 0 and size < _HUNDRED <= rounded:
        return f"{sign}>99.9 %"
    whole = rounded == rounded.to_integral_value() or size >= _HUNDRED
    return f"{sign}{rounded:,.0f} %" if whole else f"{sign}{rounded:,.1f} %"


def amount_in_full(price: Price) -> str:
    if price.state == "priced" and price.amount is not None:
        return f"{money_exact(price.amount, price.currency)} per {counted(price)}"
    return MEANINGS[price.state]


def change_in_full(before: Price, after: Price, under: str) -> str:
    """Input: $0.75 per million tokens, before $0.30 per million tokens, +150 %."""
    change = percent_exact(before, after)
    name = f"{after.unit.name}, {under[:1].lower()}{under[1:]}" if under else after.unit.name
    earlier = amount_in_full(before) if before.state != "unknown" else "not known"
    rise = f", {percent(change)}" if change else ""
    return f"{name}: {amount_in_full(after)}, before {earlier}{rise}"


def models_in_words(names: Sequence[str], most: int = 3) -> str:
    """A, B and 4 more models."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) <= most:
        return " and ".join(filter(None, (", ".join(distinct[:-1]), distinct[-1])))
    rest = len(distinct) - most + 1
    return f"{', '.join(distinct[: most - 1])} and {rest:,} more models"
