"""Which columns of a log are which fields of a request. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice

import polars as pl

from usage.blocks import EMPTY
from usage.cells import unread_kind
from usage.formats import Shape
from usage.nested import holds_json
from usage.numbers import decimal_mark, is_open, is_quantity, number_of
from usage.spellings import CONTENT, FIELDS, LOOSE_TOTALS, STATED, WORDS, is_no_use, meaning, plain

# All tokens of a row are at most so many times those that are neither cached nor thought.
_MOST_TIMES = 1000


def recognised(shape: Shape, sample: pl.DataFrame) -> dict[str, tuple[str, ...]]:
    """For each field the columns that spell it, the best first."""
    own = {
        ".".join(map(plain, column.split("."))): (field, rank - 1000)
        for field, columns in shape.fields.items()
        for rank, column in enumerate(columns)
    }
    found: dict[str, list[tuple[int, str]]] = {}
    others: dict[str, list[tuple[int, str]]] = {}
    for path in sample.columns:
        plain_path = ".".join(map(plain, path.split(".")))
        if plain_path in shape.skipped or unread_kind(sample[path]) or _is_object(sample[path]):
            continue
        if spelt := own.get(plain_path) or meaning(path):
            field, rank = spelt
            kept = found if field in WORDS or may_be_number(sample[path]) else others
            kept.setdefault(field, []).append((rank, path))
    if "total" not in found and (total := _total_of(sample, found)):
        found["total"] = [(0, total)]
    # A column of words is no count, unless the log may have nothing else: then rows are flawed.
    if not found.keys() - {*WORDS, *STATED, "request"}:
        found = {name: others[name] for name in ("input", "output") if name in others} | found
    return {
        field: tuple(path for _, path in sorted(found[field])) for field in FIELDS if field in found
    }


def _is_object(values: pl.Series) -> bool:
    return values.dtype == pl.String and holds_json(values)


def _total_of(sample: pl.DataFrame, found: Mapping[str, Sequence[tuple[int, str]]]) -> str:
    """A column that may be all of the tokens by its name, and is by its numbers; else empty."""
    parts = [min(found[name])[1] for name in ("input", "output") if name in found]
    taken = {path for paths in found.values() for _, path in paths}
    for path in sample.columns:
        plain_path = ".".join(map(plain, path.split(".")))
        if plain_path not in LOOSE_TOTALS or path in taken or len(parts) < 2:
            continue
        total, *counts = (
            sample[name].cast(pl.String).cast(pl.Float64, strict=False) for name in (path, *parts)
        )
        least = counts[0].fill_null(0) + counts[1].fill_null(0)
        known = total.is_not_null() & (least > 0)
        whole = (total % 1 == 0) & (total >= least) & (total <= _MOST_TIMES * least)
        if known.any() and bool((whole | ~known).all()):
            return path
    return ""


def may_be_number(values: pl.Series) -> bool:
    """Whether some cell of a column is a number, most are about one, or none is anything."""
    if values.dtype.is_numeric():
        return True
    if values.dtype != pl.String:
        return values.null_count() == len(values)
    cells = values.filter(values.is_not_null() & ~values.is_in(EMPTY))
    if cells.is_empty():
        return True
    first = list(islice((cell for cell in cells if len(cell) <= 60), 200))
    if any(number_of(cell) is not None or is_open(cell) for cell in first):
        return True
    return 2 * sum(map(is_quantity, first)) > len(first)


def columns_to_read(sample: pl.DataFrame, mapping: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The columns that hold a field, values within, or numbers that might be billed."""
    used = {path for paths in mapping.values() for path in paths}
    outer = {path if path in sample.columns else path.partition(".")[0] for path in used}
    return frozenset(
        name
        for name in sample.columns
        if name in outer or (plain(name) not in CONTENT and may_be_billed(name, sample[name]))
    )


def may_be_billed(name: str, values: pl.Series) -> bool:
    inner = values.dtype.inner if isinstance(values.dtype, pl.List | pl.Array) else values.dtype
    if isinstance(inner, pl.Struct):
        return True
    if values.dtype == pl.String:
        return holds_json(values) or (not is_no_use(name) and may_be_number(values))
    return values.dtype.is_numeric() and not is_no_use(name)


def decimal_marks(
    sample: pl.DataFrame, paths: Iterable[str], wholes: Collection[str], stated: str
) -> tuple[dict[str, str], str]:
    """The mark of decimals of each of these columns, and a cell of which it is not known.

    A column's own cells decide, else those of the others, else what is stated. `wholes` count in
    whole numbers.
    """
    shown: dict[str, set[str]] = {}
    open_cells: dict[str, str] = {}
    texts = [path for path in paths if path in sample.columns and sample[path].dtype == pl.String]
    for path in texts:
        cells = [
            cell
            for cell in sample[path].drop_nulls().unique(maintain_order=True)
            if len(cell) <= 60
        ]
        shown[path] = decimal_mark(cells, whole=path in wholes)
        if cell := next(filter(is_open, cells), ""):
            open_cells[path] = cell
    everywhere = set().union(*shown.values())
    usual = stated or (next(iter(everywhere)) if len(everywhere) == 1 else "")
    marks = {path: next(iter(shown[path])) if len(shown[path]) == 1 else usual for path in texts}
    unknown = next((cell for path, cell in open_cells.items() if not marks[path]), "")
    return {path: mark for path, mark in marks.items() if mark}, unknown
