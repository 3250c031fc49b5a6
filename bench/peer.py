"""Datasette, what one would point at the same rows to have them on a page: the models of our list,
as a table of fifty rows, out of SQLite."""

import sqlite3
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from django.db import connection

from bench.pages import LIST, OURS
from bench.place import serving
from bench.report import Line, times_as_many
from bench.traffic import fresh, per_second

PAGE = "/models/models?_size=50&_sort_desc=released"
DATASETTE = (sys.executable, "-m", "datasette", "serve", "--host", "127.0.0.1", "--port", "{port}")
COLUMNS = (
    "slug",
    "name",
    "context",
    "max_output",
    "capabilities",
    "providers",
    "released",
    "prices",
)


def measure(home: Path) -> Iterator[Line]:
    file = home / "models.db"
    _copy_to_sqlite(file)
    with serving(*OURS, path="/readyz") as port:
        again = per_second(port, lambda: repeat(LIST[0]))
        computed = per_second(port, lambda: fresh(LIST))
    with serving(*DATASETTE, str(file), path=PAGE) as port:
        peer = per_second(port, lambda: repeat(PAGE))
    yield times_as_many("rate: the model list, unchanged", again, peer, "Datasette", 20)
    yield times_as_many("rate: the model list, each computed anew", computed, peer, "Datasette", 1)


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
