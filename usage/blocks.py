"""Rows of a usage log as they are read from a file, and the rows that were left out. Pure."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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


@dataclass(frozen=True, slots=True)
class Range:
    """The part of a log from `begin` to before `end`: bytes, or rows of Parquet; `line` is the
    number of its first line."""

    begin: int
    end: int
    line: int = 1


@dataclass(frozen=True)
class Block:
    """Some rows as text or as Parquet has them, and the line each is on."""

    frame: pl.DataFrame
    line_of: Callable[[int], int]
    bad: BadRows


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Report what Polars cannot read as a LogError; `what` is the subject of its sentence."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OverflowError) as error:
        raise LogError(f"{what} cannot be read ({brief(error)}).") from error


def brief(error: BaseException) -> str:
    first = str(error).strip().split("\n", 1)[0].strip().rstrip(".")[:200]
    return "".join(letter if is_storable(letter) else "�" for letter in first)


def is_storable(text: str) -> bool:
    """Whether a page and PostgreSQL can hold a text: no NUL, and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
