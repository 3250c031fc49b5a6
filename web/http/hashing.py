"""Password hashing that leaves the processor to pages."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, get_native_id

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from web.http.unavailable import Failure, Overloaded

# One hashes, the others wait: each holds a connection to the database meanwhile.
MOST_AT_ONCE = 3
NICENESS = 5
BUSY_SIGN_IN = Failure(
    "Too many people sign in right now",
    "Nothing was checked and nothing was counted. Try again in a few seconds.",
)

_places = BoundedSemaphore(MOST_AT_ONCE)


def _step_back() -> None:
    if sys.platform == "linux":  # where a thread has a priority of its own
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICENESS)


# Hashing leaves Python's lock to others, but takes a core for a third of a second.
_thread = ThreadPoolExecutor(1, "hashing", initializer=_step_back)


class BoundedHasher(PBKDF2PasswordHasher):
    """Django's default hasher, one at a time in a process, after all that pages need.

    Raises Overloaded at once where too many wait. A wrong name costs as much as a wrong password.
    """

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        if not _places.acquire(blocking=False):
            raise Overloaded(BUSY_SIGN_IN)
        try:
            return _thread.submit(super().encode, password, salt, iterations).result()
        finally:
            _places.release()
