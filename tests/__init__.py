"""A place of its own for every run of the tests: a folder, a real PostgreSQL, no `.env`.

Made on import, because it must exist before anything reads the settings. The workers of a parallel
run share the PostgreSQL; the rest of the data folder is each worker's own.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def make_run_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="ratecard-test-"))
    folder.chmod(0o711)  # as root, PostgreSQL runs under another account
    (folder / "postgres").mkdir(mode=0o711)
    return folder


def start_sweeper(folder: Path) -> subprocess.Popen[bytes]:
    """Start the cleaner of what the run leaves, in a session that Ctrl-C does not reach."""
    script = Path(__file__).with_name("sweeper.py")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


RUN = Path(os.environ["RATECARD_TEST_RUN"]) if WORKER else make_run_folder()
os.environ["RATECARD_TEST_RUN"] = str(RUN)
# Every process of the run holds this lock until it ends; the sweeper waits for it.
RUN_LOCK = os.open(RUN / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(RUN_LOCK, fcntl.LOCK_SH)
SWEEPER = None if WORKER else start_sweeper(RUN)

HOME = RUN / (WORKER or "main")
HOME.mkdir(mode=0o711)
(HOME / "postgres").symlink_to(RUN / "postgres")

os.environ["RATECARD_HOME"] = str(HOME)
os.environ["RATECARD_ENV_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
