import time
from collections.abc import Callable
from typing import TypeVar

from web.http.page_cache import database_state

Result = TypeVar("Result")

# Long enough for a machine that is busy: a wait ends as soon as what it waits for is there.
PATIENCE_SECONDS = 60.0


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"still not so after {seconds:g} seconds"
        time.sleep(0.02)


def undisturbed(work: Callable[[], Result]) -> Result:
    """What `work` gives when no transaction of another worker ends meanwhile.

    The snapshot that the page cache keys on is the server's, not the database's.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        state = database_state()
        result = work()
        if database_state() == state:
            return result
    raise AssertionError("other workers were never idle long enough")
