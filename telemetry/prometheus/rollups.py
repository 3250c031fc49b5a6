"""What Prometheus measures, as rows: series, rollups without histograms, what is shown now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from telemetry.models import (
    CallOrigin,
    Day,
    Hour,
    Measured,
    PrometheusExporter,
    Series,
    Slot,
)
from telemetry.origins import LEAST_SAMPLES, ratio
from telemetry.prometheus.buckets import Quantile, total
from telemetry.prometheus.readings import COUNTS, Measurement, Measurements, Name
from telemetry.series import series_of

_WRITTEN = (
    *COUNTS,
    *("latency_samples", "latency_p50", "latency_p95"),
    *("throughput_samples", "throughput_p50", "throughput_p95"),
)


def write_rollups(
    table: type[Slot] | type[Hour] | type[Day], readings: Measurements, seconds: int, now: datetime
) -> None:
    """The rows of the steps that end at the times of these readings; what was there is replaced."""
    called: dict[Name, dict[int, Measurement]] = defaultdict(dict)
    for at, by_name in readings.items():
        for name, reading in by_name.items():
            if _has_calls(reading):
                called[name][at] = reading
    series = _series(
        {name: sum(map(_calls, by_time.values())) for name, by_time in called.items()}, now
    )
    rows: list[Any] = [
        table(
            series_id=id_,
            start=datetime.fromtimestamp(at - seconds, UTC),
            **_columns(reading),
        )
        for name, id_ in series.items()
        for at, reading in called[name].items()
    ]
    table._default_manager.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=("series", "start"),
        update_fields=_WRITTEN,
    )


def _series(calls: Mapping[Name, int], now: datetime) -> dict[Name, int]:
    """The id of each name's series; there is none beyond the bound on those without an endpoint."""
    if not calls:
        return {}
    origin = CallOrigin.PROMETHEUS.value
    found = series_of({(origin, *name): count for name, count in calls.items()}, now)
    return {Name(provider, model): id_ for (_, provider, model), id_ in found.items()}


def _calls(reading: Measurement) -> int:
    counted = sum(reading.counts[outcome] for outcome in ("succeeded", "failed", "refused"))
    return max(round(counted), round(total(reading.latency)), round(total(reading.token_time)))


def _has_calls(reading: Measurement) -> bool:
    return _calls(reading) > 0 or any(round(count) for count in reading.counts.values())


def _columns(reading: Measurement) -> dict[str, Any]:
    values: dict[str, Any] = {name: round(reading.counts[name]) for name in COUNTS}
    for metric, buckets, quantile in (
        ("latency", reading.latency, reading.latency_quantile),
        ("throughput", reading.token_time, reading.throughput_quantile),
    ):
        middle, high = quantile(0.5), quantile(0.95)
        values[f"{metric}_samples"] = round(total(buckets)) if middle else 0
        values[f"{metric}_p50"] = middle.value if middle else None
        values[f"{metric}_p95"] = high.value if high else None
    return values


@transaction.atomic
def write_measured(
    found: Iterable[tuple[PrometheusExporter, Mapping[Name, Measurement]]],
    now: datetime,
    *,
    is_whole: bool,
) -> None:
    """What is measured of each endpoint now: by one exporter, the first that measures it.

    Unless every exporter was read (`is_whole`), endpoints without a reading keep their figures.
    """
    by_endpoint: dict[int, tuple[PrometheusExporter, Measurement]] = {}
    for exporter, readings in found:
        called = {name: reading for name, reading in readings.items() if _has_calls(reading)}
        series = _series({name: _calls(reading) for name, reading in called.items()}, now)
        mapped = Series.objects.filter(pk__in=series.values()).exclude(endpoint=None)
        endpoints = dict(mapped.values_list("pk", "endpoint"))
        for name, id_ in series.items():
            if endpoint := endpoints.get(id_):
                first, reading = by_endpoint.setdefault(endpoint, (exporter, Measurement()))
                if first.pk == exporter.pk:
                    reading.add(called[name])
    ours = Measured.objects.filter(origin=CallOrigin.PROMETHEUS)
    newest = _newest(by_endpoint)
    trends = _trends(by_endpoint, now)
    rows = [
        Measured(
            endpoint_id=endpoint,
            origin=CallOrigin.PROMETHEUS,
            newest_at=newest.get(endpoint, now),
            trend=trends.get(endpoint, {}),
            **_figures(exporter, reading),
        )
        for endpoint, (exporter, reading) in by_endpoint.items()
    ]
    if is_whole:
        ours.exclude(endpoint__in=by_endpoint).update(**_NOTHING)
    Measured.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=("endpoint", "origin"),
        update_fields=(*_NOTHING, "trend", "newest_at"),
    )


