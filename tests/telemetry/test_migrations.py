"""Rollups become smaller, and what they hold reads as before."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from telemetry.fold import fold
from telemetry.histograms import Histogram
from telemetry.inbox import accept
from telemetry.models import Hour, Series
from telemetry.packing import pack
from tests.telemetry.calls import NOON, make_call

pytestmark = pytest.mark.django_db

BEFORE = [("telemetry", "0008_kept_figures_written")]
AFTER = [("telemetry", "0009_smaller_rollups")]
# 0.5, 2, 2 and 8 seconds, as histograms were written before they were deflated.
KEPT = bytes.fromhex("01bfff03007f7f010201")


def migrate(targets):
    """Migrate to these states; gives the models as they are there."""
    connection.check_constraints()  # no row waits for its check, so tables can be altered
    executor = MigrationExecutor(connection)
    return executor.migrate(targets).apps


def make_hour(apps, hours_ago, **values):
    hour = apps.get_model("telemetry", "Hour")
    series, _ = Series.objects.get_or_create(
        origin="traffic",
        provider_name="openai",
        model_name="gpt",
        defaults={"first_seen": NOON, "last_seen": NOON},
    )
    numbers = {
        "succeeded": 7,
        "failed": 2,
        "refused": 1,
        "input_tokens": 2**40,
        "output_tokens": 9,
        "latency_samples": 4,
        "latency_p50": 1.9892146,
        "latency_p95": 7.9568584,
        "latency_count": 4,
        "latency_sum": 12.5,
        "latency_histogram": KEPT,
        "throughput_samples": 3,
        "throughput_p50": 81.25,
        "throughput_p95": 0.0123456789,
        "throughput_count": 3,
        "throughput_sum": 240.0,
    }
    start = NOON.replace(minute=0) - timedelta(hours=hours_ago)
    hour.objects.create(series_id=series.pk, start=start, **{**numbers, **values})


def test_rows_of_before_read_the_same_and_calls_are_added_to_them():
    old = migrate(BEFORE)
    make_hour(old, 0)
    make_hour(old, 1, latency_count=10, latency_sum=50.0)
    make_hour(old, 2, latency_samples=0, latency_p50=None, latency_histogram=None)
    before = list(old.get_model("telemetry", "Hour").objects.order_by("-start").values())
    migrate(AFTER)
    hours = list(Hour.objects.order_by("-start"))
    for was, hour in zip(before, hours, strict=True):
        for name, value in was.items():
            if name.endswith("_histogram"):
                assert Histogram.from_bytes(value) == Histogram.from_bytes(getattr(hour, name))
            elif not name.endswith(("_count", "_sum")):
                known = pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
                assert getattr(hour, name) == known, name
    unplaced = [(hour.latency_unplaced, hour.latency_unplaced_sum) for hour in hours]
    assert unplaced == [(None, None), (6, 30.0), (4, 12.5)]
    accept("traffic", pack([make_call(provider_name="openai", model_name="gpt", latency=2)]))
    fold(NOON)
    newest = Hour.objects.get(start=hours[0].start)
    assert Histogram.from_bytes(newest.latency_histogram).counts == {-65: 1, 63: 3, 191: 1}
    assert (newest.succeeded, newest.latency_samples) == (8, 5)


def test_the_way_back_keeps_counts_and_means():
    make_hour(migrate(BEFORE), 0, latency_count=10, latency_sum=50.0)
    migrate(AFTER)
    old = migrate(BEFORE).get_model("telemetry", "Hour").objects.get()
    assert (old.latency_count, old.throughput_count) == (10, 3)
    assert old.latency_sum == pytest.approx(30 + 4 * 1.9892146)
    migrate(AFTER)
