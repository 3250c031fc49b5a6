"""What a usage log is taken for: its columns, what each means, and its first rows. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pricing.aggregates import is_fractional
from pricing.meters import METERS
from usage.bill_lines import bill_columns, with_lines
from usage.blocks import LogError, is_storable, readable
from usage.cells import instants_of, short_cells, unread_kind
from usage.columns import columns_to_read, decimal_marks, recognised
from usage.dates import order_of
from usage.files import opened
from usage.formats import GENERIC, SHAPES, Shape, known_shape
from usage.nested import flat
from usage.owners import SETS, holds_sets, owners
from usage.spellings import FIELDS, MONEY, RESTS, WORDS, WRITES

# 4 GB of text are some forty million requests.
MOST_BYTES = 4 * 10**9
# So many characters of a cell are shown, of so many columns.
MOST_SHOWN = 100
_MOST_COLUMNS = 400
# So many names of models without a provider are listed, of so many characters.
_MOST_NAMES, _LONGEST_NAME = 50, 200
# Of a number that may be read with either mark of decimals.
TWO_READINGS = "may be two numbers"
ONE_PAGE = (
    "This is one page of several: the API has more after it, which are in no figure. Fetch them"
    " too, and write one page a line."
)
_CURRENCY = re.compile(r"[€£¥₹¢]|\b(EUR|GBP|JPY|CNY|INR|CHF|CAD|AUD)\b")
# In a mapping: what the log is recognised to have, whatever its spellings.
RECOGNISED = "*"


@dataclass(frozen=True, slots=True)
class EveryRow:
    """What holds for every row where no column has it: the provider, the time, and the mark of
    decimals."""

    provider: str = ""
    at: datetime | None = None
    decimals: str = ""


NO_DEFAULTS = EveryRow()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a log is taken for: its columns, what each means, its first rows, and what is not used.

    `mapping` has for each field its columns, of which a row's first with a value counts; a dot
    leads into a column that holds values. `paths` are all columns with those within, `read` those
    that are read of the file, `owners` those by which the bill may be split. `provider` and `at`
    are those of every row, where it is not a column that has them; `decimals` are the marks of
    decimals of columns, `dates` is the order of day and month; `unclear` is a number that may be
    two. With `of_days` a time at midnight is a day. `names` are those of models in the first rows,
    each with the name of a provider beside it.
    """

    format: str
    shape: str
    columns: tuple[str, ...]
    mapping: Mapping[str, tuple[str, ...]]
    unused: tuple[str, ...]
    first: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]
    provider: str = ""
    at: datetime | None = None
    paths: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    decimals: Mapping[str, str] = field(default_factory=dict)
    unclear: str = ""
    names: tuple[tuple[str, str], ...] = ()
    dates: str = ""
    of_days: bool = False

    @property
    def best(self) -> dict[str, str]:
        """For each field the column that is read before any other."""
        return {name: paths[0] for name, paths in self.mapping.items()}

    @property
    def kind(self) -> Shape:
        return next((shape for shape in SHAPES if shape.name == self.shape), GENERIC)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": self.format,
            "shape": self.shape,
            "columns": list(self.columns),
            "mapping": {name: list(paths) for name, paths in self.mapping.items()},
            "unused": list(self.unused),
            "first": [dict(row) for row in self.first],
            "notes": list(self.notes),
            "provider": self.provider,
            "at": self.at.isoformat() if self.at else None,
            "paths": list(self.paths),
            "read": list(self.read),
            "owners": list(self.owners),
            "fixed": list(self.fixed),
            "decimals": dict(self.decimals),
            "unclear": self.unclear,
            "names": [list(pair) for pair in self.names],
            "dates": self.dates,
            "of_days": self.of_days,
        }

    @classmethod
    def from_json(cls, stated: dict[str, Any]) -> "Preview":
        names = ("columns", "unused", "first", "notes", "paths", "read", "owners", "fixed")
        many = {name: tuple(stated[name]) for name in names}
        many["names"] = tuple((model, provider) for model, provider in stated["names"])
        mapping = {name: tuple(paths) for name, paths in stated["mapping"].items()}
        at = datetime.fromisoformat(stated["at"]) if stated["at"] else None
        return cls(**{**stated, **many, "mapping": mapping, "at": at})


