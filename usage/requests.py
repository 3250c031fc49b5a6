"""Reading usage logs: which column means what, and the requests that the rows state. Pure: no
Django.

A row that cannot be a request is counted, with its reason and line, and left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar, cast

import polars as pl

from pricing.aggregates import (
    BILLION,
    MOST_A_ROW,
    MOST_BILLIONTHS,
    MOST_REQUESTS,
    is_fractional,
    own_columns,
)
from pricing.meters import METERS
from pricing.usage import PART_OF
from usage.blocks import EMPTY, BadRows, Block, LogError
from usage.files import opened
from usage.formats import STANDARD_TIERS, Shape, mapping_of, plain, shape_of

# 4 GB of text are some forty million requests.
MOST_BYTES = 4 * 10**9
# A request was made within these years; a date outside of them was read in the wrong unit.
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_WORDS = ("at", "model", "variant", "provider", "tier", "batch", "from_cache")
_RESTS = ("input_rest", "output_rest")
FIELDS = (*_WORDS, *_RESTS, *METERS)


class Cancelled(Exception):
    """Whoever asked for the log does not want it any more."""


@dataclass(frozen=True, slots=True)
class Every:
    """What somebody says of every row of a log:

    who was asked, and when, where no column says that.
    """

    provider: str = ""
    at: datetime | None = None


_UNSAID = Every()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a log is taken for: its columns, what each means, its first rows, and what is not used.

    `provider` and `at` are those of every row, where it is not a column that has them.
    """

    format: str
    shape: str
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    unused: tuple[str, ...]
    first: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]
    provider: str = ""
    at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "shape": self.shape,
            "columns": list(self.columns),
            "mapping": dict(self.mapping),
            "unused": list(self.unused),
            "first": [dict(row) for row in self.first],
            "notes": list(self.notes),
            "provider": self.provider,
            "at": self.at.isoformat() if self.at else None,
        }


@dataclass(frozen=True)
class Batch:
    """Some requests as `pricing.aggregates.aggregate` takes them, what was left out, how far the file is
    read."""

    rows: pl.DataFrame
    bad: BadRows
    progress: float


def preview(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    rows: int = 5,
    limit: int = MOST_BYTES,
    told: bool = True,
    every: Every = _UNSAID,
) -> Preview:
    """What a log is taken for. Raises LogError for what cannot be read, or has no time, model or
    meter.

    With `told` off, columns that nobody can make out are no error: somebody is to say what they
    mean. A provider of `every` row stands for whatever the log has, its instant for a log without
    times.
    """
    with opened(path, limit) as log:
        sample = log.sample()
        shape = shape_of(log.columns)
        paths = [*log.columns, *_inner(shape, sample)]
        chosen = _checked(mapping, paths) if mapping is not None else mapping_of(shape, paths)
        if told:
            _require({**chosen, **({"at": ""} if every.at else {})}, log.columns)
        used = {
            name.partition(".")[0] if name not in log.columns else name for name in chosen.values()
        }
        notes = _notes(sample, chosen)
        return Preview(
            format=log.name,
            shape=shape.name,
            columns=tuple(log.columns),
            mapping=chosen,
            unused=tuple(column for column in log.columns if column not in used),
            first=tuple(_shown(row) for row in sample.head(rows).iter_rows(named=True)),
            notes=notes,
            provider=every.provider or ("" if "provider" in chosen else shape.provider),
            at=None if "at" in chosen else every.at,
        )


def read(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    limit: int = MOST_BYTES,
    every: Every = _UNSAID,
) -> Iterator[Batch]:
    """The requests of a log, a batch at a time. `mapping` names the column of each field.

    `limit` bounds what is unpacked, in bytes; for `every` see `preview`. Raises LogError.
    """
    seen = preview(path, mapping, limit=limit, every=every)
    yield from _ahead(_batches(path, seen, limit))


def _batches(path: Path, seen: Preview, limit: int) -> Iterator[Batch]:
    with opened(path, limit) as log:
        for block in _ahead(log.blocks(sorted({*seen.mapping.values()}))):
            yield Batch(*_requests(block, seen), log.progress())


T = TypeVar("T", Block, Batch)


def _ahead(parts: Iterator[T]) -> Iterator[T]:
    """The same, with one part made in a thread of its own while the one before is worked on."""
    with ThreadPoolExecutor(1) as maker:
        following = maker.submit(next, parts, None)
        while (part := following.result()) is not None:
            following = maker.submit(next, parts, None)
            yield part


