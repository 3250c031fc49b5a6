"""Rows of a usage log as requests. Pure.

A row that cannot be a request is counted, with its reason and line, and left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

import polars as pl

from pricing.aggregates import (
    LARGEST_BILLED,
    MOST_A_ROW,
    MOST_BILLIONTHS,
    MOST_REQUESTS,
    is_fractional,
    own_columns,
)
from pricing.usage import PART_OF
from usage.bill_lines import not_read, with_lines
from usage.blocks import BadRows, Block, Range, readable
from usage.cells import (
    is_day,
    one_instant,
)
from usage.failed import NOT_BILLED, failed, not_billed
from usage.fields import (
    Unread,
    beside,
    in_dollars,
    mapping_of,
    passed_over,
    places,
    unread,
    values_of,
    without_loose_units,
)
from usage.files import opened
from usage.formats import NO_MODELS, STANDARD_TIERS
from usage.nested import flat
from usage.parts import settled
from usage.preview import MOST_BYTES, NO_DEFAULTS, EveryRow, Preview, preview
from usage.repeats import Repeats, overlapping
from usage.sizes import NO_SIZES, Sizes, sums
from usage.spellings import MONEY, RESTS, STATED, WORDS, is_sum

# A request was made within these years; a date outside of them was read in the wrong unit.
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_FIRST_MICROS, _LAST_MICROS = (int(at.timestamp()) * 10**6 for at in (_FIRST, _LAST))
_DAY_MICROS = 86_400 * 10**6
FROM_CACHE = "answered from the gateway's own cache"
ONLY_TOTAL = "a total of tokens, of which nothing tells what is output"
NO_REQUEST = "made by the tool itself, without a model"
REPEATED = "a request that another row has too"
# What is no quantity of a request.
_NO_COUNTS = (*WORDS, *STATED)
# What is looked at and added up nowhere.
_NOT_SUMMED = ("total", "billed_elsewhere")


@dataclass(frozen=True)
class Batch:
    """Requests for `pricing.aggregates.aggregate`, what was left out or not read, and the
    progress. `failed` of the rows are requests that failed and may have been billed."""

    rows: pl.DataFrame
    bad: BadRows
    progress: float
    unread: tuple[Unread, ...] = field(default=())
    failed: int = 0


def read(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    limit: int = MOST_BYTES,
    every: EveryRow = NO_DEFAULTS,
    sizes: Sizes = NO_SIZES,
) -> Iterator[Batch]:
    """The requests of a log, in batches. `mapping` names the column of each field.

    `limit` bounds the unpacked size in bytes; for `every` see `preview`. A row of more tokens than
    `sizes` lets a request of its model have is a sum of several. Raises LogError.
    """
    seen = preview(path, mapping, limit=limit, every=every)
    yield from read_as(path, seen, limit=limit, sizes=sizes)


def read_as(
    path: Path,
    seen: Preview,
    *,
    limit: int = MOST_BYTES,
    sizes: Sizes = NO_SIZES,
    part: Range | None = None,
    repeats: Repeats | None = None,
) -> Iterator[Batch]:
    """The requests of a log that was looked at, or of a part of it; `repeats` takes their ids."""
    repeats = repeats or Repeats(grows=seen.kind.grows)
    yield from _ahead(_batches(path, seen, limit, sizes, part, repeats))


def _batches(
    path: Path, seen: Preview, limit: int, sizes: Sizes, part: Range | None, repeats: Repeats
) -> Iterator[Batch]:
    with opened(path, limit, part) as log:
        blocks: Iterator[Block] = map(_flat, log.blocks(frozenset(seen.read)))
        if seen.kind.grows:
            blocks = overlapping(blocks, seen.mapping.get("request_id", ()))
        furthest = 0.0
        for block in _ahead(blocks):
            with readable("Some of the rows"):
                rows, left, count = _requests(block, seen, sizes, repeats)
            # Another thread reads on: amid its reading the position is now and then another one.
            furthest = max(furthest, log.progress())
            yield Batch(rows, block.bad, furthest, left, count)


def _flat(block: Block) -> Block:
    return replace(block, frame=with_lines(flat(block.frame)))


T = TypeVar("T", Block, Batch)


def _ahead(parts: Iterator[T]) -> Iterator[T]:
    """The same parts, the next one computed in a thread while the current one is used."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = maker.submit(next, parts, None)
            yield part


