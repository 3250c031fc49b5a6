"""The query string of charts of performance: window, percentile, source of the calls. Pure."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from telemetry.origins import LEAST_SAMPLES, ORIGIN
from web.params.values import Query, last_value, read_choice, shown

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
PERCENTILES = (50, 95)

# Fewer samples make a faint point.
ENOUGH = LEAST_SAMPLES


@dataclass(frozen=True, slots=True)
class ChartQuery:
    """`live` is the key of an origin of calls, or "" for the first with calls in the window.

    `complaints` are clauses on what was not understood.
    """

    window: str = "24h"
    percentile: int = 50
    live: str = ""
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Query) -> "ChartQuery":
        """`live` may also name a source of figures that tables show: charts have none of it."""
        complaints: list[str] = []
        window = read_choice(
            last_value(query, "window"), WINDOWS, "window of 24h, 7d or 30d", complaints
        )
        stated = last_value(query, "percentile").lower().removeprefix("p")
        percentile = next((one for one in PERCENTILES if stated == str(one)), 0)
        if stated and not percentile:
            complaints.append(f"{shown(stated)} is no percentile that is kept: 50 or 95")
        live = last_value(query, "live").lower()
        return cls(
            window or "24h",
            percentile or 50,
            live if live in ORIGIN else "",
            tuple(complaints),
        )

    @classmethod
    def drawn(cls, query: Query) -> tuple[tuple[str, str], ...]:
        """Window and percentile as pairs: what links of a table above the charts keep."""
        return tuple(cls.from_query(query).pairs(live=""))

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        wanted = replace(self, **changes)
        stated = (
            ("window", wanted.window if wanted.window != "24h" else ""),
            ("percentile", str(wanted.percentile) if wanted.percentile != 50 else ""),
            ("live", wanted.live),
        )
        return [(name, value) for name, value in stated if value]

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))


def continued(query: str) -> str:
    """A query string to which more is appended."""
    return f"{query}&" if query else ""
