"""A drawing of models as an SVG file of its own, with its title, legend and sources. Pure.

Looks are attributes: the file shows the same in a browser, an editor or a slide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from web.charts.labels import Box, text_width
from web.charts.scatter import Axis, Geometry, Paint, Point, outline, plot

WIDTH, HEIGHT = 1200, 675
FONT = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_MARGIN = 32
_GEOMETRY = Geometry(
    "file", WIDTH, HEIGHT, Box(_MARGIN + 42, 116, WIDTH - _MARGIN, 556), 13, 4.6, 48, left=_MARGIN
)
_LEGEND, _FOOT = 618, 654


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of the style sheet's tokens; `series` are those of the groups."""

    ground: str
    ink: str
    ink_2: str
    ink_3: str
    line: str
    accent: str
    series: tuple[str, ...]


LIGHT = Palette(
    *("#ffffff", "#15171c", "#565c68", "#636976", "#e7e7ea", "#3346d3"),
    ("#3346d3", "#b4490f", "#0a7a4c", "#a3195b", "#5b6472", "#0b6f8f", "#7a5b00", "#7433b8"),
)
DARK = Palette(
    *("#0b0c0f", "#eceef2", "#a7adba", "#8f96a4", "#24272e", "#93a4ff"),
    ("#93a4ff", "#ff9c63", "#4fce96", "#ff85b8", "#aeb6c4", "#57c4e5", "#e3c04a", "#cb9dff"),
)


@dataclass(frozen=True, slots=True)
class DrawingTexts:
    """What is written around a drawing; `legend` are groups with their names.

    `source` and `address` are in its foot, and `site` is what links begin with.
    """

    title: str
    subtitle: str
    legend: Sequence[tuple[int, str]]
    source: str
    address: str
    site: str


def drawing_file(
    points: Sequence[Point],
    best: Sequence[Point],
    axes: tuple[Axis, Axis],
    texts: DrawingTexts,
    palette: Palette = LIGHT,
    *,
    linked: Sequence[Point] | None = None,
) -> str:
    paint = _paint(palette)
    if points:
        content = plot(points, best, axes, _GEOMETRY, linked=linked, paint=paint, site=texts.site)
    else:
        content = _text("Nothing to draw.", WIDTH / 2, HEIGHT / 2, palette.ink_2, 15, "middle")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{FONT}" font-size="{_GEOMETRY.size}" '
        f'fill="none"><title>{escape(texts.title)}</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.ground}"/>'
        f"{_text(texts.title, _MARGIN, 48, palette.ink, 26, weight=650)}"
        f"{_text(texts.subtitle, _MARGIN, 74, palette.ink_2, 14)}"
        f"{content}{_legend(texts.legend, palette)}"
        f"{_text(texts.source, _MARGIN, _FOOT, palette.ink_3, 12)}"
        f"{_text(_short(texts.address), WIDTH - _MARGIN, _FOOT, palette.ink_3, 12, 'end')}</svg>"
    )


def _text(
    text: str,
    x: float,
    y: float,
    fill: str,
    size: float,
    anchor: str = "start",
    weight: int = 400,
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size:g}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(text)}</text>'
    )


def _short(address: str) -> str:
    """An address without its scheme; of one that leaves no room for the source its beginning."""
    bare = address.partition("://")[2] or address
    return bare if len(bare) <= 80 else f"{bare[:79]}…"


def _legend(entries: Sequence[tuple[int, str]], palette: Palette) -> str:
    """One line: as many entries as it has room for."""
    x, drawn = float(_MARGIN + 6), ""
    for group, name in entries:
        end = x + 12 + text_width(name, 13) + 22
        if end > WIDTH - _MARGIN:
            break
        shape = outline(group, x, _LEGEND - 4.5, 5)
        drawn += f'<path d="{shape}" fill="{palette.series[group]}"/>'
        drawn += _text(name, x + 12, _LEGEND, palette.ink_2, 13)
        x = end
    return drawn


def _paint(palette: Palette) -> Paint:
    """Attributes of the looks that the style sheet has classes for."""
    looks = {
        "grid": f'stroke="{palette.line}"',
        "frontier": f'stroke="{palette.accent}" stroke-width="1.8" stroke-linejoin="round"',
        "lead": f'stroke="{palette.ink_3}"',
        "dots": f'stroke="{palette.ink_3}" stroke-width="4" stroke-linecap="round" opacity="0.35"',
    }

    def paint(look: str) -> str:
        words = look.split()
        if words[0] == "point":
            fill = palette.series[int(words[1].removeprefix("l"))]
            faint = "" if "best" in words else ' fill-opacity="0.62"'
            return f'fill="{fill}"{faint} stroke="{palette.ground}"'
        if look in looks:
            return looks[look]
        anchor = next(word for word in words if word in ("start", "middle", "end"))
        if "value" in words:
            return f'fill="{palette.ink_3}" text-anchor="{anchor}"'
        if "best" in words:
            return f'fill="{palette.ink}" font-weight="600" text-anchor="{anchor}"'
        return f'fill="{palette.ink_2}" text-anchor="{anchor}"'

    return paint
