"""Cost against context as SVG, with the efficient frontier. Pure: points in, a string out.

Both axes are logarithmic. Colours come from the style sheet by class, since pages allow no inline
style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from web.format.figures import tokens

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 700, 14, 262


@dataclass(frozen=True, slots=True)
class Point:
    """A model at its cheapest endpoint: about how many US dollars a request costs, and tokens of
    context.

    `price` is what 1,000 requests cost in words, where the point has a name in the drawing.
    """

    slug: str
    name: str
    cost: float
    context: int
    price: str = ""


def frontier(points: Sequence[Point]) -> list[Point]:
    """The points that nothing is both cheaper and larger than, from the cheapest to the largest."""
    best: list[Point] = []
    for point in sorted(points, key=lambda each: (each.cost, -each.context)):
        if not best or point.context > best[-1].context:
            best.append(point)
    return best


def draw(points: Sequence[Point], best: Sequence[Point], linked: Sequence[Point]) -> str:
    """The drawing:

    every point a dot, those of `linked` and of the frontier `best` links, and that a line.
    """
    if not points:
        return ""
    x = _scale([point.cost for point in points], LEFT, RIGHT)
    y = _scale([point.context for point in points], BOTTOM, TOP)
    named = {point.slug for point in (*best, *linked)}
    dots = "".join(
        f"M{x.at(point.cost):.0f} {y.at(point.context):.0f}h0"
        for point in points
        if point.slug not in named
    )
    line = "L".join(f"{x.at(point.cost):.0f} {y.at(point.context):.0f}" for point in best)
    on_line = {point.slug for point in best}
    others = [point for point in linked if point.slug not in on_line]
    links = "".join(_link(point, x, y, best=False) for point in others) + "".join(
        _link(point, x, y, best=True) for point in best
    )
    return (
        f'<svg class="scatter" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="Cost against context">'
        f'{_axes(x, y)}<path class="dots" d="{dots}"/><path class="frontier" d="M{line}"/>{links}</svg>'
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """A logarithmic axis, between whole powers of ten or halves of them."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        """Powers of ten within the axis, and their twos and fives where there are few of them."""
        powers = range(floor(self.low), ceil(self.high) + 1)
        steps = (1, 2, 5) if self.high - self.low < 2 else (1,)
        values = [step * 10.0**power for power in powers for step in steps]
        return [value for value in values if self.low <= log10(value) <= self.high]


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    logs = [log10(value) for value in values]
    low, high = min(logs) - 0.05, max(logs) + 0.05
    return _Scale(low, high, start, end)


def _link(point: Point, x: _Scale, y: _Scale, *, best: bool) -> str:
    said = escape(
        f"{point.name}: {point.price} per 1,000 requests, {tokens(point.context)} context"
    )
    stands = ' class="best"' if best else ""
    return (
        f'<a href="/models/{escape(point.slug)}/" aria-label="{said}"><circle{stands} '
        f'cx="{x.at(point.cost):.0f}" cy="{y.at(point.context):.0f}" r="{5 if best else 4}">'
        f"<title>{said}</title></circle></a>"
    )


def _axes(x: _Scale, y: _Scale) -> str:
    rows = "".join(
        f'<path class="grid" d="M{LEFT} {y.at(value):.0f}H{RIGHT}"/>'
        f'<text class="price" x="{LEFT - 6}" y="{y.at(value) + 3.5:.0f}">{tokens(int(value))}</text>'
        for value in y.ticks
    )
    columns = "".join(
        f'<text class="date" x="{x.at(value):.0f}" y="{BOTTOM + 18}">${_short(value * 1000)}</text>'
        for value in x.ticks
    )
    titles = f'<text class="axis" x="{RIGHT}" y="{HEIGHT - 4}">cost per 1,000 requests →</text>'
    return f"{rows}{columns}{titles}"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:.6f}".rstrip("0")
