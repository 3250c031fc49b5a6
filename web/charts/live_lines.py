"""Performance over time as SVG: a line for each endpoint, gaps where nothing was measured. Pure.

Colours, widths and fonts come from the style sheet by class, since the CSP allows no inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from html import escape
from math import log10
from statistics import median

from web.charts.labels import cut_apart, spread
from web.charts.scales import LinearScale, LogScale, amount_ticks, date_ticks, hour_ticks
from web.charts.scatter import outline
from web.params.charts import ENOUGH
from web.text.live import amount_of

# Size in SVG units, and the margins of the plot: values at the left, times below, names at the
# right.
WIDTH, HEIGHT = 440, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 334, 12, 164
MOST_LINES = 8
# Names are as far apart as their font on narrow screens needs, and are cut at a width.
NAME_SIZE, NAME_HEIGHT, NAME_WIDTH = 11, 14, 104
_MARK, _MARKS = 3.0, 4
# Height of the plot in units of its own: two decimals of a percentage.
FINE = 10_000
# Where the axis of uptime begins, the first at or below the lowest point, with its ticks.
_UPTIMES = (
    (0.99, 0.995, 1.0),
    (0.98, 0.99, 1.0),
    (0.96, 0.98, 1.0),
    (0.9, 0.95, 1.0),
    (0.8, 0.9, 1.0),
    (0.5, 0.75, 1.0),
    (0.0, 0.5, 1.0),
)
# Lines that are further apart than so many times are on a logarithmic scale.
_FAR_APART = 8
# What the arithmetic of fractions may lack of a whole number.
_DUST = 1e-6
_MOST_TICKS = 5
# A step of the window, counted from zero; the value in it; and of how many samples.
LivePoint = tuple[int, float, int]


@dataclass(frozen=True, slots=True)
class LiveLine:
    """Points of one endpoint in order. `group` is its colour and shape, 0 to MOST_LINES - 1."""

    name: str
    group: int
    points: Sequence[LivePoint]


@dataclass(frozen=True, slots=True)
class LiveChart:
    """`metric` is latency (seconds), throughput (tokens a second) or uptime (a ratio).

    `title` is for screen readers. The window has `count` steps from `first` on.
    """

    metric: str
    title: str
    first: datetime
    step: timedelta
    count: int
    lines: tuple[LiveLine, ...]

    @property
    def last(self) -> datetime:
        return self.first + self.step * (self.count - 1)


def draw(chart: LiveChart) -> str:
    """SVG with a line an endpoint, its name at the line's end; of few samples it is faint."""
    up, ticks = value_scale(chart)
    across = LinearScale(0, chart.count - 1, LEFT, RIGHT)
    lines = [line for line in chart.lines if line.points]
    heights = spread([up.at(line.points[-1][1]) for line in lines], NAME_HEIGHT, BOTTOM)
    # The first line is drawn last, above the others.
    paths = "".join(_path(line, up) for line in reversed(lines))
    names = cut_apart([line.name for line in lines], NAME_SIZE, NAME_WIDTH)
    marks = "".join(
        _marks(line, name, across, up, height)
        for line, name, height in reversed([*zip(lines, names, heights, strict=True)])
    )
    return (
        f'<svg class="lines" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{escape(described(chart))}" data-metric="{chart.metric}"'
        f' data-first="{chart.first.timestamp():.0f}" data-step="{chart.step.total_seconds():.0f}"'
        f' data-low="{up.low:.10g}" data-high="{up.high:.10g}"'
        f'{" data-log" if isinstance(up, LogScale) else ""} tabindex="0">'
        f"{_grid(chart, ticks, across, up)}"
        f'<svg class="plot" x="{LEFT}" y="{TOP}" width="{RIGHT - LEFT}" height="{BOTTOM - TOP}"'
        f' viewBox="0 0 {chart.count - 1} {FINE}" preserveAspectRatio="none">{paths}</svg>'
        f'{marks}<path class="cursor" d=""/></svg>'
    )


def described(chart: LiveChart) -> str:
    """Latency (P50), 24 h: Azure from 2.10 s to 2.90 s, last 2.30 s. OpenAI …"""
    lines = (
        f"{line.name} from {amount_of(chart.metric, min(values))} to"
        f" {amount_of(chart.metric, max(values))}, last {amount_of(chart.metric, values[-1])}."
        for line in chart.lines
        if (values := [value for _, value, _ in line.points])
    )
    return " ".join((f"{chart.title}:", *lines))


