"""Columns of a table, and the links of their headings. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Column:
    """`sort` is the order of a first click, with a minus for descending; "" does not sort.

    `name` is the column's, for one that can be hidden without being sorted by.
    """

    label: str
    sort: str = ""
    numeric: bool = False
    meaning: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        return self.sort.removeprefix("-")


class SortedQuery(Protocol):
    """A query string with a column's key as its `sort`, with a minus for descending."""

    @property
    def sort(self) -> str: ...

    def query(self, **changes: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Heading:
    """`query` is the link of a click; `direction` the current order, "" if not sorted."""

    key: str
    label: str
    query: str
    direction: str
    numeric: bool
    meaning: str
    name: str = ""


def sortable(columns: Iterable[Column]) -> frozenset[str]:
    return frozenset(column.key for column in columns if column.sort)


def headings(columns: Iterable[Column], query: SortedQuery) -> list[Heading]:
    return [
        Heading(
            key=column.key,
            label=column.label,
            query=query.query(sort=sort_after_click(column, query.sort)) if column.sort else "",
            direction=_direction(column, query.sort),
            numeric=column.numeric,
            meaning=column.meaning,
            name=column.name or column.key,
        )
        for column in columns
    ]


def sort_after_click(column: Column, sort: str) -> str:
    if column.key != sort.removeprefix("-"):
        return column.sort
    return column.key if sort.startswith("-") else f"-{column.key}"


def _direction(column: Column, sort: str) -> str:
    if not column.sort or column.key != sort.removeprefix("-"):
        return ""
    return "descending" if sort.startswith("-") else "ascending"
