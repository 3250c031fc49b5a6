"""Common parameters of all lists: sorting, pages of 50, complaints. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from web.params.values import Query, last_value, shown

PER_PAGE = 50
LAST_PAGE = 1_000_000
# "Load more" shows at most so many pages as one.
MOST_PAGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Pages `first` to `page` show as one; `complaints` name bad values."""

    sort: str = ""
    first: int = 1
    page: int = 1
    complaints: tuple[str, ...] = ()

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        raise NotImplementedError

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """With changes; any change leads to page 1 alone, unless a page is stated."""
        page = changes.get("page", 1)
        return replace(self, **{"first": page, "page": page, **changes})

    def complaining(self, complaint: str, **changes: Any) -> Self:
        return replace(self, complaints=(*self.complaints, complaint), **changes)

    def within(self, total: int) -> Self:
        """Move a page past the last one to the last, with a complaint."""
        last = page_count(total)
        if self.page <= last:
            return self
        complaint = f"there is no page {self.page:,}, this is the last"
        return self.complaining(complaint, page=last, first=min(self.first, last))

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def start(self) -> int:
        return (self.first - 1) * PER_PAGE

    @property
    def shown(self) -> int:
        return (self.page - self.first + 1) * PER_PAGE

    @property
    def can_grow(self) -> bool:
        return self.page + 1 - self.first < MOST_PAGES


def page_count(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def read_pages(query: Query, complaints: list[str]) -> tuple[int, int]:
    """The first and the last of the pages to show: the parameters `from` and `page`."""
    page = _read_page(last_value(query, "page"), complaints)
    stated = last_value(query, "from")
    if not stated:
        return page, page
    first = _read_page(stated, complaints)
    if first <= page < first + MOST_PAGES:
        return first, page
    complaints.append(f"pages {first:,} to {page:,} do not show as one, page {page:,} does")
    return page, page


def _read_page(value: str, complaints: list[str]) -> int:
    if value.isascii() and value.isdigit() and len(value) < 9 and int(value) > 0:
        return min(int(value), LAST_PAGE)
    if value:
        complaints.append(f"{shown(value)} is no page number")
    return 1
