"""A list's query string as an object: parsed once, and able to write itself back."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

# Each column and the direction that people look for first.
SORTS = {
    "name": "name",
    "context": "-context",
    "input": "input",
    "output": "output",
    "cache_read": "cache_read",
    "providers": "-providers",
    "released": "-released",
}
DEFAULT_SORT = "-released"
LONGEST_SEARCH = 200
LAST_PAGE = 1_000_000
# What no name holds and PostgreSQL refuses or cannot mean: control characters, and bytes that were no UTF-8.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class ModelFilters:
    """What the visitor asked the model list for. `complaints` are clauses on what was not understood."""

    q: str = ""
    sort: str = DEFAULT_SORT
    page: int = 1
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "ModelFilters":
        """Read a query string: unknown parameters are ignored, a bad value falls back with a complaint."""
        complaints: list[str] = []
        return cls(
            q=read_search(query.get("q", ""), complaints),
            sort=read_sort(query.get("sort", ""), SORTS, DEFAULT_SORT, complaints),
            page=read_page(query.get("page", ""), complaints),
            complaints=tuple(complaints),
        )

    def query(self, **changes: Any) -> str:
        """The shortest query string for this list with changes; on page 1 unless a page is among them."""
        wanted = replace(self, **{"page": 1, **changes})
        stated = {
            "q": wanted.q,
            "sort": wanted.sort if wanted.sort != DEFAULT_SORT else "",
            "page": wanted.page if wanted.page > 1 else "",
        }
        return urlencode({name: value for name, value in stated.items() if value})

    def complaining(self, complaint: str) -> "ModelFilters":
        return replace(self, complaints=(*self.complaints, complaint))

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    def sort_after_click(self, column: str) -> str:
        """What a click on a column's heading sorts by: its first direction, or the other one after that."""
        if self.column != column:
            return SORTS[column]
        return column if self.descending else f"-{column}"


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
    """One of the columns, with a minus for descending."""
    if not value or value.removeprefix("-") in columns:
        return value or default
    complaints.append(f"{shown(value)} is no column to sort by")
    return default


def read_page(value: str, complaints: list[str]) -> int:
    """A page's number, from 1."""
    digits = value.strip()
    if digits.isascii() and digits.isdigit() and int(digits[:9]) > 0 and len(digits) < 9:
        return min(int(digits), LAST_PAGE)
    if digits:
        complaints.append(f"{shown(value)} is no page number")
    return 1
