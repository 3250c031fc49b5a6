from collections.abc import Iterator

import pytest

from sources import http
from tests.sources.server import Server, serve


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(http, "KEPT", {})
    with serve() as state:
        yield state
