"""A real worker, which takes its tasks from the queue in the tests' own PostgreSQL."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from kombu import Connection
from kombu.transport.sqlalchemy import Channel

from config import embedded
from config.embedded.connections import connector
from tests.database import database_address


@contextmanager
def open_queue() -> Iterator[Connection]:
    """The queue of the tests' own database, for `apply_async(connection=…)`."""
    database = settings.DATABASES["default"]
    options = {"creator": connector(database)} if settings.EMBEDDED else {}
    with Connection(embedded.broker_url(database), transport_options=options) as broker:
        yield broker
    for engine, _ in Channel._engines.values():
        engine.dispose()
    Channel._engines.clear()


@contextmanager
def running_worker(
    *, children: int = 1, database: str = "", **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of so many children; `database` is the address of another way to the same one."""
    command = f"celery --quiet --app config.celery worker --concurrency {children} --loglevel ERROR"
    process = subprocess.Popen(
        [sys.executable, "-m", *command.split(), "--without-gossip", "--without-mingle"],
        cwd=settings.ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database or database_address(),
            "CELERY_BROKER_URL": "",
            **environment,
        },
        start_new_session=True,
    )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker and its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    found = subprocess.run(
        ["pgrep", "--parent", str(process.pid)], capture_output=True, text=True, check=True
    )
    return [int(child) for child in found.stdout.split()]
