import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded import watcher
from tests.waiting import PATIENCE_SECONDS, wait_until

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import subprocess, sys, tests
from config import embedded
embedded.ensure(tests.HOME)
print(tests.RUN, flush=True)
subprocess.Popen(["sleep", "600"])
print("started", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="stray processes are found in /proc")
def test_nothing_is_left_of_a_run_that_is_killed() -> None:
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTEST_XDIST_WORKER", "RATECARD_TEST_RUN")
    }
    run = subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout
    folder = Path(run.stdout.readline().strip())
    assert watcher.held(folder / "postgres" / "server.lock")
    assert run.stdout.readline() == "started\n"
    run.kill()
    run.communicate(timeout=PATIENCE_SECONDS)  # its child, too, has let go of the output
    wait_until(lambda: not folder.exists())
