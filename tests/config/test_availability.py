"""When a database counts as gone: a verdict that is late in a busy process is none."""

import threading
import time

import pytest

from config.database import availability
from config.database.availability import Availability, DatabaseGone


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What a probe waits for, longer than for a verdict."""
    monkeypatch.setattr(availability, "VERDICT_SECONDS", 0.2)
    return threading.Event()


def test_a_server_that_answers_nothing_is_gone(late: threading.Event) -> None:
    database = Availability(late.wait)
    database.heard_at = time.monotonic()
    with pytest.raises(DatabaseGone, match=r"no answer within 0\.2 seconds"):
        database.confirm()
    late.set()


def test_a_server_that_answers_other_connections_is_not_gone(late: threading.Event) -> None:
    database = Availability(late.wait)

    def other_connection() -> None:
        database.heard_at = time.monotonic()

    threading.Timer(0.1, other_connection).start()
    database.confirm()
    assert not database.gone
    late.set()
