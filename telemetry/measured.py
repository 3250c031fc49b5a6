"""What calls show of each endpoint now: medians out of slots and hours, renewed once a minute."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection, transaction

from catalog.copy_rows import merge_rows
from catalog.sql import rows
from telemetry.histograms import Histogram
from telemetry.live import STALE, renew_live_rows
from telemetry.models import CallOrigin, Measured
from telemetry.origins import LEAST_SAMPLES, ORIGIN, ratio
from telemetry.probe_definitions import ProbeDefinitions
from telemetry.prometheus.rollups import forget_old

# For so long an endpoint without new calls keeps its row, which states when the newest was.
KEPT = timedelta(days=7)
# The trend: whole hours, of which each is one figure.
HOURS = 24
# Endpoints whose rollups are in memory at once.
AT_ONCE = 500
# The number is arbitrary, and this program's own.
_LOCK = 7_283_131
# Calls that are counted here. What Prometheus counts is measured there: telemetry.prometheus.
_COUNTED = [origin for origin in CallOrigin.values if origin != CallOrigin.PROMETHEUS]
_CALLED = """
SELECT endpoint_id, origin, array_agg(id ORDER BY id) AS series, max(last_seen) AS newest_at
FROM telemetry_series
WHERE endpoint_id IS NOT NULL AND last_seen > %(since)s AND origin = ANY(%(origins)s)
GROUP BY endpoint_id, origin ORDER BY endpoint_id, origin
"""
# Rows come as JSON, which is read several times faster than columns. A look into the index for each
# series: their rows are many.
_SLOTS = """
SELECT wanted.place, json_agg(json_build_array(
    slot.latency_samples, slot.latency_p50, slot.latency_p95,
    encode(slot.latency_histogram, 'hex'),
    slot.throughput_samples, slot.throughput_p50, slot.throughput_p95,
    encode(slot.throughput_histogram, 'hex')
))::text
FROM unnest(%(series)s::bigint[], %(places)s::int[]) AS wanted (series_id, place)
CROSS JOIN LATERAL (
    SELECT * FROM telemetry_slot slot
    WHERE slot.series_id = wanted.series_id AND slot.start > %(since)s OFFSET 0
) slot
GROUP BY wanted.place
"""
# With the histograms of those series alone that need them; of when in whole hours before this one.
_HOURS = """
SELECT wanted.place, json_agg(json_build_array(
    json_build_array(
        extract(epoch FROM %(hour)s - hour.start)::int / 3600,
        hour.succeeded, hour.failed, hour.refused
    ),
    json_build_array(
        hour.latency_samples, hour.latency_p50, hour.latency_p95,
        CASE WHEN wanted.merged THEN encode(hour.latency_histogram, 'hex') END
    ),
    json_build_array(
        hour.throughput_samples, hour.throughput_p50, hour.throughput_p95,
        CASE WHEN wanted.merged THEN encode(hour.throughput_histogram, 'hex') END
    )
))::text
FROM unnest(%(series)s::bigint[], %(places)s::int[], %(merged)s::boolean[])
    AS wanted (series_id, place, merged)
CROSS JOIN LATERAL (
    SELECT * FROM telemetry_hour hour
    WHERE hour.series_id = wanted.series_id
        AND hour.start BETWEEN %(hour)s - interval '24 hours' AND %(hour)s OFFSET 0
) hour
GROUP BY wanted.place
"""
_FIELDS = (
    *("endpoint", "origin", "latency", "latency_p95", "latency_samples", "throughput"),
    *("throughput_p95", "throughput_samples", "uptime", "uptime_samples", "refused", "trend"),
    *("details", "newest_at"),
)


class Part(NamedTuple):
    """The samples of a series in a slot or an hour, with their histogram in hexadecimal digits."""

    samples: int
    p50: float | None
    p95: float | None
    histogram: str | None


class Quantiles(NamedTuple):
    samples: int = 0
    p50: float | None = None
    p95: float | None = None


class Hourly(NamedTuple):
    """What a series counts in an hour; `ago` is 0 for the one that is not over."""

    ago: int
    succeeded: int
    failed: int
    refused: int
    latency: Part
    throughput: Part


@dataclass(slots=True)
class CalledEndpoint:
    """An endpoint with calls of one origin, counted under one series or several."""

    endpoint_id: int
    origin: str
    series: list[int]
    newest_at: datetime
    hours: list[Hourly] = field(default_factory=list)
    latency: list[Part] = field(default_factory=list)
    throughput: list[Part] = field(default_factory=list)

    @property
    def by_slots(self) -> bool:
        """Whether its latency and throughput come out of slots, not of hours."""
        return ORIGIN[self.origin].window == "1h"


def renew(now: datetime) -> int:
    """Renew what is measured and what tables show; returns how many rows of Measured changed.

    Does nothing while another run is at it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if cursor.fetchone() == (False,):
            return 0
        called = rows(CalledEndpoint, _CALLED, since=now - KEPT, origins=_COUNTED)
        among = ("origin", _COUNTED)
        changed = merge_rows(Measured, _FIELDS, [*_measured(called, now)], among=among, keys=2)
        changed += forget_old(stale=now - STALE, gone=now - KEPT)
        renew_live_rows(now)
    return changed


