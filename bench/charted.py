"""Reads of a chart out of rollups and out of raw calls, run by `bench.charts` in a process with
Django's models."""

import json
import math
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from django.db import connection

from catalog.models import Endpoint
from telemetry.models import Series
from web.params.charts import ChartQuery
from web.reads.performance import points_of_endpoints

SERIES, DRAWN = 300, 10
DAYS = 30
ROUNDS = 5
# Six in ten calls are of the ten series that are drawn; times are lognormal.
_CALLS = """
CREATE TABLE bench_call AS
SELECT %(first)s + floor(%(series)s * power(random(), 7))::int AS series_id,
       %(begin)s + random() * (%(end)s - %(begin)s::timestamptz) AS began,
       random() < 0.998 AS succeeded,
       exp(random_normal(-0.2, 0.6)) AS latency, exp(random_normal(4.6, 0.5)) AS throughput
FROM generate_series(1, %(calls)s)
"""
_ROLLUPS = """
INSERT INTO telemetry_{table} (
    series_id, start, succeeded, failed, refused, input_tokens, output_tokens,
    latency_samples, latency_p50, latency_p95,
    throughput_samples, throughput_p50, throughput_p95,
    latency_histogram, throughput_histogram
)
SELECT series_id, date_trunc('{table}', began, 'UTC'), count(*) FILTER (WHERE succeeded),
       count(*) FILTER (WHERE NOT succeeded), 0, 0, 0,
       count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY latency),
       percentile_disc(0.95) WITHIN GROUP (ORDER BY latency),
       count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY throughput),
       percentile_disc(0.95) WITHIN GROUP (ORDER BY throughput),
       -- As wide as those of the last two days are.
       CASE WHEN max(began) > %(end)s - interval '2 days' THEN decode(repeat('00', 150), 'hex') END,
       CASE WHEN max(began) > %(end)s - interval '2 days' THEN decode(repeat('00', 150), 'hex') END
FROM bench_call GROUP BY 1, 2 ORDER BY 2, 1
"""
_HOURS = """
SELECT series_id, date_trunc('hour', began) AS start, count(*) FILTER (WHERE succeeded),
       count(*) FILTER (WHERE NOT succeeded), {p50_latency}, {p50_throughput}
FROM bench_call WHERE series_id IN ({ids}) GROUP BY 1, 2
"""


def main(calls: int) -> None:
    """Print the milliseconds of a read of the kept hours, of DuckDB, and of PostgreSQL."""
    end = datetime.now(UTC)
    query, begin = ChartQuery("30d"), end - timedelta(days=DAYS)
    endpoints = _series_of_one_model(begin, end)
    drawn = list(
        Series.objects.filter(endpoint__isnull=False).order_by("id").values_list("id", flat=True)
    )
    _count(calls, drawn[0], begin, end)
    duck = _in_duckdb()

    def ours() -> int:
        series = points_of_endpoints(endpoints, query, end)
        return sum(len(one.starts) for one in series)

    def duckdb_hours() -> int:
        return len(duck.execute(_hours("quantile_cont({}, 0.5)", drawn)).fetchall())

    def postgres_hours() -> int:
        statement = _hours("percentile_cont(0.5) WITHIN GROUP (ORDER BY {})", drawn)
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return len(cursor.fetchall())

    reads = (ours, duckdb_hours, postgres_hours)
    hours = [read() for read in reads]
    # The hour in which the window begins is cut in two, and not drawn.
    assert max(hours) - min(hours) <= DRAWN, f"not the same hours: {hours}"
    times = _fastest(reads)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_call")
        cursor.execute("TRUNCATE telemetry_series CASCADE")
    print(json.dumps(times))


def _series_of_one_model(begin: datetime, end: datetime) -> list[int]:
    """The series, of which the first ones are of endpoints: their ids."""
    endpoints = list(Endpoint.objects.order_by("id").values_list("id", flat=True)[:DRAWN])
    Series.objects.bulk_create(
        Series(
            origin="traffic",
            provider_name=f"provider-{n}",
            model_name="bench",
            endpoint_id=endpoints[n] if n < DRAWN else None,
            first_seen=begin,
            last_seen=end,
        )
        for n in range(SERIES)
    )
    return endpoints


def _count(calls: int, first: int, begin: datetime, end: datetime) -> None:
    values: dict[str, int | datetime] = {
        "first": first,
        "series": SERIES,
        "begin": begin,
        "end": end,
        "calls": calls,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CALLS, values)
        cursor.execute("CREATE INDEX ON bench_call (series_id, began)")
        for table in ("hour", "day"):
            cursor.execute(_ROLLUPS.format(table=table), values)
        for table in ("bench_call", "telemetry_hour", "telemetry_day", "telemetry_series"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _in_duckdb() -> duckdb.DuckDBPyConnection:
    copy = "COPY bench_call TO STDOUT (FORMAT csv, HEADER)"
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "calls.csv"
        with (
            connection.cursor() as cursor,
            cursor.cursor.copy(copy) as rows,
            file.open("wb") as out,
        ):
            for block in rows:
                out.write(block)
        duck.execute(f"CREATE TABLE bench_call AS SELECT * FROM read_csv('{file}')")
    return duck


def _hours(function: str, ids: Sequence[int]) -> str:
    return _HOURS.format(
        p50_latency=function.format("latency"),
        p50_throughput=function.format("throughput"),
        ids=", ".join(map(str, ids)),
    )


def _fastest(reads: Sequence[Callable[[], int]]) -> list[float]:
    """Milliseconds of each, the fastest of some rounds in turn."""
    times = [math.inf] * len(reads)
    for _ in range(ROUNDS):
        for n, read in enumerate(reads):
            began = time.perf_counter()
            read()
            times[n] = min(times[n], (time.perf_counter() - began) * 1000)
    return times
