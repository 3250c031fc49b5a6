"""Cells of a usage log as counts and instants. Pure."""

import re
from datetime import UTC, datetime
from typing import cast

import polars as pl

from pricing.aggregates import BILLION, is_fractional
from usage.blocks import EMPTY
from usage.dates import date_of
from usage.numbers import is_open, number_of

# Types of which no field is read, and the word for their values.
_UNREAD = {
    pl.List: "lists",
    pl.Array: "lists",
    pl.Struct: "objects",
    pl.Object: "objects",
    pl.Binary: "bytes",
    pl.Duration: "durations",
    pl.Time: "times of day",
}
# No model, time or number is longer.
LONGEST_CELL = 300


def unread_kind(values: pl.Series) -> str:
    """What a column holds that no field can be read from; empty for any other column."""
    return next((kind for dtype, kind in _UNREAD.items() if values.dtype == dtype), "")


def short_cells(values: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """A column of which texts are of type String, without those that are too long, and which are.

    Lengths are compared first: a category or a shared text takes no memory for each row, but as a
    text of its own it does.
    """
    if isinstance(values.dtype, pl.Categorical | pl.Enum):
        lengths = values.cat.len_bytes()
    elif values.dtype == pl.String:
        lengths = values.str.len_bytes()
    else:
        return values, None
    if cast("int", lengths.max() or 0) <= LONGEST_CELL:
        return values.cast(pl.String), None
    long = (lengths > LONGEST_CELL).fill_null(value=False)
    frame = pl.DataFrame({"values": values, "long": long})
    short = frame.select(pl.when(~pl.col("long")).then("values")).to_series()
    return short.cast(pl.String), long


def counts_of(values: pl.Series, name: str, mark: str = "") -> tuple[pl.Series, pl.Series | None]:
    """A column as whole numbers (billionths of a fractional meter), and the invalid cells.

    `mark` separates decimals; without one, a cell that may be two numbers is invalid.
    """
    return scaled_numbers(values, BILLION if is_fractional(name) else 1, mark)


def scaled_numbers(
    values: pl.Series, unit: int, mark: str = "", *, rounded: bool = False
) -> tuple[pl.Series, pl.Series | None]:
    """A column as whole parts of which `unit` make one, and the invalid cells."""
    if values.dtype.is_integer() and unit == 1:
        whole = values.cast(pl.Int64, strict=False)
        return whole, whole.is_null() & values.is_not_null()
    text = values.cast(pl.String)
    number = text.cast(pl.Int64, strict=False) if unit == 1 else _none(len(text), pl.Int64())
    if number.null_count() == text.null_count():
        return number, None
    there = text.is_not_null() & ~text.is_in(EMPTY)
    cells = text.filter(there & number.is_null()).unique()
    meant = pl.Series(
        [_number(cell, unit, mark, rounded=rounded) for cell in cells], dtype=pl.Int64
    )
    number = number.fill_null(
        text.replace_strict(cells, meant, default=None, return_dtype=pl.Int64)
    )
    return number, there & number.is_null()


def _number(cell: str, unit: int, mark: str, *, rounded: bool) -> int | None:
    if not mark and is_open(cell):
        return None
    found = number_of(cell, mark)
    if found is None or abs(found) >= 2**62:
        return None
    parts = found * unit
    whole = round(parts) if rounded else int(parts)
    return whole if abs(whole) < 2**62 and (rounded or parts == whole) else None


def is_day(values: pl.Series) -> pl.Series:
    """Which cells are a day without a time."""
    if values.dtype == pl.Date:
        return values.is_not_null()
    if values.dtype != pl.String:
        return pl.Series([False]).new_from_index(0, len(values))
    if cast("int", values.str.len_bytes().min() or 0) > _LONGEST_DAY:
        return pl.Series([False]).new_from_index(0, len(values))
    return values.str.contains(_DAY).fill_null(value=False)


def one_instant(frame: pl.DataFrame, at: datetime | None) -> pl.Series:
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
_DAY = (
    r"^\s*\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s*$|^\s*\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d\d)\s*$|^\d{8}$"
    r"|^\s*\d{1,2}[ -][A-Za-z]{3,9}\.?,?[ -](\d{4}|\d\d)\s*$"
    r"|^\s*[A-Za-z]{3,9}\.? \d{1,2},? (\d{4}|\d\d)\s*$"
)
_LONGEST_DAY = 18


def instants_of(values: pl.Series, order: str = "") -> pl.Series:
    """Instants in UTC, also for times without a zone; null for an invalid time.

    For the `order` of day and month see `usage.dates`.
    """
    if isinstance(values.dtype, pl.Datetime):
        number = values.to_physical()
        if values.dtype.time_unit == "ns":
            return (number // 10**3).cast(_INSTANT)
        return (number if values.dtype.time_unit == "us" else _times(number, 10**3)).cast(_INSTANT)
    if values.dtype == pl.Date:
        return _times(values.to_physical().cast(pl.Int64), 86_400 * 10**6).cast(_INSTANT)
    if values.dtype.is_numeric():
        return _since_1970(values)
    text = values.cast(pl.String)
    found = _spelt(text)
    if found.null_count() > text.null_count():
        cells = text.filter(found.is_null() & text.is_not_null()).unique()
        meant = pl.Series([_instant(cell, order) for cell in cells], dtype=_INSTANT)
        found = found.fill_null(
            text.replace_strict(cells, meant, default=None, return_dtype=_INSTANT)
        )
    return found


def _times(number: pl.Series, factor: int) -> pl.Series:
    """The product; a number that is too large for it stays very large."""
    most = 2**62 // factor
    return number.clip(-most, most) * factor


def _spelt(text: pl.Series) -> pl.Series:
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
    """Times in UTC. Each minute is parsed once: a log has few minutes and many times in each."""
    rest = text.str.slice(16)
    within = _alike(rest)
    within = _within_minute(rest) if within is None else within
    frame = pl.DataFrame({"minute": text.str.slice(0, 16), "within": within})
    minutes = frame["minute"].unique().drop_nulls()
    begins = (minutes + ":00").str.to_datetime(
        f"{spelling}:%S", time_unit="us", time_zone="UTC", strict=False
    )
    table = pl.DataFrame({"minute": minutes, "begins": begins})
    return (
        frame.join(table, on="minute", how="left", maintain_order="left")
        .select(at=(pl.col("begins").cast(pl.Int64) + pl.col("within")).cast(_INSTANT))
        .to_series()
    )


def _alike(rest: pl.Series) -> pl.Series | None:
    """Microseconds within a minute, as `:05.250Z`, where all cells are written alike; else None."""
    first = next((cell for cell in rest.head(100) if cell), "")
    spelt = re.fullmatch(r":\d\d(?:\.(\d{1,6}))?(Z?)", first)
    if not spelt or rest.str.len_bytes().min() != rest.str.len_bytes().max():
        return None
    digits, zone = len(spelt[1] or ""), spelt[2]
    is_alike = (
        rest.str.starts_with(":").all()
        and rest.str.ends_with(zone).all()
        and (not digits or (rest.str.slice(3, 1) == ".").all())
        and not any(rest.str.contains(sign, literal=True).any() for sign in "+-")
    )
    if not is_alike:
        return None
    seconds = rest.str.slice(1, 2).cast(pl.Int64, strict=False)
    micros = seconds * 10**6
    if digits:
        fraction = rest.str.slice(4, digits).cast(pl.Int64, strict=False)
        micros += fraction * 10 ** (6 - digits)
    return micros.set(seconds >= 60, None)


def _within_minute(rest: pl.Series) -> pl.Series:
    # A fraction finer than a millionth is no number here, and is looked at by itself.
    seconds = pl.col("rest").str.strip_prefix(":").str.strip_suffix("Z")
    usual = seconds.str.len_bytes().is_between(2, 9) & seconds.str.contains(r"^\d\d")
    micros = pl.when(usual).then(seconds).cast(pl.Decimal(10, 6), strict=False) * 10**6
    within = pl.when(micros < 60 * 10**6).then(micros.cast(pl.Int64))
    return pl.DataFrame({"rest": rest}).select(within).to_series()


def _since_1970(values: pl.Series) -> pl.Series:
    """Instants from seconds, milliseconds, microseconds or nanoseconds, told apart by size."""
    exact = values.dtype.is_integer()
    frame = pl.DataFrame({"n": values.cast(pl.Int64 if exact else pl.Float64, strict=False)})
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


def _instant(cell: str, order: str) -> datetime | None:
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
        return date_of(text, order)
