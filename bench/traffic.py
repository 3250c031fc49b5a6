"""Asks a server for pages over connections that stay open, as browsers do, and counts."""

import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import cycle, islice


def fresh(paths: Sequence[str]) -> Iterator[str]:
    """These paths in turn, each time with a parameter that nobody has used:

    no page is remembered for it.
    """
    for n, path in enumerate(cycle(paths)):
        yield f"{path}{'&' if '?' in path else '?'}fresh={n}-{random.random()}"


def median_ms(port: int, paths: Sequence[str], requests: int = 150) -> float:
    """The p50 of one visitor who asks for these paths in turn, in milliseconds to the last byte."""
    connection = HTTPConnection("127.0.0.1", port)
    took = [_ask(connection, path) for path in islice(fresh(paths), 20 + requests)]
    return statistics.median(took[20:]) * 1000


def per_second(
    port: int, paths: Callable[[], Iterator[str]], seconds: float = 5, visitors: int = 4
) -> float:
    """Requests a second that a server answers when visitors who ask for `paths()` never pause."""
    with ThreadPoolExecutor(visitors) as pool:
        began = time.perf_counter()
        until = began + seconds
        counts = pool.map(lambda _: _visit(port, paths(), until), range(visitors))
        return sum(counts) / (time.perf_counter() - began)


def _visit(port: int, paths: Iterable[str], until: float) -> int:
    connection = HTTPConnection("127.0.0.1", port)
    for count, path in enumerate(paths):
        if time.perf_counter() >= until:
            return count
        _ask(connection, path)
    return 0


def _ask(connection: HTTPConnection, path: str) -> float:
    began = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    took = time.perf_counter() - began
    if response.status != 200 or not body:
        raise AssertionError(f"{path}: {response.status}")
    return took
