"""Which counts of a row contain which others, settled by the row's own total where it has one.
Pure.

Some tools count cached tokens within the input and reasoning within the output, others beside them.
A total of tokens tells which; without one it is as the log's shape or the row's spellings have it.
"""

from dataclasses import dataclass
from functools import reduce
from operator import add

import polars as pl

from pricing.usage import PART_OF
from usage.spellings import OF_TOOLS, RESTS, WRITES

CONTRADICTED = "the total is not the sum of its parts"
WRITES_DIFFER = "cache writes by their life are not all of the cache writes"


@dataclass(frozen=True, slots=True)
class Beside:
    """For each row, whether input and output leave out what other columns count."""

    input: pl.Series
    output: pl.Series


def settled(rows: pl.DataFrame, beside: Beside) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """The rows with input and output that contain all of their parts, and flawed rows by reason.

    `rows` has counts by field, null where a row states none. Rests and totals are gone after.
    """
    flaws: dict[str, pl.Series] = {}
    rows, flaw = _with_writes(rows)
    if flaw is not None:
        flaws[WRITES_DIFFER] = flaw
    if OF_TOOLS in rows.columns:
        rows = _without_gaps(rows).with_columns(
            pl.when(_has(OF_TOOLS))
            .then(_number("input") + pl.col(OF_TOOLS))
            .otherwise("input")
            .alias("input")
        )
        rows = rows.drop(OF_TOOLS)
    there = set(rows.columns)
    is_plain = not (beside.input.any() or beside.output.any())
    if is_plain and "total" not in there and not there & set(RESTS):
        return rows, flaws
    rows = _without_gaps(rows).with_columns(
        beside.input.alias("beside input"), beside.output.alias("beside output")
    )
    for whole in ("input", "output"):
        if f"{whole}_rest" in there:
            rows = rows.with_columns(
                (pl.col(f"beside {whole}") | pl.col(whole).is_null() & _has(f"{whole}_rest")).alias(
                    f"beside {whole}"
                ),
                pl.coalesce(whole, f"{whole}_rest").alias(whole),
            )
    rows, contradicted = _by_total(rows) if "total" in there else (rows, None)
    if contradicted is not None:
        flaws[CONTRADICTED] = contradicted
    grown = [
        pl.when(pl.col(f"beside {whole}"))
        .then(_number(whole) + _sum_of_parts(rows, whole))
        .otherwise(pl.col(whole))
        .alias(whole)
        for whole in ("input", "output")
    ]
    gone = {"beside input", "beside output", "total", *RESTS}
    return rows.with_columns(grown).drop(gone, strict=False), flaws


def _with_writes(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series | None]:
    """Cache writes by their life, where a column counts all of them."""
    if WRITES not in rows.columns:
        return rows, None
    missing = [
        pl.lit(None, pl.Int64).alias(name)
        for name in ("cache_write", "cache_write_1h")
        if name not in rows.columns
    ]
    rows = rows.with_columns(missing)
    whole, short, long = (pl.col(name) for name in (WRITES, "cache_write", "cache_write_1h"))
    by_life = short.fill_null(0) + long.fill_null(0)
    has_life = (short.fill_null(0) > 0) | (long.fill_null(0) > 0)
    # Without the shorter life, all are of it but those of the longer.
    left = pl.when(short.is_null() & (whole >= long.fill_null(0))).then(whole - long.fill_null(0))
    differ = has_life & (whole > 0) & (by_life != whole) & short.is_not_null()
    too_many = short.is_null() & (whole > 0) & (long > whole)
    flawed = rows.select(
        (differ | too_many & ~_totals_count(rows, whole + long)).fill_null(value=False)
    ).to_series()
    rows = rows.with_columns(
        pl.when(whole.is_null() | short.is_not_null() & has_life)
        .then(short)
        .otherwise(left.otherwise(whole))
        .alias("cache_write")
    ).drop(WRITES)
    unused = [name for name in ("cache_write_1h",) if rows[name].null_count() == rows.height]
    return rows.drop(unused), flawed if flawed.any() else None


def _totals_count(rows: pl.DataFrame, writes: pl.Expr) -> pl.Expr:
    """Whether a row's total has all of these writes beside the input."""
    if "total" not in rows.columns:
        return pl.lit(value=False)
    given = [pl.col(name) for name in ("input", "input_rest") if name in rows.columns]
    others = [_number(name) for name in ("output", "cache_read") if name in rows.columns]
    counted = reduce(add, others, pl.coalesce(*given, 0) + writes)
    return (pl.col("total") == counted).fill_null(value=False)


