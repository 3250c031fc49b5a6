"""Models as points of a drawing, with the frontier and the names of the best. Pure.

On pages colours come from the style sheet by class, since the CSP allows no inline style; a file of
its own has them as attributes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from itertools import pairwise

from web.charts.labels import Box, Label, NamedPlace, place_labels, text_width
from web.charts.scales import LinearScale, LogScale
from web.format.figures import tokens

# Outlines around (0, 0) for a radius of 1, one a group, so that no group is known by colour alone:
# circle, square, triangle, diamond, small ring for the rest, turned triangle, cross, hexagon.
_OUTLINES: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    ((0, -1.3), (1.2, 0), (0, 1.3), (-1.2, 0)),
    (),
    ((0, 1.15), (1.1, -0.85), (-1.1, -0.85)),
    (
        *((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)),
        *((0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
    ),
    ((-1.15, 0), (-0.6, -1), (0.6, -1), (1.15, 0), (0.6, 1), (-0.6, 1)),
)
# The group of points that belong to no other.
REST = 4
GROUPS = len(_OUTLINES)
# Radius of a point on the frontier, against that of others.
_BEST = 1.35
# How far a name on the frontier may be from its point, in radii beyond it, with a line between.
_AWAY = (2.5, 5.5, 9)
# The frontier's line is as wide to a name.
_LINE_ROOM = 1.5


@dataclass(frozen=True, slots=True)
class Point:
    """A model at (x, y); `lines` are what is to be known of it, in words, without its name."""

    slug: str
    name: str
    x: float
    y: float
    lines: tuple[str, ...] = ()
    group: int = REST


@dataclass(frozen=True, slots=True)
class Axis:
    """`tick` writes a value; `low_is_better` turns the axis so that better is above.

    The `short_title` is for narrow drawings.
    """

    title: str
    short_title: str
    tick: Callable[[float], str]
    logarithmic: bool = True
    low_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes in SVG units: the drawing, its plot, its font and points, and how much is named.

    `css` is the class of the drawing; above the plot the title of its axis begins at `left`.
    """

    css: str
    width: int
    height: int
    plot: Box
    size: float = 12
    radius: float = 4
    names: int = 40
    ticks: tuple[int, int] = (12, 8)
    whole_titles: bool = True
    left: float = 0


# The page's drawings, of which the style sheet shows one by the width of the screen.
WIDE = Geometry("wide", 860, 560, Box(46, 26, 848, 520))
NARROW = Geometry(
    "narrow", 344, 430, Box(34, 24, 336, 392), 11, 3.4, 11, (5, 6), whole_titles=False
)


def dollars(value: float) -> str:
    """A round amount of an axis: $0.05, $20, $1,000."""
    return f"${value:,.0f}" if value >= 1 else f"${Decimal(str(round(value, 6))):f}"


def thousands_of_tokens(value: float) -> str:
    return tokens(int(value))


# Writes what an element of a drawing looks like: a class on a page, attributes in a file.
Paint = Callable[[str], str]


def by_class(look: str) -> str:
    return f'class="{look}"'


def frontier(points: Sequence[Point], *, low_is_better: bool = False) -> list[Point]:
    """Points with no other that costs as little and is better, from the cheapest on.

    Of points at the same place all are on it or none.
    """
    sign = 1 if low_is_better else -1
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.x, sign * point.y)):
        last = best[-1] if best else None
        if last is None or sign * point.y < sign * last.y or (point.x, point.y) == (last.x, last.y):
            best.append(point)
    return best


@dataclass(frozen=True, slots=True)
class _Plotted:
    point: Point
    x: float
    y: float
    radius: float

    @property
    def box(self) -> Box:
        reach = self.radius + 1
        return Box(self.x - reach, self.y - reach, self.x + reach, self.y + reach)


def draw(
    points: Sequence[Point],
    best: Sequence[Point],
    axes: tuple[Axis, Axis],
    geometry: Geometry = WIDE,
    *,
    linked: Sequence[Point] | None = None,
    title: str,
) -> str:
    """An SVG of the points; the frontier `best` and those of `linked` (None: all) are links."""
    if not points:
        return ""
    content = plot(points, best, axes, geometry, linked=linked)
    return (
        f'<svg class="scatter {geometry.css}" viewBox="0 0 {geometry.width} {geometry.height}" '
        f'role="group" aria-label="{escape(title)}">{content}</svg>'
    )


