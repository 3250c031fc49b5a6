"""Beat sends what is due, whatever the clock did and whatever is left of its file."""

import json
import os
import shelve
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from celery.schedules import crontab
from django.core.management import CommandError, call_command
from django.db import connection

from config.beat import JsonScheduler
from config.celery import app
from sources.heartbeat import note_heartbeat
from sources.models import Heartbeat
from tests.config.test_settings import ROOT
from tests.database import database_address
from tests.waiting import wait_until

NOON = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
NAMES = set(app.conf.beat_schedule)
MINUTELY = sorted(
    name
    for name, entry in app.conf.beat_schedule.items()
    if not isinstance(entry["schedule"], crontab)  # every so many seconds
    or (entry["schedule"]._orig_minute == "*" and entry["schedule"]._orig_hour == "*")
)


class Beat(JsonScheduler):
    """Notes what it sends instead of sending it."""

    def __init__(self, path: Path) -> None:
        self.sent: list[str] = []
        super().__init__(app=app, schedule_filename=str(path))
        self.next_heartbeat = float("inf")

    @property
    def producer(self):
        return None

    def apply_async(self, entry, producer=None, advance=True, **options):
        self.sent.append(entry.name)
        self._do_sync()

    def run(self) -> list[str]:
        """What is sent now, sorted."""
        self.sent.clear()
        while self.tick() == 0:
            pass
        return sorted(self.sent)


@pytest.fixture
def clock(monkeypatch) -> list[datetime]:
    now = [NOON]
    monkeypatch.setattr(Celery, "now", lambda self: now[0])
    return now


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "beat-schedule"


def test_what_was_due_while_beat_was_down_is_sent_once_at_its_start(clock, path):
    Beat(path).run()
    clock[0] += timedelta(days=1)
    later = Beat(path)
    assert set(later.run()) == NAMES
    assert later.run() == []
    assert Beat(path).run() == []


def test_last_runs_in_the_future_count_as_now_at_the_start(clock, path, caplog):
    path.write_text(json.dumps(dict.fromkeys(NAMES, "2028-01-01T00:00:00+00:00")))
    later = Beat(path)
    assert later.run() == []
    clock[0] += timedelta(minutes=1)
    assert later.run() == MINUTELY
    clock[0] += timedelta(hours=7)
    assert set(later.run()) == NAMES
    assert "in the future and counts as now" in caplog.text


def test_a_clock_that_is_set_back_while_beat_runs_stops_nothing(clock, path):
    running = Beat(path)
    running.run()
    clock[0] += timedelta(days=500)
    assert set(running.run()) == NAMES
    clock[0] = NOON + timedelta(minutes=1)
    assert running.run() == []
    clock[0] += timedelta(minutes=1)
    assert running.run() == MINUTELY
    clock[0] += timedelta(hours=7)
    assert set(running.run()) == NAMES


def test_beat_looks_at_the_clock_every_twenty_seconds(clock, path):
    assert 0 < Beat(path).tick() <= 20


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(os.urandom(5000)),
    "truncated": lambda path: path.write_text('{"tidy up": "2026-11-2'),
    "another shape": lambda path: path.write_text("[1, 2]"),
    "odd times": lambda path: path.write_text('{"tidy up": 7}'),
    "no zone": lambda path: path.write_text('{"tidy up": "2026-11-22T11:00:00"}'),
    "too deep": lambda path: path.write_text("[" * 100_000),
    "the shelve of before": lambda path: shelve.open(str(path)).close(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_begun_anew(clock, path, damage):
    damage(path)
    begun = Beat(path)
    assert begun.run() == []
    clock[0] += timedelta(hours=7)
    assert set(begun.run()) == NAMES
    assert json.loads(path.read_bytes()).keys() == NAMES


def test_a_file_that_cannot_be_written_stops_nothing(clock, tmp_path, caplog):
    begun = Beat(tmp_path / "file-as-folder" / "beat-schedule")
    (tmp_path / "file-as-folder").touch()
    clock[0] += timedelta(hours=7)
    assert set(begun.run()) == NAMES
    assert "cannot be kept in" in caplog.text


@pytest.mark.django_db
def test_a_database_that_is_gone_stops_nothing(clock, path, monkeypatch, caplog):
    monkeypatch.setitem(connection.settings_dict, "ENGINE", "django.db.backends.postgresql")
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    running = Beat(path)
    running.next_heartbeat = 0.0
    clock[0] += timedelta(minutes=1)
    assert running.run() == MINUTELY
    assert "beat's sign of life cannot be written: connection" in caplog.text


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not shutil.which("faketime"), reason="needs faketime")
def test_the_real_beat_sends_in_spite_of_last_runs_in_2028(tmp_path: Path) -> None:
    (tmp_path / "beat-schedule").write_text(
        json.dumps(dict.fromkeys(NAMES, "2028-01-01T00:00:00+00:00"))
    )

    def messages() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('kombu_message')")
            if cursor.fetchone() == (None,):
                return []
            cursor.execute("SELECT payload FROM kombu_message ORDER BY id")
            headers = [json.loads(payload)["headers"] for (payload,) in cursor.fetchall()]
        # Messages between workers, which other tests may have left, are of no task.
        return [header.get("task", "") for header in headers]

    before = len(messages())
    command = "celery --quiet --app config.celery beat --loglevel WARNING --pidfile="
    process = subprocess.Popen(
        # A minute to a second.
        ["faketime", "-f", "@2026-11-22 12:06:30 x60", sys.executable, "-m", *command.split()],
        cwd=ROOT,
        env={
            **os.environ,
            "RATECARD_HOME": str(tmp_path),
            "DATABASE_URL": database_address(),
            "CELERY_BROKER_URL": "",
        },
        start_new_session=True,
    )
    try:
        wait_until(lambda: messages()[before:].count("sources.tasks.note_worker") >= 2)
        assert Heartbeat.objects.get().name == "beat"
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # faketime and beat
        process.wait()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["beat", "worker"])
def test_a_health_check_tells_a_fresh_sign_of_life_from_an_old_one(name, capsys):
    with pytest.raises(CommandError, match=f"The {name} process has left no sign of life yet"):
        call_command("healthy", name)
    note_heartbeat(name)
    note_heartbeat(name)
    call_command("healthy", name)
    assert f"The last sign of life of {name} was 0 seconds ago." in capsys.readouterr().out
    Heartbeat.objects.update(at=Heartbeat.objects.get().at - timedelta(minutes=11))
    with pytest.raises(CommandError, match=r"was 6\d\d seconds ago"):
        call_command("healthy", name)
    Heartbeat.objects.update(at=Heartbeat.objects.get().at + timedelta(days=500))
    with pytest.raises(CommandError, match="was in the future"):
        call_command("healthy", name)
