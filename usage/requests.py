"""Rows of a usage log as requests. Pure.

A row that cannot be a request is counted, with its reason and line, and left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

import polars as pl

from pricing.aggregates import (
    MOST_A_ROW,
    MOST_BILLIONTHS,
    MOST_REQUESTS,
    is_fractional,
    own_columns,
)
from pricing.usage import PART_OF
from usage.blocks import BadRows, Block, readable
from usage.cells import (
    LONGEST_CELL,
    column_at,
    counts_of,
    instants_of,
    one_instant,
    short_cells,
)
from usage.files import opened
from usage.formats import STANDARD_TIERS
from usage.preview import MOST_BYTES, NO_DEFAULTS, RESTS, WORDS, EveryRow, Preview, preview

# A request was made within these years; a date outside of them was read in the wrong unit.
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_FIRST_MICROS, _LAST_MICROS = (int(at.timestamp()) * 10**6 for at in (_FIRST, _LAST))


@dataclass(frozen=True)
class Batch:
    """Requests for `pricing.aggregates.aggregate`, what was left out, and the progress."""

    rows: pl.DataFrame
    bad: BadRows
    progress: float


def read(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    limit: int = MOST_BYTES,
    every: EveryRow = NO_DEFAULTS,
) -> Iterator[Batch]:
    """The requests of a log, in batches. `mapping` names the column of each field.

    `limit` bounds the unpacked size in bytes; for `every` see `preview`. Raises LogError.
    """
    seen = preview(path, mapping, limit=limit, every=every)
    yield from _ahead(_batches(path, seen, limit))


def _batches(path: Path, seen: Preview, limit: int) -> Iterator[Batch]:
    with opened(path, limit) as log:
        for block in _ahead(log.blocks(sorted({*seen.mapping.values()}))):
            with readable("Some of the rows"):
                batch = Batch(*_requests(block, seen), log.progress())
            yield batch


T = TypeVar("T", Block, Batch)


def _ahead(parts: Iterator[T]) -> Iterator[T]:
    """The same parts, the next one computed in a thread while the current one is used."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = maker.submit(next, parts, None)
            yield part


def _requests(block: Block, seen: Preview) -> tuple[pl.DataFrame, BadRows]:
    """The valid rows, by meter in whole units, and the others by reason."""
    frame, mapping, bad = block.frame, seen.mapping, block.bad
    columns = {} if "at" in mapping else {"at": one_instant(frame, seen.at)}
    long: dict[str, pl.Series] = {}
    wrong: dict[str, pl.Series] = {}
    for name, column in mapping.items():
        cells, too_long = short_cells(column_at(frame, column))
        if too_long is not None:
            long[f"{name} has more than {LONGEST_CELL} characters"] = too_long
        if name == "at":
            columns[name] = instants_of(cells)
        elif name in WORDS:
            columns[name] = cells.cast(pl.String)
        else:
            columns[name], odd = counts_of(cells, name)
            if odd is not None:
                wrong[f"{name} is not a {'' if is_fractional(name) else 'whole '}number"] = odd
    rows = pl.DataFrame({name: values.alias(name) for name, values in columns.items()})
    flaws = long | _flaws(rows, wrong)
    rows, meters = _whole(rows.with_columns(_conditions(rows, seen)))
    flaws |= _odd_parts(rows, meters)
    return _sound(rows.select("at", "model", "provider", "tier", *meters), flaws, block), bad


def _conditions(rows: pl.DataFrame, seen: Preview) -> list[pl.Expr]:
    columns = [] if "request" in rows.columns else [pl.lit(1, pl.Int64).alias("request")]
    if "variant" in rows.columns:
        suffix = pl.lit(":") + _word("variant")
        has_none = _word("variant").is_in(STANDARD_TIERS) | pl.col("model").str.ends_with(suffix)
        model = pl.when(has_none).then(pl.col("model")).otherwise(pl.col("model") + suffix)
        columns.append(model.alias("model"))
    provider = (
        pl.lit(seen.provider)
        if seen.provider or "provider" not in rows.columns
        else pl.col("provider")
    )
    tier = pl.lit("")
    if "tier" in rows.columns:
        written = _word("tier")
        tier = pl.when(written.is_in(STANDARD_TIERS)).then(pl.lit("")).otherwise(written)
    if "batch" in rows.columns:
        tier = pl.when(_is_true("batch")).then(pl.lit("batch")).otherwise(tier)
    return [*columns, tier.alias("tier"), provider.fill_null("").alias("provider")]