def _requests(
    block: Block, seen: Preview, sizes: Sizes, repeats: Repeats
) -> tuple[pl.DataFrame, tuple[Unread, ...], int]:
    """The valid rows, by meter in whole units, the numbers that no field holds, and how many of the
    rows failed."""
    frame = block.frame
    mapping = mapping_of(frame, seen)
    flaws: dict[str, pl.Series] = {}
    others: dict[str, dict[str, pl.Series]] = {}
    rows = pl.DataFrame(
        [
            values.alias(name)
            for name, paths in mapping.items()
            if (values := values_of(frame, name, paths, seen, flaws, others)) is not None
        ]
    )
    if "at" not in rows.columns:
        rows = rows.with_columns(one_instant(frame, seen.at).alias("at"))
    rows, loose = without_loose_units(rows, frame, mapping, seen)
    rows, foreign = in_dollars(rows, frame, mapping)
    summed = _summed(frame, rows, mapping, seen)
    flaws |= not_read(frame)
    is_failed = failed(rows)
    if is_failed is not None:
        flaws[NOT_BILLED] = not_billed(rows, is_failed)
    flaws |= _flaws(rows)
    if sizes.writers and "total" in rows.columns:
        flaws[ONLY_TOTAL] = _has_only_total(rows, sizes.writers)
    rows = rows.with_columns(_conditions(rows, seen))
    rows, contradictions = settled(rows, beside(frame, rows, mapping, seen))
    flaws |= contradictions
    left = passed_over(rows, others)
    rows, meters = _filled(rows)
    flaws |= _odd_parts(rows, meters)
    rows = sums(rows, summed, sizes)
    if "request_id" in rows.columns:
        flaws[REPEATED] = repeats.among(rows, flaws, meters)
    here = places(rows)
    beside_counts = (*STATED, "own_key", "summed", "low", "high")
    kept = [name for name in beside_counts if name in rows.columns and name not in _NOT_SUMMED]
    rows = rows.select("at", "model", "provider", "tier", "owner", *kept, *meters)
    is_sound = _sound(rows.height, flaws, block)
    count = 0 if is_failed is None else int((is_failed & is_sound).sum())
    sound = rows if is_sound.all() else rows.filter(is_sound)
    left = (*unread(frame, mapping, seen.kind), *loose, *foreign, *here, *left)
    return sound, left, count


def _summed(
    frame: pl.DataFrame,
    rows: pl.DataFrame,
    mapping: Mapping[str, Sequence[str]],
    seen: Preview,
) -> pl.Series:
    """Which rows add up requests: by the shape, by their count, and where a time is a day."""
    summed = pl.Series([seen.kind.summed]).new_from_index(0, frame.height)
    if "at" in mapping:
        summed |= is_day(frame[mapping["at"][0]])
        if seen.of_days:
            summed |= (rows["at"].to_physical() % _DAY_MICROS == 0).fill_null(value=False)
    if any(is_sum(path) for name in ("input", "output") for path in mapping.get(name, ())):
        summed |= True
    if "request" in rows.columns:
        requests = rows["request"].fill_null(0)
        summed = (summed & (requests != 1)) | (requests > 1)
    return summed


def _has_only_total(rows: pl.DataFrame, writers: frozenset[str]) -> pl.Series:
    """Which rows of models that bill output state no more than all of the tokens."""
    counted = [name for name in ("input", "output", *RESTS) if name in rows.columns]
    only = rows.select(
        pl.all_horizontal(pl.col("total") > 0, *(pl.col(name).is_null() for name in counted))
    ).to_series()
    if not only.fill_null(value=False).any():
        return pl.Series([False]).new_from_index(0, rows.height)
    names = rows["model"].str.to_lowercase()
    return only.fill_null(value=False) & names.is_in(writers).fill_null(value=False)


