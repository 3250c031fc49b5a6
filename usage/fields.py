"""The values of the fields in a block of rows, whichever columns spell them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import cast

import polars as pl

from pricing.aggregates import PICO, is_fractional, units_of
from pricing.meters import METERS
from pricing.usage import MOST, PART_OF
from usage.bill_lines import unread_lines
from usage.cells import LONGEST_CELL, counts_of, instants_of, scaled_numbers, short_cells
from usage.columns import recognised
from usage.formats import Shape
from usage.money import parts_of_a_dollar
from usage.numbers import number_of
from usage.owners import owner_names
from usage.parts import Beside
from usage.preview import Preview
from usage.spellings import (
    CACHED_BESIDE,
    CACHED_WITHIN,
    LOOSE_UNITS,
    MONEY,
    NORMALISED,
    OF_TOOLS,
    RESTS,
    STATED,
    WORDS,
    WRITES,
    canonical,
    is_beside_input,
    is_loose_input,
    is_no_use,
    lacks_reasoning,
    plain,
)

# Numbers that a plain cast does not read; of so many different ones those are looked at.
_WRITTEN = r"^[-+(=$\"\s]*\d[^A-Za-z]*$"
_MOST_WRITTEN = 10_000
# Where a request may run at the usual price.
_ANYWHERE = ("", "global", "not_available", "none", "null")
_DOLLARS = ("", "usd", "us dollar", "us dollars", "$", "us$")
# What a later row may have though no row of the sample has.
ALWAYS_READ = (
    *(*METERS, *RESTS, WRITES, OF_TOOLS, *MONEY),
    *("tier", "speed", "geo", "search_size", "status", "error", "own_key"),
)


_NAMED = ("model", "provider")


@dataclass(frozen=True, slots=True)
class Unread:
    """Numbers of a log that no field holds: their column, in how many rows, and their sum."""

    path: str
    rows: int
    total: float

    def joined(self, other: "Unread | None") -> "Unread":
        return (
            replace(self, rows=self.rows + other.rows, total=self.total + other.total)
            if other
            else self
        )


def mapping_of(frame: pl.DataFrame, seen: Preview) -> dict[str, tuple[str, ...]]:
    """The columns of each field in this block: also those that no row of the sample had."""
    there = set(frame.columns)
    mapping = {
        name: kept
        for name, paths in seen.mapping.items()
        if (kept := tuple(path for path in paths if path in there))
    }
    new = [path for path in frame.columns if path not in seen.paths]
    if new:
        taken = {path for paths in mapping.values() for path in paths}
        for name, paths in recognised(seen.kind, frame.select(new)).items():
            if name not in seen.fixed and name in (*seen.mapping, *ALWAYS_READ):
                more = tuple(path for path in paths if path not in taken)
                mapping[name] = (*mapping.get(name, ()), *more)
    return mapping


def values_of(
    frame: pl.DataFrame,
    name: str,
    paths: Sequence[str],
    seen: Preview,
    flaws: dict[str, pl.Series],
    others: dict[str, dict[str, pl.Series]],
) -> pl.Series | None:
    """The values of a field: for each row those of the first of its columns that has one.

    Counts of several columns are kept in `others`, by field and column.
    """
    found: list[pl.Series] = []
    odd: list[pl.Series] = []
    wrong: list[pl.Series] = []
    long: list[pl.Series] = []
    for path in paths:
        cells, too_long = short_cells(frame[path])
        if too_long is not None:
            long.append(too_long)
        if name == "at":
            found.append(instants_of(cells, seen.dates))
        elif name in WORDS:
            found.append(owner_names(cells, path) if name == "owner" else cells.cast(pl.String))
        else:
            mark = seen.decimals.get(path, "")
            if name in MONEY:
                unit = PICO // (100 if seen.kind.cents else parts_of_a_dollar(canonical(path)))
                values, invalid = scaled_numbers(cells, unit, mark, rounded=True)
            else:
                values, invalid = counts_of(cells, name, mark)
            found.append(values)
            if invalid is not None and name not in STATED:
                odd.append(invalid)
                wrong.append(invalid & _is_like_number(cells))
    values = _first(found, is_count=name not in WORDS and name != "total")
    if len(found) > 1 and name not in (*WORDS, *STATED, "request"):
        others[name] = dict(zip(paths, found, strict=True)) | {"": values}
    missing = values.is_null()
    if long:
        _add(flaws, f"{name} has more than {LONGEST_CELL} characters", reduce(or_, long) & missing)
    if odd:
        kind = "" if is_fractional(name) else "whole "
        # Another column counts where one holds a text, not where one holds an odd number.
        flawed = reduce(or_, odd) & missing | reduce(or_, wrong)
        _add(flaws, f"{name} is not a {kind}number", flawed)
    return values


def without_loose_units(
    rows: pl.DataFrame,
    frame: pl.DataFrame,
    mapping: Mapping[str, Sequence[str]],
    seen: Preview,
) -> tuple[pl.DataFrame, tuple[Unread, ...]]:
    """The rows without seconds and the like where tokens are counted, and what these were."""
    tokens = [name for name in ("input", "output") if name in rows.columns]
    if not tokens:
        return rows, ()
    left = []
    for name, paths in mapping.items():
        loose = [path for path in paths if plain(path) in LOOSE_UNITS]
        if not loose or name in seen.fixed or name not in rows.columns:
            continue
        others = _has_value(frame, [path for path in paths if path not in loose])
        is_beside = pl.any_horizontal(pl.col(token) > 0 for token in tokens) & ~others
        beside_tokens = rows.filter(is_beside & (pl.col(name) != 0))
        if beside_tokens.height:
            total = float(beside_tokens[name].sum()) / units_of(name)
            left.append(Unread(loose[0], beside_tokens.height, total))
            rows = rows.with_columns(pl.when(~is_beside.fill_null(value=False)).then(name))
    return rows, tuple(left)


def in_dollars(
    rows: pl.DataFrame, frame: pl.DataFrame, mapping: Mapping[str, Sequence[str]]
) -> tuple[pl.DataFrame, tuple[Unread, ...]]:
    """The rows with stated costs in US dollars alone, and the costs that are not compared."""
    if "billed" not in rows.columns:
        return rows, ()
    left = []
    if "currency" in rows.columns:
        code = pl.col("currency").str.strip_chars().str.to_lowercase()
        others = rows.filter(pl.col("billed").is_not_null() & ~code.is_in(_DOLLARS))
        for name, same in others.group_by("currency", maintain_order=True):
            total = cast("int", same["billed"].sum()) / PICO
            left.append(Unread(f"{mapping['billed'][0]} ({name[0]})", same.height, total))
        is_dollars = code.is_in(_DOLLARS) | code.is_null()
        rows = rows.with_columns(pl.when(is_dollars).then("billed").alias("billed"))
    first = frame[mapping["billed"][0]]
    if first.dtype == pl.String:
        cells = short_cells(first)[0]
        odd = cells.is_not_null() & rows["billed"].is_null() & _is_like_number(cells)
        if not left and odd.any():
            path = f"{mapping['billed'][0]} (may be two numbers, or none)"
            left.append(Unread(path, int(odd.sum()), float(odd.sum())))
    return rows, tuple(left)


def places(rows: pl.DataFrame) -> tuple[Unread, ...]:
    """Where inference ran and how much searches read, if prices may differ, with their rows."""
    found: list[Unread] = []
    for field, name in (("geo", "inference_geo"), ("search_size", "search_context_size")):
        if field in rows.columns:
            word = pl.col(field).str.strip_chars().str.to_lowercase()
            differing = rows.filter(pl.col(field).is_not_null() & ~word.is_in(_ANYWHERE))
            counted = differing.group_by(word.alias("word"), maintain_order=True).len()
            found += (Unread(f"{name} ({text})", n, float(n)) for text, n in counted.iter_rows())
    return tuple(found)


def passed_over(
    rows: pl.DataFrame, others: Mapping[str, Mapping[str, pl.Series]]
) -> tuple[Unread, ...]:
    """Numbers of a field that differ from the one that counts, and from it without its parts."""
    left = []
    for name, columns in others.items():
        first = columns[""]
        alike = [first, rows[name]] if name in rows.columns else [first]
        parts = [part for part in rows.columns if PART_OF.get(part) == (name,)]
        some_parts = (parts, *([part] for part in parts), [p for p in parts if "write" in p])
        for some in filter(None, some_parts):
            inner = rows.select(pl.sum_horizontal(some)).to_series()
            alike += [one + way * inner for one in alike[:2] for way in (1, -1)]
        own_counts = any(plain(path).startswith("native") for path in columns)
        for path, values in columns.items():
            if not path or (own_counts and plain(path) in NORMALISED):
                continue
            differs = (values != 0) & reduce(and_, (values != one for one in alike))
            numbers = values.filter(differs.fill_null(value=False))
            if len(numbers):
                left.append(Unread(path, len(numbers), float(numbers.sum()) / units_of(name)))
    return tuple(left)


def _is_like_number(cells: pl.Series) -> pl.Series:
    if cells.dtype != pl.String:
        return cells.is_not_null()
    return cells.str.contains(r"^[-+$\d.,eE\s]*\d[-+$\d.,eE\s]*$").fill_null(value=False)


def _add(flaws: dict[str, pl.Series], reason: str, rows: pl.Series) -> None:
    if rows.any():
        flaws[reason] = rows


def _first(found: Sequence[pl.Series], *, is_count: bool) -> pl.Series:
    """For each row the first value; of counts the first that is not zero, if any."""
    if len(found) == 1:
        return found[0]
    frame = pl.DataFrame([values.alias(str(place)) for place, values in enumerate(found)])
    if frame.dtypes[0] == pl.String:
        frame = frame.with_columns(pl.when(pl.all().str.strip_chars() != "").then(pl.all()))
    some = [pl.when(pl.col(name) != 0).then(pl.col(name)) for name in frame.columns]
    return frame.select(
        pl.coalesce(*(some if is_count else ()), *map(pl.col, frame.columns))
    ).to_series()


def _has_value(frame: pl.DataFrame, paths: Sequence[str]) -> pl.Series:
    if not paths:
        return pl.Series([False]).new_from_index(0, frame.height)
    return frame.select(pl.any_horizontal(pl.col(path).is_not_null() for path in paths)).to_series()


def beside(
    frame: pl.DataFrame,
    rows: pl.DataFrame,
    mapping: Mapping[str, Sequence[str]],
    seen: Preview,
) -> Beside:
    """Which rows count input without the cached tokens, and output without reasoning.

    `rows` has the models and providers of the rows of `frame`.
    """
    rest, fixed = seen.kind.rest, seen.fixed
    always = {
        name: pl.Series([name in rest and name not in fixed]).new_from_index(0, frame.height)
        for name in ("input", "output")
    }
    loose = [path for path in mapping.get("input", ()) if is_loose_input(path)]
    if loose and "input" not in fixed:
        others = [path for path in mapping["input"] if path not in loose]
        beside = [path for paths in mapping.values() for path in paths if is_beside_input(path)]
        is_loose = _has_value(frame, loose) & ~_has_value(frame, others)
        is_loose &= _has_value(frame, beside)
        if seen.kind.mixed or is_loose.any():
            within = _counts_cached_within(rows)
            if seen.kind.mixed:
                always["input"] &= ~within
            always["input"] |= is_loose & ~within
    candidates = [path for path in mapping.get("output", ()) if lacks_reasoning(path)]
    if candidates and "output" not in fixed:
        others = [path for path in mapping["output"] if path not in candidates]
        always["output"] |= _has_value(frame, candidates) & ~_has_value(frame, others)
    return Beside(always["input"], always["output"])


def _counts_cached_within(rows: pl.DataFrame) -> pl.Series:
    """Which rows are of OpenAI's or Google's models, or else of their APIs."""
    model, provider = (pl.col(name).fill_null("").str.to_lowercase() for name in _NAMED)
    within = model.str.contains(CACHED_WITHIN) | provider.str.contains(CACHED_WITHIN)
    return rows.select(within & ~model.str.contains(CACHED_BESIDE)).to_series()


def _numbers(values: pl.Series) -> pl.Series:
    """The numbers of a column, also those with separators."""
    numbers = values.cast(pl.Float64, strict=False)
    if values.dtype != pl.String or numbers.null_count() == values.null_count():
        return numbers
    cells = values.filter(numbers.is_null()).drop_nulls()
    written = cells.filter(cells.str.contains(_WRITTEN)).unique().head(_MOST_WRITTEN)
    meant = [None if number is None else float(number) for number in map(number_of, written)]
    return numbers.fill_null(
        values.replace_strict(
            written, pl.Series(meant, dtype=pl.Float64), default=None, return_dtype=pl.Float64
        )
    )


def unread(
    frame: pl.DataFrame, mapping: Mapping[str, Sequence[str]], kind: Shape
) -> tuple[Unread, ...]:
    """The numbers of columns that no field holds and that are not known to be of no use."""
    if kind.bill:
        return tuple(Unread(*line) for line in unread_lines(frame))
    used = {path for paths in mapping.values() for path in paths}
    found = []
    for path in frame.columns:
        if path in used or plain(path) in kind.skipped or is_no_use(path):
            continue
        values = frame[path]
        if values.dtype == pl.String:
            values = short_cells(values)[0]
        elif not values.dtype.is_numeric():
            continue
        numbers = _numbers(values)
        # Beyond a quintillion it is no quantity of anything.
        numbers = numbers.filter((numbers != 0) & (numbers.abs() <= MOST))
        if len(numbers):
            found.append(Unread(path, len(numbers), cast("float", numbers.sum())))
    return tuple(found)
