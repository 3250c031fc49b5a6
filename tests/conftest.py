import pytest

from config.embedded import watcher
from tests import HOME


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the tests' server, if any test started it; its folder goes when the process ends."""
    watcher.stop(HOME / "postgres")
