from collections.abc import Iterator

import pytest

from tests.streaming.provider_server import ProviderServer, serving_provider


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with serving_provider() as state:
        yield state
