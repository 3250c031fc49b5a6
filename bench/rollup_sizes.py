"""The disk of rollups of many series that are always active, from a few series.

Their rows are written as a fold writes them, several times in each step, until the first ones are
deleted, with PostgreSQL's vacuum when it would come by itself: so the space that updates and
deletions leave is counted.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from telemetry.histograms import Histogram
from telemetry.models import Series
from telemetry.retention import MOST_LOOSE, PACKED

SERIES, SPANS_PER_SECOND = 5_000, 20_000
WRITTEN = 20
FOLDS = 6
# Of rows, as the tables have it; PostgreSQL adds 50, here as a part of them as rows are.
DEAD_SHARE, DEAD = 0.02, 50 * WRITTEN / SERIES


@dataclass(frozen=True, slots=True)
class KeptSteps:
    """How many steps are kept, and of how many the histograms: see telemetry/retention.py."""

    table: str
    seconds: int
    kept: int
    with_histogram: int


KEPT = (
    KeptSteps("telemetry_slot", 300, 48 * 12, 48 * 12),
    KeptSteps("telemetry_hour", 3600, 90 * 24, 50),
    KeptSteps("telemetry_day", 86_400, 365, 90),
)
_WRITE = """
INSERT INTO {table} AS old (
    series_id, start, succeeded, failed, refused, input_tokens, output_tokens,
    latency_samples, latency_p50, latency_p95, latency_histogram,
    throughput_samples, throughput_p50, throughput_p95, throughput_histogram
)
SELECT series_id, to_timestamp(%(second)s), 1, 0, 0, 900, 300,
       1, random(), random(), %(latency)s, 1, random(), random(), %(throughput)s
FROM unnest(%(series)s::bigint[]) AS series_id
ON CONFLICT (series_id, start) DO UPDATE SET
    succeeded = old.succeeded + 1, input_tokens = old.input_tokens + 900,
    output_tokens = old.output_tokens + 300, latency_samples = old.latency_samples + 1,
    throughput_samples = old.throughput_samples + 1,
    latency_p50 = excluded.latency_p50, latency_p95 = excluded.latency_p95,
    throughput_p50 = excluded.throughput_p50, throughput_p95 = excluded.throughput_p95,
    latency_histogram = excluded.latency_histogram,
    throughput_histogram = excluded.throughput_histogram
"""
_DROP = """
UPDATE {table} SET latency_histogram = NULL, throughput_histogram = NULL
WHERE start < to_timestamp(%s) AND latency_histogram IS NOT NULL
"""
_DELETE = "DELETE FROM {table} WHERE start < to_timestamp(%s)"
_DEAD = """
SELECT pg_stat_get_dead_tuples(oid), reltuples FROM pg_class WHERE oid = %s::regclass
"""
_SIZES = """
SELECT pg_total_relation_size(table_oid), pg_indexes_size(table_oid)
FROM (SELECT %s::regclass AS table_oid) of
"""


def gigabytes() -> float:
    return sum(size for _, size in sizes()) / 1e9


def sizes() -> Iterator[tuple[str, float]]:
    """Of each table the bytes of SERIES series, in the empty database of this process."""
    made = Series.objects.bulk_create(
        Series(
            origin="traffic",
            model_name=f"bench-sizes-{number}",
            first_seen="2026-01-01T00:00Z",
            last_seen="2026-01-01T00:00Z",
        )
        for number in range(WRITTEN)
    )
    with connection.cursor() as cursor:
        for kept in KEPT:
            cursor.execute(f"ALTER TABLE {kept.table} SET (autovacuum_enabled = false)")
            _write(cursor, kept, [one.pk for one in made])
            cursor.execute(_SIZES, [kept.table])
            total, index = cursor.fetchone()
            if kept.table == "telemetry_hour":  # which is then made anew
                total -= max(0, index - MOST_LOOSE * PACKED * kept.kept * WRITTEN)
            yield kept.table, total * SERIES / WRITTEN
            cursor.execute(f"ALTER TABLE {kept.table} RESET (autovacuum_enabled)")
            cursor.execute(f"TRUNCATE {kept.table}")
    Series.objects.filter(pk__in=[one.pk for one in made]).delete()


def _write(cursor: CursorWrapper, kept: KeptSteps, series: list[int]) -> None:
    calls = SPANS_PER_SECOND * kept.seconds // SERIES
    chance = Random(15)
    shapes = [(_bytes(calls, 0.8, chance), _bytes(calls, 60, chance)) for _ in range(5)]
    for step in range(kept.kept + kept.kept // 8):
        for _ in range(FOLDS):
            # As incompressible as those, and others each time.
            latency, throughput = map(os.urandom, chance.choice(shapes))
            values: dict[str, Any] = {
                "second": step * kept.seconds,
                "series": series,
                "latency": latency,
                "throughput": throughput,
            }
            cursor.execute(_WRITE.format(table=kept.table), values)
        if kept.with_histogram < kept.kept:
            oldest = (step - kept.with_histogram) * kept.seconds
            cursor.execute(_DROP.format(table=kept.table), [oldest])
        cursor.execute(_DELETE.format(table=kept.table), [(step - kept.kept) * kept.seconds])
        _vacuum_if_due(cursor, kept.table)


def _vacuum_if_due(cursor: CursorWrapper, table: str) -> None:
    cursor.execute("SELECT pg_stat_force_next_flush()")
    cursor.execute(_DEAD, [table])
    dead, rows = cursor.fetchone()
    if dead > DEAD + DEAD_SHARE * max(rows, 0):
        cursor.execute(f"VACUUM {table}")


def _bytes(calls: int, median: float, chance: Random) -> int:
    """The length of a histogram of values with a long tail."""
    values = (median * chance.lognormvariate(0, 0.6) for _ in range(calls))
    return len(Histogram.of(values).to_bytes())
