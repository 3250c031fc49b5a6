"""models.dev with everything changed beside COPY of the same rows, with nothing changed, and pages
meanwhile."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import meanwhile
from bench.place import ROOT
from bench.report import ReportLine, at_most

LIMIT = 12
UNCHANGED_LIMIT = 0.08


def measure(home: Path) -> Iterator[ReportLine]:
    endpoints, copied, changed, unchanged = _seconds()
    yield at_most(
        f"refresh: {endpoints:,.0f} endpoints of models.dev, all changed",
        changed,
        copied,
        LIMIT,
        name="COPY",
        unit="s",
    )
    yield at_most(
        "refresh: the same, unchanged",
        unchanged,
        changed,
        UNCHANGED_LIMIT,
        name="all changed",
        unit="s",
    )
    yield from meanwhile.measure(home)


def _seconds() -> tuple[float, float, float, float]:
    code = "from bench.refreshed import main; main()"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"bench: the refreshes failed:\n{done.stderr}")
    endpoints, copied, changed, unchanged = json.loads(done.stdout)
    return endpoints, copied, changed, unchanged
