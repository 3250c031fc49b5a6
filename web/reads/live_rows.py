"""The live figures of some endpoints: what tables choose, or what one source has of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

from catalog.sql import rows
from telemetry.live import DETAILS, ORDER, STALE, candidates
from telemetry.origins import ORIGINS
from web.http.page_cache import cached_summary
from web.params.values import shown
from web.reads.endpoints import EndpointRecord
from web.reads.known_columns import is_offered
from web.reads.live import METRICS, Measurement, live_figures, measurement
from web.reads.site import Named

_ROWS = """
SELECT endpoint_id, latency, throughput, uptime, details FROM telemetry_liverow
WHERE endpoint_id = ANY(%(ids)s::bigint[]) ORDER BY endpoint_id
"""
_BY_SOURCE = f"""{candidates(of_some=True)}
SELECT DISTINCT ON (endpoint_id, metric, key)
    endpoint_id, metric, key, source, class, value, {DETAILS} AS details
FROM figure WHERE endpoint_id = ANY(%(ids)s)
ORDER BY endpoint_id, metric, key, {ORDER}
"""  # noqa: S608 - put together from fixed words alone
_SOURCES = """
SELECT slug FROM catalog_source source
WHERE EXISTS (SELECT FROM telemetry_keptfigure WHERE source_id = source.id)
"""

# By metric; None where there is none.
Figures = Mapping[str, Measurement | None]
NOTHING: Figures = MappingProxyType(dict.fromkeys(METRICS))


@dataclass(frozen=True, slots=True)
class LiveSources:
    """Figures by source, an origin of calls or the slug of a source, and by endpoint.

    `names` are those of the sources that have any, in the order in which tables choose.
    """

    names: Named
    figures: Mapping[str, Mapping[int, Figures]]

    def of(self, key: str, endpoints: Iterable[EndpointRecord]) -> list[EndpointRecord]:
        """These endpoints with the figures of one source alone."""
        known = self.figures.get(key, {})
        replaced = []
        for endpoint in endpoints:
            figures: dict[str, Any] = dict(known.get(endpoint.id, NOTHING))
            replaced.append(replace(endpoint, **figures))
        return replaced


NO_SOURCES = LiveSources((), {})


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row of telemetry_liverow; `details` is JSON. Rows with the same figures are equal."""

    endpoint_id: int
    latency: Decimal | None
    throughput: Decimal | None
    uptime: Decimal | None
    details: str

    @property
    def figures(self) -> Figures:
        values = {
            "latency": self.latency,
            "throughput": self.throughput,
            "uptime": self.uptime,
        }
        return live_figures(values, self.details)


def stored_rows(endpoint_ids: Sequence[int]) -> list[StoredRow]:
    """By endpoint; one without any figure is left out."""
    # The driver would look at each id of a list.
    return rows(StoredRow, _ROWS, ids=f"{{{','.join(map(str, endpoint_ids))}}}")


def live_of(endpoint_ids: Sequence[int]) -> dict[int, Figures]:
    """By endpoint and metric; an endpoint without any figure is left out."""
    return {row.endpoint_id: row.figures for row in stored_rows(endpoint_ids)}


def live_by_source(endpoint_ids: Sequence[int], now: datetime) -> LiveSources:
    if not any(map(is_offered, METRICS)):
        return NO_SOURCES
    values = {"ids": list(endpoint_ids), "since": now - STALE}
    stated: list[dict[str, Any]] = rows(dict, _BY_SOURCE, **values)
    figures: dict[str, dict[int, dict[str, Measurement | None]]] = {}
    for row in stated:
        of_source = figures.setdefault(row["key"], {})
        of_endpoint = of_source.setdefault(row["endpoint_id"], dict(NOTHING))
        of_endpoint[row["metric"]] = measurement(row["metric"], row["value"], row["details"])
    known = {
        (row["class"], row["source"], row["key"]) for row in stated if row["value"] is not None
    }
    return LiveSources(tuple((key, name) for _, name, key in sorted(known)), figures)


@cached_summary
def live_source_keys() -> frozenset[str]:
    """What a table's source may be."""
    stated: list[dict[str, str]] = rows(dict, _SOURCES)
    return frozenset((*(origin.key for origin in ORIGINS), *(row["slug"] for row in stated)))


class SourcedQuery(Protocol):
    """A dataclass of a query string with a source of live figures."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def live(self) -> str: ...

    @property
    def complaints(self) -> tuple[str, ...]: ...


AnyQuery = TypeVar("AnyQuery", bound=SourcedQuery)


def by_known_source(query: AnyQuery) -> AnyQuery:
    """The query, of the usual choice with a complaint if no such source has live figures."""
    if not query.live or query.live in live_source_keys():
        return query
    complaint = f"{shown(query.live)} is no source of live figures"
    return replace(query, live="", complaints=(*query.complaints, complaint))