def plot(
    points: Sequence[Point],
    best: Sequence[Point],
    axes: tuple[Axis, Axis],
    geometry: Geometry,
    *,
    linked: Sequence[Point] | None = None,
    paint: Paint = by_class,
    site: str = "",
) -> str:
    """The elements of a drawing of at least one point; `site` is what its links begin with."""
    x, y = _scales(points, axes, geometry)
    on_line = {point.slug for point in best}
    others = points if linked is None else linked
    named = [
        *(_at(point, x, y, geometry.radius * _BEST) for point in reversed(best)),
        *(_at(point, x, y, geometry.radius) for point in others if point.slug not in on_line),
    ]
    with_link = {one.point.slug for one in named}
    bare = [point for point in points if point.slug not in with_link]
    line = [(x.at(point.x), y.at(point.y)) for point in best]
    titles = [axis.title if geometry.whole_titles else axis.short_title for axis in axes]
    beside = _value_boxes(y, axes[1], geometry)
    labels = _labels(named, len(best), line, beside, geometry)
    # The frontier is drawn last, over what is near it.
    links = [
        _link(one, label, paint, site, best=place < len(best))
        for place, (one, label) in enumerate(zip(named, labels, strict=True))
    ]
    places = dict.fromkeys((round(x.at(point.x)), round(y.at(point.y))) for point in bare)
    dots = "".join(f"M{across} {down}h0" for across, down in places)
    return "".join(
        (
            _axes((x, y), axes, geometry, paint),
            _titles(titles, geometry, paint),
            f'<path {paint("dots")} d="{dots}"/>' if dots else "",
            f'<path {paint("frontier")} d="{_steps(line)}"/>',
            *reversed(links),
        )
    )


Scale = LogScale | LinearScale


def _scales(
    points: Sequence[Point], axes: tuple[Axis, Axis], geometry: Geometry
) -> tuple[Scale, Scale]:
    room = geometry.plot
    xs, ys = [point.x for point in points], [point.y for point in points]
    up = (room.top, room.bottom) if axes[1].low_is_better else (room.bottom, room.top)
    kinds = [LogScale if axis.logarithmic else LinearScale for axis in axes]
    return kinds[0].around(xs, room.left, room.right), kinds[1].around(ys, *up)


def _at(point: Point, x: Scale, y: Scale, radius: float) -> _Plotted:
    return _Plotted(point, x.at(point.x), y.at(point.y), radius)


def _steps(line: Sequence[tuple[float, float]]) -> str:
    """The best y that a price buys: level up to the next point, then up to it."""
    first, rest = line[0], line[1:]
    return f"M{first[0]:g} {first[1]:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest)


def _labels(
    named: Sequence[_Plotted],
    best: int,
    line: Sequence[tuple[float, float]],
    beside: Sequence[Box],
    geometry: Geometry,
) -> list[Label | None]:
    """Names of the frontier first, then of the others, the best of them first.

    They may reach over the axis `beside` the plot, between its values.
    """
    taken = [*beside, *(one.box for one in named)]
    for (x1, y1), (x2, y2) in pairwise(line):
        taken.append(Box(x1, y1 - _LINE_ROOM, x2, y1 + _LINE_ROOM))
        taken.append(Box(x2 - _LINE_ROOM, min(y1, y2), x2 + _LINE_ROOM, max(y1, y2)))
    places = [
        NamedPlace(
            *(one.x, one.y, one.point.name, tuple(_distances(one, away=place < best))),
            bold=place < best,
        )
        for place, one in enumerate(named)
    ]
    # The highest of the others come first, for above is better on every axis. The rest of them get
    # no name: a name alone in the lower half would be more in sight than the best.
    order = sorted(range(len(places)), key=lambda n: (n >= best, places[n].y if n >= best else 0))
    order = order[: best + 3 * geometry.names]
    room = geometry.plot
    within = Box(geometry.left, room.top, geometry.width, room.bottom)
    placed = place_labels([places[n] for n in order], taken, within, geometry.size, geometry.names)
    by_place: Mapping[int, Label | None] = dict(zip(order, placed, strict=True))
    return [by_place.get(n) for n in range(len(places))]


