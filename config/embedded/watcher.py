"""Stops the embedded PostgreSQL when its last user is gone, however that one went.

Runs as a script of its own, on the standard library alone: `python watcher.py FOLDER DESCRIPTOR`,
where DESCRIPTOR is the open watcher.lock, locked by whoever started this.
"""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

# Between two commands typed one after the other the server stays.
GRACE_SECONDS = 1.0
PATIENCE_SECONDS = 60.0


def held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def postmaster(folder: Path) -> int | None:
    try:
        return int((folder / "data" / "postmaster.pid").read_text().partition("\n")[0])
    except (OSError, ValueError):
        return None


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop(folder: Path) -> None:
    patience_ends = time.monotonic() + PATIENCE_SECONDS
    while held(folder / "server.lock"):
        pid = postmaster(folder)
        if pid and alive(pid):
            os.kill(pid, signal.SIGINT if time.monotonic() < patience_ends else signal.SIGQUIT)
        time.sleep(0.05)


def wait_for_last_user(users: int) -> None:
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_UN)
        time.sleep(GRACE_SECONDS)
        try:
            return fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue


def watch(folder: Path, descriptor: int) -> None:
    users = os.open(folder / "users.lock", os.O_RDWR)
    wait_for_last_user(users)
    stop(folder)
    # In this order: whoever gets users.lock next must find no watcher, and start one.
    os.close(descriptor)
    os.close(users)


if __name__ == "__main__":
    watch(Path(sys.argv[1]), int(sys.argv[2]))
