"""Which figure a table shows of an endpoint: one source's, with its window, never a mixture."""

from datetime import datetime, timedelta

from django.db import connection, transaction

# How long a figure of traffic is shown.
STALE = timedelta(hours=3)
_PLACES = {
    "latency": ("1h", "30m", "", "15m", "5m", "1d"),
    "throughput": ("1h", "30m", "", "15m", "5m", "1d"),
    "uptime": ("1d", "1h", "30m", "15m", "5m", ""),
}
_PLACE = " ".join(
    f"WHEN figure.metric = '{metric}' THEN"
    f" array_position(ARRAY[{', '.join(repr(window) for window in windows)}],"
    " figure.window::text)"
    for metric, windows in _PLACES.items()
)
# Of an endpoint count what a source states of it as a whole, of the only route that a gateway has
# for it, and of a gateway's route to it. The endpoint's own figures come first, then the window,
# the number of samples and the source's name decide: nothing that depends on the order of
# refreshes.
_CHOSEN = f"""
WITH routed AS (
    SELECT source_id, endpoint_id, count(DISTINCT route) AS routes
    FROM telemetry_keptfigure GROUP BY 1, 2
), placed AS (
    SELECT figure.*, CASE WHEN figure.route = '' OR routed.routes = 1 THEN figure.endpoint_id END
        AS own_id
    FROM telemetry_keptfigure figure JOIN routed USING (source_id, endpoint_id)
    WHERE (figure.percentile = 50 OR figure.metric = 'uptime') AND figure.as_of > %(since)s
), candidate AS (
    SELECT own_id AS shown_id, true AS own, placed.* FROM placed WHERE own_id IS NOT NULL
    UNION ALL
    SELECT served_by_id, false, placed.* FROM placed WHERE served_by_id IS NOT NULL
), chosen AS (
    SELECT DISTINCT ON (figure.shown_id, figure.metric)
        figure.shown_id AS endpoint_id, figure.metric, figure.value,
        jsonb_build_object(
            'source', source.name, 'window', figure.window, 'percentile', figure.percentile,
            'samples', figure.samples, 'definition', figure.definition,
            'as_of', to_char(figure.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"')
        ) AS details
    FROM candidate figure JOIN catalog_source source ON source.id = figure.source_id
    ORDER BY figure.shown_id, figure.metric, figure.own DESC, CASE {_PLACE} END NULLS LAST,
             figure.samples DESC NULLS LAST, source.slug, figure.route
), live AS (
    SELECT endpoint_id,
        max(value) FILTER (WHERE metric = 'latency') AS latency,
        max(value) FILTER (WHERE metric = 'throughput') AS throughput,
        max(value) FILTER (WHERE metric = 'uptime') AS uptime,
        jsonb_object_agg(metric, details) AS details
    FROM chosen GROUP BY endpoint_id
)
"""  # noqa: S608 - put together from fixed words alone
_UPSERT = f"""
{_CHOSEN}
INSERT INTO telemetry_liverow AS row (endpoint_id, latency, throughput, uptime, details)
SELECT endpoint_id, latency, throughput, uptime, details FROM live
ON CONFLICT (endpoint_id) DO UPDATE SET latency = excluded.latency,
    throughput = excluded.throughput, uptime = excluded.uptime, details = excluded.details
WHERE (row.latency, row.throughput, row.uptime, row.details)
    IS DISTINCT FROM (excluded.latency, excluded.throughput, excluded.uptime, excluded.details)
"""  # noqa: S608 - put together from fixed words alone
_GONE = f"""
{_CHOSEN}
DELETE FROM telemetry_liverow row
WHERE NOT EXISTS (SELECT FROM live WHERE live.endpoint_id = row.endpoint_id)
"""  # noqa: S608 - put together from fixed words alone


def renew_live_rows(now: datetime) -> None:
    """Choose the figures to show anew; writes only rows that differ, and drops stale ones."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (_UPSERT, _GONE):
            cursor.execute(statement, {"since": now - STALE})
