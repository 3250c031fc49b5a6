"""Cost against context as SVG, on logarithmic axes, with the efficient frontier. Pure.

Colours come from the style sheet by class, since the CSP allows no inline style.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from web.charts.scales import LogScale
from web.format.figures import tokens

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 700, 14, 262


@dataclass(frozen=True, slots=True)
class Point:
    """A model at its cheapest endpoint: US dollars a request, and tokens of context.

    `price` is the cost of 1,000 requests in words, for a point that is named in the drawing.
    """

    slug: str
    name: str
    cost: float
    context: int
    price: str = ""


def frontier(points: Sequence[Point]) -> list[Point]:
    """Points that are dominated by no other, from cheapest to largest."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, -point.context)):
        if not best or point.context > best[-1].context:
            best.append(point)
    return best


def draw(points: Sequence[Point], best: Sequence[Point], linked: Sequence[Point]) -> str:
    """SVG with a dot per point; those of `linked` and of the frontier `best` are links."""
    if not points:
        return ""
    x = LogScale.around([point.cost for point in points], LEFT, RIGHT)
    y = LogScale.around([point.context for point in points], BOTTOM, TOP)
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
        f'<svg class="scatter" viewBox="0 0 {WIDTH} {HEIGHT}" role="group" aria-label="Cost '
        'against context">'
        f'{_axes(x, y)}<path class="dots" d="{dots}"/><path class="frontier" '
        f'd="M{line}"/>{links}</svg>'
    )


def _link(point: Point, x: LogScale, y: LogScale, *, best: bool) -> str:
    label = escape(
        f"{point.name}: {point.price} per 1,000 requests, {tokens(point.context)} context"
    )
    css = ' class="best"' if best else ""
    return (
        f'<a href="/models/{escape(point.slug)}/" aria-label="{label}"><circle{css} '
        f'cx="{x.at(point.cost):.0f}" cy="{y.at(point.context):.0f}" r="{5 if best else 4}">'
        f"<title>{label}</title></circle></a>"
    )


def _axes(x: LogScale, y: LogScale) -> str:
    rows = "".join(
        f'<path class="grid" d="M{LEFT} {y.at(value):.0f}H{RIGHT}"/>'
        f'<text class="price" x="{LEFT - 6}" '
        f'y="{y.at(value) + 3.5:.0f}">{tokens(int(value))}</text>'
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
