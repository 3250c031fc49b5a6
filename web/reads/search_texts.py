"""The texts that a search looks through, in memory: reading them all takes longer than a page."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from catalog.sql import rows
from web.http.page_cache import cached_summary


class SearchText(NamedTuple):
    id: int
    search_text: str


_TEXTS = "SELECT id, search_text FROM catalog_model WHERE provider_count > 0"


@cached_summary
def _texts() -> list[SearchText]:
    return rows(SearchText, _TEXTS)


def models_with(words: Collection[str]) -> list[int]:
    """The served models whose names, ids, creators and providers have every word."""
    texts: Sequence[tuple[int, str]] = _texts()
    for word in words:
        texts = [(id_, text) for id_, text in texts if word in text]
    return [id_ for id_, _ in texts]
