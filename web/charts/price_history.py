"""Price histories as SVG. Pure.

Colours, widths and fonts come from the style sheet by class, since the CSP allows no inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import escape

from web.charts.labels import spread
from web.charts.scales import LinearScale, amount_ticks, date_ticks
from web.format.figures import money, money_exact, partial_date

# Size in SVG units, and the margins of the plot: prices at the left, dates below, the lines'
# numbers at the right.
WIDTH, HEIGHT = 420, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 400, 12, 164
# The shortest span of a plot: one day must not look like a year.
SHORTEST = timedelta(days=30)
LABEL_HEIGHT = 11
RING = 3.5


@dataclass(frozen=True, slots=True)
class PriceStep:
    """A price over `[start, end)`; None is an unknown start, or no end yet.

    An `amount` of None leaves a gap. `announced`: stated for the future, not yet seen to hold.
    `corrected`: it begins because the figure before it was wrong.
    """

    start: datetime | None
    end: datetime | None
    amount: Decimal | None
    announced: bool = False
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One provider's price over time, its steps in order."""

    name: str
    steps: tuple[PriceStep, ...]


@dataclass(frozen=True, slots=True)
class PriceChart:
    """`key` is an element id; `title` and `unit` are for screen readers."""

    key: str
    title: str
    unit: str
    lines: tuple[PriceLine, ...]


class _Plot:
    """Positions of instants and amounts."""

    def __init__(self, first: datetime, last: datetime, top: Decimal) -> None:
        self.first, self.last = first, last
        self._x = LinearScale(first.timestamp(), last.timestamp(), LEFT, RIGHT)
        self._y = LinearScale(0, float(top), BOTTOM, TOP)

    def x(self, at: datetime) -> float:
        return self._x.at(at.timestamp())

    def y(self, amount: Decimal) -> float:
        return self._y.at(float(amount))


def draw(chart: PriceChart, now: datetime) -> str:
    """SVG of steps, a numbered line per provider; announced prices are dashed."""
    amounts = [
        step.amount for line in chart.lines for step in line.steps if step.amount is not None
    ]
    prices = amount_ticks(max(amounts, default=Decimal(0)))
    plot = _Plot(*span(chart.lines, now), prices[-1])
    ends = [_end(line, plot, now) for line in chart.lines]
    heights = spread([y for _, y in ends], LABEL_HEIGHT, BOTTOM)
    lines = [
        f'<g class="l{n}">{_drawn(line, plot, now)}<text x="{x + 4}" '
        f'y="{height + 3.5}">{n + 1}</text></g>'
        for n, (line, (x, _), height) in enumerate(zip(chart.lines, ends, heights, strict=True))
    ]
    return (
        f'<svg class="history" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{chart.key}-title {chart.key}-desc">'
        f'<title id="{chart.key}-title">{escape(chart.title)}</title>'
        f'<desc id="{chart.key}-desc">{escape(described(chart))}</desc>'
        # The first line is drawn last, above the others where prices are equal.
        f"{_grid(plot, prices, now)}{''.join(reversed(lines))}</svg>"
    )


def described(chart: PriceChart) -> str:
    """Text alternative: OpenAI: $5.00 until Aug 21, 2026, then $4.00."""
    lines = (
        f"{line.name}: {', then '.join(_in_words(step) for step in line.steps)}."
        for line in chart.lines
    )
    return " ".join((f"Prices {chart.unit}.", *lines))


def _in_words(step: PriceStep) -> str:
    price = "no price" if step.amount is None else money_exact(step.amount)
    start = f" from {day(step.start)}" if step.start and step.announced else ""
    end = f" until {day(step.end)}" if step.end else ""
    why = " announced" if step.announced else " (a correction)" if step.corrected else ""
    return f"{price}{why}{start}{end}"


def day(at: datetime) -> str:
    return partial_date(at.astimezone(UTC).date().isoformat())


# The axes ---------------------------------------------------------------------------------------


def span(lines: Sequence[PriceLine], now: datetime) -> tuple[datetime, datetime]:
    """First and last instant of the plot: every step, today, and room for open ends."""
    dates = {at for line in lines for step in line.steps for at in (step.start, step.end) if at}
    first, last = min({now, *dates}), max({now, *dates})
    length = max(last - first, SHORTEST)
    opens = any(step.start is None for line in lines for step in line.steps)
    first = min(first - length / 6 if opens else first, last - SHORTEST)
    return first, last + length / 6 if last > now else last


def _grid(plot: _Plot, prices: Sequence[Decimal], now: datetime) -> str:
    rows = "".join(
        f'<path class="grid" d="M{LEFT} {plot.y(price)}H{RIGHT}"/>'
        f'<text class="price" x="{LEFT - 6}" y="{plot.y(price) + 3.5}">{money(price)}</text>'
        for price in prices
    )
    columns = "".join(
        f'<text class="date" x="{plot.x(at)}" y="{BOTTOM + 16}">{label}</text>'
        for at, label in date_ticks(plot.first, plot.last)
    )
    if plot.last == now:
        return rows + columns
    x = plot.x(now)
    today = (
        f'<path class="now" d="M{x} {TOP}V{BOTTOM}"/><text class="date" x="{x}" y="9">today</text>'
    )
    return rows + columns + today


# The lines --------------------------------------------------------------------------------------


def _drawn(line: PriceLine, plot: _Plot, now: datetime) -> str:
    """Solid up to today, dashed after; an arrow at an open start, rings at corrections."""
    today, held, coming, marks = plot.x(now), "", "", ""
    for before, step in zip((None, *line.steps), line.steps, strict=False):
        if step.amount is None:
            continue
        start, y = plot.x(step.start or plot.first), plot.y(step.amount)
        until = plot.x(_until(step, plot, now))
        begin = _joined(before, step, plot) or f"M{start} {y}"
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


def _joined(before: PriceStep | None, step: PriceStep, plot: _Plot) -> str:
    if before is None or before.amount is None or step.amount is None or step.start != before.end:
        return ""
    return f"M{plot.x(step.start or plot.first)} {plot.y(before.amount)}V{plot.y(step.amount)}"


def _until(step: PriceStep, plot: _Plot, now: datetime) -> datetime:
    """End of a step in the plot: today for a current price, open for an announced one."""
    if step.end:
        return step.end
    return plot.last if step.announced else now


def _end(line: PriceLine, plot: _Plot, now: datetime) -> tuple[float, float]:
    drawn = [step for step in line.steps if step.amount is not None]
    if not drawn or drawn[-1].amount is None:
        return LEFT, BOTTOM
    return plot.x(_until(drawn[-1], plot, now)), plot.y(drawn[-1].amount)
