"""A temporary folder with a PostgreSQL and servers of its own; nothing of the user's is touched."""

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
from django.db import connection

from config.embedded import watcher

ROOT = Path(__file__).resolve().parent.parent
GRANIAN = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "config.wsgi:application"),
    *("--host", "127.0.0.1", "--port", "{port}"),
    *("--workers", "2", "--blocking-threads", "32", "--http", "1", "--no-ws"),
    *("--log-level", "error"),
)
# What could lead into the user's own database, queue or settings.
_USER_VARIABLES = (
    *("DATABASE_URL", "CELERY_BROKER_URL", "RATECARD_SOURCES", "DEBUG"),
    "DJANGO_SETTINGS_MODULE",
)


@contextmanager
def own_place(name: str = "bench") -> Iterator[Path]:
    """Point this process and its children at a new, empty home for as long as the block lasts."""
    home = Path(tempfile.mkdtemp(prefix=f"ratecard-{name}-"))
    home.chmod(0o755)
    for name in _USER_VARIABLES:
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
    """Run a management command; its output is shown only when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def serving_ours() -> Iterator[int]:
    with serving(*GRANIAN, path="/readyz") as port:
        yield port


@contextmanager
def serving_ours_and_floor() -> Iterator[tuple[int, int]]:
    with (
        serving(*GRANIAN, path="/readyz") as ours,
        serving(*GRANIAN, path="/readyz", settings="bench.floor_settings") as floor,
    ):
        yield ours, floor


@contextmanager
def serving(*command: str, path: str, settings: str = "config.settings") -> Iterator[int]:
    """Run a server whose command takes `{port}`; gives its port once it answers at `path`."""
    port = free_port()
    process = subprocess.Popen(
        [word.format(port=port) for word in command],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, path, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            visit = HTTPConnection("127.0.0.1", port, timeout=30)
            visit.request("GET", path)
            if visit.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"no answer at {path} from {process.args!r}")
