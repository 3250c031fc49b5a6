"""Rows of a usage log as they are read from a file, and the rows that were left out. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

# What an empty cell may hold.
EMPTY = ("", "null", "NULL", "None", "\\N", "NaN")
# So many line numbers are kept of each kind of bad row.
KEPT = 10


class LogError(ValueError):
    """A log that cannot be read; the message is one sentence."""


@dataclass
class BadRows:
    """How many rows were left out, for which reasons, and the line numbers of the first of each."""

    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def room(self, reason: str) -> int:
        return KEPT - len(self.lines.get(reason, ()))

    def add(self, reason: str, count: int, lines: Sequence[int]) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + count
        kept = self.lines.setdefault(reason, [])
        kept += lines[: self.room(reason)]

    def join(self, other: "BadRows") -> None:
        for reason, count in other.counts.items():
            self.add(reason, count, other.lines[reason])


@dataclass(frozen=True)
class Block:
    """Some rows as text or as Parquet has them, and the line each is on."""

    frame: pl.DataFrame
    line_of: Callable[[int], int]
    bad: BadRows


def brief(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].strip().rstrip(".")[:200]
