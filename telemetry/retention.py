"""How long what was counted is kept: slots 48 hours, hours 90 days, days for ever.

Histograms serve to merge series and later calls: those of hours go after two days, unless several
series of one origin are of an endpoint, and those of days after 90 days.

Hours of a series come to the end of its part of the index that charts read, in the middle of all:
full pages are cut in halves, of which one stays half empty. So the index is made anew at times.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from telemetry.calls import OLDEST
from telemetry.models import CumulativePoint

SLOTS, HOURS = timedelta(hours=48), timedelta(days=90)
# A call is taken in until it is so old, and counted soon after.
HISTOGRAMS_OF_HOURS = timedelta(seconds=OLDEST) + timedelta(hours=2)
HISTOGRAMS_OF_DAYS = timedelta(days=90)
STREAMS = timedelta(days=1)

_DROP_HISTOGRAMS = """
UPDATE {table} SET latency_histogram = NULL, throughput_histogram = NULL
WHERE start < %s AND (latency_histogram IS NOT NULL OR throughput_histogram IS NOT NULL)
"""
_ALONE = """
AND series_id NOT IN (
    SELECT id FROM telemetry_series WHERE (endpoint_id, origin) IN (
        SELECT endpoint_id, origin FROM telemetry_series
        WHERE endpoint_id IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1
    )
)
"""


_INDEX = "telemetry_hour_pkey"
# Bytes of a row in the index when it is made anew; what it may take before; what is left alone.
PACKED, MOST_LOOSE, SMALL = 95, 1.2, 32 * 1024 * 1024
_SIZE = """
SELECT pg_relation_size(index.oid), hour.reltuples FROM pg_class index
JOIN pg_index ON indexrelid = index.oid JOIN pg_class hour ON hour.oid = indrelid
WHERE index.oid = %s::regclass
"""


def prune_rollups(now: datetime) -> None:
    statements = (
        ("DELETE FROM telemetry_slot WHERE start < %s", SLOTS),
        ("DELETE FROM telemetry_hour WHERE start < %s", HOURS),
        (_DROP_HISTOGRAMS.format(table="telemetry_hour") + _ALONE, HISTOGRAMS_OF_HOURS),
        (_DROP_HISTOGRAMS.format(table="telemetry_day"), HISTOGRAMS_OF_DAYS),
    )
    for statement, age in statements:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [now - age])
    CumulativePoint.objects.filter(renewed_at__lt=now - STREAMS).delete()


def repack_hours() -> bool:
    """Make the index of hours anew if much of it is empty; whether it was. Readers need not wait.

    Callers are in no transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SIZE, [_INDEX])
        size, hours = cursor.fetchone()
        if size < SMALL or size < MOST_LOOSE * PACKED * hours:
            return False
        # What a run that was killed has left.
        cursor.execute(f"DROP INDEX IF EXISTS {_INDEX}_ccnew")
        cursor.execute(f"REINDEX INDEX CONCURRENTLY {_INDEX}")
    return True
