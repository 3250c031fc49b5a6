"""An announced change of a workload's cost in words: doubles on 1 December. Pure."""

from datetime import UTC, date
from decimal import ROUND_HALF_EVEN, Decimal

from pricing.announced import CostChange
from web.format.figures import day_in_full

_TIMES = {Decimal(2): "doubles", Decimal(3): "triples"}


def change_in_words(change: CostChange, today: date) -> str:
    """The verb and the day, after a subject: rises 12 % on 1 January 2027, falls 8 % on 1 June."""
    day = change.at.astimezone(UTC).date()
    when = day_in_full(day.isoformat())
    return f"{_verb(change)} on {when.removesuffix(f' {today.year}')}"


def _verb(change: CostChange) -> str:
    before, after = change.before, change.after
    if not before:
        return "is no longer free"
    if not after:
        return "becomes free"
    for times, verb in _TIMES.items():
        if after == before * times:
            return verb
    if after * 2 == before:
        return "halves"
    verb = "rises" if after > before else "falls"
    percent = (abs(after - before) * 100 / before).quantize(Decimal(1), ROUND_HALF_EVEN)
    return f"{verb} {percent:,} %" if percent else f"{verb} by less than 1 %"
