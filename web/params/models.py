"""A list's query string as an object: parsed once, and able to write itself back."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from catalog.lifecycle import Lifecycle
from catalog.search import search_words
from web.format.figures import plain

# Each column and the direction that people look for first.
SORTS = {
    "name": "name",
    "context": "-context",
    "latency": "latency",
    "throughput": "-throughput",
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "capabilities": "-capabilities",
    "providers": "-providers",
    "released": "-released",
}
DEFAULT_SORT = "-released"
# What a search is sorted by unless a sort is asked for: no column, and so no value of `sort`.
RELEVANCE = "relevance"
# The columns that may be put away, in the table's order. Whose row it is always shows.
COLUMNS = (
    *("context", "latency", "throughput", "input", "output", "cache_read"),
    *("capabilities", "providers", "released"),
)
MODALITIES = ("text", "image", "audio", "video", "pdf")

LONGEST_SEARCH = 200
LAST_PAGE = 1_000_000
# Loading more shows at most so many pages as one.
MOST_PAGES = 10
MOST_CAPABILITIES = 12
LONGEST_AGE = 36_500
# What no name holds and PostgreSQL refuses or cannot mean: control characters, and bytes that were
# no UTF-8.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff]+")
# As the page itself writes it: $1, $1/M.
_AMOUNT = re.compile(r"\$?(\d{1,9}(?:\.\d{1,12})?|\.\d{1,12})(?:/M)?", re.ASCII | re.IGNORECASE)
_COUNT = re.compile(r"0*[1-9]\d{0,11}", re.ASCII)
_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3}){1,3}", re.ASCII)
_SHORT = re.compile(r"(\d{1,6}(?:\.\d{1,6})?) ?([KM])", re.ASCII | re.IGNORECASE)
_THOUSANDS = {"k": 1_000, "m": 1_000_000}
_YES, _NO = ("1", "yes", "true", "on"), ("", "0", "no", "false", "off")
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ModelFilters:
    """What the visitor asked the model list for. `complaints` are clauses on what was not
    understood.

    `input_max` and `output_max` are US dollars per million tokens, `context_min` is tokens,
    `released_within` is days. `plans` has plans, local runtimes and free trials count as lowest.
    The pages from `first` to `page` show as one; `columns` are those that show, all if empty.
    """

    q: str = ""
    creator: str = ""
    provider: str = ""
    capability: tuple[str, ...] = ()
    modality: str = ""
    input_max: Decimal | None = None
    output_max: Decimal | None = None
    context_min: int | None = None
    released_within: int | None = None
    zdr: bool = False
    no_training: bool = False
    open_weights: bool = False
    lifecycle: str = ""
    plans: bool = False
    columns: tuple[str, ...] = ()
    sort: str = DEFAULT_SORT
    first: int = 1
    page: int = 1
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict) -> "ModelFilters":
        """Read a query string:

        unknown parameters are ignored, a bad value falls back with a complaint.
        """
        said: list[str] = []

        def value(name: str) -> str:
            return query.get(name, "").strip()

        q = read_search(value("q"), said)
        return cls(
            q=q,
            creator=read_slug(value("creator"), "creator", said),
            provider=read_slug(value("provider"), "provider", said),
            capability=_capabilities(query.getlist("capability"), said),
            modality=read_choice(value("modality"), MODALITIES, "modality", said),
            input_max=read_amount(value("input_max"), "input price", said),
            output_max=read_amount(value("output_max"), "output price", said),
            context_min=read_tokens(value("context_min"), said),
            released_within=_age(value("released_within"), said),
            zdr=read_flag(value("zdr"), "zdr", said),
            no_training=read_flag(value("no_training"), "no_training", said),
            open_weights=read_flag(value("open_weights"), "open_weights", said),
            lifecycle=read_choice(value("lifecycle"), list(Lifecycle), "stage of a model", said),
            plans=read_flag(value("plans"), "plans", said),
            columns=read_columns(query.getlist("columns"), COLUMNS, said),
            sort=read_sort(value("sort"), SORTS, default_sort(q), said),
            page=(page := read_page(value("page"), said)),
            first=read_first_page(value("from"), page, said),
            complaints=tuple(said),
        )

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """The shortest query for this list with changes, pair by pair; on page 1 unless a page is
        stated."""
        page = changes.get("page", 1)
        wanted = replace(self, **{"first": page, "page": 1, **changes})
        usual = {**NOTHING, "sort": default_sort(wanted.q), "first": wanted.page}
        stated = ((name, getattr(wanted, name)) for name in NOTHING)
        return [
            ("from" if name == "first" else name, text)
            for name, value in stated
            if value != usual[name] and not (name == "sort" and value == RELEVANCE)
            for text in _written(name, value)
        ]

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))

    def complaining(self, complaint: str, **changes: Any) -> "ModelFilters":
        return replace(self, complaints=(*self.complaints, complaint), **changes)

    def states(self, name: str, value: Any) -> bool:
        """Whether this is among the filters: ("capability", "vision"), ("zdr", True)."""
        mine = getattr(self, name)
        return bool(value in mine if name == "capability" else mine == value)

    def toggled(self, name: str, value: Any) -> str:
        """The query string with a filter that is not stated, or without the one that is."""
        if name == "capability":
            others = tuple(each for each in self.capability if each != value)
            return self.query(capability=others if self.states(name, value) else (*others, value))
        return self.query(**{name: NOTHING[name] if self.states(name, value) else value})

    @property
    def narrow(self) -> bool:
        """Whether any model is left out."""
        return any(getattr(self, name) != NOTHING[name] for name in NARROWING)

    @property
    def cleared(self) -> str:
        """The query string without any filter, sorted and laid out as now."""
        return self.query(**{name: NOTHING[name] for name in (*NARROWING, "plans")})

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def hidden(self) -> tuple[str, ...]:
        """The columns that are put away."""
        return tuple(name for name in COLUMNS if self.columns and name not in self.columns)

    def sort_after_click(self, column: str) -> str:
        """What a click on a column's heading sorts by:

        its first direction, or the other one after that.
        """
        if self.column != column:
            return SORTS[column]
        return column if self.descending else f"-{column}"


# What each parameter is when nobody states it, in the order in which queries are written.
NOTHING: dict[str, Any] = {
    field.name: field.default for field in fields(ModelFilters) if field.name != "complaints"
}
NARROWING = tuple(
    name for name in NOTHING if name not in ("plans", "columns", "sort", "first", "page")
)


def default_sort(q: str) -> str:
    """By relevance, if anything is looked for."""
    return RELEVANCE if search_words(q) else DEFAULT_SORT


def _written(name: str, value: Any) -> Iterable[str]:
    """A value as query strings state it.

    Capabilities are stated one by one, columns in one value.
    """
    if name == "capability":
        return tuple(value)
    if name == "columns":
        return (",".join(value),)
    if isinstance(value, Decimal):
        return (plain(value),)
    return ("1" if value is True else str(value),)


def shown(value: str) -> str:
    """A visitor's value as a complaint may repeat it."""
    readable = _UNREADABLE.sub("�", value)
    return f"“{readable[:40]}{'…' if len(readable) > 40 else ''}”"


