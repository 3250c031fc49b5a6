"""Price histories as SVG. Pure: lines in, a string out; no clock, no database, no style of its own.

Colours, widths and fonts come from the style sheet by class, since the pages allow no inline style.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape
from itertools import pairwise

from web.format.figures import MONTHS, money, money_exact, partial_date

# The size of a drawing in its own units, and the room around the plot: prices at the left, dates
# below, the lines' numbers at the right.
WIDTH, HEIGHT = 420, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 400, 12, 164
# No plot spans less: one day would look like a year.
SHORTEST = timedelta(days=30)
MOST_LABELS = 5
LABEL_HEIGHT = 11
RING = 3.5


@dataclass(frozen=True, slots=True)
class Step:
    """A price over `[start, end)`; an open start is not known, an open end goes on.

    `amount` is None where there was none to draw, which leaves a gap. `announced`: not yet seen to
    hold. `corrected`: it begins because what stood before was wrong, not because the provider
    moved.
    """

    start: datetime | None
    end: datetime | None
    amount: Decimal | None
    announced: bool = False
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One provider's price over time, its steps in order."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`key` is an id in the page, `title` and `unit` are for who does not see the drawing."""

    key: str
    title: str
    unit: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where instants and amounts stand in the plot."""

    first: datetime
    last: datetime
    top: Decimal

    def x(self, at: datetime) -> float:
        share = (at - self.first) / (self.last - self.first)
        return round(LEFT + max(0.0, min(1.0, share)) * (RIGHT - LEFT), 1)

    def y(self, amount: Decimal) -> float:
        return round(BOTTOM - float(amount / self.top) * (BOTTOM - TOP), 1)


def draw(chart: Chart, now: datetime) -> str:
    """The SVG of a chart:

    steps, one line a provider, numbered as in the legend, announced prices dashed.
    """
    amounts = [
        step.amount for line in chart.lines for step in line.steps if step.amount is not None
    ]
    prices = price_ticks(max(amounts, default=Decimal(0)))
    scale = Scale(*span(chart.lines, now), prices[-1])
    ends = [_end(line, scale, now) for line in chart.lines]
    heights = spread([y for _, y in ends])
    lines = [
        f'<g class="l{n}">{_drawn(line, scale, now)}<text x="{x + 4}" y="{height + 3.5}">{n + 1}</text></g>'
        for n, (line, (x, _), height) in enumerate(zip(chart.lines, ends, heights, strict=True))
    ]
    return (
        f'<svg class="history" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{chart.key}-title {chart.key}-desc">'
        f'<title id="{chart.key}-title">{escape(chart.title)}</title>'
        f'<desc id="{chart.key}-desc">{escape(described(chart))}</desc>'
        # The first line is drawn last: where prices are the same it stands above the others.
        f"{_grid(scale, prices, now)}{''.join(reversed(lines))}</svg>"
    )


def described(chart: Chart) -> str:
    """The chart in words: OpenAI: $5.00 until Aug 21, 2026, then $4.00."""
    said = (
        f"{line.name}: {', then '.join(_said(step) for step in line.steps)}."
        for line in chart.lines
    )
    return " ".join((f"Prices {chart.unit}.", *said))


def _said(step: Step) -> str:
    price = "no price" if step.amount is None else money_exact(step.amount)
    start = f" from {day(step.start)}" if step.start and step.announced else ""
    end = f" until {day(step.end)}" if step.end else ""
    why = " announced" if step.announced else " (a correction)" if step.corrected else ""
    return f"{price}{why}{start}{end}"


def day(at: datetime) -> str:
    return partial_date(at.astimezone(UTC).date().isoformat())


# The axes ---------------------------------------------------------------------------------------


def span(lines: Sequence[Line], now: datetime) -> tuple[datetime, datetime]:
    """What the plot spans:

    every dated step, today, and room for what began before and goes on after.
    """
    dates = {at for line in lines for step in line.steps for at in (step.start, step.end) if at}
    first, last = min({now, *dates}), max({now, *dates})
    length = max(last - first, SHORTEST)
    opens = any(step.start is None for line in lines for step in line.steps)
    first = min(first - length / 6 if opens else first, last - SHORTEST)
    return first, last + length / 6 if last > now else last


def price_ticks(highest: Decimal) -> list[Decimal]:
    """Round amounts from zero to the first one that is not below `highest`, three or four steps in
    all."""
    if highest <= 0:
        return [Decimal(0), Decimal(1)]
    unit = Decimal(1).scaleb((highest / 4).adjusted())
    size = next(size for size in (unit, unit * 2, unit * 5, unit * 10) if size * 4 >= highest)
    return [size * n for n in range(5) if n == 0 or size * (n - 1) < highest]


def date_ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """At most five instants between two with what stands below them: days, months or years."""
    days = (last - first).days
    if days <= 75:
        step = next(step for step in (1, 2, 7, 14, 21) if days / step <= MOST_LABELS - 1)
        begin = (first + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        ticks = [begin + timedelta(days=n * step) for n in range(days // step + 1)]
        return [(at, f"{MONTHS[at.month - 1]} {at.day}") for at in ticks if at <= last]
    months = next(
        (many for many in (1, 2, 3, 6, 12, 24, 36, 60) if days / many <= 30 * MOST_LABELS), 120
    )
    starts = [at for at in _months(first, last) if (at.year * 12 + at.month - 1) % months == 0]
    return [(at, _month(at, at == starts[0])) for at in starts]


def _month(at: datetime, is_first: bool) -> str:
    """A month by its name, January by its year; the first one has both, so that the year is never
    guessed."""
    name = MONTHS[at.month - 1]
    return str(at.year) if at.month == 1 else f"{name} {at.year}" if is_first else name


def _months(first: datetime, last: datetime) -> Iterator[datetime]:
    for month in range(first.year * 12 + first.month, last.year * 12 + last.month):
        yield datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _grid(scale: Scale, prices: Sequence[Decimal], now: datetime) -> str:
    rows = "".join(
        f'<path class="grid" d="M{LEFT} {scale.y(price)}H{RIGHT}"/>'
        f'<text class="price" x="{LEFT - 6}" y="{scale.y(price) + 3.5}">{money(price)}</text>'
        for price in prices
    )
    columns = "".join(
        f'<text class="date" x="{scale.x(at)}" y="{BOTTOM + 16}">{label}</text>'
        for at, label in date_ticks(scale.first, scale.last)
    )
    if scale.last == now:
        return rows + columns
    x = scale.x(now)
    today = (
        f'<path class="now" d="M{x} {TOP}V{BOTTOM}"/><text class="date" x="{x}" y="9">today</text>'
    )
    return rows + columns + today


# The lines --------------------------------------------------------------------------------------


def _drawn(line: Line, scale: Scale, now: datetime) -> str:
    """What was seen to hold is one path, what is to come another, dashed; an open start has an
    arrow, and a correction a ring."""
    today, held, coming, marks = scale.x(now), "", "", ""
    for before, step in zip((None, *line.steps), line.steps, strict=False):
        if step.amount is None:
            continue
        start, y = scale.x(step.start or scale.first), scale.y(step.amount)
        until = scale.x(_until(step, scale, now))
        begin = _joined(before, step, scale) or f"M{start} {y}"
        if step.announced:
            coming += f"{begin}H{until}"
        else:
            held += f"{begin}H{min(until, today)}"
            coming += f"M{today} {y}H{until}" if until > today else ""
        if step.start is None:
            marks += f'<path class="open" d="M{LEFT + 6} {y - 4}L{LEFT} {y}L{LEFT + 6} {y + 4}"/>'
        elif step.corrected:
            marks += f'<circle cx="{start}" cy="{y}" r="{RING}"/>'
    dashed = f'<path stroke-dasharray="4 3" d="{coming}"/>' if coming else ""
    return f'<path d="{held}"/>{dashed}{marks}' if held else dashed + marks


def _joined(before: Step | None, step: Step, scale: Scale) -> str:
    """The rise or fall from the step before, where that one lasted until this one."""
    if before is None or before.amount is None or step.amount is None or step.start != before.end:
        return ""
    return f"M{scale.x(step.start or scale.first)} {scale.y(before.amount)}V{scale.y(step.amount)}"


def _until(step: Step, scale: Scale, now: datetime) -> datetime:
    """Where a step ends in the plot:

    what holds today is known until today, what is announced goes on.
    """
    if step.end:
        return step.end
    return scale.last if step.announced else now


def _end(line: Line, scale: Scale, now: datetime) -> tuple[float, float]:
    """The last point of a line, where its number stands."""
    drawn = [step for step in line.steps if step.amount is not None]
    if not drawn or drawn[-1].amount is None:
        return LEFT, BOTTOM
    return scale.x(_until(drawn[-1], scale, now)), scale.y(drawn[-1].amount)


def spread(heights: Sequence[float]) -> list[float]:
    """Heights for labels near the given ones, so that no two stand on each other."""
    order = sorted(range(len(heights)), key=lambda n: (heights[n], n))
    placed = list(heights)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + LABEL_HEIGHT)
    for below, above in pairwise(reversed(order)):
        limit = BOTTOM if below == order[-1] else placed[below]
        placed[below] = min(placed[below], limit)
        placed[above] = min(placed[above], placed[below] - LABEL_HEIGHT)
    return [round(height, 1) for height in placed]
