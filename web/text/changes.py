"""Changes in words: percentages, stages, and titles of what happened on a day."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, partial_date, tokens
from web.reads.changes import RecordedChange
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


_AVAILABILITY = {
    "added": "Served here from now on",
    "gone": "No source lists it here any more",
    "back": "Listed here again",
}
_LIMITS = {
    "context_window": "Context",
    "max_input": "Longest input",
    "max_output": "Longest output",
}
_POLICY = {"training": "Training", "retention": "Retention", "zdr": "Zero data retention"}


def recorded_in_words(change: RecordedChange, capabilities: Mapping[str, str]) -> str:
    """Context 128K → 200K; Shutdown announced for Jan 1, 2027; `capabilities` are names by slug."""
    before, after = str(change.before or ""), str(change.after or "")
    match change.kind:
        case "endpoint":
            return _AVAILABILITY.get(change.field, change.field)
        case "limit":
            name = _LIMITS.get(change.field, change.field)
            return f"{name} {tokens(int(before))} → {tokens(int(after))}"
        case "capability":
            name = capabilities.get(change.field, change.field.replace("-", " "))
            return f"{name}: {'no → yes' if change.after else 'yes → no'}"
        case "policy":
            name = _POLICY.get(change.field, change.field)
            return f"{name}: {before.replace('_', ' ')} → {after.replace('_', ' ')}"
    if change.field == "retired_on":
        return _shutdown(before, after)
    if after in (Lifecycle.DEPRECATED, Lifecycle.RETIRED):
        return after.capitalize()
    return f"No longer {before}"


def _shutdown(before: str, after: str) -> str:
    if not after:
        return f"No longer to be shut down on {partial_date(before)}"
    if not before:
        return f"Shutdown announced for {partial_date(after)}"
    return f"Shutdown moved from {partial_date(before)} to {partial_date(after)}"