def preview(
    path: Path,
    mapping: Mapping[str, str] | None = None,
    *,
    rows: int = 5,
    limit: int = MOST_BYTES,
    complete: bool = True,
    every: EveryRow = NO_DEFAULTS,
) -> Preview:
    """How a log is read: its shape, mapping and first rows. Raises LogError.

    `mapping` names the column of a field, "" for none; every other field is as recognised. With
    `complete`, a log without a time, a model or a meter is an error too, and so are numbers that
    may be read in two ways. The provider of `every` replaces the log's own; its instant is for a
    log without times.
    """
    with opened(path, limit) as log, readable("The first rows"):
        plain_sample = log.sample()
        sample = with_lines(flat(plain_sample))
        shape = known_shape((*log.columns, *sample.columns))
        lines = bill_columns(sample.columns)
        chosen, fixed = _chosen(recognised(shape, sample), mapping or {}, log.columns, sample)
        if complete and shape.no_counts and not mapping:
            raise LogError(f"This log is known as {shape.name}: {shape.no_counts}.")
        if complete:
            _require({**chosen, **({"at": ()} if every.at else {})}, log.columns)
        counts = {field: paths for field, paths in chosen.items() if field not in WORDS}
        wholes = {
            path
            for field, paths in counts.items()
            if field not in MONEY and not is_fractional(field)
            for path in paths
        }
        numbers = [path for paths in counts.values() for path in paths]
        marks, unknown = decimal_marks(sample, numbers, wholes, every.decimals)
        if unknown and complete:
            raise LogError(
                f"“{unknown}” {TWO_READINGS}: state whether a comma or a point separates its "
                "decimals."
            )
        order, unclear = order_of(_short_texts(sample, chosen.get("at", ())))
        if unclear and complete:
            raise LogError(f"“{unclear}” may be two days: write the dates as 2026-11-30.")
        used = {name for paths in chosen.values() for name in paths}
        of_bill = {_outer(name, log.columns) for name in (lines[1].values() if lines else ())}
        outer = {_outer(name, log.columns) for name in used} | of_bill
        shown = dict.fromkeys((*log.columns, *(path for path in sample.columns if path in used)))
        shown |= dict.fromkeys(sample.columns[:_MOST_COLUMNS])
        first = {name: _shown(sample[name].head(rows)) for name in shown}
        provider = every.provider or ("" if "provider" in chosen else shape.provider)
        return Preview(
            format=log.name,
            shape=shape.name,
            columns=tuple(log.columns),
            mapping=chosen,
            unused=tuple(column for column in log.columns if column not in outer),
            first=tuple(
                {name: cells[row] for name, cells in first.items()}
                for row in range(min(rows, plain_sample.height))
            ),
            notes=(*([ONE_PAGE] if log.is_one_page else ()), *_notes(sample, chosen, shape)),
            provider=provider,
            at=None if "at" in chosen else every.at,
            paths=tuple(sample.columns),
            read=tuple(sorted(columns_to_read(plain_sample, chosen) | of_bill)),
            owners=owners(sample),
            fixed=tuple(fixed),
            decimals=marks,
            unclear=unknown[:MOST_SHOWN],
            names=_names(sample, chosen, provider),
            dates=order,
            of_days="at" in chosen and _are_days(instants_of(sample[chosen["at"][0]], order)),
        )


def _outer(path: str, columns: Sequence[str]) -> str:
    """The column of the file that a path leads into."""
    return path if path in columns else path.partition(".")[0]


def _names(
    sample: pl.DataFrame, chosen: Mapping[str, Sequence[str]], provider: str
) -> tuple[tuple[str, str], ...]:
    """Names of models, with the provider of all rows or else of theirs."""
    columns = {
        name: [
            short_cells(sample[path])[0].cast(pl.String, strict=False).str.strip_chars()
            for path in chosen.get(name, ())
        ]
        for name in ("model", "provider")
    }
    if not columns["model"]:
        return ()
    first = {
        name: pl.coalesce(*(pl.when(cell != "").then(cell) for cell in cells), pl.lit(""))
        for name, cells in columns.items()
    }
    rows = sample.select(first["model"].alias("model"), first["provider"].alias("provider"))
    if provider:
        rows = rows.with_columns(provider=pl.lit(provider))
    short = pl.col("model").str.len_chars().is_between(1, _LONGEST_NAME)
    named = rows.filter(short & (pl.col("provider").str.len_chars() <= _LONGEST_NAME))
    return tuple(named.unique(maintain_order=True).head(_MOST_NAMES).iter_rows())


