"""Values within a column, as columns of their own: `usage.input` out of JSON or structs. Pure."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from usage.blocks import EMPTY, is_storable
from usage.owners import set_name
from usage.spellings import CONTENT, HOLDERS, plain

_DEEPEST = 10
# A log has no more kinds of values within its columns, unless names are values there.
MOST_PATHS = 1000
LONGEST_VALUE = 300
# A longer cell holds a prompt or an answer.
LONGEST_JSON = 2**20
_MOST_ENTRIES = 1000
BROKEN = "(cut off, or too long to be read)"
# What distinguishes the entries of a list.
_KINDS = ("ttl", "modality", "type", "kind", "key")
# Google counts and bills the pages of a document like pictures.
_ALIKE = {"document": "image"}


def flat(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, with a column of text for each path within its columns that hold values.

    A list of texts is one text, `a, b`.
    """
    found: dict[str, pl.Series] = {}
    lists = {name: _joined(frame[name]) for name in frame.columns if _holds_texts(frame[name])}
    for name in frame.columns:
        if plain(name) in CONTENT:
            continue
        values = frame[name]
        if isinstance(values.dtype, pl.Struct):
            found |= _fields(values, name)
        elif values.dtype == pl.String and holds_json(values):
            found |= _decoded(values, name)
        elif _holds_structs(values.dtype):
            found |= _by_path(enumerate(values.to_list()), name, len(values))
    found = {path: values for path, values in found.items() if path not in frame.columns}
    return frame.with_columns(values.alias(path) for path, values in (lists | found).items())


def holds_json(values: pl.Series) -> bool:
    return any(values.str.starts_with(start).any() for start in ("{", "[{"))


def _holds_texts(values: pl.Series) -> bool:
    return values.dtype == pl.List(pl.String) and plain(values.name) not in CONTENT


def _joined(values: pl.Series) -> pl.Series:
    entries = values.list.eval(pl.element().str.strip_chars().drop_nulls())
    joined = entries.list.unique().list.sort().list.join(", ")
    return joined.set(joined.str.len_bytes() > LONGEST_VALUE, None)


def _holds_structs(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List | pl.Array) and isinstance(dtype.inner, pl.Struct)


def _fields(values: pl.Series, path: str) -> dict[str, pl.Series]:
    found: dict[str, pl.Series] = {}
    for part in values.struct.fields:
        inner, name = values.struct.field(part), f"{path}.{part}"
        if plain(part) in CONTENT or not is_storable(part):
            continue
        if isinstance(inner.dtype, pl.Struct):
            found |= _fields(inner, name)
        elif inner.dtype == pl.String and holds_json(inner):
            found |= _decoded(inner, name)
        elif _holds_structs(inner.dtype):
            found |= _by_path(enumerate(inner.to_list()), name, len(inner))
        elif _holds_texts(inner):
            found[name] = _joined(inner)
        elif not isinstance(inner.dtype, pl.List | pl.Array | pl.Binary | pl.Object):
            found[name] = inner
    return found


def _decoded(values: pl.Series, name: str) -> dict[str, pl.Series]:
    """The values by path; cells that are cut or too long are counted in a column of their own."""
    broken: list[int] = []
    found = _by_path(_values(values, broken), name, len(values))
    if broken and (found or plain(name) in HOLDERS):
        rows = set(broken)
        counts = [1 if row in rows else None for row in range(len(values))]
        found[f"{name} {BROKEN}"] = pl.Series(counts, dtype=pl.Int64)
    return found


def _values(cells: pl.Series, broken: list[int]) -> Iterator[tuple[int, Any]]:
    for row, cell in enumerate(cells):
        if cell and cell[0] in "{[":
            try:
                if len(cell) > LONGEST_JSON:
                    raise ValueError
                yield row, json.loads(cell)
            except (ValueError, RecursionError):
                broken.append(row)


def _by_path(values: Iterable[tuple[int, Any]], name: str, height: int) -> dict[str, pl.Series]:
    found: dict[str, list[str | None]] = {}
    for row, value in values:
        for path, text in leaves(value, name):
            cells = found.get(path)
            if cells is None:
                if len(found) >= MOST_PATHS:
                    continue
                cells = found[path] = [None] * height
            cells[row] = text
    return {path: pl.Series(path, cells, pl.String) for path, cells in found.items()}


def leaves(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(path, text) of every number, flag and short text in a JSON value, without prompts."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield from _members(value, path, depth)
    elif isinstance(value, list):
        yield from _entries(value, path, depth)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif isinstance(value, int | float):
        yield path, repr(value)
    elif isinstance(value, str) and len(value) <= LONGEST_VALUE and value not in EMPTY:
        yield path, value.replace("\0", "�")


def _members(value: dict[str, Any], path: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        is_said = isinstance(inner, str | list | dict) and plain(key) in CONTENT
        if not is_said and is_storable(key):
            yield from leaves(inner, f"{path}.{key}", depth + 1)


def _entries(value: list[Any], path: str, depth: int) -> Iterator[tuple[str, str]]:
    """The sums of the entries of each kind; texts as one."""
    if value and all(isinstance(entry, str) for entry in value[:_MOST_ENTRIES]):
        if len(name := set_name(value[:_MOST_ENTRIES])) <= LONGEST_VALUE and name:
            yield path, name.replace("\0", "�")
        return
    sums: dict[str, float] = {}
    for entry in value[:_MOST_ENTRIES]:
        if isinstance(entry, dict):
            kind = next((entry[key] for key in _KINDS if isinstance(entry.get(key), str)), "")
            kind = _ALIKE.get(kind.lower(), kind) if "modality" in entry else kind
            for inner, text in leaves(entry, f"{path}[{kind[:40].lower()}]", depth + 1):
                if (number := _number(text)) is not None:
                    sums[inner] = sums.get(inner, 0) + number
    yield from ((inner, repr(number)) for inner, number in sums.items())


def _number(text: str) -> float | None:
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 19 else float(text)
    except ValueError:
        return None
