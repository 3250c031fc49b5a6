"""The index of hours is made anew when it has become loose."""

from datetime import timedelta

import pytest
from django.db import connection

from telemetry import retention
from telemetry.models import Hour, Series
from telemetry.retention import repack_hours
from tests.telemetry.calls import NOON

COUNT, HOURS = 40, 400


def index() -> tuple[int, bool]:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT pg_relation_size(indexrelid), indisvalid FROM pg_index
            WHERE indrelid = 'telemetry_hour'::regclass
        """)
        (row,) = cursor.fetchall()  # one index and no remains of another
        return row


@pytest.mark.django_db(transaction=True)
def test_a_loose_index_is_made_anew_and_a_dense_or_small_one_is_left(monkeypatch):
    series = Series.objects.bulk_create(
        Series(origin="traffic", model_name=f"m{n}", first_seen=NOON, last_seen=NOON)
        for n in range(COUNT)
    )
    for hour in range(HOURS):
        start = NOON.replace(minute=0) + timedelta(hours=hour)
        Hour.objects.bulk_create(
            Hour(
                series=each,
                start=start,
                latency_p50=1,
                latency_p95=2,
                throughput_p50=80,
                throughput_p95=90,
            )
            for each in series
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE telemetry_hour")
    loose, _ = index()
    assert loose > retention.MOST_LOOSE * retention.PACKED * COUNT * HOURS
    assert not repack_hours()  # so small that it does not matter
    monkeypatch.setattr(retention, "SMALL", 0)
    assert repack_hours()
    dense, is_valid = index()
    assert is_valid
    assert dense < 0.7 * loose
    assert not repack_hours()
