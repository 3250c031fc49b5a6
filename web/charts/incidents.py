"""Hours in which calls failed, as a strip of columns: silence is a gap. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from web.params.charts import ENOUGH
from web.reads.call_hours import CallHour

HEIGHT = 24
# Kinds of hours with their heights, so that none is known by its colour alone. An hour of fewer
# than ENOUGH calls is of no kind that says how they went.
FINE, BAD, WORSE, FEW = "fine", "bad", "worse", "few"
_HEIGHTS = {FINE: 8, BAD: 16, WORSE: HEIGHT, FEW: 3}
_LEAST_FINE, _LEAST_BAD = 0.99, 0.95


def kind_of(hour: CallHour) -> str:
    if hour.calls < ENOUGH:
        return FEW
    share = hour.succeeded / hour.calls
    if share >= _LEAST_FINE:
        return FINE
    return BAD if share >= _LEAST_BAD else WORSE


@dataclass(frozen=True, slots=True)
class Incident:
    """Hours under 99 % that follow each other; `worst` is the share that succeeded in one."""

    place: int
    hours: int
    calls: int
    failed: int
    worst: float


def incidents(hours: Iterable[CallHour]) -> list[Incident]:
    """The newest first."""
    bad = [hour for hour in hours if kind_of(hour) in (BAD, WORSE)]
    # Hours that follow each other are equally far from their places in the list.
    runs = groupby(enumerate(bad), key=lambda pair: pair[1].place - pair[0])
    found = [[hour for _, hour in run] for _, run in runs]
    return [
        Incident(
            place=run[0].place,
            hours=len(run),
            calls=sum(hour.calls for hour in run),
            failed=sum(hour.failed for hour in run),
            worst=min(hour.succeeded / hour.calls for hour in run),
        )
        for run in reversed(found)
    ]


def draw_strip(hours: Sequence[CallHour], count: int) -> str:
    """SVG with a column an hour, `count` of them; `hours` are in order."""
    kinds = Counter(kind_of(hour) for hour in hours if hour.calls)
    label = (
        f"Of {count} hours {kinds[FINE]} with 99 % success or more, {kinds[BAD]} under 99 %,"
        f" {kinds[WORSE]} under 95 %, {kinds[FEW]} with fewer than {ENOUGH} calls, and"
        f" {count - kinds.total()} without any."
    )
    paths = "".join(
        f'<path class="{kind}" d="{_columns(hours, kind)}"/>' for kind in _HEIGHTS if kinds[kind]
    )
    return (
        f'<svg class="strip" viewBox="0 0 {count} {HEIGHT}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(label)}">{paths}</svg>'
    )


def _columns(hours: Sequence[CallHour], kind: str) -> str:
    """Hours of a kind that follow each other are one column."""
    places = [hour.place for hour in hours if hour.calls and kind_of(hour) == kind]
    runs = groupby(enumerate(places), key=lambda pair: pair[1] - pair[0])
    columns = ""
    for _, run in runs:
        (_, first), *more = run
        columns += f"M{first} {HEIGHT}v-{_HEIGHTS[kind]}h{len(more) + 1}V{HEIGHT}z"
    return columns
