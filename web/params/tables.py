"""A table that the query string searches, sorts and pages: its columns, its filters, its headings.

Pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from web.params.models import read_first_page, read_page, read_search, read_sort, shown

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and what a click on it sorts by first:

    a leading minus is descending, "" is not at all.
    """

    label: str
    sort: str = ""
    numeric: bool = False

    @property
    def key(self) -> str:
        return self.sort.removeprefix("-")


@dataclass(frozen=True, slots=True)
class Table:
    """`kinds` are the values that `kind` may have, for a table that is filtered by kind."""

    columns: tuple[Column, ...]
    default: str
    kinds: Collection[str] = ()

    @property
    def sorts(self) -> set[str]:
        return {column.key for column in self.columns if column.sort}


@dataclass(frozen=True, slots=True)
class TableFilters:
    """What the visitor asked a table for. `complaints` are clauses on what was not understood.

    The pages from `first` to `page` show as one.
    """

    table: Table
    q: str = ""
    kind: str = ""
    sort: str = ""
    page: int = 1
    first: int = 1
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str], table: Table) -> "TableFilters":
        """Read a query string:

        unknown parameters are ignored, a bad value falls back with a complaint.
        """
        complaints: list[str] = []
        page = read_page(query.get("page", ""), complaints)
        return cls(
            table,
            q=read_search(query.get("q", ""), complaints),
            kind=_kind(query.get("kind", ""), table.kinds, complaints) if table.kinds else "",
            sort=read_sort(query.get("sort", ""), table.sorts, table.default, complaints),
            page=page,
            first=read_first_page(query.get("from", ""), page, complaints),
            complaints=tuple(complaints),
        )

    def query(self, **changes: Any) -> str:
        """The shortest query string for this table with changes; on page 1 unless a page is among
        them.

        A page shows by itself unless the first of several is among them too.
        """
        page = changes.get("page", 1)
        wanted = replace(self, **{"page": 1, "first": page, **changes})
        stated = {
            "q": wanted.q,
            "kind": wanted.kind,
            "sort": wanted.sort if wanted.sort != self.table.default else "",
            "from": wanted.first if wanted.first < wanted.page else "",
            "page": wanted.page if wanted.page > 1 else "",
        }
        return urlencode({name: value for name, value in stated.items() if value})

    def within(self, total: int) -> "TableFilters":
        """On a page that exists: past the last one that is the last, and a complaint says so."""
        last = pages(total)
        if self.page <= last:
            return self
        complaint = f"there is no page {self.page:,}, this is the last"
        return replace(
            self, page=last, first=min(self.first, last), complaints=(*self.complaints, complaint)
        )

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def start(self) -> int:
        return (self.first - 1) * PER_PAGE

    @property
    def shown(self) -> int:
        """How many rows there is room for."""
        return (self.page - self.first + 1) * PER_PAGE


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: where a click leads, and which way the column is sorted now, if it is.

    `meaning` says what the column holds, where that is not plain.
    """

    key: str
    label: str
    query: str
    direction: str
    numeric: bool
    meaning: str = ""


def headings(filters: TableFilters) -> list[Heading]:
    return [_heading(filters, column) for column in filters.table.columns]


def _heading(filters: TableFilters, column: Column) -> Heading:
    if not column.sort or filters.column != column.key:
        query = filters.query(sort=column.sort) if column.sort else ""
        return Heading(column.key, column.label, query, "", column.numeric)
    other = column.key if filters.descending else f"-{column.key}"
    direction = "descending" if filters.descending else "ascending"
    return Heading(column.key, column.label, filters.query(sort=other), direction, column.numeric)


def pages(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def _kind(value: str, kinds: Collection[str], complaints: list[str]) -> str:
    if not value or value in kinds:
        return value
    complaints.append(f"{shown(value)} is no kind of provider")
    return ""
