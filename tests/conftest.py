import shutil

import pytest

from config.embedded import watcher
from tests import HOME


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the tests' server, if any test started it, and leave nothing behind."""
    watcher.stop(HOME / "postgres")
    shutil.rmtree(HOME, ignore_errors=True)
