"""Removes the PostgreSQL, stray processes and folder of a test run when its last process ends.

Runs as a script of its own, on the standard library alone: `python sweeper.py FOLDER`.
"""

import fcntl
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from config.embedded import watcher


def stray_processes(folder: Path) -> list[int]:
    """Processes of the run that outlive it, such as a browser. Linux only; else none."""
    mark = f"RATECARD_TEST_RUN={folder}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return [pid for pid in found if pid != os.getpid()]


def sweep(folder: Path) -> None:
    run = os.open(folder / "run.lock", os.O_RDWR)
    fcntl.flock(run, fcntl.LOCK_EX)
    watcher.stop(folder / "postgres")
    for pid in stray_processes(folder):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sweep(Path(sys.argv[1]))
