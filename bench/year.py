"""The size of the database after a year of hourly refreshes, from a sample of them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.place import ROOT
from bench.report import ReportLine, count

HOURS = 365 * 24
# As sources.retention keeps them, in days.
KEPT_DAYS = {"sources_refresh": 90, "sources_earlierclaims": 90}
MEASURED = 48
LIMIT_GB = 2
MEGABYTE, GIGABYTE = 1e6, 1e9
# What grows so much in a year has a line of its own.
LARGE = 10 * MEGABYTE


def measure(home: Path) -> Iterator[ReportLine]:
    before, after = _sizes()
    growth = {
        table: _grown(before[table], size) / MEASURED * _kept_hours(table)
        for table, size in after.items()
    }
    total = sum(size for size, _ in before.values()) + sum(growth.values())
    yield count("year: the database after hourly refreshes", total / GIGABYTE, LIMIT_GB, "GB")
    for table, grown in sorted(growth.items(), key=lambda entry: -entry[1]):
        if grown >= LARGE:
            yield count(
                f"year: growth of {table}", grown / MEGABYTE, LIMIT_GB * GIGABYTE / MEGABYTE, "MB"
            )


def _grown(before: tuple[int, int], after: tuple[int, int]) -> float:
    """By how many bytes a table grew; rows that fill space which was free count too."""
    size, rows = after
    more_rows = rows - before[1]
    return max(size - before[0], more_rows * size / rows if more_rows > 0 else 0)


def _kept_hours(table: str) -> int:
    return KEPT_DAYS[table] * 24 if table in KEPT_DAYS else HOURS


def _sizes() -> list[Mapping[str, tuple[int, int]]]:
    code = "from bench.hourly import main; main()"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"bench: the refreshes failed:\n{done.stderr}")
    sizes: list[Mapping[str, tuple[int, int]]] = json.loads(done.stdout)
    return sizes
