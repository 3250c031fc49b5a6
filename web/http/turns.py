"""Turns at making pages: a few at once in each process, and in order of arrival.

Pages are made by Python, of which a process runs one thread at a time. With all 32 threads at it
each would get a slice now and then, in no order, and hold a database connection all the while.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from django.db import connection

# Enough that one makes a page while others wait for the database.
AT_ONCE = 4

P = ParamSpec("P")
R = TypeVar("R")


class Turns:
    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[Lock] = deque()
        self._lock = Lock()

    def wait(self) -> bool:
        """Wait for a turn, and whether that took a while. Each needs its `end`."""
        with self._lock:
            if self._free:
                self._free -= 1
                return False
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        if not connection.in_atomic_block:
            connection.close()  # for those with a turn
        mine.acquire()
        return True

    def end(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    @contextmanager
    def one(self) -> Iterator[bool]:
        waited = self.wait()
        try:
            yield waited
        finally:
            self.end()


# Those of this process.
TURNS = Turns(AT_ONCE)


def in_turn(make: Callable[P, R]) -> Callable[P, R]:
    """Call `make` in a turn; it must not need another one."""

    @wraps(make)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        with TURNS.one():
            return make(*args, **kwargs)

    return answer
