"""What is known as CSV: a line for each fact and source, of all endpoints and of providers."""

from collections.abc import Iterator

from usage.spreadsheet import as_csv
from web.pages.coverage import KnownShare, shares_by_scope

HEADER = ("provider", "fact", "endpoints", "known", "source", "stated", "oldest")


def coverage_csv() -> str:
    lines = (line for slug, share in shares_by_scope() for line in _lines(slug, share))
    return as_csv([HEADER, *lines])


def _lines(slug: str, share: KnownShare) -> Iterator[list[str]]:
    for source, stated, oldest in share.sources or (("", 0, ""),):
        counts = (str(share.among), str(share.known), source, str(stated))
        yield [slug, share.fact, *counts, oldest]
