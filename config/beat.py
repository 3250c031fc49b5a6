"""Celery's beat on last runs that neither a jump of the clock nor a damaged file can stop."""

import json
import logging
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from celery import beat
from django.db import Error

from sources.heartbeat import note_heartbeat

log = logging.getLogger("ratecard.beat")

HEARTBEAT_SECONDS = 20


class JsonScheduler(beat.Scheduler):
    """Keeps the last runs as JSON, so that what was due while beat was down is sent at its start.

    A last run in the future, noted while the clock was ahead, counts as of now.
    """

    # A clock that is set back is seen at the next tick.
    max_interval = HEARTBEAT_SECONDS

    def __init__(self, *words: Any, schedule_filename: str, **options: Any) -> None:
        self.path = Path(schedule_filename)
        self.next_heartbeat = 0.0
        super().__init__(*words, **options)

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for name, last_run in read_last_runs(self.path).items():
            if name in self.schedule:
                self.schedule[name].last_run_at = last_run
        self.sync()

    def tick(self, *words: Any, **options: Any) -> float:
        self.forget_the_future()
        if time.monotonic() >= self.next_heartbeat:
            self.next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
            leave_heartbeat()
        return float(super().tick(*words, **options))

    def forget_the_future(self) -> None:
        for name, entry in self.schedule.items():
            now = entry.default_now()
            if entry.last_run_at and entry.last_run_at > now:
                log.warning("the last run of “%s” is in the future and counts as now", name)
                entry.last_run_at = now
                # Its times are the wrong clock's: entries with them would never be reached.
                self._heap = None

    def apply_async(self, *words: Any, **options: Any) -> Any:
        try:
            return super().apply_async(*words, **options)
        except beat.SchedulingError:
            # kombu keeps a channel that lost its database, and would refuse every later message.
            connection = self.__dict__.pop("connection", None)
            self.__dict__.pop("producer", None)
            if connection is not None:
                connection.release()
            raise

    def sync(self) -> None:
        entries = self.schedule.items()
        last_runs = {name: str(entry.last_run_at) for name, entry in entries if entry.last_run_at}
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            new.write_text(json.dumps(last_runs, indent=1))
            new.replace(self.path)
        except OSError as error:
            log.warning("the last runs cannot be kept in %s (%s)", self.path, error.strerror)

    @property
    def info(self) -> str:
        return f"    . last runs -> {self.path}"


def read_last_runs(path: Path) -> dict[str, datetime]:
    """The last runs that can be read; none of a file that is damaged or of another version."""
    try:
        noted = json.loads(path.read_bytes())
        last_runs = {str(name): datetime.fromisoformat(text) for name, text in noted.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        log.warning("%s cannot be read: the schedule begins anew", path)
        return {}
    return {name: at for name, at in last_runs.items() if at.tzinfo}


def leave_heartbeat() -> None:
    try:
        note_heartbeat("beat")
    except Error as error:
        reason = (str(error).splitlines() or [""])[0]
        log.warning("beat's sign of life cannot be written: %s", reason)
