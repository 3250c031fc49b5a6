"""Datasette: the models of our list as a table of fifty rows out of SQLite, as pages a second."""

import sqlite3
import statistics
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from django.db import connection

from bench.pages import LIST
from bench.place import serving, serving_ours
from bench.report import Line, at_least
from bench.traffic import fresh, per_second

PAGE = "/models/models?_size=50&_sort_desc=released"
COMMAND = (
    *(sys.executable, "-m", "datasette", "serve", "--host", "127.0.0.1", "--port", "{port}"),
)
COLUMNS = (
    *("slug", "name", "context", "max_output", "capabilities", "providers", "released", "prices"),
)
ROUNDS = 5
SECONDS = 1.5


def measure(home: Path) -> Iterator[Line]:
    file = home / "models.db"
    _copy_to_sqlite(file)
    with serving_ours() as ours, serving(*COMMAND, str(file), path=PAGE) as theirs:
        rounds = [
            (
                per_second(ours, lambda: repeat(LIST), SECONDS),
                per_second(ours, lambda: fresh(repeat(LIST)), SECONDS),
                per_second(theirs, lambda: repeat(PAGE), SECONDS),
            )
            for _ in range(ROUNDS)
        ]
    kept, anew, peer = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    yield at_least("datasette: the model list, kept", kept, peer, 40, name="Datasette")
    yield at_least("datasette: the model list, anew", anew, peer, 8, name="Datasette")


def _copy_to_sqlite(file: Path) -> None:
    """What a row of our list shows, a column each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug, name, context_window, max_output, array_to_string(capabilities, ' '),"
            " provider_count, released,"
            " (SELECT string_agg(meter || ' ' || coalesce(amount::text, state), ', ')"
            "  FROM pricing_lowestrate WHERE model_id = catalog_model.id)"
            " FROM catalog_model"
        )
        rows = cursor.fetchall()
    copy = sqlite3.connect(file)
    copy.execute(f"CREATE TABLE models ({', '.join(COLUMNS)}, PRIMARY KEY (slug))")
    copy.executemany(f"INSERT INTO models VALUES ({', '.join('?' * len(COLUMNS))})", rows)
    copy.commit()
    copy.close()
