"""How long one request of a sum may be: from the row's own context window, or unknown. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

# Beyond every request.
MOST = 10**12
_WINDOW = re.compile(
    r"(?P<number>\d{1,3}(?:[,.]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)\s*(?P<unit>[km]?)", re.IGNORECASE
)
_GROUPED = re.compile(r"\d{1,3}(?:[,.]\d{3})+")
_UNITS = {"": 1, "k": 1000, "m": 1_000_000}


@dataclass(frozen=True, slots=True)
class Sizes:
    """The most tokens of a request, by a model's name in lower case; `most` for other names.

    `writers` are the names of models that bill output.
    """

    by_name: Mapping[str, int] = field(default_factory=dict)
    most: int = MOST
    writers: frozenset[str] = frozenset()


NO_SIZES = Sizes()


def window_of(text: str) -> tuple[int, int] | None:
    """(more than, at most) tokens of a request, as `0-200k`, `≤ 200k`, `>200k`, `200k-1M`."""
    numbers = [
        round(min(_number(found["number"]) * _UNITS[found["unit"].lower()], MOST))
        for found in _WINDOW.finditer(text)
    ]
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return numbers[0], numbers[1]
    if len(numbers) != 1:
        return None
    is_least = bool(re.search(r"[>≥+]|over|above|more", text, re.IGNORECASE))
    return (numbers[0], MOST) if is_least else (0, numbers[0])


def _number(text: str) -> float:
    grouped = _GROUPED.fullmatch(text)
    return float(re.sub(r"[,.]", "", text) if grouped else text.replace(",", "."))


def sums(rows: pl.DataFrame, summed: pl.Series, sizes: Sizes) -> pl.DataFrame:
    """The rows with `summed`, and with `low` and `high`: what one request of a sum lies within.

    A row of more tokens than its model takes in one request is a sum too.
    """
    if "input" in rows.columns or "output" in rows.columns:
        summed = summed | _too_long(rows, sizes)
    if not summed.any():
        return rows
    low, high = pl.lit(0, pl.Int64), pl.lit(MOST, pl.Int64)
    if "window" in rows.columns:
        words = list(rows["window"].drop_nulls().unique())
        windows = [window_of(text) or (0, MOST) for text in words]
        texts = pl.Series(words, dtype=pl.String)
        for place, name in enumerate(("low", "high")):
            bounds = pl.Series([window[place] for window in windows], dtype=pl.Int64)
            read = pl.col("window").replace_strict(
                texts, bounds, default=(0, MOST)[place], return_dtype=pl.Int64
            )
            low, high = (read, high) if name == "low" else (low, read)
    return rows.with_columns(summed.alias("summed"), low.alias("low"), high.alias("high"))


def _too_long(rows: pl.DataFrame, sizes: Sizes) -> pl.Series:
    counted = [name for name in ("input", "output") if name in rows.columns]
    tokens = rows.select(pl.sum_horizontal(*counted)).to_series()
    # Few rows are that long, if any: names are looked up for those alone.
    least = min(sizes.by_name.values(), default=sizes.most)
    long = (tokens > min(least, sizes.most)).fill_null(value=False)
    if not long.any():
        return long
    names = [name for name in rows.filter(long)["model"].unique() if name]
    most = pl.Series(
        [sizes.by_name.get(name.lower(), sizes.most) for name in names], dtype=pl.Int64
    )
    allowed = rows["model"].replace_strict(
        pl.Series(names, dtype=pl.String), most, default=sizes.most, return_dtype=pl.Int64
    )
    return long & (tokens > allowed)
