"""Scales and ticks of every drawing: amounts, instants, and values over powers of ten. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, floor, log10

from web.format.figures import MONTHS

MOST_DATES = 5
# Room at either end of a scale, as a share of what its values span.
_ROOM = 0.03
# The shortest logarithmic scale has at least two of 1, 2, 5 and 10 on it.
_LEAST_POWERS = 0.7


@dataclass(frozen=True, slots=True)
class LinearScale:
    """Maps values from `low` to `high` to positions from `start` to `end`, one decimal; clamps."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float) -> "LinearScale":
        """Room for all values and a little more; equal values are in the middle."""
        low, high = min(values), max(values)
        span = max(high - low, abs(high) / 50) or 1
        middle, half = (low + high) / 2, span * (0.5 + _ROOM)
        return cls(middle - half, middle + half, start, end)

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + max(0.0, min(1.0, share)) * (self.end - self.start), 1)

    def ticks(self, most: int) -> list[float]:
        """Round values within the scale, evenly apart, at most so many."""
        steps = (step * 10.0**power for power in range(-6, 12) for step in (1, 2, 5))
        step = next(step for step in steps if (self.high - self.low) / step < most)
        first, last = ceil(self.low / step), floor(self.high / step)
        return [round(n * step, 6) for n in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class LogScale:
    """Maps positive values to positions, one decimal; `low` and `high` are powers of ten."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float) -> "LogScale":
        """Room for all values and a little more; equal values are in the middle."""
        powers = [log10(value) for value in values]
        low, high = min(powers), max(powers)
        middle, half = (low + high) / 2, max(high - low, _LEAST_POWERS) * (0.5 + _ROOM)
        return cls(middle - half, middle + half, start, end)

    def at(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, most: int) -> list[float]:
        """Powers of ten within the scale, and their twos and fives if that is at most so many."""
        powers = range(floor(self.low), ceil(self.high) + 1)
        for steps in ((1, 2, 5), (1, 3), (1,)):
            values = [step * 10.0**power for power in powers for step in steps]
            ticks = [value for value in values if self.low <= log10(value) <= self.high]
            if len(ticks) <= most:
                return ticks
        return ticks[:: -(-len(ticks) // most)]


def amount_ticks(highest: Decimal) -> list[Decimal]:
    """Round amounts from zero to the first that is not below `highest`: three or four steps."""
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    unit = Decimal(1).scaleb((highest / 4).adjusted())
    size = next(size for size in (unit, unit * 2, unit * 5, unit * 10) if size * 4 >= highest)
    return [size * n for n in range(5) if n == 0 or size * (n - 1) < highest]


def date_ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """At most five instants between two, each with its label: days, months or years."""
    days = (last - first).days
    if days <= 75:
        step = next(step for step in (1, 2, 7, 14, 21) if days / step <= MOST_DATES - 1)
        begin = (first + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        ticks = [begin + timedelta(days=n * step) for n in range(days // step + 1)]
        return [(at, f"{MONTHS[at.month - 1]} {at.day}") for at in ticks if at <= last]
    months = next(
        (many for many in (1, 2, 3, 6, 12, 24, 36, 60) if days / many <= 30 * MOST_DATES), 120
    )
    starts = [at for at in _months(first, last) if (at.year * 12 + at.month - 1) % months == 0]
    return [(at, _month_label(at, with_year=at == starts[0])) for at in starts]


def hour_ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Every sixth hour (UTC) between two instants a day apart; midnight has its day as label."""
    begin = first.replace(hour=first.hour // 6 * 6, minute=0, second=0, microsecond=0)
    ticks = [begin + timedelta(hours=6 * n) for n in range((last - begin).days * 4 + 5)]
    return [
        (at, f"{at:%H:%M}" if at.hour else f"{MONTHS[at.month - 1]} {at.day}")
        for at in ticks
        if first <= at <= last
    ]


def _month_label(at: datetime, *, with_year: bool) -> str:
    if at.month == 1:
        return str(at.year)
    return f"{MONTHS[at.month - 1]} {at.year}" if with_year else MONTHS[at.month - 1]


def _months(first: datetime, last: datetime) -> Iterator[datetime]:
    for month in range(first.year * 12 + first.month, last.year * 12 + last.month):
        yield datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