def _value_boxes(y: Scale, axis: Axis, geometry: Geometry) -> list[Box]:
    size, right = geometry.size, geometry.plot.left - 3
    values = y.ticks(geometry.ticks[1])
    widths = [text_width(axis.tick(value), size) for value in values]
    places = zip(map(y.at, values), widths, strict=True)
    return [Box(right - 6 - width, at - size, right, at + size) for at, width in places]


def _distances(one: _Plotted, *, away: bool) -> Iterator[float]:
    nearest = one.radius + 2.5
    yield nearest
    if away:
        yield from (nearest + radii * one.radius for radii in _AWAY)


def _link(one: _Plotted, label: Label | None, paint: Paint, site: str, *, best: bool) -> str:
    point = one.point
    words = escape("\n".join((point.name, *point.lines)))
    look = f"point l{point.group} best" if best else f"point l{point.group}"
    name = ""
    if label:
        line = f'<path {paint("lead")} d="{_lead(one, label)}"/>' if label.away else ""
        looks = paint(f"{label.anchor} best" if best else label.anchor)
        name = (
            f'{line}<text {looks} x="{label.x:g}" y="{label.y:g}" aria-hidden="true">'
            f"{escape(label.name)}</text>"
        )
    return (
        f'<a href="{site}/models/{escape(point.slug)}/" tabindex="-1"><title>{words}</title>'
        f'<path {paint(look)} d="{outline(point.group, one.x, one.y, one.radius)}"/>{name}</a>'
    )


def outline(group: int, x: float, y: float, radius: float) -> str:
    """The path of a group's shape around a point."""
    corners = _OUTLINES[group]
    if not corners:
        size = radius * (0.8 if group == REST else 1)
        arc = f"a{size:.3g} {size:.3g} 0 1 0"
        return f"M{x - size:.4g} {y:.4g}{arc} {2 * size:.3g} 0{arc} {-2 * size:.3g} 0z"
    return f"M{'L'.join(f'{x + dx * radius:.4g} {y + dy * radius:.4g}' for dx, dy in corners)}z"


def _lead(one: _Plotted, label: Label) -> str:
    box = label.box
    x = min(max(one.x, box.left), box.right)
    y = min(max(one.y, box.top), box.bottom)
    return f"M{one.x:g} {one.y:g}L{x:.4g} {y:.4g}"


def _axes(
    scales: tuple[Scale, Scale], axes: tuple[Axis, Axis], geometry: Geometry, paint: Paint
) -> str:
    (x, y), room, size = scales, geometry.plot, geometry.size
    rows = "".join(
        f'<path {paint("grid")} d="M{room.left:g} {y.at(value):g}H{room.right:g}"/>'
        f'<text {paint("value end")} x="{room.left - 6:g}" y="{y.at(value) + size / 3:.4g}">'
        f"{axes[1].tick(value)}</text>"
        for value in y.ticks(geometry.ticks[1])
    )
    columns = "".join(
        f'<path {paint("grid")} d="M{x.at(value):g} {room.top:g}V{room.bottom:g}"/>'
        f'<text {paint("value middle")} x="{x.at(value):g}" y="{room.bottom + size * 1.4:.4g}">'
        f"{axes[0].tick(value)}</text>"
        for value in x.ticks(geometry.ticks[0])
    )
    return f"{rows}{columns}"


def _titles(titles: Sequence[str], geometry: Geometry, paint: Paint) -> str:
    """Below the values of the price, and above those of the other axis."""
    room, size = geometry.plot, geometry.size
    across, up = map(escape, titles)
    return (
        f'<text {paint("value end")} x="{room.right:g}" y="{room.bottom + size * 2.9:.4g}">'
        f"{across} →</text>"
        f'<text {paint("value start")} x="{geometry.left:g}" y="{room.top - size * 0.9:.4g}">'
        f"↑ {up}</text>"
    )