def read_search(value: str, complaints: list[str]) -> str:
    """Words to look for: no control characters, of a length that somebody may have typed."""
    readable = " ".join(_UNREADABLE.sub(" ", value).split())
    if _UNREADABLE.search(value):
        complaints.append("the search held characters that are no text")
    if len(readable) > LONGEST_SEARCH:
        complaints.append(f"the search was cut to {LONGEST_SEARCH} characters")
    return readable[:LONGEST_SEARCH].strip()


def read_sort(value: str, columns: Container[str], default: str, complaints: list[str]) -> str:
    """One of the columns in any spelling, with a minus for descending."""
    sign = "-" if value.startswith("-") else ""
    column = _underscored(value.removeprefix("-"))
    if not value or column in columns:
        return f"{sign}{column}" or default
    complaints.append(f"{shown(value)} is no column to sort by")
    return default


def _underscored(name: str) -> str:
    """A column in the spelling of query strings."""
    return name.lower().replace("-", "_").replace(" ", "_")


def read_page(value: str, complaints: list[str]) -> int:
    """A page's number, from 1."""
    digits = value.strip()
    if digits.isascii() and digits.isdigit() and int(digits[:9]) > 0 and len(digits) < 9:
        return min(int(digits), LAST_PAGE)
    if digits:
        complaints.append(f"{shown(value)} is no page number")
    return 1


