"""What a usage log is taken for: its columns, what each means, and its first rows. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pricing.meters import METERS
from usage.blocks import LogError
from usage.cells import column_at
from usage.files import opened
from usage.formats import Shape, mapping_of, plain, shape_of

# 4 GB of text are some forty million requests.
MOST_BYTES = 4 * 10**9
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
    with opened(path, limit) as log:
        sample = log.sample()
        shape = shape_of(log.columns)
        paths = [*log.columns, *_inner(shape, sample)]
        chosen = _checked(mapping, paths) if mapping is not None else mapping_of(shape, paths)
        if complete:
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


def _shown(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: "" if cell is None else str(cell)[:200] for name, cell in row.items()}


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
    names = {plain(column): column for column in sample.columns}
    found = []
    for path in (path for paths in shape.fields.values() for path in paths if "." in path):
        outer, _, inner = path.partition(".")
        if column := names.get(plain(outer)):
            values = column_at(sample, f"{column}.{inner}")
            if values.drop_nulls().len():
                found.append(f"{column}.{inner}")
    return found


def _notes(sample: pl.DataFrame, chosen: Mapping[str, str]) -> tuple[str, ...]:
    notes = []
    times = pl.Series([], dtype=pl.String)
    if "at" in chosen:
        times = column_at(sample, chosen["at"]).drop_nulls().cast(pl.String)
        times = times.filter(times != "")
    if times.len():
        # Without the date, since its hyphens look like a zone.
        clock = re.sub(r"^\d{4}-\d\d-\d\d", "", times[0].strip())
        if not re.search(r"(Z|UTC|[+-]\d\d(:?\d\d)?|^\d+(\.\d+)?)$", clock):
            notes.append("Times state no zone: they are read as UTC.")
    if "request" in chosen:
        notes.append("A row may be several requests: context bands are judged by their average.")
    if any(rest in chosen for rest in RESTS):
        notes.append("Cached tokens are counted beside the input here: they are added to it.")
    return tuple(notes)
