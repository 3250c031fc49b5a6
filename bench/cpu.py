"""CPU time of servers and PostgreSQL: what a request costs, however busy the machine is."""

import ctypes
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from config.embedded import watcher

_clock_of = getattr(ctypes.CDLL(None), "clock_getcpuclockid", None)


class CpuTime:
    """Sums the CPU time of this process's children and of its database's sessions, as they are now.

    Elapsed time instead where the system has no such clocks (it needs Linux).
    """

    def __init__(self) -> None:
        self._clocks: list[int] = []
        if _clock_of is None:
            return
        postmaster = watcher.postmaster(settings.HOME / "postgres")
        sessions = filter(_is_session, children(postmaster)) if postmaster else ()
        for pid in {*children(os.getpid()), *sessions}:
            clock = ctypes.c_int()
            if _clock_of(pid, ctypes.byref(clock)) == 0:
                self._clocks.append(clock.value)

    def milliseconds(self) -> float:
        """Only differences have a meaning."""
        if not self._clocks:
            return time.perf_counter() * 1000
        return sum(map(_nanoseconds, self._clocks)) / 1e6


def _nanoseconds(clock: int) -> int:
    try:
        return time.clock_gettime_ns(clock)
    except OSError:  # the process has ended: one odd difference, which no median shows
        return 0


def _is_session(pid: int) -> bool:
    """Whether a process of PostgreSQL serves a connection; autovacuum does not count."""
    try:
        return b"[local]" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def children(pid: int) -> Iterator[int]:
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, listed.read_text().split()):
            yield child
            yield from children(child)
