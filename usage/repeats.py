"""Rows of a log that repeat a request, by its id and what it used. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import xor
from pathlib import Path
from zlib import crc32

import polars as pl

from usage.blocks import BadRows, Block

# So many runs of ids are kept before they are joined: each is searched for every block.
_MOST_RUNS = 16

# So many rows are between the first and the last of a request, at most.
_APART = 500

_SEED = 20261130

# What finds the line of a row, and the row's number there.
_LineOf = Callable[[int], int]
_Place = tuple[_LineOf, int]


class Repeats:
    """The requests so far, as 64-bit hashes: ten million take 160 MB.

    An id is one of a provider and model: a gateway that tries another keeps the id. Where a request
    `grows`, its rows have one id, and the last of a block counts. Elsewhere a row repeats one that
    has its time and counts too: an application may give the id of its own request to several.
    """

    def __init__(self, *, grows: bool = False) -> None:
        self.grows = grows
        self.runs: list[pl.Series] = []
        self.ids: list[pl.Series] = []

    def among(
        self, rows: pl.DataFrame, flaws: Mapping[str, pl.Series], counts: Sequence[str]
    ) -> pl.Series:
        """Which rows of a block repeat a request; `counts` are the columns of counts.

        A row that is flawed otherwise counts no id.
        """
        frame = rows.select(id="request_id", hash=self._key(counts), named=_named()).with_row_index(
            "row"
        )
        sound = pl.Series([True]).new_from_index(0, rows.height)
        for flaw in flaws.values():
            sound &= ~flaw.fill_null(value=False)
        known = frame.filter(sound & frame["id"].is_not_null() & (frame["id"] != ""))
        last = known.unique("hash", keep="last")
        seen_before = pl.Series([False]).new_from_index(0, len(last))
        for run in self.runs:
            place = run.search_sorted(last["hash"])
            at = place.clip(0, len(run) - 1)
            seen_before |= run.gather(at) == last["hash"]
        self._keep(last.filter(~seen_before))
        counted = set(last.filter(~seen_before)["row"]) if len(last) else set()
        if len(counted) == known.height:
            return pl.Series([False]).new_from_index(0, rows.height)
        return frame.select(
            pl.col("row").is_in(known["row"].implode())
            & ~pl.col("row").is_in(pl.Series(sorted(counted), dtype=pl.UInt32).implode())
        ).to_series()

    def _key(self, counts: Sequence[str]) -> pl.Expr:
        if self.grows:
            return _named()
        # Of counts that are none, so that a column that only some blocks have changes nothing.
        numbers = (
            pl.when(pl.col(name).fill_null(0) != 0)
            .then(pl.col(name).cast(pl.Int64).hash(seed=crc32(name.encode())))
            .otherwise(pl.lit(0, pl.UInt64))
            for name in counts
        )
        return reduce(xor, numbers, _named("at", "tier"))

    @property
    def sharing(self) -> int:
        """How many of the counted rows have the id of another."""
        return _sharing(self.ids)

    def save(self, path: Path) -> None:
        """Write the counted requests, for `have_same` and `sharing_in`."""
        runs = {"hash": self.runs, "id": self.ids}
        pl.DataFrame(
            {
                name: pl.concat(some) if some else pl.Series(name, [], pl.UInt64)
                for name, some in runs.items()
            }
        ).write_ipc(path)

    def _keep(self, rows: pl.DataFrame) -> None:
        if len(rows):
            self.runs.append(rows["hash"].sort())
            self.ids.append(rows["named"])
        if len(self.runs) > _MOST_RUNS:
            self.runs = [pl.concat(self.runs).sort()]
            self.ids = [pl.concat(self.ids)]


def _named(*more: str) -> pl.Expr:
    return pl.struct("request_id", "provider", "model", *more).hash(seed=_SEED)


def _sharing(ids: Sequence[pl.Series]) -> int:
    if not ids:
        return 0
    inner = pl.concat(ids).sort()
    is_next = inner == inner.shift(1)
    return int((is_next | is_next.shift(-1)).fill_null(value=False).sum())


def have_same(paths: Sequence[Path]) -> bool:
    """Whether a request was counted in two parts of a log."""
    ids = pl.concat([pl.read_ipc(path, columns=["hash"]) for path in paths])
    return ids["hash"].n_unique() < ids.height


def sharing_in(paths: Sequence[Path]) -> int:
    """How many of the rows that were counted in parts of a log have the id of another."""
    return _sharing([pl.read_ipc(path, columns=["id"])["id"] for path in paths])


def overlapping(blocks: Iterator[Block], ids: Sequence[str]) -> Iterator[Block]:
    """The same rows, all of a request in one block where they are not far from one another.

    `ids` are the columns of the id. The last rows of a block, and others of the same requests, are
    in the next one; no block is kept longer than its rows.
    """
    held, places = pl.DataFrame(), list[_Place]()
    for block in blocks:
        both = pl.concat([held, block.frame], how="diagonal_relaxed") if places else block.frame
        there = [path for path in ids if path in both.columns]
        key = both.select(id=pl.coalesce(*there, pl.lit(None, pl.String)))["id"]
        recent = key.tail(_APART).drop_nulls().unique()
        is_held = key.is_in(recent.implode()).fill_null(value=False)
        is_held |= pl.int_range(both.height, eager=True) >= both.height - _APART
        left = (~is_held).arg_true()
        yield Block(both.filter(~is_held), partial(_line, block.line_of, left, places), block.bad)
        kept = is_held.arg_true()
        held, places = both.filter(is_held), [_place(block.line_of, row, places) for row in kept]
    if places:
        yield Block(held, lambda row: places[row][0](places[row][1]), BadRows())


def _place(line_of: _LineOf, row: int, before: Sequence[_Place]) -> _Place:
    return before[row] if row < len(before) else (line_of, row - len(before))


def _line(line_of: _LineOf, chosen: pl.Series, before: Sequence[_Place], row: int) -> int:
    found, place = _place(line_of, chosen[row], before)
    return found(place)
