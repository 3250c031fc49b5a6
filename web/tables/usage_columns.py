"""An uploaded usage log's columns, their meanings, and its first rows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pricing.meters import METERS
from usage.preview import Preview
from usage.spellings import FIELDS

# Meanings of a column, those of every log first.
_LABELS = {
    "at": "Time of the request",
    "model": "Model",
    "variant": "Variant of the model, as “free”",
    "provider": "Provider",
    "tier": "Service tier",
    "batch": "Whether it was a batch",
    "from_cache": "Whether a gateway's cache answered",
    "input": "Input tokens, all of them",
    "window": "Context window of the row",
    "request_id": "Request id",
    "owner": "User, team, key or project",
    "billed": "Cost as stated",
    "total": "All tokens",
    "cache_write_all": "Tokens written to the cache, all of them",
    "input_rest": "Input tokens, without the cached ones",
    "output": "Output tokens, all of them",
    "output_rest": "Output tokens, without reasoning",
    "cache_read": "Cached tokens",
    "cache_write": "Tokens written to the cache",
    "request": "Requests of the row",
    "audio_second_in": "Audio in, seconds",
    "audio_hour_in": "Audio in, hours",
}
ALWAYS = ("at", "model", "provider", "input", "output", "cache_read")
PREFIX = "column-"
# Columns of the first rows that are shown.
MOST_COLUMNS = 16
# Columns that a field may be read from: each field offers them all.
MOST_OFFERED = 200
LONGEST_OFFERED = 100
MOST_OFFERED_CHARACTERS = 10_000
LONGEST_NAME = 500
LONGEST_TIER = 40
LONGEST_PROVIDER = 200


@dataclass(frozen=True, slots=True)
class LogOptions:
    """How to price a log: the column of each field, and the tier. `wrong` are complaints by field.

    `provider` and `at` are those of every row of a log without a column for them.
    """

    columns: Mapping[str, str]
    tier: str = ""
    provider: str = ""
    at: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "LogOptions":
        """column-input=prompt_tokens, and one further field as field=reasoning, as=thoughts."""
        stated = {name: form.get(f"{PREFIX}{name}", "") for name in FIELDS}
        if form.get("field") in FIELDS and form.get("as"):
            stated[form["field"]] = form["as"]
        columns = {name: column[:LONGEST_NAME] for name, column in stated.items() if column}
        return cls(
            columns,
            tier=form.get("tier", "").strip()[:LONGEST_TIER],
            provider=form.get("provider", "").strip()[:LONGEST_PROVIDER],
            at=form.get("at", "").strip()[:LONGEST_TIER],
        )

    @property
    def mapping(self) -> dict[str, str]:
        """The column of every field; empty for a field that is not read."""
        return {name: self.columns.get(name, "") for name in FIELDS}


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of a request, and the column it is read from; empty for none."""

    name: str
    label: str
    column: str
    options: tuple[str, ...]

    @property
    def gone(self) -> bool:
        return bool(self.column) and self.column not in self.options


def choices(preview: Preview, columns: Mapping[str, str]) -> list[Choice]:
    """Fields that are read, and those that every log should have, each with possible columns."""
    shown = [
        name for name in FIELDS if name in ALWAYS or name in preview.mapping or name in columns
    ]
    used = [column for paths in preview.mapping.values() for column in paths]
    read = {column[:LONGEST_NAME] for column in (*used, *columns.values())}
    # A value within a column (`usage.input`) is a choice only where it is read.
    inner = [column for column in used if column not in preview.columns]
    own = (column for column in preview.columns if column in read)
    options = tuple(dict.fromkeys((*offered(preview), *own, *inner)))
    return [Choice(name, label(name), columns.get(name, ""), options) for name in shown]


def offered(preview: Preview) -> list[str]:
    """The columns that any field may be read from: the first ones, as far as names are short."""
    left, first = MOST_OFFERED_CHARACTERS, []
    for column in preview.columns[:MOST_OFFERED]:
        if len(column) <= min(left, LONGEST_OFFERED):
            first.append(column)
            left -= len(column)
    return first


def not_offered(preview: Preview) -> int:
    return len(preview.columns) - len(offered(preview))


def more_fields(preview: Preview, columns: Mapping[str, str]) -> list[tuple[str, str]]:
    hidden = [name for name in FIELDS if name not in ALWAYS]
    return [
        (name, label(name))
        for name in hidden
        if name not in preview.mapping and name not in columns
    ]


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A column of the log, and its meaning; empty for a column that is not read."""

    column: str
    means: str


def label(name: str) -> str:
    return _LABELS.get(name) or METERS[name].name


def first_rows(
    preview: Preview, columns: Mapping[str, str]
) -> tuple[list[LogColumn], list[list[str]]]:
    """The first rows, and their columns with meanings: those that are read, then the others."""
    means: dict[str, list[str]] = {}
    for name, column in columns.items():
        own = column if column in preview.columns else column.partition(".")[0]
        means.setdefault(own, []).append(label(name))
    first = [column for column in preview.columns if column in means]
    shown = [*first, *(column for column in preview.columns if column not in means)][:MOST_COLUMNS]
    headings = [LogColumn(column, ", ".join(means.get(column, ()))) for column in shown]
    return headings, [[row.get(column, "") for column in shown] for row in preview.first]