def _without_gaps(rows: pl.DataFrame) -> pl.DataFrame:
    missing = [
        pl.lit(None, pl.Int64).alias(name)
        for name in ("input", "output")
        if name not in rows.columns
    ]
    return rows.with_columns(missing)


def _by_total(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series | None]:
    # A total of nothing beside counts is none.
    total = pl.when(pl.col("total") > 0).then("total")
    given = pl.col("input")
    # Of embeddings and the like some state all the tokens and no input.
    rows = rows.with_columns(
        pl.when(given.is_null() & total.is_not_null())
        .then((total - _number("output")).clip(lower_bound=0))
        .otherwise(given)
        .alias("input")
    )
    # Some state no output beside the total.
    left = total - _number("input")
    rows = rows.with_columns(
        pl.when(pl.col("output").is_null() & (left >= 0) & (_sum_of_parts(rows, "input") == 0))
        .then(left)
        .otherwise(pl.col("output"))
        .alias("output")
    )
    inner, outer = _sum_of_parts(rows, "input"), _sum_of_parts(rows, "output")
    sums = rows.select(
        total=total,
        plain=_number("input") + _number("output"),
        inner=inner,
        outer=outer,
        within_input=_number("input") >= inner,
        within_output=_number("output") >= outer,
        beside_input=pl.col("beside input"),
        beside_output=pl.col("beside output"),
    )
    # The reading of the log's shape first, then each other one.
    fits: list[tuple[pl.Expr, pl.Expr, pl.Expr]] = []
    own_in, own_out = pl.col("beside_input"), pl.col("beside_output")
    for in_beside, out_beside in (
        (own_in, own_out),
        (pl.lit(value=False), pl.lit(value=False)),
        (pl.lit(value=True), pl.lit(value=False)),
        (pl.lit(value=False), pl.lit(value=True)),
        (pl.lit(value=True), pl.lit(value=True)),
    ):
        reading = (
            pl.col("plain")
            + pl.when(in_beside).then(pl.col("inner")).otherwise(0)
            + pl.when(out_beside).then(pl.col("outer")).otherwise(0)
        )
        possible = (in_beside | pl.col("within_input")) & (out_beside | pl.col("within_output"))
        fits.append(((reading == pl.col("total")) & possible, in_beside, out_beside))
    # Parts that are too many to be within are beside, and not all totals count them.
    apart = (pl.col("plain") == pl.col("total")) & own_in & ~pl.col("within_input")
    fits.append((apart & pl.col("within_output"), own_in, pl.lit(value=False)))
    is_stated = pl.col("total").is_not_null()
    choice_in, choice_out = own_in, own_out
    for fit, in_beside, out_beside in reversed(fits):
        choice_in = pl.when(is_stated & fit).then(in_beside).otherwise(choice_in)
        choice_out = pl.when(is_stated & fit).then(out_beside).otherwise(choice_out)
    chosen = sums.select(
        choice_in.alias("beside input"),
        choice_out.alias("beside output"),
        (is_stated & ~pl.any_horizontal(fit for fit, _, _ in fits))
        .fill_null(value=False)
        .alias("contradicted"),
    )
    rows = rows.with_columns(chosen["beside input"], chosen["beside output"])
    flawed = chosen["contradicted"]
    return rows, flawed if flawed.any() else None


def _sum_of_parts(rows: pl.DataFrame, whole: str) -> pl.Expr:
    """The tokens of the parts, each once: cached audio is both in the cached and in the audio."""
    parts = [name for name in rows.columns if PART_OF.get(name) == (whole,)]
    shared = [
        pl.min_horizontal(map(_number, (name, *PART_OF[name][:-1])))
        for name in rows.columns
        if {*PART_OF.get(name, ())} > {whole} and {*parts, whole} >= {*PART_OF[name]}
    ]
    nothing = pl.lit(0, pl.Int64)
    return reduce(add, map(_number, parts), nothing) - reduce(add, shared, nothing)


def _number(name: str) -> pl.Expr:
    return pl.col(name).fill_null(0)


def _has(name: str) -> pl.Expr:
    return pl.col(name).is_not_null()
