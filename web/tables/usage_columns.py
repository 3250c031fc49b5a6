"""An uploaded usage log's columns, their meanings, and its first rows. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from pricing.meters import METERS
from usage.preview import RECOGNISED, Preview
from usage.spellings import FIELDS
from web.params.values import Query

# Meanings of a column, those of every log first.
_LABELS = {
    "at": "Time of the request",
    "model": "Model",
    "variant": "Variant of the model, as “free”",
    "provider": "Provider",
    "tier": "Service tier",
    "speed": "Speed, as “fast”",
    "geo": "Where inference ran",
    "search_size": "Size of a search’s context",
    "currency": "Currency of the stated cost",
    "status": "Status of the response",
    "error": "Error, if the request failed",
    "own_key": "Whether the provider's own key was used",
    "billed_searches": "Cost of searches, within the stated cost",
    "billed_elsewhere": "Cost that another bills, beside the stated one",
    "batch": "Whether it was a batch",
    "from_cache": "Whether a gateway's cache answered",
    "input": "Input tokens, all of them",
    "window": "Context window of the row",
    "request_id": "Request id",
    "owner": "Split the cost by",
    "billed": "Cost as stated",
    "total": "All tokens",
    "cache_write_all": "Tokens written to the cache, all of them",
    "input_rest": "Input tokens, without the cached ones",
    "input_of_tools": "Input tokens of tools, beside the input",
    "output": "Output tokens, all of them",
    "output_rest": "Output tokens, without reasoning",
    "cache_read": "Cached tokens",
    "cache_write": "Tokens written to the cache",
    "request": "Requests of the row",
    "audio_second_in": "Audio in, seconds",
    "audio_hour_in": "Audio in, hours",
}
ALWAYS = ("at", "model", "provider", "input", "output", "cache_read", "owner")
PREFIX = "column-"
# A field of the long list, empty for one that is as recognised.
MORE = "more-"
# The provider of a name, and its model.
PLACE = "place-"
MODEL = "is-"
# Columns of the first rows that are shown.
MOST_COLUMNS = 16
# Columns that a field may be read from: each field offers them all.
MOST_OFFERED = 200
LONGEST_OFFERED = 100
MOST_OFFERED_CHARACTERS = 10_000
LONGEST_NAME = 500
LONGEST_TIER = 40
LONGEST_PROVIDER = 200
MOST_PLACES = 50
# So many characters of a column are seen in a menu.
WIDEST_SHOWN = 14
# Of the columns of a field, so many are named.
_MOST_NAMED = 3
# Where a path leads into a column.
_WITHIN = re.compile(r"[.\[]")
# Parameters of an address beside the fields.
_IN_QUERY = {"tier": "elsewhere_tier", "provider": "every_provider", "at": "every_at"}


@dataclass(frozen=True, slots=True)
class LogOptions:
    """How to read and price a log. `wrong` are complaints by field.

    `columns` has the column of each field that is not as recognised, empty for none. `provider` and
    `at` are those of every row of a log without a column for them; `own_api` and `places` are where
    names without a provider went, `models` what names mean.
    """

    columns: Mapping[str, str]
    tier: str = ""
    provider: str = ""
    at: str = ""
    decimals: str = ""
    own_api: bool = True
    places: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "LogOptions":
        """column-input=prompt_tokens, more-reasoning=thoughts, place-gpt-5=azure, is-x=gpt-5 …"""
        columns = {name: form[f"{PREFIX}{name}"] for name in FIELDS if f"{PREFIX}{name}" in form}
        columns |= {name: form[f"{MORE}{name}"] for name in FIELDS if form.get(f"{MORE}{name}")}
        names = ("tier", "provider", "at", "decimals", "own_api")
        others = {name: form.get(name, "") for name in names}
        return cls._of(columns, others, _pairs(form, PLACE), _pairs(form, MODEL))

    @classmethod
    def from_query(cls, query: Query) -> "LogOptions":
        """?input=prompt_tokens&owner=team&place=gpt-5=azure: as an earlier log was read."""
        last = {
            name: query.getlist(name)[-1]
            for name in (*FIELDS, *_IN_QUERY.values(), "decimals", "own_api")
            if query.getlist(name)
        }
        columns = {name: column for name, column in last.items() if name in FIELDS}
        others = {name: last.get(parameter, "") for name, parameter in _IN_QUERY.items()}
        others |= {name: last.get(name, "") for name in ("decimals", "own_api")}
        places, models = (
            [pair.rpartition("=")[::2] for pair in query.getlist(name)]
            for name in ("place", "model_is")
        )
        return cls._of(columns, others, places, models)

    @classmethod
    def _of(
        cls,
        columns: Mapping[str, str],
        others: Mapping[str, str],
        places: Sequence[tuple[str, str]],
        models: Sequence[tuple[str, str]],
    ) -> "LogOptions":
        return cls(
            {
                name: column[:LONGEST_NAME]
                for name, column in columns.items()
                if column != RECOGNISED
            },
            tier=others["tier"].strip()[:LONGEST_TIER],
            provider=others["provider"].strip()[:LONGEST_PROVIDER],
            at=others["at"].strip()[:LONGEST_TIER],
            decimals=others["decimals"] if others["decimals"] in (".", ",") else "",
            own_api=others["own_api"] != "no",
            places=_by_name(places),
            models=_by_name(models),
        )

    @classmethod
    def of_log(cls, columns: Mapping[str, str], options: Mapping[str, object]) -> "LogOptions":
        """As a log was started."""
        places, models = options.get("choices"), options.get("models")
        return cls(
            columns,
            tier=str(options.get("tier") or ""),
            provider=str(options.get("provider") or ""),
            at=str(options.get("at") or ""),
            decimals=str(options.get("decimals") or ""),
            own_api=options.get("own_api", True) is not False,
            places=places if isinstance(places, dict) else {},
            models=models if isinstance(models, dict) else {},
        )

    def to_query(self) -> str:
        """The parameters by which the next log is read in the same way."""
        other = {name: getattr(self, attribute) for attribute, name in _IN_QUERY.items()}
        other |= {"decimals": self.decimals, "own_api": "" if self.own_api else "no"}
        pairs = [*self.columns.items(), *((name, text) for name, text in other.items() if text)]
        pairs += [("place", f"{name}={provider}") for name, provider in self.places.items()]
        pairs += [("model_is", f"{name}={model}") for name, model in self.models.items()]
        return urlencode(pairs)


def _pairs(form: Mapping[str, str], prefix: str) -> list[tuple[str, str]]:
    return [
        (key.removeprefix(prefix), value.strip())
        for key, value in form.items()
        if key.startswith(prefix)
    ]


def _by_name(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    return {
        name[:LONGEST_NAME]: value[:LONGEST_PROVIDER]
        for name, value in pairs[:MOST_PLACES]
        if name and value
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of a request, the columns that it is recognised as, and the one that is chosen.

    `column` is RECOGNISED for the former, and empty for none.
    """

    name: str
    label: str
    column: str
    recognised: tuple[str, ...]
    options: tuple[str, ...]

    @property
    def gone(self) -> bool:
        return self.column not in ("", RECOGNISED, *self.options)

    @property
    def is_long(self) -> bool:
        """Whether what it is recognised as is wider than its menu."""
        return len(self.as_recognised) > WIDEST_SHOWN

    @property
    def as_recognised(self) -> str:
        shown = ", then ".join(self.recognised[:_MOST_NAMED])
        more = len(self.recognised) - _MOST_NAMED
        return f"{shown} and {more} more" if more > 0 else shown


