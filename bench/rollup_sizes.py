"""The disk of rollups of many series that are always active, from a sample of each table's rows."""

from datetime import UTC, datetime, timedelta
from random import Random

from django.db import connection, transaction

from telemetry.histograms import Histogram
from telemetry.models import Day, Hour, Rollup, Series, Slot

SERIES, SPANS_PER_SECOND = 5_000, 20_000
ROWS = 4_000
# PostgreSQL takes 65,535 parameters at once.
BATCH = 1000
# Rows of a series and seconds of each: slots of 48 hours, hours of 90 days, days of a year; with
# histograms for 48 hours, and 90 days, by telemetry/retention.py.
KEPT: tuple[tuple[type[Rollup], int, int, bool], ...] = (
    (Slot, 300, 48 * 12, True),
    (Hour, 3600, 48, True),
    (Hour, 3600, 88 * 24, False),
    (Day, 86_400, 90, True),
    (Day, 86_400, 275, False),
)


def gigabytes() -> float:
    chance, size = Random(15), 0.0
    for table, seconds, rows, has_histogram in KEPT:
        calls = SPANS_PER_SECOND * seconds // SERIES
        size += rows * SERIES * _bytes_a_row(table, calls, chance, has_histogram=has_histogram)
    return size / 1e9


def _bytes_a_row(table: type[Rollup], calls: int, chance: Random, *, has_histogram: bool) -> float:
    shapes = [(_histogram(calls, 0.8, chance), _histogram(calls, 60.0, chance)) for _ in range(10)]
    began = datetime(2026, 1, 1, tzinfo=UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        series = Series.objects.create(
            origin="traffic", model_name="bench-sizes", first_seen=began, last_seen=began
        )
        cursor.execute("SELECT pg_total_relation_size(%s)", [table._meta.db_table])
        (before,) = cursor.fetchone()
        rows = [
            table(
                series_id=series.pk,
                start=began + timedelta(seconds=300 * number),
                succeeded=calls,
                input_tokens=calls * 900,
                output_tokens=calls * 300,
                latency_samples=calls,
                latency_p50=chance.random(),
                latency_p95=chance.random(),
                latency_count=calls,
                latency_sum=chance.random() * calls,
                latency_histogram=shapes[number % 10][0] if has_histogram else None,
                throughput_samples=calls,
                throughput_p50=chance.random(),
                throughput_p95=chance.random(),
                throughput_count=calls,
                throughput_sum=chance.random() * calls,
                throughput_histogram=shapes[number % 10][1] if has_histogram else None,
            )
            for number in range(ROWS)
        ]
        table._default_manager.bulk_create(rows, batch_size=BATCH)
        cursor.execute("SELECT pg_total_relation_size(%s)", [table._meta.db_table])
        (after,) = cursor.fetchone()
        transaction.set_rollback(True)
    return float(after - before) / ROWS


def _histogram(calls: int, median: float, chance: Random) -> bytes:
    """Values with a long tail. Of very many, a part, with its counts multiplied."""
    drawn = min(calls, 15_000)
    made = Histogram.of(median * chance.lognormvariate(0, 0.6) for _ in range(drawn))
    for index in made.counts:
        made.counts[index] *= calls // drawn
    return made.to_bytes()
