"""The bundled snapshot into an empty database, and again when nothing has changed."""

import time
from collections.abc import Iterator

from bench.place import manage
from bench.report import Line, at_most


def measure() -> Iterator[Line]:
    manage("migrate", "--verbosity", "0")
    yield at_most("load: the snapshot into an empty database", _seconds(), 20, "s")
    yield at_most("load: the same again, nothing changed", _seconds(), 5, "s")


def _seconds() -> float:
    began = time.monotonic()
    manage("load_snapshot")
    return time.monotonic() - began
