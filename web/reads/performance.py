"""How the calls of some endpoints went over time, out of the rollups of their series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from psycopg.pq import Format

from telemetry.origins import ORIGIN
from web.http.page_cache import cached_summary
from web.params.charts import WINDOWS, ChartQuery
from web.reads.call_hours import CallHour

# So many series of a page are read, those with most calls first.
MOST_SERIES = 40
# Too few calls for steps of five minutes.
HOURLY = ("probe", "playground")
# The columns before the lists.
_OF_SERIES = 6
_SLOT, _HOUR = timedelta(minutes=5), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SeriesPoints:
    """The rollups of one series, a place in each list for each of them, in any order.

    `starts` are seconds since 1970. `latency` (seconds) and `throughput` (tokens a second) are the
    percentile that was asked for, None without samples. `origins` are those of all series of the
    page, `last_seen` is in seconds since 1970.
    """

    series_id: int
    endpoint_id: int
    origin: str
    origins: list[str]
    last_seen: int
    refused: int
    starts: list[int]
    succeeded: list[int]
    failed: list[int]
    latency_samples: list[int]
    latency: list[float | None]
    throughput_samples: list[int]
    throughput: list[float | None]


@dataclass(frozen=True, slots=True)
class ChartWindow:
    """Steps of time from `first` on: five minutes of one day, else hours."""

    first: datetime
    step: timedelta
    count: int

    @property
    def last(self) -> datetime:
        """The beginning of the last step, which is not over yet."""
        return self.first + self.step * (self.count - 1)

    def coarser(self, least: timedelta) -> "ChartWindow":
        """With steps of at least this length, each of a whole number of steps."""
        times = max(1, least // self.step)
        return ChartWindow(self.first, self.step * times, self.count // times)


def chart_window(window: str, origin: str, now: datetime) -> ChartWindow:
    step = _SLOT if window == "24h" and origin not in HOURLY else _HOUR
    count = WINDOWS[window] // step
    seconds = now.timestamp() // step.total_seconds() * step.total_seconds()
    last = datetime.fromtimestamp(seconds, UTC)
    return ChartWindow(last - step * (count - 1), step, count)


_ROLLUPS = """
        SELECT start, succeeded, failed, refused, latency_samples, latency_p{percentile} AS latency,
               throughput_samples, throughput_p{percentile} AS throughput
        FROM telemetry_{table}
        WHERE series_id = chosen.id AND start BETWEEN %(since)s AND %(now)s"""
_SLOTS_OR_HOURS = f"""{_ROLLUPS.replace("{table}", "slot")} AND chosen.origin <> ALL (%(hourly)s)
        UNION ALL
        {_ROLLUPS.replace("{table}", "hour")} AND chosen.origin = ANY (%(hourly)s)"""
_OF_ENDPOINTS = "WHERE series.endpoint_id = ANY(%(key)s)"
_OF_PROVIDER = """
    JOIN catalog_endpoint endpoint ON endpoint.id = series.endpoint_id
    WHERE endpoint.provider_id = %(key)s"""
_POINTS = f"""
WITH known AS MATERIALIZED (
    SELECT series.id, series.endpoint_id, series.origin, series.last_seen
    FROM telemetry_series series {{of}}
), chosen AS MATERIALIZED (
    SELECT known.*, coalesce(day.calls, 0) AS calls
    FROM known LEFT JOIN LATERAL (
        SELECT sum(succeeded + failed)::bigint AS calls FROM telemetry_day
        WHERE series_id = known.id AND start > %(since)s - interval '1 day'
    ) day ON true
    WHERE origin = (
        SELECT origin FROM known GROUP BY origin
        ORDER BY origin = %(live)s DESC, max(last_seen) >= %(since)s DESC,
                 array_position(%(order)s, origin::text)
        LIMIT 1
    )
    ORDER BY calls DESC, known.id
    LIMIT {MOST_SERIES}
)
SELECT chosen.id AS series_id, chosen.endpoint_id, chosen.origin,
       (SELECT array_agg(DISTINCT origin::text) FROM known) AS origins,
       date_part('epoch', chosen.last_seen)::bigint AS last_seen, points.*
