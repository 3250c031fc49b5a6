"""The query string of a table that is searched, filtered by kind, sorted and paged. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from telemetry.origins import ORIGIN
from web.params import past
from web.params.charts import ChartQuery, continued
from web.params.columns import Column, sortable
from web.params.lists import ListQuery, read_pages
from web.params.values import (
    Query,
    last_value,
    read_flag,
    read_search,
    read_slug,
    read_sort,
    shown,
)


@dataclass(frozen=True, slots=True)
class Table:
    """`default_sort` may be an order without a column.

    `kinds` are the values of the parameter `kind`, for a table that has it.

    `retires` is whether it leaves out retired rows, which the parameter `retired` shows alone;
    `dated` is whether it has prices, which the parameter `at` shows of a past instant; `live`
    whether it has live figures, whose source the parameter `live` chooses, and charts below it.
    """

    columns: tuple[Column, ...]
    default_sort: str
    kinds: Collection[str] = ()
    retires: bool = False
    dated: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class TableFilters(ListQuery):
    table: Table
    q: str = ""
    kind: str = ""
    retired: bool = False
    at: datetime | None = None
    live: str = ""
    charts: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_query(cls, query: Query, table: Table) -> "TableFilters":
        complaints: list[str] = []
        q = read_search(last_value(query, "q"), complaints)
        kind = _read_kind(last_value(query, "kind"), table.kinds, complaints)
        known = sortable(table.columns) | {table.default_sort.removeprefix("-")}
        sort = read_sort(last_value(query, "sort"), known, table.default_sort, complaints)
        first, page = read_pages(query, complaints)
        retired = table.retires and read_flag(last_value(query, "retired"), "retired", complaints)
        at = past.read_past(last_value(query, "at"), complaints) if table.dated else None
        live = last_value(query, "live") if table.live else ""
        return cls(
            table,
            q,
            kind,
            retired,
            at,
            read_slug(live, "source of live figures", complaints),
            ChartQuery.drawn(query) if table.live else (),
            sort=sort,
            first=first,
            page=page,
            complaints=tuple(complaints),
        )

    @property
    def besides_charts(self) -> str:
        """What links of charts keep, which state the origin of their calls themselves."""
        return continued(self.query(charts=(), live="" if self.live in ORIGIN else self.live))

    @property
    def besides_live(self) -> str:
        """What links of charts keep that choose the origin of their calls."""
        return continued(self.query(charts=(), live=""))

    def until(self, now: datetime) -> "TableFilters":
        """Without an instant to come, with a complaint about it."""
        complaints = [*self.complaints]
        at = past.not_after(self.at, now, complaints)
        return replace(self, at=at, complaints=tuple(complaints))

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        wanted = self.changed(changes)
        stated = (
            ("q", wanted.q),
            ("kind", wanted.kind),
            ("retired", "1" if wanted.retired else ""),
            ("at", past.written(wanted.at)),
            ("live", wanted.live),
            *wanted.charts,
            ("sort", wanted.sort if wanted.sort != self.table.default_sort else ""),
            ("from", str(wanted.first) if wanted.first < wanted.page else ""),
            ("page", str(wanted.page) if wanted.page > 1 else ""),
        )
        return [(name, value) for name, value in stated if value]


def _read_kind(value: str, kinds: Collection[str], complaints: list[str]) -> str:
    if not value or not kinds or value in kinds:
        return value if kinds else ""
    complaints.append(f"{shown(value)} is no kind of provider")
    return ""