def choices(preview: Preview, columns: Mapping[str, str]) -> list[Choice]:
    """Fields that are read, and those that every log should have, each with possible columns."""
    options = tuple(offered(preview))
    # A column that is read or stated is a choice however many there are.
    known = {*options, *(path for paths in preview.mapping.values() for path in paths)}
    stated = [column for column in columns.values() if column in preview.paths]
    all_options = tuple(dict.fromkeys((*options, *sorted(known - {*options}), *stated)))
    owners = tuple(dict.fromkeys((*preview.owners, *all_options)))
    return [
        Choice(
            name,
            label(name),
            columns.get(name, RECOGNISED),
            preview.mapping.get(name, ()),
            owners if name == "owner" else all_options,
        )
        for name in FIELDS
        if name in ALWAYS or name in preview.mapping
    ]


def offered(preview: Preview) -> list[str]:
    """The columns that any field may be read from: the first ones, as far as names are short."""
    left = MOST_OFFERED_CHARACTERS
    first: list[str] = []
    for path in flat_columns(preview)[: MOST_OFFERED * 10]:
        if len(path) <= min(left, LONGEST_OFFERED) and len(first) < MOST_OFFERED:
            first.append(path)
            left -= len(path)
    return first


def not_offered(preview: Preview) -> int:
    return len(flat_columns(preview)) - len(offered(preview))


@dataclass(frozen=True, slots=True)
class MoreField:
    """A field that nothing in the log is recognised as, and the column that is chosen for it."""

    name: str
    label: str
    column: str


def more_fields(preview: Preview, columns: Mapping[str, str]) -> list[MoreField]:
    return [
        MoreField(name, label(name), columns.get(name, ""))
        for name in FIELDS
        if name not in ALWAYS and name not in preview.mapping
    ]


def known_columns(preview: Preview, options: LogOptions) -> tuple[dict[str, str], list[str]]:
    """The columns of an earlier log that this one has too, and those that it does not have."""
    there = {name: column for name, column in options.columns.items() if column in preview.paths}
    none = {name: "" for name, column in options.columns.items() if not column}
    gone = [column for column in options.columns.values() if column and column not in preview.paths]
    return {**there, **none}, gone


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
    for name, path in _read(preview, columns):
        own = path if any(path in row for row in preview.first) else path.partition(".")[0]
        means.setdefault(own, []).append("Owner" if name == "owner" else label(name))
    flat = flat_columns(preview)
    read = [path for path in (*flat, *preview.paths) if path in means]
    shown = list(dict.fromkeys((*read, *flat)))[:MOST_COLUMNS]
    headings = [LogColumn(path, ", ".join(dict.fromkeys(means.get(path, ())))) for path in shown]
    return headings, [[row.get(path, "") for path in shown] for row in preview.first]


def flat_columns(preview: Preview) -> list[str]:
    """The columns of the log; in place of one that holds values the columns within it."""
    columns = dict.fromkeys(preview.columns)
    within: dict[str, list[str]] = {}
    for path in preview.paths:
        if path not in columns:
            ends = (end.start() for end in _WITHIN.finditer(path))
            holder = next((path[:end] for end in ends if path[:end] in columns), "")
            within.setdefault(holder, []).append(path)
    return [path for column in columns for path in within.get(column, [column])]


def _read(preview: Preview, columns: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each field with each of its columns."""
    for name in FIELDS:
        paths = preview.mapping.get(name, ())
        stated = columns.get(name, RECOGNISED)
        if stated not in (RECOGNISED, *paths[:1]):
            paths = (stated,) if stated else ()
        yield from ((name, path) for path in paths)
