"""At most so many answers stream from a process at once, so that threads are left for pages."""

from threading import BoundedSemaphore

# Of 32 threads a process: eight are always left.
MOST_OF_PROCESS = 24
RETRY_AFTER_SECONDS = 10

_places = BoundedSemaphore(MOST_OF_PROCESS)


class StreamPlace:
    """One of the places, released once."""

    def __init__(self) -> None:
        self._is_taken = True

    def release(self) -> None:
        if self._is_taken:
            self._is_taken = False
            _places.release()


def take_place() -> StreamPlace | None:
    """A place of this process, None where all are taken."""
    return StreamPlace() if _places.acquire(blocking=False) else None