def _chosen(
    found: Mapping[str, tuple[str, ...]],
    mapping: Mapping[str, str],
    columns: Sequence[str],
    sample: pl.DataFrame,
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """The columns of each field, and the fields that are as stated.

    A field has the stated column, else those that spell it and are not stated for another.
    """
    # What a field is read from first anyway keeps its other spellings.
    usual = {name: (RECOGNISED, *paths[:1]) for name, paths in found.items()}
    stated = {
        name: column
        for name, column in mapping.items()
        if column not in usual.get(name, (RECOGNISED,))
    }
    for name, column in stated.items():
        if name not in FIELDS:
            raise LogError(f"There is no field “{name}” to read a column as.")
        if not column:
            continue
        if column not in sample.columns or not is_storable(column):
            raise LogError(
                f"There is no column “{column}”: the columns are {', '.join(columns[:30])}."
            )
        if kind := unread_kind(sample[column]):
            raise LogError(f"The column “{column}” holds {kind}, which no field is read from.")
    taken = set(stated.values())
    left = {
        name: tuple(path for path in paths if path not in taken)
        for name, paths in found.items()
        if name not in stated
    }
    # A part is stated: what the log counts in all is not read beside it.
    if stated.get("cache_write") or stated.get("cache_write_1h"):
        left.pop(WRITES, None)
    for rest in RESTS:
        if stated.get(rest):
            left.pop(rest.removesuffix("_rest"), None)
        if stated.get(rest.removesuffix("_rest")):
            left.pop(rest, None)
    both = left | {name: (column,) for name, column in stated.items() if column}
    return {name: both[name] for name in FIELDS if both.get(name)}, list(stated)


def _shown(cells: pl.Series) -> list[str]:
    if cells.dtype == pl.String:
        cells = cells.str.slice(0, MOST_SHOWN)
    elif cells.dtype.is_temporal():
        cells = cells.cast(pl.String) if _has_usual_dates(cells) else cells.to_physical()
    return ["" if cell is None else str(cell)[:MOST_SHOWN].replace("\0", "�") for cell in cells]


def _has_usual_dates(cells: pl.Series) -> bool:
    """Whether all are dates that Python and Polars can spell: of four digits of a year."""
    if not isinstance(cells.dtype, pl.Datetime | pl.Date):
        return False
    first, last = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
    return bool(instants_of(cells).drop_nulls().is_between(first, last).all())


def _require(chosen: Mapping[str, Sequence[str]], columns: Sequence[str]) -> None:
    there = ", ".join(columns[:30])
    if "model" not in chosen:
        raise LogError(f"No column holds the model: the columns are {there}.")
    if "at" not in chosen:
        raise LogError(f"No column holds the time of a request: the columns are {there}.")
    counts = [
        name
        for name in chosen
        if (name in METERS and name != "request") or name in (*RESTS, WRITES, "total")
    ]
    if not counts:
        raise LogError(
            f"No column counts what was used, such as input_tokens: the columns are {there}."
        )


def _notes(
    sample: pl.DataFrame, chosen: Mapping[str, Sequence[str]], shape: Shape
) -> tuple[str, ...]:
    notes = []
    if cell := _foreign(sample, chosen):
        notes.append(f"“{cell}” is no amount in dollars: what is not is compared with no price.")
    if any(holds_sets(sample[path], path) for path in chosen.get("owner", ())):
        notes.append(SETS)
    if "at" in chosen and _lacks_zone(sample[chosen["at"][0]].drop_nulls().head(100)):
        notes.append("Times state no zone: they are read as UTC.")
    if shape.summed:
        notes.append(
            "A row adds up requests: it is priced in the context band that it states, else without"
            " one, and the highest that it may be is beside it."
        )
    if any(rest in chosen for rest in RESTS) or "input" in shape.rest:
        notes.append(
            "Cached tokens are counted beside the input here: they are added to it, unless a total"
            " shows that they are in it."
        )
    return tuple(notes)


def _foreign(sample: pl.DataFrame, chosen: Mapping[str, Sequence[str]]) -> str:
    """A stated cost in another currency."""
    cells = _short_texts(sample, chosen.get("billed", ()))
    return next((cell for cell in cells if _CURRENCY.search(cell)), "")[:MOST_SHOWN]


def _short_texts(sample: pl.DataFrame, paths: Sequence[str]) -> Iterator[str]:
    for values in (short_cells(sample[path])[0] for path in paths):
        if values.dtype == pl.String:
            yield from values.drop_nulls()


def _are_days(times: pl.Series) -> bool:
    """Whether times are those of several days, each at midnight, as sums by day have them."""
    micros = times.drop_nulls().to_physical()
    at_midnight = not micros.is_empty() and bool((micros % (86_400 * 10**6) == 0).all())
    return at_midnight and micros.n_unique() > 1


def _lacks_zone(times: pl.Series) -> bool:
    if isinstance(times.dtype, pl.Datetime | pl.Date):
        return not getattr(times.dtype, "time_zone", None) and not times.is_empty()
    text = short_cells(times)[0].cast(pl.String)
    first = next((cell.strip() for cell in text if cell), "")
    # Without the date, since its hyphens look like a zone.
    clock = re.sub(r"^\d{4}-\d\d-\d\d", "", first)
    return bool(first) and not re.search(r"(Z|UTC|[+-]\d\d(:?\d\d)?|^\d+(\.\d+)?)$", clock)
