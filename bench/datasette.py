"""Datasette: the models of our list as a table of fifty rows out of SQLite, as pages a
CPU second."""

import sqlite3
import sys
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from django.db import connection

from bench.pages import LIST
from bench.place import serving, serving_ours
from bench.report import ReportLine, at_least
from bench.traffic import cpu_medians, fresh

PAGE = "/models/models?_size=50&_sort_desc=released"
COMMAND = (
    *(sys.executable, "-m", "datasette", "serve", "--host", "127.0.0.1", "--port", "{port}"),
)
COLUMNS = (
    *("slug", "name", "context", "max_output", "capabilities", "providers", "released", "prices"),
)


def measure(home: Path) -> Iterator[ReportLine]:
    file = home / "models.db"
    _copy_to_sqlite(file)
    with serving_ours() as ours, serving(*COMMAND, str(file), path=PAGE) as theirs:
        kept, anew, peer = cpu_medians(
            [(ours, repeat(LIST)), (ours, fresh(repeat(LIST))), (theirs, repeat(PAGE))]
        )
    for state, milliseconds, least in (("kept", kept, 10), ("anew", anew, 2)):
        yield at_least(
            f"datasette: the model list, {state}",
            1000 / milliseconds,
            1000 / peer,
            least,
            name="Datasette",
        )


def _copy_to_sqlite(file: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug, name, context_window, max_output, array_to_string(capabilities, ' '),"
            " provider_count, released,"
            " (SELECT concat_ws(', ', input, output, cache_read)"
            "  FROM pricing_pricerow WHERE model_id = catalog_model.id AND place = 1)"
            " FROM catalog_model"
        )
        rows = cursor.fetchall()
    copy = sqlite3.connect(file)
    copy.execute(f"CREATE TABLE models ({', '.join(COLUMNS)}, PRIMARY KEY (slug))")
    copy.executemany(f"INSERT INTO models VALUES ({', '.join('?' * len(COLUMNS))})", rows)
    copy.commit()
    copy.close()
