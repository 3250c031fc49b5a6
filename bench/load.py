"""The bundled snapshot into an empty database beside COPY of the same rows, and loaded again."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction

from bench.place import manage
from bench.report import ReportLine, at_most

APPS = ("catalog", "pricing", "sources")


def measure(home: Path) -> Iterator[ReportLine]:
    first = _load_seconds()
    copied = statistics.median(_copy_seconds() for _ in range(3))
    yield at_most(
        "load: the snapshot into an empty database", first, copied, 20, name="COPY", unit="s"
    )
    again = min(_load_seconds() for _ in range(2))
    yield at_most(
        "load: the same again, nothing changed", again, first, 0.25, name="first load", unit="s"
    )


def _load_seconds() -> float:
    began = time.monotonic()
    manage("load_snapshot")
    return time.monotonic() - began


def _copy_seconds() -> float:
    seconds = 0.0
    with transaction.atomic(), connection.cursor() as cursor:
        for label in APPS:
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                table = model._meta.db_table
                with cursor.copy(f"COPY {table} TO STDOUT") as rows_out:
                    rows = b"".join(rows_out)
                cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
                began = time.monotonic()
                with cursor.copy(f"COPY bench_{table} FROM STDIN") as rows_in:
                    rows_in.write(rows)
                seconds += time.monotonic() - began
        transaction.set_rollback(True)
    return seconds