def forget_old(*, stale: datetime, gone: datetime) -> int:
    """Rows of before lose their figures and keep their age, then go; how many changed."""
    ours = Measured.objects.filter(origin=CallOrigin.PROMETHEUS)
    measured = Q(latency_samples__gt=0) | Q(throughput_samples__gt=0) | Q(uptime_samples__gt=0)
    deleted, _ = ours.filter(newest_at__lt=gone).delete()
    return deleted + ours.filter(measured, newest_at__lt=stale).update(**_NOTHING)


_NOTHING: dict[str, Any] = {
    "latency": None,
    "latency_p95": None,
    "latency_samples": 0,
    "throughput": None,
    "throughput_p95": None,
    "throughput_samples": 0,
    "uptime": None,
    "uptime_samples": 0,
    "refused": 0,
    "details": {},
}


def _figures(exporter: PrometheusExporter, reading: Measurement) -> dict[str, Any]:
    columns = _columns(reading)
    figures = {name: columns.get(name, empty) for name, empty in _NOTHING.items()}
    attempts = columns["succeeded"] + columns["failed"]
    figures["uptime_samples"] = attempts
    if attempts >= LEAST_SAMPLES:
        figures["uptime"] = ratio(columns["succeeded"], attempts)
    figures["details"] = {}
    latency, throughput = reading.latency_quantile(0.5), reading.throughput_quantile(0.5)
    for metric, quantile, definition in (
        ("latency", latency, exporter.latency_definition),
        ("throughput", throughput, exporter.throughput_definition),
    ):
        figures[metric] = figures[f"{metric}_p95"] = None
        if quantile and columns[f"{metric}_samples"] >= LEAST_SAMPLES:
            figures[metric] = _decimal(quantile.value)
            figures[f"{metric}_p95"] = _decimal(columns[f"{metric}_p95"])
            figures["details"][metric] = _detail(quantile, definition)
    return figures


def _detail(quantile: Quantile, definition: str) -> dict[str, Any]:
    bounds = {"low": round(quantile.low, 6), "high": quantile.high and round(quantile.high, 6)}
    return {**bounds, **({"definition": definition} if definition else {})}


def _decimal(value: float | None) -> Decimal | None:
    """Three digits of an estimate: more would not be known."""
    return None if value is None else Decimal(f"{value:.3g}")


def _newest(endpoints: Collection[int]) -> dict[int, datetime]:
    """When the newest five minutes with calls ended."""
    newest = (
        Slot.objects.filter(series__origin=CallOrigin.PROMETHEUS, series__endpoint__in=endpoints)
        .values_list("series__endpoint")
        .annotate(Max("start"))
    )
    return {endpoint: start + timedelta(minutes=5) for endpoint, start in newest}


def _trends(endpoints: Collection[int], now: datetime) -> dict[int, dict[str, list[float | None]]]:
    """The last 24 hours that have ended, of the series with the most calls in each."""
    end = now.replace(minute=0, second=0, microsecond=0)
    hours = [end - timedelta(hours=back) for back in range(24, 0, -1)]
    rows: dict[tuple[int, datetime], Hour] = {}
    for row in Hour.objects.filter(
        series__origin=CallOrigin.PROMETHEUS, series__endpoint__in=endpoints, start__in=hours
    ).select_related("series"):
        key = (row.series.endpoint_id or 0, row.start)
        if key not in rows or row.latency_samples > rows[key].latency_samples:
            rows[key] = row
    trends: dict[int, dict[str, list[float | None]]] = defaultdict(dict)
    for endpoint in endpoints:
        of_hours = [rows.get((endpoint, hour)) for hour in hours]
        of_metrics = {
            "latency": [_digits(row.latency_p50) if row else None for row in of_hours],
            "throughput": [_digits(row.throughput_p50) if row else None for row in of_hours],
            "uptime": [_uptime(row) if row else None for row in of_hours],
        }
        for metric, figures in of_metrics.items():
            if any(figure is not None for figure in figures):
                trends[endpoint][metric] = figures
    return trends


def _uptime(row: Hour) -> float | None:
    attempts = row.succeeded + row.failed
    return float(ratio(row.succeeded, attempts)) if attempts else None


def _digits(figure: float | None) -> float | None:
    return None if figure is None else float(f"{figure:.3g}")