def _conditions(rows: pl.DataFrame, seen: Preview) -> list[pl.Expr]:
    columns = [] if "request" in rows.columns else [pl.lit(1, pl.Int64).alias("request")]
    own_key = [pl.col("billed_elsewhere") > 0] if "billed_elsewhere" in rows.columns else []
    own_key += [_is_true("own_key")] if "own_key" in rows.columns else []
    if own_key:
        columns.append(pl.any_horizontal(own_key).fill_null(value=False).cast(pl.Int64))
        columns[-1] = columns[-1].alias("own_key")
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
    owner = pl.col("owner").fill_null("") if "owner" in rows.columns else pl.lit("")
    tier = pl.lit("")
    if "tier" in rows.columns:
        written = _word("tier")
        tier = pl.when(written.is_in(STANDARD_TIERS)).then(pl.lit("")).otherwise(written)
    if "speed" in rows.columns:
        is_fast = (_word("speed") == "fast") & (tier == "")
        tier = pl.when(is_fast).then(pl.lit("fast")).otherwise(tier)
    if "batch" in rows.columns:
        tier = pl.when(_is_true("batch")).then(pl.lit("batch")).otherwise(tier)
    if seen.kind.tier:
        tier = pl.lit(seen.kind.tier)
    return [
        *columns,
        tier.alias("tier"),
        provider.fill_null("").alias("provider"),
        owner.alias("owner"),
    ]


def _word(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars().str.to_lowercase()


def _is_true(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.to_lowercase().is_in(["true", "1", "yes", "batch"])


def _flaws(rows: pl.DataFrame) -> dict[str, pl.Series]:
    flaws: dict[str, pl.Series] = {}
    if "from_cache" in rows.columns:
        flaws[FROM_CACHE] = rows.select(_is_true("from_cache")).to_series()
    used = [name for name in rows.columns if name not in (*_NO_COUNTS, "request")]
    used += [name for name in ("total",) if name in rows.columns]
    nothing = (
        rows.select(pl.all_horizontal(pl.col(name).is_null() for name in used)).to_series()
        if all(rows[name].null_count() for name in used)
        else None
    )
    no_model = rows["model"].is_null() | (rows["model"] == "")
    flaws[NO_REQUEST] = rows["model"].is_in(NO_MODELS).fill_null(value=False)
    if nothing is not None:
        flaws["neither a model nor a count"] = no_model & nothing
    flaws["no model"] = no_model
    flaws["no time that can be read"] = rows["at"].is_null()
    # As numbers: Python has no dates before the year 1 and after 9999.
    micros = rows["at"].to_physical()
    first, last = cast("int | None", micros.min()), cast("int | None", micros.max())
    is_plausible = first is None or last is None or _FIRST_MICROS <= first <= last < _LAST_MICROS
    if not is_plausible:
        outside = ~micros.is_between(_FIRST_MICROS, _LAST_MICROS, closed="left")
        flaws[f"a time outside of {_FIRST.year} to {_LAST.year}"] = outside.fill_null(value=False)
    for name in (name for name in rows.columns if name not in WORDS):
        flaws |= _beyond(rows[name], least=1 if name == "request" else 0)
    if nothing is not None:
        flaws["nothing was counted"] = nothing
    return flaws


def _beyond(values: pl.Series, least: int) -> dict[str, pl.Series]:
    most = MOST_BILLIONTHS if is_fractional(values.name) else MOST_A_ROW
    if least:
        most = MOST_REQUESTS
    elif values.name in MONEY:
        most = LARGEST_BILLED
    low, high = cast("int | None", values.min()), cast("int | None", values.max())
    flaws = {}
    if low is not None and low < 0 and values.name not in MONEY:
        flaws[f"{values.name} is negative"] = (values < 0).fill_null(value=False)
    if low is not None and 0 <= low < least:
        flaws[f"{values.name} is not one or more"] = (values < least).fill_null(value=False)
    if high is not None and high > most:
        flaws[f"{values.name} is beyond any request"] = (values > most).fill_null(value=False)
    return flaws


def _filled(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows with a number in each count, and the names of the counts."""
    counts = [name for name in rows.columns if name not in _NO_COUNTS]
    empty = [name for name in counts if rows[name].null_count()]
    rows = rows.with_columns(pl.col(name).fill_null(int(name == "request")) for name in empty)
    return rows, counts


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


def _sound(height: int, flaws: Mapping[str, pl.Series], block: Block) -> pl.Series:
    """Which rows have no flaw; those that have one are counted in the block."""
    left = pl.Series([True]).new_from_index(0, height)
    for reason in (reason for reason, flaw in flaws.items() if flaw.any()):
        here = flaws[reason] & left
        if count := int(here.sum()):
            first = here.arg_true().head(block.bad.room(reason))
            block.bad.add(reason, count, [block.line_of(row) for row in first])
            left = left & ~here
    return left
