"""Pages while another table of the same database is written to, beside the same pages in quiet."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from django.db import connection

from bench.cpu import CpuTime
from bench.pages import CREATOR, LIST, MODEL, PROVIDER
from bench.place import serving_ours
from bench.report import ReportLine, at_most
from bench.traffic import GZIP, Visit

PAGES = {
    "the model list": LIST,
    "openai/o4-mini": MODEL,
    "openai as a provider": PROVIDER,
    "openai as a creator": CREATOR,
    "an estimate": "/estimate/",
}
LIMIT = 1.3
COMMITS_PER_SECOND = 40
# Slower than the commits, so that there is always one since the last request.
REQUESTS_PER_SECOND = 20
ROUNDS = 5
REQUESTS = 8
# A session that is kept alive: no page shows anything of it.
WRITE = """
INSERT INTO django_session (session_key, session_data, expire_date) VALUES ('bench', %s, now())
ON CONFLICT (session_key) DO UPDATE SET session_data = excluded.session_data
"""


def measure(home: Path) -> Iterator[ReportLine]:
    with serving_ours() as port:
        visit = Visit(port)
        for path in PAGES.values():
            visit.get(path, GZIP)
        cpu = CpuTime()  # before the writer's session, so without its work
        with _writer() as writing:
            for what, path in PAGES.items():
                quiet, written = _quiet_and_written(visit, cpu, path, writing)
                yield at_most(
                    f"writes: {what}, {COMMITS_PER_SECOND} commits/s elsewhere",
                    written,
                    quiet,
                    LIMIT,
                    name="quiet",
                )


def _quiet_and_written(
    visit: Visit, cpu: CpuTime, path: str, writing: Event
) -> tuple[float, float]:
    quiet: list[float] = []
    written: list[float] = []
    for _ in range(ROUNDS):
        for times in (quiet, written):
            if times is written:
                writing.set()
            times += _paced(visit, cpu, path)
            writing.clear()
    return statistics.median(quiet), statistics.median(written)


def _paced(visit: Visit, cpu: CpuTime, path: str) -> list[float]:
    times = []
    for _ in range(1 + REQUESTS):
        before = cpu.milliseconds()
        visit.get(path, GZIP)
        times.append(cpu.milliseconds() - before)
        time.sleep(1 / REQUESTS_PER_SECOND)
    return times[1:]


@contextmanager
def _writer() -> Iterator[Event]:
    writing, ended = Event(), Event()

    def write() -> None:
        commits = 0
        with connection.cursor() as cursor:
            while not ended.wait(1 / COMMITS_PER_SECOND):
                if writing.is_set():
                    commits += 1
                    cursor.execute(WRITE, [str(commits)])
        connection.close()

    thread = Thread(target=write)
    thread.start()
    try:
        yield writing
        if not thread.is_alive():
            raise AssertionError("the writer has failed, so nothing was written")
    finally:
        ended.set()
        thread.join()
