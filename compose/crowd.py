"""Visitors that keep coming and sending while containers restart; each failure is noted."""

import threading
import time
from typing import Self

import httpx

from compose.visitor import Visitor

PAGES = (
    "/",
    "/models/openai/o4-mini/",
    "/estimate/?input=1000&output=200",
    "/compare/",
    "/healthz",
)
FORM = "/estimate/usage-json/"
USED = {"usage": '{"model": "o4-mini", "usage": {"prompt_tokens": 9, "completion_tokens": 9}}'}
PAUSE_SECONDS = 0.05


class Crowd:
    """A few visitors at once, for as long as the context lasts."""

    def __init__(self, address: str, size: int = 4) -> None:
        self.answered = 0
        self.lost: list[str] = []
        self.slowest = 0.0
        self._address = address
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._come) for _ in range(size)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _come(self) -> None:
        with Visitor(self._address) as visitor:
            turn = 0
            while not self._over.is_set():
                path = (*PAGES, FORM)[turn % (len(PAGES) + 1)]
                start = time.monotonic()
                status = sent(visitor) if path == FORM else visitor.status(path)
                seconds = time.monotonic() - start
                with self._lock:
                    self.slowest = max(self.slowest, seconds)
                    if status == 200:
                        self.answered += 1
                    else:
                        self.lost.append(f"{time.strftime('%X')} {path}: {status}")
                turn += 1
                time.sleep(PAUSE_SECONDS)


def sent(visitor: Visitor) -> int:
    """The status of a form that was sent; 0 without an answer."""
    try:
        return visitor.send(FORM, USED).status_code
    except (httpx.HTTPError, AssertionError):
        return 0
