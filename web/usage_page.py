"""What the page of an uploaded usage log shows: how its columns are read. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pricing.meters import METERS
from pricing.usage_log import FIELDS, Preview

# What a column of a log may mean, those that every log has first.
_LABELS = {
    "at": "Time of the request",
    "model": "Model",
    "provider": "Provider",
    "tier": "Service tier",
    "batch": "Whether it was a batch",
    "from_cache": "Whether a gateway's cache answered",
    "input": "Input tokens, all of them",
    "input_rest": "Input tokens, without the cached ones",
    "output": "Output tokens, all of them",
    "output_rest": "Output tokens, without reasoning",
    "cache_read": "Cached tokens",
    "cache_write": "Tokens written to the cache",
    "request": "Requests of the row",
}
ALWAYS = ("at", "model", "provider", "input", "output", "cache_read")
PREFIX = "column-"


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of a request, and the column that it is read from; empty for none."""

    name: str
    label: str
    column: str
    options: tuple[str, ...]


def choices(preview: Preview) -> list[Choice]:
    """Every field that is read, and those that every log should have, each with its choice of columns."""
    shown = [name for name in FIELDS if name in ALWAYS or name in preview.mapping]
    # What a column holds within is offered where it is what is read.
    inner = [column for column in preview.mapping.values() if column not in preview.columns]
    options = (*preview.columns, *dict.fromkeys(inner))
    return [Choice(name, label(name), preview.mapping.get(name, ""), options) for name in shown]


def more_fields(preview: Preview) -> list[tuple[str, str]]:
    """The fields that no column is read as, for who wants to add one."""
    return [(name, label(name)) for name in FIELDS if name not in ALWAYS and name not in preview.mapping]


def label(name: str) -> str:
    return _LABELS.get(name) or METERS[name].name


def mapping_of(form: Mapping[str, str]) -> dict[str, str]:
    """The columns as a form states them: column-input=prompt_tokens, and one further field."""
    stated = {name: form.get(f"{PREFIX}{name}", "") for name in FIELDS}
    if form.get("field") in FIELDS and form.get("as"):
        stated[form["field"]] = form["as"]
    return {name: column[:500] for name, column in stated.items() if column}


def first_rows(preview: Preview) -> tuple[Sequence[str], list[list[str]]]:
    """The first rows under the columns that are read, then the others."""
    used = [column for column in preview.columns if column not in preview.unused]
    columns = [*used, *preview.unused][:MOST_COLUMNS]
    return columns, [[row.get(column, "") for column in columns] for row in preview.first]


MOST_COLUMNS = 16
