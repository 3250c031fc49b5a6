"""A column of tables of endpoints."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.params.columns import Column
from web.reads.endpoints import EndpointRecord
from web.reads.prices import Price
from web.tables.comparison_rows import RowMaker
from web.tables.endpoint_cells import CellContent

CsvCell = tuple[str, Callable[[EndpointRecord], str]]


def _no_rank(endpoint: EndpointRecord) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class EndpointColumn:
    """A column of tables of endpoints. It shows in those for which it has a part.

    - `cell`: in the provider table; `heading` is enough for one that its template draws itself.
    - `served`: in the table of a provider's models, which sorts in SQL.
    - `sort_key`: by a click on its heading, `descending` first or not. None has no value, and
      comes last in both directions, ordered by `rank_without`.
    - `compared`: as a row of the comparison's group `group`; `where_stated`, only if any endpoint
      has it.
    - `csv`: as these columns of the CSV, by name.
    - `price`, or `largest`: which of the direct providers' values are the best.
    """

    key: str
    label: str
    heading: bool = False
    cell: Callable[[EndpointRecord], CellContent] | None = None
    served: Callable[[EndpointRecord], CellContent] | None = None
    sort_key: Callable[[EndpointRecord], Any] | None = None
    descending: bool = False
    rank_without: Callable[[EndpointRecord], int] = _no_rank
    numeric: bool = False
    meaning: str = ""
    group: str = ""
    compared: RowMaker | None = None
    where_stated: bool = False
    csv: tuple[CsvCell, ...] = ()
    price: Callable[[EndpointRecord], Price | None] | None = None
    largest: bool = False

    @property
    def in_table(self) -> bool:
        return self.heading or self.cell is not None

    def head(self, label: str = "", *, sortable: bool = True) -> Column:
        sorts = self.sort_key is not None and sortable
        sort = f"{'-' if self.descending else ''}{self.key}" if sorts else ""
        return Column(label or self.label, sort, self.numeric, self.meaning, self.key)
