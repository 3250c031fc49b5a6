"""Rows of a log that repeat a request, by its id. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

# So many runs of ids are kept before they are joined: each is searched for every block.
_MOST_RUNS = 16


class Repeats:
    """The ids of the requests so far, as 64-bit hashes: ten million take 80 MB."""

    def __init__(self) -> None:
        self.runs: list[pl.Series] = []

    def among(self, ids: pl.Series, flaws: Mapping[str, pl.Series]) -> pl.Series:
        """Which rows of a block repeat an id. Of those within the block, the last counts.

        A row that is flawed otherwise counts no id.
        """
        frame = pl.DataFrame({"id": ids.cast(pl.String)}).with_row_index("row")
        sound = pl.Series([True]).new_from_index(0, len(ids))
        for flaw in flaws.values():
            sound &= ~flaw.fill_null(value=False)
        known = frame.filter(sound & (ids.is_not_null()) & (ids.cast(pl.String) != ""))
        hashes = known.with_columns(pl.col("id").hash(seed=20261130).alias("hash"))
        last = hashes.unique("hash", keep="last")
        seen_before = pl.Series([False]).new_from_index(0, len(last))
        for run in self.runs:
            place = run.search_sorted(last["hash"])
            at = place.clip(0, len(run) - 1)
            seen_before |= run.gather(at) == last["hash"]
        self._keep(last.filter(~seen_before)["hash"])
        counted = set(last.filter(~seen_before)["row"]) if len(last) else set()
        if len(counted) == known.height:
            return pl.Series([False]).new_from_index(0, len(ids))
        return frame.select(
            pl.col("row").is_in(known["row"].implode())
            & ~pl.col("row").is_in(pl.Series(sorted(counted), dtype=pl.UInt32).implode())
        ).to_series()

    def save(self, path: Path) -> None:
        """Write the ids of the counted requests, for `have_same`."""
        ids = pl.concat(self.runs) if self.runs else pl.Series("hash", [], pl.UInt64)
        pl.DataFrame({"hash": ids}).write_ipc(path)

    def _keep(self, hashes: pl.Series) -> None:
        if len(hashes):
            self.runs.append(hashes.sort())
        if len(self.runs) > _MOST_RUNS:
            self.runs = [pl.concat(self.runs).sort()]


def have_same(paths: Sequence[Path]) -> bool:
    """Whether a request was counted in two parts of a log."""
    ids = pl.concat([pl.read_ipc(path) for path in paths])
    return ids["hash"].n_unique() < ids.height
