"""By which columns a bill is split, and what a row's owner is: a set of tags is one. Pure."""

import json
import re
from itertools import islice

import polars as pl

from usage.blocks import EMPTY
from usage.cells import unread_kind

# What people split a bill by.
_OWNERS = re.compile(
    r"(^|[._ ])(user|team|key|project|workspace|tag|customer|tenant|department|org|organization"
    r"|end_user|app|app_name|api_key|cost_center|environment|member|email|user_email|account)"
    r"s?([._ ]?(id|name|alias|email))?$",
    re.IGNORECASE,
)
# Columns of which a comma separates entries; elsewhere it may be part of a name.
_TAGS = re.compile(r"(^|[._ ])(tag|label)s?$", re.IGNORECASE)
_MOST_OWNERS = 40
SETS = "A row with several tags is of that set of tags, so that its cost counts once."


def owners(sample: pl.DataFrame) -> tuple[str, ...]:
    """Columns by which a bill may be split: users, teams, keys, tags, projects."""
    return tuple(
        islice(
            (
                path
                for path in sample.columns
                if _OWNERS.search(path)
                and sample[path].null_count() < sample.height
                and not unread_kind(sample[path])
            ),
            _MOST_OWNERS,
        )
    )


def holds_sets(values: pl.Series, path: str) -> bool:
    """Whether some cell of a column of owners has several."""
    return any(", " in name for name in _names(values.cast(pl.String), path).values())


def owner_names(values: pl.Series, path: str) -> pl.Series:
    """The owner of each row; a list of tags, in whichever order, is `a, b`."""
    text = values.cast(pl.String)
    listed = _names(text, path)
    return text.replace(listed) if listed else text


def _names(text: pl.Series, path: str) -> dict[str, str]:
    """The name of each cell that is a list."""
    may_be_list = text.str.starts_with("[") | text.str.contains(",", literal=True)
    cells = text.filter(may_be_list).unique()
    entries = {cell: _entries(cell, path) for cell in cells}
    return {cell: ", ".join(some) for cell, some in entries.items() if some is not None}


def set_name(entries: list[str]) -> str:
    return ", ".join(_set(entries))


def _set(entries: list[str]) -> list[str]:
    return sorted({entry.strip() for entry in entries} - {*EMPTY, ""})


def _entries(cell: str, path: str) -> list[str] | None:
    """The entries of a list, as JSON and Python write it, or of tags with commas; else None."""
    if cell.startswith("[") and cell.endswith("]"):
        for text in (cell, cell.replace("'", '"')):
            try:
                entries = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if all(isinstance(entry, str | int) for entry in entries):
                return _set(list(map(str, entries)))
        return None
    return _set(cell.split(",")) if "," in cell and _TAGS.search(path) else None
