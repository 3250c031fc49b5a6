"""Names beside the points of a drawing, none over another and none over a point. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

LONGEST = 30
# Widths of characters as shares of the font's size. Of the usual fonts DejaVu Sans is the widest;
# in a narrower one a name takes less room than it has.
_USUAL, _SQUARE = 0.65, 1.05
_WIDTHS = {
    **dict.fromkeys("ijlfrtIJ'.,:;|/()[]! -", 0.41),
    **dict.fromkeys("ABCDGHKMNOQRUVXZw&+", 0.87),
    **dict.fromkeys("mW@%", 1.0),
}
# What a bold text is wider by.
_BOLD = 1.12
# A line's height, as a share of the font's size.
_LINE = 1.2
# Of a name's height, what is above its baseline.
_ASCENT = 0.8
# The sides of a point at which a name may be, the best first: right and down are positive.
_SIDES = ((-1, -1), (-1, 0), (0, -1), (1, 0), (1, -1), (0, 1), (-1, 1), (1, 1))
# On a diagonal a name is nearer, but outside of the square around its point.
_DIAGONAL = 0.85
_ANCHORS = {-1: "end", 0: "middle", 1: "start"}
# Boxes are looked up by the cells that they touch.
_CELL = 32


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share an area; an edge in common is none."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def is_within(self, other: "Box") -> bool:
        return (
            other.left <= self.left
            and other.top <= self.top
            and self.right <= other.right
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A point that may get a name; `distances` from it are tried one after the other."""

    x: float
    y: float
    name: str
    distances: tuple[float, ...]
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A name at the baseline's end, middle or start; `away` if it needs a line to its point."""

    name: str
    x: float
    y: float
    anchor: str
    box: Box
    away: bool


class _Taken:
    """Boxes that nothing else may cover."""

    def __init__(self, boxes: Iterable[Box]) -> None:
        self._cells: defaultdict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in boxes:
            self.add(box)

    def add(self, box: Box) -> None:
        for cell in _cells(box):
            self._cells[cell].append(box)

    def covers(self, box: Box) -> bool:
        return any(box.overlaps(other) for cell in _cells(box) for other in self._cells[cell])


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for column in range(int(box.left // _CELL), int(box.right // _CELL) + 1):
        for row in range(int(box.top // _CELL), int(box.bottom // _CELL) + 1):
            yield column, row


def text_width(text: str, size: float) -> float:
    """At most the width of a text in a usual sans-serif font of this size."""
    return size * sum(_width(character) for character in text)


def _width(character: str) -> float:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    return _SQUARE if east_asian_width(character) in "WF" else _USUAL


def short_name(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def place_labels(
    places: Sequence[NamedPlace], taken: Iterable[Box], within: Box, size: float, most: int
) -> list[Label | None]:
    """The label of each place, the first places first; None where there is no room.

    No more than `most` get one. The same input always gives the same labels.
    """
    occupied = _Taken(taken)
    labels: list[Label | None] = []
    count = 0
    for place in places:
        free = (
            label
            for label in _candidates(place, size)
            if label.box.is_within(within) and not occupied.covers(label.box)
        )
        label = next(free, None) if count < most else None
        labels.append(label)
        if label:
            occupied.add(label.box)
            count += 1
    return labels


def _candidates(place: NamedPlace, size: float) -> Iterator[Label]:
    name = short_name(place.name)
    width, height = text_width(name, size) * (_BOLD if place.bold else 1), size * _LINE
    for distance in place.distances:
        for across, down in _SIDES:
            gap = distance * _DIAGONAL if across and down else distance
            x = place.x + across * gap
            middle = place.y + down * (gap + height / 2)
            left = x - width * (1 - across) / 2
            box = Box(left, middle - height / 2, left + width, middle + height / 2)
            baseline = box.top + (height - size) / 2 + size * _ASCENT
            away = distance > place.distances[0]
            yield Label(name, round(x, 1), round(baseline, 1), _ANCHORS[across], box, away)


def spread(heights: Sequence[float], apart: float, bottom: float) -> list[float]:
    """Heights near the given ones, at least `apart` from each other, none below `bottom`."""
    order = sorted(range(len(heights)), key=lambda n: (heights[n], n))
    placed = list(heights)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + apart)
    for below, above in pairwise(reversed(order)):
        limit = bottom if below == order[-1] else placed[below]
        placed[below] = min(placed[below], limit)
        placed[above] = min(placed[above], placed[below] - apart)
    return [round(height, 1) for height in placed]


def cut_apart(names: Sequence[str], size: float, width: float) -> list[str]:
    """Names no wider than `width`: cut at the end, or in the middle where two would be the same."""
    cut = [_cut(name, len(name), size, width) for name in names]
    return [
        _cut(name, -(-len(name) // 2), size, width) if cut.count(short) > 1 else short
        for name, short in zip(names, cut, strict=True)
    ]


def _cut(name: str, start: int, size: float, width: float) -> str:
    """Without as many characters as need be; those before `start` go first, then those after."""
    if text_width(name, size) <= width:
        return name
    first, last = name[:start], name[start:]
    while (first or last) and text_width(f"{first.rstrip()}…{last.lstrip()}", size) > width:
        if len(first) >= len(last):
            first = first[:-1]
        else:
            last = last[1:]
    return f"{first.rstrip()}…{last.lstrip()}"
