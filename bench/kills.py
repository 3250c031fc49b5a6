"""Calls acknowledged and calls counted, while web, fold and worker are killed at random moments.

Real requests go in all the time. What was not acknowledged is sent again, as exporters do, with the
same body: it may have been taken in just before the kill, and counts once all the same.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from threading import Event, Thread

from django.db.models import F, Sum
from django.utils import timezone

from accounts.keys import make_key
from accounts.models import KeyKind
from bench.cpu import children
from bench.otlp_bodies import SPANS, batches, unlike
from bench.place import GRANIAN, ROOT, free_port
from bench.report import ReportLine, count
from config.celery import app
from telemetry.fold import fold
from telemetry.histograms import Histogram
from telemetry.models import Day, Hour, InboxRow, Slot

KILLS = int(os.environ.get("KILLS", "50"))
CONNECTIONS, BATCHES = 4, 20
# Between two kills: a program starts in two seconds or so, and is killed at that, too.
MOST_SECONDS = 4
_FOLD = """
import time
from django.utils import timezone
from telemetry.fold import fold
while True:
    fold(timezone.now())
    time.sleep(0.1)
"""
_WEB = (*GRANIAN, "--respawn-failed-workers", "--respawn-interval", "1")
_SHELL = (sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", _FOLD)
_CELERY = (
    *(sys.executable, "-m", "celery", "--quiet", "--app", "config.celery", "worker"),
    *("--concurrency", "2", "--loglevel", "CRITICAL", "--without-gossip", "--without-mingle"),
)


class KilledProgram:
    """A program of which one process is killed, or all are and it is started again."""

    def __init__(self, *command: str) -> None:
        self._command = command
        self._process = self._started()

    def kill(self, chance: Random) -> None:
        own = [*children(self._process.pid)]
        if own and chance.random() < 0.5:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(own), signal.SIGKILL)
        else:
            self.stop()
            self._process = self._started()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


class KeenSender:
    """Sends each body until it is acknowledged; counts calls acknowledged, and what it repeated."""

    def __init__(self, port: int, secret: str, bodies: Sequence[bytes]) -> None:
        self._port, self._bodies, self._ended = port, bodies, Event()
        self._headers = {
            "Content-Type": "application/x-protobuf",
            "Authorization": f"Bearer {secret}",
        }
        self.acknowledged, self.repeated = 0, 0
        self._thread = Thread(target=self._send_all, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _send_all(self) -> None:
        while not self._ended.is_set():
            for body in map(unlike, self._bodies):
                while not self._sent(body):
                    self.repeated += 1
                    time.sleep(0.1)
                self.acknowledged += SPANS
                if self._ended.is_set():
                    return

    def _sent(self, body: bytes) -> bool:
        """Whether the body was acknowledged. One connection each: any of them may end midway."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("POST", "/v1/traces", body, self._headers)
            answer = connection.getresponse()
            return answer.status == 200 and not answer.read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def measure(home: Path) -> Iterator[ReportLine]:
    chance, kills = Random(), Counter[str]()
    port, secret = free_port(), make_key(KeyKind.INGEST, "bench")[1]
    bodies = batches(BATCHES)
    with ExitStack() as stack:
        programs = {
            "web": KilledProgram(*(word.format(port=port) for word in _WEB)),
            "fold": KilledProgram(*_SHELL),
            "worker": KilledProgram(*_CELERY),
        }
        for program in programs.values():
            stack.callback(program.stop)
        stack.enter_context(_asking_workers())
        senders = [KeenSender(port, secret, bodies) for _ in range(CONNECTIONS)]
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, MOST_SECONDS))
            name = chance.choice([*programs])
            programs[name].kill(chance)
            kills[name] += 1
        for sender in senders:
            sender.end()
    while InboxRow.objects.exists():  # the sessions of the killed may hold the lock for a moment
        fold(timezone.now())
        time.sleep(0.1)
    acknowledged = sum(sender.acknowledged for sender in senders)
    of = ", ".join(f"{number} of the {name}" for name, number in sorted(kills.items()))
    what = f"kills: {KILLS} ({of}), {acknowledged:,} calls acknowledged, not counted once"
    yield count(what, sum(abs(counted - acknowledged) for counted in _counted()), 0)
    repeated = sum(sender.repeated for sender in senders)
    lost = sum(_samples_out_of_place())
    yield count(f"kills: samples not in their histogram, {repeated} bodies sent again", lost, 0)


@contextmanager
def _asking_workers() -> Iterator[None]:
    """Ask for a fold some times a second, where beat does so every ten seconds."""
    ended = Event()

    def ask() -> None:
        while not ended.wait(0.3):
            app.send_task("telemetry.tasks.fold_inbox", expires=5)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _counted() -> Iterator[int]:
    """The calls in slots, in hours and in days."""
    for table in (Slot, Hour, Day):
        sums = table._default_manager.aggregate(
            calls=Sum(F("succeeded") + F("failed") + F("refused"))
        )
        yield int(sums["calls"] or 0)


def _samples_out_of_place() -> Iterator[int]:
    columns = ("latency_samples", "latency_histogram", "throughput_samples", "throughput_histogram")
    for latency, of_latency, throughput, of_throughput in Slot.objects.values_list(*columns):
        yield abs(latency - Histogram.from_bytes(of_latency).samples)
        yield abs(throughput - Histogram.from_bytes(of_throughput).samples)