def _shown(row: Mapping[str, Any]) -> dict[str, str]:
    """A row for people: a prompt that somebody logged is longer than they want to see."""
    return {name: "" if cell is None else str(cell)[:200] for name, cell in row.items()}


def _require(chosen: Mapping[str, str], columns: Sequence[str]) -> None:
    there = ", ".join(columns[:30])
    if "model" not in chosen:
        raise LogError(f"No column says which model was asked: the columns are {there}.")
    if "at" not in chosen:
        raise LogError(f"No column says when a request was made: the columns are {there}.")
    meters = [name for name in chosen if (name in METERS and name != "request") or name in _RESTS]
    if not meters:
        raise LogError(
            f"No column counts what was used, such as input_tokens: the columns are {there}."
        )


def _checked(mapping: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    for name, column in mapping.items():
        if name not in FIELDS:
            raise LogError(f"There is no field “{name}” to read a column as.")
        if column not in columns and column.partition(".")[0] not in columns:
            raise LogError(
                f"There is no column “{column}”: the columns are {', '.join(columns[:30])}."
            )
    return dict(mapping)


def _inner(shape: Shape, sample: pl.DataFrame) -> list[str]:
    """The paths into JSON that the shape knows and of which the first rows have a value."""
    names = {plain(column): column for column in sample.columns}
    found = []
    for path in (path for paths in shape.fields.values() for path in paths if "." in path):
        outer, _, inner = path.partition(".")
        if column := names.get(plain(outer)):
            values = _column(sample, f"{column}.{inner}")
            if values.drop_nulls().len():
                found.append(f"{column}.{inner}")
    return found


def _notes(sample: pl.DataFrame, chosen: Mapping[str, str]) -> tuple[str, ...]:
    notes = []
    times = pl.Series([], dtype=pl.String)
    if "at" in chosen:
        times = _column(sample, chosen["at"]).drop_nulls().cast(pl.String)
        times = times.filter(times != "")
    if times.len() and not re.search(r"(Z|UTC|[+-]\d\d(:?\d\d)?|^\d+(\.\d+)?)$", _clock(times[0])):
        notes.append("Times state no zone: they are read as UTC.")
    if "request" in chosen:
        notes.append(
            "A row may stand for several requests: context bands are judged by the average of its requests."
        )
    if any(rest in chosen for rest in _RESTS):
        notes.append("Cached tokens are counted beside the input here: they are added to it.")
    return tuple(notes)


def _clock(time: str) -> str:
    """The time without its date, whose hyphens look like a zone."""
    return re.sub(r"^\d{4}-\d\d-\d\d", "", time.strip())


# ---- requests ----


def _requests(block: Block, seen: Preview) -> tuple[pl.DataFrame, BadRows]:
    """The rows that are sound, by meter in whole units, and the others by what is wrong with them."""
    frame, mapping, bad = block.frame, seen.mapping, block.bad
    columns = {
        "at": _times(_column(frame, mapping["at"])) if "at" in mapping else _at_once(frame, seen.at)
    }
    for word in (word for word in _WORDS[1:] if word in mapping):
        columns[word] = _column(frame, mapping[word]).cast(pl.String)
    wrong: dict[str, pl.Series] = {}
    for name in (name for name in mapping if name not in _WORDS):
        columns[name], odd = _counted(_column(frame, mapping[name]), name)
        if odd is not None:
            wrong[f"{name} is not a {'' if is_fractional(name) else 'whole '}number"] = odd
    rows = pl.DataFrame({name: values.alias(name) for name, values in columns.items()})
    flaws = _flaws(rows, wrong)
    rows, meters = _whole(rows.with_columns(_said(rows, seen)))
    flaws |= _odd_parts(rows, meters)
    return _sound(rows.select("at", "model", "provider", "tier", *meters), flaws, block), bad


def _said(rows: pl.DataFrame, seen: Preview) -> list[pl.Expr]:
    """Model id, tier, provider and requests of each row, where the log has them in other words."""
    said = [] if "request" in rows.columns else [pl.lit(1, pl.Int64).alias("request")]
    if "variant" in rows.columns:
        suffix = pl.lit(":") + _word("variant")
        has_none = _word("variant").is_in(STANDARD_TIERS) | pl.col("model").str.ends_with(suffix)
        model = pl.when(has_none).then(pl.col("model")).otherwise(pl.col("model") + suffix)
        said.append(model.alias("model"))
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
    return [*said, tier.alias("tier"), provider.fill_null("").alias("provider")]


def _word(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars().str.to_lowercase()


def _is_true(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.to_lowercase().is_in(["true", "1", "yes", "batch"])


def _flaws(rows: pl.DataFrame, wrong: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Which rows are no request, by the reason.

    Columns that are sound as a whole are not looked at again.
    """
    flaws: dict[str, pl.Series] = {}
    if "from_cache" in rows.columns:
        flaws["answered from the gateway's own cache"] = rows.select(
            _is_true("from_cache")
        ).to_series()
    flaws["no model"] = rows["model"].is_null() | (rows["model"] == "")
    flaws["no time that can be read"] = rows["at"].is_null()
    first, last = (
        cast("datetime | None", rows["at"].min()),
        cast("datetime | None", rows["at"].max()),
    )
    if first and last and not (first >= _FIRST and last < _LAST):
        outside = ~rows["at"].is_between(_FIRST, _LAST, closed="left")
        flaws[f"a time outside of {_FIRST.year} to {_LAST.year}"] = outside.fill_null(False)
    flaws |= wrong
    counts = [name for name in rows.columns if name not in _WORDS]
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
        flaws[f"{values.name} is negative"] = (values < 0).fill_null(False)
    if low is not None and 0 <= low < least:
        flaws[f"{values.name} is not one or more"] = (values < least).fill_null(False)
    if high is not None and high > most:
        flaws[f"{values.name} is beyond any request"] = (values > most).fill_null(False)
    return flaws


def _whole(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """The rows with all of the input and output, where the log counts a part of it beside it."""
    counts = [name for name in rows.columns if name not in _WORDS]
    empty = [name for name in counts if rows[name].null_count()]
    rows = rows.with_columns(pl.col(name).fill_null(int(name == "request")) for name in empty)
    meters = [name for name in counts if name not in _RESTS]
    for rest in (rest for rest in _RESTS if rest in counts):
        whole = rest.removesuffix("_rest")
        # What is a part of another part is in that part already.
        parts = [slug for slug in meters if PART_OF.get(slug) == (whole,)]
        rows = rows.with_columns(pl.sum_horizontal(rest, *parts).alias(whole))
        meters.append(whole)
    return rows, meters


def _odd_parts(rows: pl.DataFrame, meters: Sequence[str]) -> dict[str, pl.Series]:
    """The rows in which the parts of something are more than all of it, as cached tokens than the
    input."""
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


def _column(frame: pl.DataFrame, path: str) -> pl.Series:
    """A column, or what a path leads to in one that holds JSON or a struct."""
    if path in frame.columns:
        return frame[path]
    outer, _, inner = path.partition(".")
    if outer not in frame.columns:
        raise LogError(f"There is no column “{path}”.")
    values = frame[outer]
    if isinstance(values.dtype, pl.Struct):
        for part in inner.split("."):
            known = isinstance(values.dtype, pl.Struct) and part in {
                f.name for f in values.dtype.fields
            }
            values = (
                values.struct.field(part)
                if known
                else pl.Series(part, [None] * len(values), pl.String)
            )
        return values
    parts = "".join(f"['{part}']" for part in inner.replace("'", "").split("."))
    return values.cast(pl.String).str.json_path_match(f"${parts}")


def _counted(values: pl.Series, name: str) -> tuple[pl.Series, pl.Series | None]:
    """A column as whole numbers (billionths of a meter with fractions), and which cells are no
    number."""
    unit = BILLION if is_fractional(name) else 1
    if values.dtype.is_integer() and unit == 1:
        whole = values.cast(pl.Int64, strict=False)
        return whole, whole.is_null() & values.is_not_null()
    text = values.cast(pl.String)
    number = text.cast(pl.Int64, strict=False) if unit == 1 else _none(len(text), pl.Int64())
    if number.null_count() == text.null_count():
        return number, None
    there = text.is_not_null() & ~text.is_in(EMPTY)
    number = number.fill_null(
        _looked_up(text.filter(there & number.is_null()).unique(), text, unit)
    )
    return number, there & number.is_null()


def _looked_up(cells: pl.Series, text: pl.Series, unit: int) -> pl.Series:
    meant = pl.Series([_number(cell, unit) for cell in cells], dtype=pl.Int64)
    return text.replace_strict(cells, meant, default=None, return_dtype=pl.Int64)


def _number(cell: str, unit: int) -> int | None:
    """A number as somebody may write it: 150.0, 1e3; None for what is none, or not whole."""
    try:
        number = Decimal(cell.strip()) * unit
    except InvalidOperation:
        return None
    return (
        int(number)
        if number.is_finite() and abs(number) < 2**62 and number == int(number)
        else None
    )


def _at_once(frame: pl.DataFrame, at: datetime | None) -> pl.Series:
    return pl.Series("at", [at], dtype=_INSTANT).new_from_index(0, frame.height)


def _none(length: int, dtype: pl.DataType) -> pl.Series:
    return pl.Series([None], dtype=dtype).new_from_index(0, length)


# How most logs spell a time; what the minutes and what the seconds are spelt like.
_SPELLINGS = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?"), "%Y-%m-%dT%H:%M"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?Z?"), "%Y-%m-%d %H:%M"),
)
_SHIFTED = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d"), "%Y-%m-%dT%H:%M:%S%.f%:z"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d"), "%Y-%m-%d %H:%M:%S%.f%:z"),
)
_DIGITS = r"\d{9,19}(\.\d*)?"
_INSTANT = pl.Datetime("us", "UTC")


def _times(values: pl.Series) -> pl.Series:
    """Instants in UTC, which is what a time without a zone is read in; null for what is no time."""
    if isinstance(values.dtype, pl.Datetime):
        aware = values.dt.cast_time_unit("us")
        return (
            aware.dt.convert_time_zone("UTC")
            if values.dtype.time_zone
            else aware.dt.replace_time_zone("UTC")
        )
    if values.dtype == pl.Date:
        return values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if values.dtype.is_numeric():
        return _since_1970(values)
    text = values.cast(pl.String)
    found = _spelt(text)
    if found.null_count() > text.null_count():
        cells = text.filter(found.is_null() & text.is_not_null()).unique()
        meant = pl.Series([_instant(cell) for cell in cells], dtype=_INSTANT)
        found = found.fill_null(
            text.replace_strict(cells, meant, default=None, return_dtype=_INSTANT)
        )
    return found


def _spelt(text: pl.Series) -> pl.Series:
    """The times that are spelt as the first one is, if in one of the usual ways: a single pass."""
    first = next((cell for cell in text.head(100) if cell), "")
    if re.fullmatch(_DIGITS, first):
        return _since_1970(text.cast(pl.Float64 if "." in first else pl.Int64, strict=False))
    for shape, spelling in _SPELLINGS:
        if shape.fullmatch(first):
            return _by_the_minute(text, spelling)
    for shape, spelling in _SHIFTED:
        if shape.fullmatch(first):
            return text.str.to_datetime(spelling, time_unit="us", time_zone="UTC", strict=False)
    return _none(len(text), _INSTANT)


def _by_the_minute(text: pl.Series, spelling: str) -> pl.Series:
    """Times in UTC. A log has few minutes and many times in each:

    so each minute is parsed once only.
    """
    frame = pl.DataFrame({"minute": text.str.slice(0, 16), "rest": text.str.slice(16)})
    minutes = frame["minute"].unique().drop_nulls()
    begins = (minutes + ":00").str.to_datetime(
        f"{spelling}:%S", time_unit="us", time_zone="UTC", strict=False
    )
    table = pl.DataFrame({"minute": minutes, "begins": begins})
    # A fraction finer than a millionth is no number here, and is looked at by itself.
    seconds = pl.col("rest").str.strip_prefix(":").str.strip_suffix("Z")
    usual = seconds.str.len_bytes().is_between(2, 9)
    micros = pl.when(usual).then(seconds).cast(pl.Decimal(10, 6), strict=False) * 10**6
    within = pl.when(micros < 60 * 10**6).then(micros.cast(pl.Int64))
    return (
        frame.join(table, on="minute", how="left", maintain_order="left")
        .select(at=(pl.col("begins").cast(pl.Int64) + within).cast(_INSTANT))
        .to_series()
    )


def _since_1970(values: pl.Series) -> pl.Series:
    """Seconds, or thousandths, millionths or billionths of them:

    which one is told by their size.
    """
    frame = pl.DataFrame({"n": values})
    n = pl.col("n")
    micros = (
        pl.when(n.abs() < 10**11)
        .then(n * 10**6)
        .when(n.abs() < 10**14)
        .then(n * 10**3)
        .when(n.abs() < 10**17)
        .then(n)
        .otherwise(n // 10**3)
    )
    return frame.select(micros.cast(pl.Int64, strict=False).cast(_INSTANT))["n"]


def _instant(cell: str) -> datetime | None:
    """Any other spelling of ISO 8601, a date alone, `… UTC`, or seconds since 1970."""
    text = re.sub(r"\s*(UTC|GMT)$", "Z", cell.strip())
    if re.fullmatch(_DIGITS, text):
        return cast(
            "datetime | None",
            _since_1970(pl.Series([float(text) if "." in text else int(text)]))[0],
        )
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
