"""Which figure a table shows of an endpoint: one source's, with its window, never a mixture."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from telemetry.origins import MADE_UP, ORIGINS

# How long a figure that a source or Prometheus states is shown.
STALE = timedelta(hours=3)
# The number is arbitrary, and this program's own.
_LOCK = 7_283_132
_WINDOWS = {
    "latency": ("1h", "30m", "", "15m", "5m", "1d"),
    "throughput": ("1h", "30m", "", "15m", "5m", "1d"),
    "uptime": ("1d", "1h", "30m", "15m", "5m", ""),
}
_WINDOW_RANK = " ".join(
    f"WHEN figure.metric = '{metric}' THEN"
    f" array_position(ARRAY[{', '.join(repr(window) for window in windows)}],"
    " figure.window::text)"
    for metric, windows in _WINDOWS.items()
)
_MEASURED, _STATED, _MADE_UP, _TOO_FEW = 0, len(ORIGINS), len(ORIGINS) + 1, len(ORIGINS) + 2
_ORIGINS = ", ".join(
    f"('{origin.key}', '{origin.name}', '{origin.window}',"
    f" {_MADE_UP if origin.key == MADE_UP else _MEASURED + place})"
    for place, origin in enumerate(ORIGINS)
)


def candidates(*, of_some: bool) -> str:
    """CTEs up to `figure`: every figure that could be shown, of all endpoints or of %(ids)s.

    `key` is an origin of calls or the slug of a source. `value` is None where there were too few
    samples. Of an endpoint count what a source states of it as a whole, of the only route that a
    gateway has for it, and of a gateway's route to it.
    """
    own = "WHERE endpoint_id = ANY(%(ids)s)" if of_some else ""
    some = "AND (endpoint_id = ANY(%(ids)s) OR served_by_id = ANY(%(ids)s))" if of_some else ""
    return f"""
WITH routed AS (
    SELECT source_id, endpoint_id, count(DISTINCT route) AS routes
    FROM telemetry_keptfigure {own} GROUP BY 1, 2
), stated AS (
    SELECT * FROM telemetry_keptfigure
    WHERE (percentile = 50 OR metric = 'uptime') AND as_of > %(since)s {some}
), placed AS (
    SELECT figure.endpoint_id AS shown_id, true AS own, figure.*
    FROM stated figure JOIN routed USING (source_id, endpoint_id)
    WHERE figure.route = '' OR routed.routes = 1
    UNION ALL
    SELECT served_by_id, false, figure.* FROM stated figure WHERE served_by_id IS NOT NULL
), figure AS (
    SELECT figure.shown_id AS endpoint_id, figure.metric, figure.value, source.slug AS key,
        {_STATED} AS class, NOT figure.own AS elsewhere, (CASE {_WINDOW_RANK} END)::bigint AS rank,
        figure.route, source.name AS source, figure.window, figure.percentile::int, figure.samples,
        figure.definition, figure.as_of, tail.value AS p95, NULL::jsonb AS trend,
        NULL AS origin, NULL::jsonb AS bounds
    FROM placed figure JOIN catalog_source source ON source.id = figure.source_id
    LEFT JOIN telemetry_keptfigure tail ON tail.source_id = figure.source_id
        AND tail.endpoint_id = figure.endpoint_id AND tail.route = figure.route
        AND tail.metric = figure.metric AND tail.window = figure.window AND tail.percentile = 95
    UNION ALL
    SELECT measured.endpoint_id, of.metric, of.value, measured.origin,
        CASE WHEN of.value IS NULL THEN {_TOO_FEW} ELSE origin.class END, false,
        CASE WHEN of.value IS NULL THEN -extract(epoch FROM measured.newest_at)::bigint END, '',
        origin.name, of.window, of.percentile, of.samples,
        coalesce(measured.details->of.metric->>'definition', ''), measured.newest_at, of.p95,
        measured.trend->of.metric, measured.origin, measured.details->of.metric
    FROM telemetry_measured measured
    JOIN (VALUES {_ORIGINS}) AS origin (key, name, "window", class) ON origin.key = measured.origin
    CROSS JOIN LATERAL (VALUES
        ('latency', latency, latency_p95, latency_samples, 50, origin.window),
        ('throughput', throughput, throughput_p95, throughput_samples, 50, origin.window),
        ('uptime', uptime, NULL, uptime_samples, NULL, '1d')
    ) AS of (metric, value, p95, samples, percentile, "window")
    WHERE (of.value IS NOT NULL OR measured.origin <> '{MADE_UP}')
    {"AND measured.endpoint_id = ANY(%(ids)s)" if of_some else ""}
)"""  # noqa: S608 - put together from fixed words alone


# What is measured here comes first, in the order of ORIGINS; then what sources state: an endpoint's
# own figures, then the window, the number of samples and the source's name decide, nothing that
# depends on the order of refreshes. Of what has too few samples the newest.
ORDER = "class, elsewhere, rank NULLS LAST, samples DESC NULLS LAST, key, route"
DETAILS = """jsonb_build_object(
        'source', source, 'window', "window", 'percentile', percentile, 'samples', samples,
        'definition', definition,
        'as_of', to_char(as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
    ) || jsonb_strip_nulls(jsonb_build_object(
        'p95', trim_scale(p95), 'trend', trend, 'origin', origin,
        'low', bounds->'low', 'high', bounds->'high'
    ))"""
# Made-up figures order and filter nothing beside real ones: their values are in the details alone.
_RENEW = f"""{candidates(of_some=False)}, chosen AS (
    SELECT DISTINCT ON (endpoint_id, metric)
        endpoint_id, metric, value, class = {_MADE_UP} AS made_up, {DETAILS} AS details
    FROM figure ORDER BY endpoint_id, metric, {ORDER}
), known AS (
    SELECT chosen.*, value IS NOT NULL AND made_up AND bool_or(value IS NOT NULL AND NOT made_up)
        OVER (PARTITION BY metric) AS beside
    FROM chosen
), live AS (
    SELECT endpoint_id,
        max(value) FILTER (WHERE metric = 'latency' AND NOT beside) AS latency,
        max(value) FILTER (WHERE metric = 'throughput' AND NOT beside) AS throughput,
        max(value) FILTER (WHERE metric = 'uptime' AND NOT beside) AS uptime,
        jsonb_object_agg(metric, CASE WHEN beside
            THEN details || jsonb_build_object('beside', trim_scale(value)) ELSE details END
        ) AS details
    FROM known GROUP BY endpoint_id
), renewed AS (
    INSERT INTO telemetry_liverow AS row (endpoint_id, latency, throughput, uptime, details)
    SELECT endpoint_id, latency, throughput, uptime, details FROM live
    ON CONFLICT (endpoint_id) DO UPDATE SET latency = excluded.latency,
        throughput = excluded.throughput, uptime = excluded.uptime, details = excluded.details
    WHERE (row.latency, row.throughput, row.uptime, row.details)
        IS DISTINCT FROM (excluded.latency, excluded.throughput, excluded.uptime, excluded.details)
)
DELETE FROM telemetry_liverow row
WHERE NOT EXISTS (SELECT FROM live WHERE live.endpoint_id = row.endpoint_id)
"""  # noqa: S608 - put together from fixed words alone


def renew_live_rows(now: datetime) -> None:
    """Choose the figures to show anew; writes only rows that differ, and drops stale ones."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_RENEW, {"since": now - STALE})
