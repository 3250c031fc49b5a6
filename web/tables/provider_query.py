"""The query string of a model's provider table as an object."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from telemetry.origins import ORIGIN
from web.params import past
from web.params.charts import ChartQuery, continued
from web.params.values import Query, last_value, read_columns, read_slug, read_sort, shown
from web.tables.endpoint_columns import TABLE_COLUMNS

SORTS = frozenset(column.key for column in TABLE_COLUMNS if column.sort_key)
# The columns that may be hidden: all but the provider's own, and a price by another unit.
OPTIONAL = {
    column.key: column.label
    for column in TABLE_COLUMNS
    if column.key not in ("provider", "per_unit")
}
# Unfolds every row, or those of gateways and plans; a provider's slug unfolds its variants.
EVERYTHING = "1"
INDIRECT = "indirect"


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """The table's part of a query string. `use` belongs to the code section, and links keep it.

    `live` is the source of live figures, an origin of calls or a slug, "" for the usual choice.
    `at` is the past instant that prices are shown of, None for now. `unfolded` holds EVERYTHING,
    INDIRECT or slugs of providers. `columns` are those that show, all if empty. `charts` are pairs
    of the charts below, which links keep. `complaints` are clauses on what was not understood.
    """

    sort: str = ""
    unfolded: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    use: str = ""
    at: datetime | None = None
    live: str = ""
    charts: tuple[tuple[str, str], ...] = ()
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Query) -> "ProviderQuery":
        complaints: list[str] = []
        return cls(
            sort=read_sort(last_value(query, "sort"), SORTS, "", complaints),
            unfolded=frozenset(filter(None, query.getlist("all"))),
            columns=read_columns(query.getlist("columns"), tuple(OPTIONAL), complaints),
            use=last_value(query, "use"),
            at=past.read_past(last_value(query, "at"), complaints),
            live=read_slug(last_value(query, "live"), "source of live figures", complaints),
            charts=ChartQuery.drawn(query),
            complaints=tuple(complaints),
        )

    def pairs(self, *, toggle: str = "", **changes: Any) -> list[tuple[str, str]]:
        """The shortest query with changes, pair by pair; `toggle` folds or unfolds a part."""
        wanted = replace(self, **changes)
        unfolded = wanted.unfolded ^ {toggle} if toggle else wanted.unfolded
        stated = (
            ("sort", wanted.sort),
            *(("all", part) for part in sorted(unfolded)),
            ("columns", ",".join(wanted.columns)),
            ("use", wanted.use),
            ("at", past.written(wanted.at)),
            ("live", wanted.live),
            *wanted.charts,
        )
        return [(name, value) for name, value in stated if value]

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))

    @property
    def besides_charts(self) -> str:
        """What links of charts keep, which state the origin of their calls themselves."""
        return continued(self.query(charts=(), live="" if self.live in ORIGIN else self.live))

    @property
    def besides_live(self) -> str:
        """What links of charts keep that choose the origin of their calls."""
        return continued(self.query(charts=(), live=""))

    def until(self, now: datetime) -> "ProviderQuery":
        """Without an instant to come, with a complaint about it."""
        complaints = [*self.complaints]
        at = past.not_after(self.at, now, complaints)
        return replace(self, at=at, complaints=tuple(complaints))

    def knowing(self, providers: Collection[str]) -> "ProviderQuery":
        """Drop what does not apply to these providers, with a complaint about each part."""
        known = self.unfolded & {EVERYTHING, INDIRECT, *providers}
        unknown = [shown(part) for part in sorted(self.unfolded - known)[:3]]
        complaints = [f"{', '.join(unknown)} is nothing to unfold here"] if unknown else []
        use = self.use if self.use in providers else ""
        complaints += [f"{shown(self.use)} is no provider of this model"] if self.use != use else []
        return replace(self, unfolded=known, use=use, complaints=(*self.complaints, *complaints))

    @property
    def hidden(self) -> tuple[str, ...]:
        return tuple(name for name in OPTIONAL if self.columns and name not in self.columns)

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def everything(self) -> bool:
        return EVERYTHING in self.unfolded