def read_slug(value: str, what: str, complaints: list[str]) -> str:
    """What may be the slug of a creator, a provider or a capability, in any spelling.

    Slugs are in lower case, with hyphens. Whether there is such a one is for the catalog to say.
    """
    slug = value.lower().replace("_", "-").replace(" ", "-")
    if not value or _SLUG.fullmatch(slug):
        return slug
    complaints.append(f"{shown(value)} is no {what}")
    return ""


def read_choice(value: str, choices: Container[str], what: str, complaints: list[str]) -> str:
    """One of a few words, in capitals or not."""
    if not value or value.lower() in choices:
        return value.lower()
    complaints.append(f"{shown(value)} is no {what}")
    return ""


def read_flag(value: str, name: str, complaints: list[str]) -> bool:
    """1 for yes; 0, or nothing, for no; or in words."""
    if value.lower() not in (*_YES, *_NO):
        complaints.append(f"{name} is 1 or left out, not {shown(value)}")
    return value.lower() in _YES


def read_amount(value: str, what: str, complaints: list[str]) -> Decimal | None:
    """US dollars, exactly: digits with at most one dot."""
    if amount := _AMOUNT.fullmatch(value):
        return Decimal(amount[1])
    if value:
        complaints.append(f"{shown(value)} is no {what}")
    return None


def read_count(value: str, what: str, complaints: list[str]) -> int | None:
    """A whole number above zero."""
    if _COUNT.fullmatch(value):
        return int(value)
    if value:
        complaints.append(f"{shown(value)} is no {what}")
    return None


def read_tokens(value: str, complaints: list[str]) -> int | None:
    """A number of tokens, also as pages write it: 128000, 128,000, 128K, 1.05M. A K is 1,000."""
    digits = re.sub(r" ?tokens?$", "", value)
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    elif short := _SHORT.fullmatch(digits):
        digits = plain(Decimal(short[1]) * _THOUSANDS[short[2].lower()])
    return read_count(digits if _COUNT.fullmatch(digits) else value, "number of tokens", complaints)


def _age(value: str, complaints: list[str]) -> int | None:
    """A number of days, with or without the word."""
    digits = re.sub(r" ?days?$", "", value)
    days = read_count(digits if _COUNT.fullmatch(digits) else value, "number of days", complaints)
    return min(days, LONGEST_AGE) if days else None


def _capabilities(values: list[str], complaints: list[str]) -> tuple[str, ...]:
    stated = [
        read_slug(value.strip(), "capability", complaints) for value in values[:MOST_CAPABILITIES]
    ]
    if len(values) > MOST_CAPABILITIES:
        complaints.append(f"only the first {MOST_CAPABILITIES} capabilities were read")
    return tuple(dict.fromkeys(filter(None, stated)))


def read_columns(
    values: Sequence[str], known: tuple[str, ...], complaints: list[str]
) -> tuple[str, ...]:
    """The columns to show, in the table's order; none stated, or all of them, is the usual table."""
    stated = [
        name.strip() for value in values[: len(known)] for name in value.split(",")[: len(known)]
    ]
    unknown = [name for name in stated if name and _underscored(name) not in known]
    complaints += [f"{shown(name)} is no column" for name in unknown[:3]]
    columns = tuple(name for name in known if name in map(_underscored, stated))
    return columns if columns != known else ()


def read_first_page(value: str, page: int, complaints: list[str]) -> int:
    """The first of the pages that show as one, up to the one that is asked for."""
    if not value:
        return page
    first = read_page(value, complaints)
    if first <= page < first + MOST_PAGES:
        return first
    complaints.append(f"pages {first:,} to {page:,} do not show as one, page {page:,} does")
    return page
