"""Visitors that keep coming while containers restart; each request that fails is noted."""

import threading
import time
from typing import Self

from compose.visitor import Visitor

PAGES = (
    "/",
    "/models/openai/o4-mini/",
    "/estimate/?input=1000&output=200",
    "/compare/",
    "/healthz",
)
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
                path = PAGES[turn % len(PAGES)]
                start = time.monotonic()
                status = visitor.status(path)
                seconds = time.monotonic() - start
                with self._lock:
                    self.slowest = max(self.slowest, seconds)
                    if status == 200:
                        self.answered += 1
                    else:
                        self.lost.append(f"{time.strftime('%X')} {path}: {status}")
                turn += 1
                time.sleep(PAUSE_SECONDS)
