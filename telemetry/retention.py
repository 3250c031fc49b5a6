"""How long what was counted is kept: slots 48 hours, hours 90 days, days for ever.

Histograms serve to merge series and later calls: those of hours go after two days, unless several
series of one origin are of an endpoint, and those of days after 90 days.
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