def merged(parts: Iterable[Part]) -> Quantiles:
    """The quantiles of all samples, merged exactly.

    Quantiles without histogram have none in common: those of the most samples count then.
    """
    measured = [part for part in parts if part.p50 is not None]
    if not measured:
        return Quantiles()
    if len(measured) == 1 or not all(part.histogram for part in measured):
        return Quantiles(*max(measured, key=lambda part: part.samples)[:3])
    histogram = Histogram()
    for part in measured:
        histogram.merge(Histogram.from_bytes(bytes.fromhex(part.histogram or "")))
    return Quantiles(histogram.samples, *histogram.quantiles(50, 95))


def _measured(called: Sequence[CalledEndpoint], now: datetime) -> Iterator[tuple[Any, ...]]:
    is_probed = any(endpoint.origin == CallOrigin.PROBE for endpoint in called)
    definitions = ProbeDefinitions(now) if is_probed else None
    for first in range(0, len(called), AT_ONCE):
        some = called[first : first + AT_ONCE]
        with connection.cursor() as cursor:
            _read_slots(cursor, some, now)
            _read_hours(cursor, some, now)
        for endpoint in some:
            probed = definitions if endpoint.origin == CallOrigin.PROBE else None
            details = probed.of(endpoint.endpoint_id) if probed else {}
            yield _row(endpoint, details, _newest_at(endpoint, now))


def _read_slots(cursor: Any, called: Sequence[CalledEndpoint], now: datetime) -> None:
    wanted = [
        (series, place)
        for place, endpoint in enumerate(called)
        if endpoint.by_slots
        for series in endpoint.series
    ]
    values = {
        "series": [series for series, _ in wanted],
        "places": [place for _, place in wanted],
        "since": now - timedelta(hours=1),
    }
    cursor.execute(_SLOTS, values)
    for place, slots in cursor:
        counted = json.loads(slots)
        called[place].latency = [Part(*slot[:4]) for slot in counted]
        called[place].throughput = [Part(*slot[4:]) for slot in counted]


def _read_hours(cursor: Any, called: Sequence[CalledEndpoint], now: datetime) -> None:
    wanted = [
        (series, place, not endpoint.by_slots or len(endpoint.series) > 1)
        for place, endpoint in enumerate(called)
        for series in endpoint.series
    ]
    values = {
        "series": [series for series, _, _ in wanted],
        "places": [place for _, place, _ in wanted],
        "merged": [merged for _, _, merged in wanted],
        "hour": now.replace(minute=0, second=0, microsecond=0),
    }
    cursor.execute(_HOURS, values)
    for place, hours in cursor:
        called[place].hours = [
            Hourly(ago, succeeded, failed, refused, Part(*latency), Part(*throughput))
            for (ago, succeeded, failed, refused), latency, throughput in json.loads(hours)
        ]


def _newest_at(endpoint: CalledEndpoint, now: datetime) -> datetime:
    """When the newest call began at the latest: calls may have come long after they began."""
    ago = min((hour.ago for hour in endpoint.hours), default=HOURS + 1)
    end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 - ago)
    return min(endpoint.newest_at, end).replace(second=0, microsecond=0)


def _row(
    endpoint: CalledEndpoint, details: Mapping[str, Any], newest_at: datetime
) -> tuple[Any, ...]:
    day = [hour for hour in endpoint.hours if hour.ago < HOURS]
    latency, throughput = _now(endpoint, "latency"), _now(endpoint, "throughput")
    succeeded = sum(hour.succeeded for hour in day)
    attempted = succeeded + sum(hour.failed for hour in day)
    return (
        *(endpoint.endpoint_id, endpoint.origin),
        *(*_shown(latency), latency.samples, *_shown(throughput), throughput.samples),
        ratio(succeeded, attempted) if attempted >= LEAST_SAMPLES else None,
        *(attempted, sum(hour.refused for hour in day)),
        json.dumps(_trend(endpoint.hours)),
        json.dumps(details),
        newest_at,
    )


def _now(endpoint: CalledEndpoint, metric: str) -> Quantiles:
    if endpoint.by_slots:
        return merged(getattr(endpoint, metric))
    return merged(getattr(hour, metric) for hour in endpoint.hours if hour.ago < HOURS)


def _trend(hours: Iterable[Hourly]) -> dict[str, list[float | None]]:
    """Of each metric the last hours that are over, oldest first; None where nothing was counted."""
    by_place: list[list[Hourly]] = [[] for _ in range(HOURS)]
    for hour in hours:
        if hour.ago:
            by_place[HOURS - hour.ago].append(hour)
    trend = {
        "latency": [_digits(merged(hour.latency for hour in at).p50) for at in by_place],
        "throughput": [_digits(merged(hour.throughput for hour in at).p50) for at in by_place],
        "uptime": [_uptime(at) for at in by_place],
    }
    return {metric: figures for metric, figures in trend.items() if any_known(figures)}


def any_known(figures: Iterable[float | None]) -> bool:
    return any(figure is not None for figure in figures)


def _uptime(hours: Sequence[Hourly]) -> float | None:
    succeeded = sum(hour.succeeded for hour in hours)
    attempted = succeeded + sum(hour.failed for hour in hours)
    return float(ratio(succeeded, attempted)) if attempted else None


def _shown(quantiles: Quantiles) -> tuple[Decimal | None, Decimal | None]:
    if quantiles.samples < LEAST_SAMPLES or quantiles.p50 is None:
        return None, None
    p95 = None if quantiles.p95 is None else Decimal(f"{quantiles.p95:.3g}")
    return Decimal(f"{quantiles.p50:.3g}"), p95


def _digits(figure: float | None) -> float | None:
    """Three digits, so that a row does not change with what no page shows."""
    return None if figure is None else float(f"{figure:.3g}")
