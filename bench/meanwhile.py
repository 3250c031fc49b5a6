"""Pages while a refresh changes everything and commits, beside the same pages in quiet."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread

from bench.pages import LIST, MODEL, PROVIDER
from bench.place import ROOT, serving_ours
from bench.report import ReportLine, at_most
from bench.traffic import GZIP, Visit, fresh

PAGES = {"the model list": LIST, "openai/o4-mini": MODEL, "openai as a provider": PROVIDER}
LIMIT = 2
QUIET_SECONDS = 8.0
# With the first pages of the new version.
SECONDS_AFTER_COMMIT = 2.0
REQUESTS_PER_SECOND = 20
CODE = "from bench.refreshed import change_when_told; change_when_told()"


def measure(home: Path) -> Iterator[ReportLine]:
    with serving_ours() as port, _refresher() as refresh:
        visit = Visit(port)
        _times_until(visit, _after(QUIET_SECONDS / 4))
        quiet = _times_until(visit, _after(QUIET_SECONDS))
        committed = refresh()
        during = _times_until(visit, committed.is_set)
        after = _times_until(visit, _after(SECONDS_AFTER_COMMIT))
    for what in quiet:
        times = during[what] + after[what]
        for percent in (50, 95):
            yield at_most(
                f"refresh: {what} meanwhile, p{percent}",
                _percentile(times, percent),
                _percentile(quiet[what], percent),
                LIMIT,
                name="quiet",
            )


def _times_until(visit: Visit, is_over: Callable[[], bool]) -> dict[str, list[float]]:
    """Elapsed milliseconds of pages computed anew, and of kept ones, requested in turn."""
    times: dict[str, list[float]] = {f"{what}, anew": [] for what in PAGES}
    times |= {f"{what}, kept": [] for what in PAGES}
    while not is_over():
        for what, path in PAGES.items():
            for kind, address in (("anew", next(fresh([path]))), ("kept", path)):
                times[f"{what}, {kind}"].append(visit.get(address, GZIP).milliseconds)
                time.sleep(1 / REQUESTS_PER_SECOND)
    return times


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _percentile(times: list[float], percent: int) -> float:
    return quantiles(times, n=100, method="inclusive")[percent - 1]


@contextmanager
def _refresher() -> Iterator[Callable[[], Event]]:
    """A process that is ready to refresh; a call begins it, and gives what is set at its commit."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", CODE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    answers = process.stdout
    if not answers.readline():
        sys.exit("bench: the process that refreshes has failed")

    def refresh() -> Event:
        committed = Event()

        def wait() -> None:
            answers.readline()
            committed.set()

        print("go", file=process.stdin, flush=True)
        Thread(target=wait, daemon=True).start()
        return committed

    try:
        yield refresh
    finally:
        process.stdin.close()
        process.wait(timeout=120)