FROM chosen CROSS JOIN LATERAL (
    SELECT coalesce(sum(refused), 0)::bigint AS refused,
           array_agg(date_part('epoch', start)::bigint) AS starts,
           array_agg(succeeded) AS succeeded, array_agg(failed) AS failed,
           array_agg(latency_samples) AS latency_samples, array_agg(latency) AS latency,
           array_agg(throughput_samples) AS throughput_samples, array_agg(throughput) AS throughput
    FROM ({{rollups}}) rollup
) points
ORDER BY chosen.calls DESC, chosen.id
"""  # noqa: S608 - put together from fixed words alone


def points_of_endpoints(ids: Sequence[int], query: ChartQuery, now: datetime) -> list[SeriesPoints]:
    """The series of the origin that is asked for, or of the first with calls in the window."""
    return _points(_OF_ENDPOINTS, list(ids), query, now)


def points_of_provider(provider_id: int, query: ChartQuery, now: datetime) -> list[SeriesPoints]:
    return _points(_OF_PROVIDER, provider_id, query, now)


def _points(of: str, key: int | list[int], query: ChartQuery, now: datetime) -> list[SeriesPoints]:
    rollups = _SLOTS_OR_HOURS if query.window == "24h" else _ROLLUPS.replace("{table}", "hour")
    statement = _POINTS.format(of=of, rollups=rollups.format(percentile=query.percentile))
    values = {
        "key": key,
        "live": query.live,
        "order": list(ORIGIN),
        "hourly": list(HOURLY),
        "since": now - WINDOWS[query.window],
        "now": now,
    }
    return [
        # A series without a rollup in the window has no arrays.
        SeriesPoints(*row[:_OF_SERIES], *(column or [] for column in row[_OF_SERIES:]))
        for row in _binary_rows(statement, values)
    ]


# As text, half of the time would go into the digits of numbers.
def _binary_rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.cursor.format = Format.BINARY
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class SeriesSamples:
    """Samples of a series in one step: their number, percentile, and histogram where it is kept."""

    series_id: int
    start: int
    latency_samples: int
    latency: float | None
    latency_histogram: bytes | None
    throughput_samples: int
    throughput: float | None
    throughput_histogram: bytes | None


def samples_of_series(
    series_ids: Sequence[int], origin: str, query: ChartQuery, now: datetime
) -> list[SeriesSamples]:
    """For series that are one line: their percentiles are none of the line's."""
    table = "slot" if query.window == "24h" and origin not in HOURLY else "hour"
    statement = f"""
        SELECT series_id, date_part('epoch', start)::bigint AS start,
               latency_samples, latency_p{query.percentile}, latency_histogram,
               throughput_samples, throughput_p{query.percentile}, throughput_histogram
        FROM telemetry_{table}
        WHERE series_id = ANY(%(ids)s) AND start BETWEEN %(since)s AND %(now)s
        """  # noqa: S608 - a table and a number that are known
    values = {"ids": list(series_ids), "since": now - WINDOWS[query.window], "now": now}
    return [SeriesSamples(*row) for row in _binary_rows(statement, values)]


@dataclass(frozen=True, slots=True)
class KeptHistograms:
    """Samples of a series in an hour or a day with their histograms, None where none is kept."""

    series_id: int
    latency_samples: int
    latency_histogram: bytes | None
    throughput_samples: int
    throughput_histogram: bytes | None


def histograms_of_window(
    series_ids: Sequence[int], query: ChartQuery, now: datetime
) -> list[KeptHistograms]:
    """Of the whole hours of 24, of the whole days of more."""
    table = "hour" if query.window == "24h" else "day"
    statement = f"""
        SELECT series_id, latency_samples, latency_histogram,
               throughput_samples, throughput_histogram
        FROM telemetry_{table}
        WHERE series_id = ANY(%(ids)s) AND start BETWEEN %(since)s AND %(now)s
        """  # noqa: S608 - one of two tables
    values = {"ids": list(series_ids), "since": now - WINDOWS[query.window], "now": now}
    return [KeptHistograms(*row) for row in _binary_rows(statement, values)]


_HOURS_OF_PROVIDER = """
SELECT date_part('epoch', hour.start)::bigint, sum(succeeded)::bigint, sum(failed)::bigint
FROM catalog_endpoint endpoint
JOIN telemetry_series series ON series.endpoint_id = endpoint.id AND series.origin = %(origin)s
CROSS JOIN LATERAL (
    SELECT start, succeeded, failed FROM telemetry_hour
    WHERE series_id = series.id AND start BETWEEN %(since)s AND %(now)s
) hour
WHERE endpoint.provider_id = %(provider_id)s
GROUP BY 1 ORDER BY 1
"""


def hours_of_provider(
    provider_id: int, origin: str, window: ChartWindow, now: datetime
) -> list[CallHour]:
    """The calls of all endpoints together, hour by hour."""
    values = {"provider_id": provider_id, "origin": origin, "since": window.first, "now": now}
    begin = int(window.first.timestamp())
    return [
        CallHour((start - begin) // 3600, succeeded, failed)
        for start, succeeded, failed in _binary_rows(_HOURS_OF_PROVIDER, values)
    ]


@cached_summary
def has_measured_calls() -> bool:
    """Whether calls of any endpoint have been measured."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM telemetry_measured)")
        (has_any,) = cursor.fetchone() or (False,)
    return bool(has_any)
