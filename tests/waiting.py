import time
from collections.abc import Callable

# Long enough for a machine that is busy: a wait ends as soon as what it waits for is there.
PATIENCE_SECONDS = 60.0


def wait_until(true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"still not so after {seconds:g} seconds"
        time.sleep(0.02)
