import json
from collections.abc import Iterator

import pytest

from sources import http
from tests.sources.server import CATALOG, Page, Server, serve


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(http, "JITTER", 0)
    with serve() as state:
        yield state


@pytest.fixture
def upstream(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """models.dev on 127.0.0.1."""
    server.pages["/api.json"] = Page(json.dumps(CATALOG).encode())
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", f"{server.address}/api.json")
    return server
