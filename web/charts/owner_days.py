"""The cost of each day as a column with a part for each owner. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from web.format.figures import money

# Size of the drawing, in units of its own.
WIDTH, HEIGHT = 1200, 160
MOST_DAYS = 120
# A week is as wide as the drawing at least, so that a few days are no blocks.
_LEAST_DAYS = 7
_GAP = 0.1


@dataclass(frozen=True, slots=True)
class OwnerDay:
    """What an owner cost on a day, in US dollars."""

    day: str
    owner: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class StackedPart:
    """An owner's part of a day's column; `series` is the owner's place in the legend."""

    series: int
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True, slots=True)
class StackedDays:
    """Columns of days. `most` is what the most expensive day cost."""

    parts: tuple[StackedPart, ...]
    series: tuple[str, ...]
    most: Decimal
    first: str
    last: str
    days_in_all: int
    width: int = WIDTH
    height: int = HEIGHT


def stack(costs: Sequence[OwnerDay], owners: Sequence[str]) -> StackedDays | None:
    """The last MOST_DAYS days, `owners` from below, any other above; None where nothing cost."""
    by_day: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for cost in costs:
        by_day[cost.day][cost.owner] += cost.amount
    days = sorted(by_day)[-MOST_DAYS:]
    most = max((sum(by_day[day].values(), Decimal(0)) for day in days), default=Decimal(0))
    if not most:
        return None
    others = {owner for day in days for owner in by_day[day]} - {*owners}
    series = (*owners, *sorted(others))
    numbers = [date.fromisoformat(day).toordinal() for day in days]
    places = [number - numbers[0] for number in numbers]
    # Days that are years apart are side by side.
    if places[-1] >= MOST_DAYS:
        places = list(range(len(days)))
    step = WIDTH / max(places[-1] + 1, _LEAST_DAYS)
    parts = []
    for day, place in zip(days, places, strict=True):
        below = Decimal(0)
        for number, owner in enumerate(series):
            amount = by_day[day].get(owner, Decimal(0))
            if amount <= 0:
                continue
            bottom, top = (float(HEIGHT * edge / most) for edge in (below, below + amount))
            below += amount
            parts.append(
                StackedPart(
                    number,
                    x=f"{step * (place + _GAP):.1f}",
                    y=f"{HEIGHT - top:.1f}",
                    width=f"{step * (1 - 2 * _GAP):.1f}",
                    height=f"{top - bottom:.1f}",
                    title=f"{day}, {owner or '(none)'}: {money(amount)}",
                )
            )
    return StackedDays(tuple(parts), series, most, days[0], days[-1], len(by_day))
