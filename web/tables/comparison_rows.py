"""The parts of a comparison: groups of rows, and the rows that endpoint columns make."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from web.format.figures import tokens
from web.reads.endpoints import EndpointRecord
from web.reads.live import value_of
from web.reads.prices import Price
from web.reads.site import Named
from web.tables.endpoint_cells import LiveCell
from web.tables.rate_card import CardStep

UNSTATED = "Unknown: no source states it"


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """A text, a price, or steps of prices; an empty one shows a dash.

    `title` is the exact figure, or the reason for the lack of one. Cells of equal `value` do not
    differ. `attributes` are for programs. `best` is lowest, largest or latest where no other cell
    is better. `of` is the model's name where the column does not imply it. `live` is drawn as in
    other tables.
    """

    text: str = ""
    note: str = ""
    title: str = ""
    value: Any = None
    price: Price | None = None
    steps: tuple[CardStep, ...] = ()
    options: tuple[tuple[str, CardStep], ...] = ()
    more: int = 0
    attributes: Named = ()
    numeric: bool = False
    best: str = ""
    of: str = ""
    live: LiveCell | None = None


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """`edits` is the mix that its field holds."""

    label: str
    cells: tuple[ComparedCell, ...]
    note: str = ""
    edits: str = ""

    @property
    def differs(self) -> bool:
        return len({cell.value for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class ComparedGroup:
    """Rows under a heading; `note` is true of all of them."""

    title: str
    rows: tuple[ComparedRow, ...]
    note: str = ""


RowMaker = Callable[[Sequence[EndpointRecord]], ComparedRow]


def text_cell(text: str, note: str = "", title: str = "", attributes: Named = ()) -> ComparedCell:
    shown = title or ("" if text else UNSTATED)
    return ComparedCell(text, note=note, title=shown, value=(text, note), attributes=attributes)


def texts(label: str, words: Callable[[EndpointRecord], str], attributes: Named = ()) -> RowMaker:
    def row(endpoints: Sequence[EndpointRecord]) -> ComparedRow:
        cells = (text_cell(words(endpoint), attributes=attributes) for endpoint in endpoints)
        return ComparedRow(label, tuple(cells))

    return row


def sizes(label: str, size: Callable[[EndpointRecord], int | None]) -> RowMaker:
    def row(endpoints: Sequence[EndpointRecord]) -> ComparedRow:
        sizes_in_use = (size(endpoint) for endpoint in endpoints if endpoint.in_use)
        usable = [number for number in sizes_in_use if number]
        # Sizes that look the same are no smaller.
        differ = len({tokens(number) for number in usable}) > 1
        largest = max(usable) if differ else None
        cells = (
            _size_cell(size(endpoint), largest if endpoint.in_use else None)
            for endpoint in endpoints
        )
        return ComparedRow(label, tuple(cells), note="tokens")

    return row


def _size_cell(number: int | None, largest: int | None) -> ComparedCell:
    text = tokens(number) if number else ""
    return replace(
        text_cell(text, title=f"{number:,} tokens" if number else ""),
        value=number,
        numeric=True,
        best="largest" if number and largest and text == tokens(largest) else "",
    )


def measured(metric: str, note: str) -> RowMaker:
    """A row of a live metric; one without samples is a gap, never a zero."""

    def row(endpoints: Sequence[EndpointRecord]) -> ComparedRow:
        cells = tuple(
            ComparedCell(
                value=value_of(endpoint.figure(metric)),
                numeric=True,
                live=LiveCell(metric, endpoint.figure(metric), endpoint.id),
            )
            for endpoint in endpoints
        )
        return ComparedRow(metric.capitalize(), cells, note)

    return row
