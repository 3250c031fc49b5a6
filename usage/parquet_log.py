"""Parquet as rows, a slice at a time. Pure."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from operator import add
from pathlib import Path

import polars as pl

from usage.blocks import BadRows, Block, LogError, brief, is_storable

# So much is read at once: of rows, and of bytes, as the first rows have them.
_ROWS_AT_ONCE = 500_000
_BYTES_AT_ONCE = 64 * 2**20
# No log has more rows; a few bytes can hold a million that are alike.
_MOST_ROWS = 200_000_000


class ParquetLog:
    """A Parquet file; its rows are counted from 1."""

    is_one_page = False

    def __init__(self, path: Path, limit: int) -> None:
        self.name, self.done = "Parquet", 0
        with _damaged():
            self.scan = pl.scan_parquet(path, glob=False)
            self.columns = list(filter(is_storable, self.scan.collect_schema().names()))
            self.rows = int(self.scan.select(pl.len()).collect().item())
        most = min(_MOST_ROWS, limit // 8)
        if self.rows > most:
            raise LogError(f"The log has {self.rows:,} rows, and {most:,} is the limit.")
        if not self.rows:
            raise LogError("The file is empty.")
        self.first, self.end = 0, self.rows

    def limit_to(self, begin: int, end: int, line: int) -> None:
        """Read only the rows from `begin` to before `end`, counted from 0."""
        self.first, self.end = begin, end

    def sample(self) -> pl.DataFrame:
        with _damaged():
            return self.scan.select(self.columns).head(1000).collect()

    def progress(self) -> float:
        return min(1.0, (self.done - self.first) / max(1, self.end - self.first))

    def blocks(self, columns: Collection[str]) -> Iterator[Block]:
        """The rows of these columns, a slice at a time."""
        used = [name for name in self.columns if name in columns]
        with _damaged():
            # A slice at a time: a group of rows may hold millions in a few bytes.
            head = self.scan.select(used).head(1000).collect()
            fitting = head.height * _BYTES_AT_ONCE // max(1, int(head.estimated_size()))
            rows = min(_ROWS_AT_ONCE, max(1000, fitting))
            for first in range(self.first, self.end, rows):
                frame = self.scan.select(used).slice(first, min(rows, self.end - first)).collect()
                self.done = first + frame.height
                yield Block(frame, partial(add, first + 1), BadRows())


@contextmanager
def _damaged() -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise LogError(
            f"The Parquet file is damaged or ends too early ({brief(error)})."
        ) from error
