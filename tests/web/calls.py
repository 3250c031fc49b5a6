"""Counted calls for tests of pages."""

from datetime import datetime, timedelta

from django.utils import timezone

from catalog.models import Endpoint
from telemetry.models import Day, Hour, Measured, Series, Slot


def make_series(
    endpoint: Endpoint, origin: str = "traffic", name: str = "", last_seen: datetime | None = None
) -> Series:
    at = last_seen or timezone.now()
    Measured.objects.get_or_create(endpoint=endpoint, origin=origin, defaults={"newest_at": at})
    return Series.objects.create(
        origin=origin,
        provider_name=endpoint.provider.slug,
        model_name=name or endpoint.upstream_id,
        endpoint=endpoint,
        first_seen=at,
        last_seen=at,
    )


def count(
    series: Series,
    ago: timedelta,
    latency: float = 1.0,
    *,
    samples: int = 20,
    failed: int = 0,
    throughput: float = 100.0,
) -> None:
    """A rollup of each kind, `ago` before now."""
    now = timezone.now()
    at = now - ago
    starts = {
        Slot: at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0),
        Hour: at.replace(minute=0, second=0, microsecond=0),
        Day: at.replace(hour=0, minute=0, second=0, microsecond=0),
    }
    for rollup, start in starts.items():
        rollup._default_manager.update_or_create(
            series=series,
            start=start,
            defaults={
                "succeeded": samples,
                "failed": failed,
                "refused": 1,
                "latency_samples": samples,
                "latency_p50": latency,
                "latency_p95": latency * 2,
                "throughput_samples": samples,
                "throughput_p50": throughput,
                "throughput_p95": throughput * 2,
            },
        )
