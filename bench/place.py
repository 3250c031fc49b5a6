"""A place of its own:

a folder, a PostgreSQL and servers, all gone afterwards, and nothing of the user's.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import django

from config.embedded import watcher

ROOT = Path(__file__).resolve().parent.parent
# What could lead into the user's own database, queue or settings.
_THEIRS = (
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "RATECARD_SOURCES",
    "DEBUG",
    "DJANGO_SETTINGS_MODULE",
)


@contextmanager
def own_place() -> Iterator[Path]:
    """Point this process and its children at a new, empty home for as long as the block lasts."""
    home = Path(tempfile.mkdtemp(prefix="ratecard-bench-"))
    home.chmod(0o755)
    for name in _THEIRS:
        os.environ.pop(name, None)
    os.environ |= {
        "RATECARD_HOME": str(home),
        "RATECARD_ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    django.setup()
    try:
        yield home
    finally:
        watcher.stop(home / "postgres")
        shutil.rmtree(home, ignore_errors=True)


def manage(*arguments: str) -> None:
    """Run a management command; what it prints is shown only when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


@contextmanager
def serving(*command: str, path: str) -> Iterator[int]:
    """Run a server whose command takes `{port}`, from its first answer at `path` on; gives its
    port."""
    port = _free_port()
    words = [word.format(port=port) for word in command]
    process = subprocess.Popen(
        words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, path, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"no answer at {path} from {process.args!r}")
