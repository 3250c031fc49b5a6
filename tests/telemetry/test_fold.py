"""The fold: what the inbox holds is counted once, in slots, hours and days."""

import os
import signal
import time
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.db.models import Sum

from telemetry import fold as fold_module
from telemetry import series as series_module
from telemetry.fold import LOCK, fold
from telemetry.histograms import Histogram
from telemetry.inbox import accept
from telemetry.models import Day, FoldState, Hour, InboxRow, SeenBody, Series, Slot
from telemetry.packing import OUTCOMES, pack
from tests.telemetry.calls import NOON, make_call
from tests.waiting import wait_until

TABLES = (Slot, Hour, Day)


def put(*calls, origin="traffic") -> None:
    accept(origin, pack(calls))


def nearest_rank(values: list[float], percent: int) -> float:
    return sorted(values)[max(1, -(-len(values) * percent // 100)) - 1]


@pytest.mark.django_db
def test_calls_are_counted_in_their_slot_hour_and_day():
    random = Random(15)
    calls = [
        make_call(
            model_name=random.choice(["a", "b"]),
            at=NOON.timestamp() - random.randrange(7200),
            outcome=random.choice(["ok", "ok", "failed", "refused"]),
            latency=random.choice([None, random.uniform(0.01, 9)]),
            throughput=random.choice([None, random.uniform(5, 900)]),
        )
        for _ in range(2000)
    ]
    for first in range(0, 2000, 150):
        put(*calls[first : first + 150])
        if first % 300 == 0:
            fold(NOON)
    assert fold(NOON) > 0
    assert not InboxRow.objects.exists()
    for table, seconds in zip(TABLES, (300, 3600, 86400), strict=True):
        steps = {(call.model_name, call.at // seconds * seconds) for call in calls}
        assert table.objects.count() == len(steps)
        for row in table.objects.select_related("series"):
            key = row.series.model_name, row.start.timestamp()
            own = [call for call in calls if (call.model_name, call.at // seconds * seconds) == key]
            outcomes = [call.outcome for call in own]
            counts = [outcomes.count(outcome) for outcome in OUTCOMES]
            assert [row.succeeded, row.failed, row.refused] == counts
            assert row.output_tokens == 100 * len(own)
            for metric in ("latency", "throughput"):
                values = [getattr(call, metric) for call in own if getattr(call, metric)]
                assert getattr(row, f"{metric}_samples") == len(values)
                histogram = Histogram.from_bytes(getattr(row, f"{metric}_histogram"))
                assert histogram.total == pytest.approx(sum(values), rel=0.0055)
                assert row.latency_unplaced is None
                for percent in (50, 95):
                    kept = getattr(row, f"{metric}_p{percent}")
                    rank = nearest_rank(values, percent) if values else None
                    assert kept == (rank and pytest.approx(rank, rel=0.0055))


@pytest.mark.django_db
def test_however_calls_arrive_the_bytes_are_the_same():
    calls = [make_call(latency=0.1 + number / 100) for number in range(200)]
    put(*calls)
    put(*reversed(calls[:77]), origin="probe")
    fold(NOON)
    for call in calls[77:]:
        put(call, origin="probe")
    fold(NOON)
    assert len({bytes(row.latency_histogram) for row in Slot.objects.all()}) == 1
    assert {row.series.origin for row in Slot.objects.all()} == {"traffic", "probe"}


@pytest.mark.django_db
def test_a_call_for_which_the_histogram_is_gone_leaves_the_quantiles():
    put(make_call(latency=1.0))
    fold(NOON)
    before = Hour.objects.get().latency_p50
    Hour.objects.update(latency_histogram=None)
    put(make_call(latency=9.0))
    fold(NOON)
    hour = Hour.objects.get()
    assert (hour.latency_p50, hour.latency_samples, hour.latency_unplaced) == (before, 1, 1)
    assert (hour.succeeded, hour.throughput_samples) == (2, 2)
    assert hour.latency_unplaced_sum == pytest.approx(9.0, rel=0.0055)
    assert Day.objects.get().latency_samples == 2


@pytest.mark.django_db
def test_a_broken_row_holds_up_nothing_and_old_digests_go(caplog):
    accept("traffic", b"another version")
    SeenBody.objects.create(digest=b"d" * 32)
    put(make_call())
    SeenBody.objects.update(at=NOON - timedelta(days=300))
    assert fold(NOON) == 1
    assert "A row of the inbox is dropped" in caplog.text
    assert not SeenBody.objects.exists()


@pytest.mark.django_db
def test_series_without_an_endpoint_are_bounded_and_counted(monkeypatch):
    monkeypatch.setattr(series_module, "MOST_UNMAPPED", 5)
    for number in range(7):
        put(make_call(model_name=f"unknown-{number}"), make_call(model_name=f"unknown-{number}"))
        fold(NOON + timedelta(minutes=number))
    assert {series.model_name for series in Series.objects.all()} == {
        f"unknown-{number}" for number in range(2, 7)
    }
    state = FoldState.objects.get()
    assert (state.dropped_series, state.dropped_calls) == (2, 4)
    Series.objects.filter(model_name="unknown-2").update(is_chosen=True)
    put(*(make_call(model_name=f"flood-{number}") for number in range(9)))
    assert fold(NOON + timedelta(hours=1)) == 9
    names = set(Series.objects.values_list("model_name", flat=True))
    assert names == {"unknown-2", *(f"flood-{number}" for number in range(5))}
    state.refresh_from_db()
    assert (state.dropped_series, state.dropped_calls) == (2 + 4 + 4, 4 + 4 + 8)
    assert set(Slot.objects.values_list("series_id", flat=True)) == set(
        Series.objects.values_list("pk", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_a_series_that_is_counted_makes_no_room_for_new_ones(monkeypatch):
    monkeypatch.setattr(series_module, "MOST_UNMAPPED", 3)
    put(*(make_call(model_name=f"known-{number}") for number in range(3)))
    fold(NOON)
    put(make_call(model_name="known-0"), *(make_call(model_name=f"new-{n}") for n in range(5)))
    assert fold(NOON + timedelta(seconds=10)) == 6
    assert not InboxRow.objects.exists()
    counted = {row.series.model_name: row.succeeded for row in Slot.objects.all()}
    assert counted == {"known-0": 2, "new-0": 1, "new-1": 1}
    state = FoldState.objects.get()
    assert (state.dropped_series, state.dropped_calls) == (5, 5)


@pytest.mark.django_db
def test_when_a_series_was_last_seen_is_kept():
    for minutes in (0, 4, 9):
        put(make_call())
        fold(NOON + timedelta(minutes=minutes))
    assert Series.objects.get().first_seen == NOON
    assert Series.objects.get().last_seen == NOON + timedelta(minutes=9)


KILLS = 10


def forked_folder() -> int:
    """The id of a process that folds until it is killed."""
    connection.close()  # each process has its own
    if pid := os.fork():
        return pid
    try:
        while True:
            fold(NOON)
    finally:
        os._exit(1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_calls_are_counted_once_though_folders_are_killed(monkeypatch):
    monkeypatch.setattr(fold_module, "MOST_ROWS", 7)
    random, accepted = Random(15), 0
    packed = pack([make_call(model_name=f"m-{number % 40}") for number in range(300)])
    folders = [forked_folder(), forked_folder()]
    try:
        for _ in range(KILLS):
            for _ in range(random.randrange(1, 10)):
                accept("traffic", packed)
                accepted += 300
            time.sleep(random.uniform(0, 0.2))
            killed = folders.pop(0)
            os.kill(killed, signal.SIGKILL)
            os.waitpid(killed, 0)
            folders.append(forked_folder())
        wait_until(Slot.objects.exists)
    finally:
        for folder in folders:
            os.kill(folder, signal.SIGKILL)
            os.waitpid(folder, 0)
    with connection.cursor() as cursor:  # until the sessions of the killed are gone
        cursor.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [LOCK, LOCK])
    fold(NOON)
    assert not InboxRow.objects.exists()
    for table in TABLES:
        assert table.objects.aggregate(Sum("succeeded"))["succeeded__sum"] == accepted
        samples = table.objects.values_list("latency_samples", "latency_histogram")
        assert all(Histogram.from_bytes(packed).samples == number for number, packed in samples)
