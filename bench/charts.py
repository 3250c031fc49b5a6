"""The chart of 30 days of ten providers: kept hours beside raw calls in DuckDB and PostgreSQL."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.place import ROOT
from bench.report import ReportLine, at_most

CALLS = 3_000_000
DUCKDB_LIMIT, POSTGRES_LIMIT = 1 / 20, 1 / 200


def measure(home: Path) -> Iterator[ReportLine]:
    kept, in_duckdb, in_postgres = _milliseconds()
    what = "charts: the hours of 30 days of ten providers"
    yield at_most(what, kept, in_duckdb, DUCKDB_LIMIT, name="DuckDB")
    yield at_most(what, kept, in_postgres, POSTGRES_LIMIT, name="percentile_cont")


def _milliseconds() -> tuple[float, float, float]:
    code = f"from bench.charted import main; main({CALLS})"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"bench: the charts failed:\n{done.stderr}")
    kept, in_duckdb, in_postgres = json.loads(done.stdout)
    return kept, in_duckdb, in_postgres
