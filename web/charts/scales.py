"""Scales and ticks of every drawing: amounts, instants, and values over powers of ten. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil, floor, log10

from web.format.figures import MONTHS

MOST_DATES = 5


@dataclass(frozen=True, slots=True)
class LinearScale:
    """Maps values from `low` to `high` to positions from `start` to `end`, one decimal; clamps."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + max(0.0, min(1.0, share)) * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class LogScale:
    """Maps positive values to positions; `low` and `high` are powers of ten."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float) -> "LogScale":
        powers = [log10(value) for value in values]
        return cls(min(powers) - 0.05, max(powers) + 0.05, start, end)

    def at(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Powers of ten within the scale, with their twos and fives where there are few."""
        powers = range(floor(self.low), ceil(self.high) + 1)
        steps = (1, 2, 5) if self.high - self.low < 2 else (1,)
        values = [step * 10.0**power for power in powers for step in steps]
        return [value for value in values if self.low <= log10(value) <= self.high]


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


def _month_label(at: datetime, *, with_year: bool) -> str:
    if at.month == 1:
        return str(at.year)
    return f"{MONTHS[at.month - 1]} {at.year}" if with_year else MONTHS[at.month - 1]


def _months(first: datetime, last: datetime) -> Iterator[datetime]:
    for month in range(first.year * 12 + first.month, last.year * 12 + last.month):
        yield datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