def value_scale(chart: LiveChart) -> tuple[LinearScale | LogScale, Sequence[float]]:
    """From zero to above the highest point; uptime from 99 % or below the lowest to 100 %.

    Where the medians of lines are far apart it is logarithmic: the smaller ones would be one line.
    """
    lines = [[value for _, value, _ in line.points] for line in chart.lines if line.points]
    values = [value for line in lines for value in line]
    if chart.metric == "uptime":
        lowest = min(values, default=1.0)
        ticks: Sequence[float] = next(ticks for ticks in _UPTIMES if ticks[0] <= lowest)
        return LinearScale(ticks[0], 1, BOTTOM, TOP), ticks
    medians = [median(line) for line in lines]
    if values and min(values) > 0 and max(medians) > _FAR_APART * min(medians):
        scale = LogScale.around(values, BOTTOM, TOP)
        return scale, scale.ticks(_MOST_TICKS)
    ticks = [float(tick) for tick in amount_ticks(Decimal(max(values, default=0.0)))]
    return LinearScale(0, ticks[-1], BOTTOM, TOP), ticks


def _grid(
    chart: LiveChart, ticks: Sequence[float], across: LinearScale, up: LinearScale | LogScale
) -> str:
    rows = "".join(
        f'<path class="grid" d="M{LEFT} {up.at(value)}H{RIGHT}"/>'
        f'<text class="value" x="{LEFT - 6}" y="{up.at(value) + 3.5}">'
        f"{_tick(chart.metric, value)}</text>"
        for value in ticks
    )
    times = hour_ticks if chart.last - chart.first < timedelta(days=2) else date_ticks
    columns = "".join(
        f'<text class="time" x="{across.at((at - chart.first) / chart.step)}" y="{BOTTOM + 16}">'
        f"{label}</text>"
        for at, label in times(chart.first, chart.last)
    )
    note = f'<text x="{LEFT}" y="7">logarithmic</text>' if isinstance(up, LogScale) else ""
    return f"{note}{rows}{columns}"


def _tick(metric: str, value: float) -> str:
    if metric == "uptime":
        return f"{value * 100:g} %"
    return f"{value:g} s" if metric == "latency" else f"{value:,.10g}"


def _path(line: LiveLine, up: LinearScale | LogScale) -> str:
    """A path of steps that follow each other, as moves from one to the next in whole units.

    Heights are rounded down, so that what is below 100 % is drawn below it.
    """
    low, fine, log = up.low, FINE / (up.high - up.low), isinstance(up, LogScale)
    drawn: dict[bool, list[str]] = {True: [], False: []}
    before, height, enough, pen = -2, 0, True, None
    for place, value, samples in line.points:
        y = FINE - int(((log10(value) if log else value) - low) * fine + _DUST)
        much = samples >= ENOUGH
        if place == before + 1:
            kind = enough and much
            if pen is not kind:
                drawn[kind].append(f"M{before} {height}l")
                pen = kind
            drawn[kind].append(f"1 {y - height} ")
        elif pen is None and before >= 0:
            drawn[enough].append(f"M{before} {height}h0")
        if place != before + 1:
            pen = None
        before, height, enough = place, y, much
    if pen is None and before >= 0:
        drawn[enough].append(f"M{before} {height}h0")
    solid, faint = ("".join(drawn[kind]).replace(" -", "-").rstrip() for kind in (True, False))
    paths = f'<path d="{solid}"/>' if solid else ""
    if faint:
        paths += f'<path class="few" d="{faint}"/>'
    return f'<g class="l{line.group}" data-name="{escape(line.name)}">{paths}</g>'


def _marks(
    line: LiveLine, name: str, across: LinearScale, up: LinearScale | LogScale, height: float
) -> str:
    """Shapes on the line, so that no line is known by its colour alone, and its name."""
    count, shift = len(line.points), line.group / MOST_LINES
    places = {int((n + shift) * count / _MARKS) for n in range(_MARKS)} if count > _MARKS else set()
    marks = "".join(
        outline(line.group, across.at(place), up.at(value), _MARK)
        for place, value, _ in (line.points[n] for n in sorted(places))
    )
    place, value, _ = line.points[-1]
    x, y = across.at(place), up.at(value)
    lead = f"M{x} {y}L{RIGHT + 6} {height}" if RIGHT - x < NAME_HEIGHT else ""
    return (
        f'<g class="l{line.group}" aria-hidden="true"><path class="lead" d="{lead}"/>'
        f'<path class="mark" d="{marks}{outline(line.group, RIGHT + 8, height, _MARK)}"/>'
        f'<text x="{RIGHT + 14}" y="{round(height + 3.5, 1)}">{escape(name)}</text></g>'
    )
