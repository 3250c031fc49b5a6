"""What a usage log is taken for: its columns, what each means, and its first rows. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pricing.meters import METERS
from usage.blocks import LogError, is_storable, readable
from usage.cells import column_at, instants_of, short_cells, unread_kind
from usage.files import opened
from usage.formats import Shape, mapping_of, plain, shape_of

# 4 GB of text are some forty million requests.
MOST_BYTES = 4 * 10**9
# So many characters of a cell are shown.
MOST_SHOWN = 100
WORDS = ("at", "model", "variant", "provider", "tier", "batch", "from_cache")
RESTS = ("input_rest", "output_rest")
FIELDS = (*WORDS, *RESTS, *METERS)


@dataclass(frozen=True, slots=True)
class EveryRow:
    """Provider and time of every row, where no column of the log has them."""

    provider: str = ""
    at: datetime | None = None


NO_DEFAULTS = EveryRow()


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

    @classmethod
    def from_json(cls, stated: dict[str, Any]) -> "Preview":
        many = {name: tuple(stated[name]) for name in ("columns", "unused", "first", "notes")}
        at = datetime.fromisoformat(stated["at"]) if stated["at"] else None
        return cls(**{**stated, **many, "at": at})


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

    With `complete`, a log without a time, a model or a meter is an error too. The provider of
    `every` replaces the log's own; its instant is for a log without times.
    """
    with opened(path, limit) as log, readable("The first rows"):
        sample = log.sample()
        shape = shape_of(log.columns)
        if mapping is not None:
            chosen = _checked(mapping, log.columns, sample)
        else:
            whole = [name for name in log.columns if not unread_kind(sample[name])]
            chosen = mapping_of(shape, [*whole, *_inner(shape, sample)])
        if complete:
            _require({**chosen, **({"at": ""} if every.at else {})}, log.columns)
        used = {
            name.partition(".")[0] if name not in log.columns else name for name in chosen.values()
        }
        first = {name: _shown(sample[name].head(rows)) for name in log.columns}
        return Preview(
            format=log.name,
            shape=shape.name,
            columns=tuple(log.columns),
            mapping=chosen,
            unused=tuple(column for column in log.columns if column not in used),
            first=tuple(
                {name: cells[row] for name, cells in first.items()}
                for row in range(min(rows, sample.height))
            ),
            notes=_notes(sample, chosen),
            provider=every.provider or ("" if "provider" in chosen else shape.provider),
            at=None if "at" in chosen else every.at,
        )


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


def _require(chosen: Mapping[str, str], columns: Sequence[str]) -> None:
    there = ", ".join(columns[:30])
    if "model" not in chosen:
        raise LogError(f"No column holds the model: the columns are {there}.")
    if "at" not in chosen:
        raise LogError(f"No column holds the time of a request: the columns are {there}.")
    meters = [name for name in chosen if (name in METERS and name != "request") or name in RESTS]
    if not meters:
        raise LogError(
            f"No column counts what was used, such as input_tokens: the columns are {there}."
        )


def _checked(
    mapping: Mapping[str, str], columns: Sequence[str], sample: pl.DataFrame
) -> dict[str, str]:
    for name, column in mapping.items():
        if name not in FIELDS:
            raise LogError(f"There is no field “{name}” to read a column as.")
        outer = column if column in columns else column.partition(".")[0]
        if outer not in columns or not is_storable(column):
            raise LogError(
                f"There is no column “{column}”: the columns are {', '.join(columns[:30])}."
            )
        if kind := unread_kind(column_at(sample, column)):
            raise LogError(f"The column “{column}” holds {kind}, which no field is read from.")
    return dict(mapping)


def _inner(shape: Shape, sample: pl.DataFrame) -> list[str]:
    names = {plain(column): column for column in sample.columns}
    found = []
    for path in (path for paths in shape.fields.values() for path in paths if "." in path):
        outer, _, inner = path.partition(".")
        if column := names.get(plain(outer)):
            values = column_at(sample, f"{column}.{inner}")
            if values.drop_nulls().len() and not unread_kind(values):
                found.append(f"{column}.{inner}")
    return found


def _notes(sample: pl.DataFrame, chosen: Mapping[str, str]) -> tuple[str, ...]:
    notes = []
    if "at" in chosen and _lacks_zone(column_at(sample, chosen["at"]).drop_nulls().head(100)):
        notes.append("Times state no zone: they are read as UTC.")
    if "request" in chosen:
        notes.append("A row may be several requests: context bands are judged by their average.")
    if any(rest in chosen for rest in RESTS):
        notes.append("Cached tokens are counted beside the input here: they are added to it.")
    return tuple(notes)


def _lacks_zone(times: pl.Series) -> bool:
    if isinstance(times.dtype, pl.Datetime | pl.Date):
        return not getattr(times.dtype, "time_zone", None) and not times.is_empty()
    text = short_cells(times)[0].cast(pl.String)
    first = next((cell.strip() for cell in text if cell), "")
    # Without the date, since its hyphens look like a zone.
    clock = re.sub(r"^\d{4}-\d\d-\d\d", "", first)
    return bool(first) and not re.search(r"(Z|UTC|[+-]\d\d(:?\d\d)?|^\d+(\.\d+)?)$", clock)