def _word(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars().str.to_lowercase()


def _is_true(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.to_lowercase().is_in(["true", "1", "yes", "batch"])


def _flaws(rows: pl.DataFrame, wrong: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    flaws: dict[str, pl.Series] = {}
    if "from_cache" in rows.columns:
        flaws["answered from the gateway's own cache"] = rows.select(
            _is_true("from_cache")
        ).to_series()
    flaws["no model"] = rows["model"].is_null() | (rows["model"] == "")
    flaws["no time that can be read"] = rows["at"].is_null()
    # As numbers: Python has no dates before the year 1 and after 9999.
    micros = rows["at"].to_physical()
    first, last = cast("int | None", micros.min()), cast("int | None", micros.max())
    is_plausible = first is None or last is None or _FIRST_MICROS <= first <= last < _LAST_MICROS
    if not is_plausible:
        outside = ~micros.is_between(_FIRST_MICROS, _LAST_MICROS, closed="left")
        flaws[f"a time outside of {_FIRST.year} to {_LAST.year}"] = outside.fill_null(value=False)
    flaws |= wrong
    counts = [name for name in rows.columns if name not in WORDS]
    for name in counts:
        flaws |= _beyond(rows[name], least=1 if name == "request" else 0)
    used = [name for name in counts if name != "request"]
    if all(rows[name].null_count() for name in used):
        flaws["nothing was counted"] = rows.select(
            pl.all_horizontal(pl.col(name).is_null() for name in used)
        ).to_series()
    return flaws


def _beyond(values: pl.Series, least: int) -> dict[str, pl.Series]:
    most = MOST_REQUESTS if least else MOST_BILLIONTHS if is_fractional(values.name) else MOST_A_ROW
    low, high = cast("int | None", values.min()), cast("int | None", values.max())
    flaws = {}
    if low is not None and low < 0:
        flaws[f"{values.name} is negative"] = (values < 0).fill_null(value=False)
    if low is not None and 0 <= low < least:
        flaws[f"{values.name} is not one or more"] = (values < least).fill_null(value=False)
    if high is not None and high > most:
        flaws[f"{values.name} is beyond any request"] = (values > most).fill_null(value=False)
    return flaws


def _whole(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows with total input and output, where the log counts a part of it separately."""
    counts = [name for name in rows.columns if name not in WORDS]
    empty = [name for name in counts if rows[name].null_count()]
    rows = rows.with_columns(pl.col(name).fill_null(int(name == "request")) for name in empty)
    meters = [name for name in counts if name not in RESTS]
    for rest in (rest for rest in RESTS if rest in counts):
        whole = rest.removesuffix("_rest")
        # What is a part of another part is in that part already.
        parts = [slug for slug in meters if PART_OF.get(slug) == (whole,)]
        rows = rows.with_columns(pl.sum_horizontal(rest, *parts).alias(whole))
        meters.append(whole)
    return rows, meters


def _odd_parts(rows: pl.DataFrame, meters: Sequence[str]) -> dict[str, pl.Series]:
    wholes = {whole for slug in meters for whole in PART_OF.get(slug, ())}
    missing = [pl.lit(0, pl.Int64).alias(whole) for whole in wholes if whole not in meters]
    own = {slug: one for slug, one in own_columns({*meters, *wholes}).items() if slug in wholes}
    if not own:
        return {}
    left = rows.with_columns(missing).select(one.alias(slug) for slug, one in own.items())
    return {
        f"the parts of {slug} are more than all of it": left[slug] < 0
        for slug in left.columns
        if cast("int", left[slug].min() or 0) < 0
    }


def _sound(rows: pl.DataFrame, flaws: Mapping[str, pl.Series], block: Block) -> pl.DataFrame:
    left = pl.Series([True]).new_from_index(0, rows.height)
    for reason in (reason for reason, flaw in flaws.items() if flaw.any()):
        here = flaws[reason] & left
        if count := int(here.sum()):
            first = here.arg_true().head(block.bad.room(reason))
            block.bad.add(reason, count, [block.line_of(row) for row in first])
            left = left & ~here
    return rows if left.all() else rows.filter(left)
