"""The cost of each day as a column, whole or with a part for each owner. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from web.charts.scales import LinearScale
from web.format.figures import money, thousands

# Size of the drawing, in units of its own.
WIDTH, HEIGHT = 1200, 160
MOST_DAYS = 120
# A week is as wide as the drawing at least, so that a few days are no blocks.
_LEAST_DAYS = 7
_GAP = 0.1


@dataclass(frozen=True, slots=True)
class DayCost:
    """What a day cost in US dollars, or an owner's part of it; None for all owners."""

    day: str
    amount: Decimal
    requests: int
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class DayPart:
    """A part of a day's column; `series` is the place of its owner in the legend."""

    series: int
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True, slots=True)
class DayColumns:
    """Columns of days. `most` is what the most expensive day cost."""

    parts: tuple[DayPart, ...]
    series: tuple[str | None, ...]
    most: Decimal
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT


def day_columns(costs: Sequence[DayCost], owners: Sequence[str] = ()) -> DayColumns | None:
    """The last MOST_DAYS days, `owners` from below, any other above; None where nothing cost."""
    by_day: dict[str, dict[str | None, DayCost]] = defaultdict(dict)
    for cost in costs:
        by_day[cost.day][cost.owner] = cost
    days = sorted(by_day)[-MOST_DAYS:]
    paid = [cost for day in days for cost in by_day[day].values() if cost.amount > 0]
    if not paid:
        return None
    sums = {day: sum((c.amount for c in by_day[day].values()), Decimal(0)) for day in days}
    most = max(sums.values())
    others = {cost.owner for cost in paid} - {*owners}
    series = (*owners, *sorted(others, key=str))
    heights = LinearScale(0, float(most), HEIGHT, 0)
    places, step = _places(days)
    parts = []
    for day, place in zip(days, places, strict=True):
        below = Decimal(0)
        for number, owner in enumerate(series):
            part = by_day[day].get(owner)
            if part is None or part.amount <= 0:
                continue
            bottom, top = (heights.at(float(edge)) for edge in (below, below + part.amount))
            below += part.amount
            parts.append(
                DayPart(
                    number,
                    x=f"{step * (place + _GAP):.1f}",
                    y=f"{top:.1f}",
                    width=f"{step * (1 - 2 * _GAP):.1f}",
                    height=f"{bottom - top:.1f}",
                    title=_title(part),
                )
            )
    return DayColumns(tuple(parts), series, most, days[0], days[-1])


def _places(days: Sequence[str]) -> tuple[list[int], float]:
    """The place of each day, and how wide it is; a day without requests leaves a gap."""
    numbers = [date.fromisoformat(day).toordinal() for day in days]
    places = [number - numbers[0] for number in numbers]
    # Days that are years apart are side by side.
    if places[-1] >= MOST_DAYS:
        places = list(range(len(days)))
    return places, WIDTH / max(places[-1] + 1, _LEAST_DAYS)


def _title(cost: DayCost) -> str:
    owner = "" if cost.owner is None else f", {cost.owner or '(none)'}"
    requests = f"{thousands(cost.requests)} request{'' if cost.requests == 1 else 's'}"
    return f"{cost.day}{owner}: {money(cost.amount)}, {requests}"
