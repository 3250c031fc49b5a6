"""Providers and creators by name, for suggestions while a visitor types."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from catalog.lifecycle import in_lists_sql
from catalog.search import search_words
from catalog.sql import rows
from web.http.page_cache import cached_summary


class NamedParty(NamedTuple):
    """A provider or a creator, and the number of its listed models."""

    slug: str
    name: str
    models: int


@dataclass(frozen=True, slots=True)
class Parties:
    """In the order of their names."""

    providers: tuple[NamedParty, ...]
    creators: tuple[NamedParty, ...]


_PROVIDERS = f"""
SELECT provider.slug, provider.name, count(DISTINCT endpoint.model_id) AS models
FROM catalog_provider provider
JOIN catalog_endpoint endpoint ON endpoint.provider_id = provider.id
JOIN catalog_model model ON model.id = endpoint.model_id
WHERE endpoint.missing_since IS NULL AND {in_lists_sql()}
GROUP BY provider.slug, provider.name
ORDER BY lower(provider.name), provider.slug
"""  # noqa: S608 - put together from fixed words alone
_CREATORS = f"""
SELECT creator.slug, creator.name, count(*) AS models
FROM catalog_creator creator JOIN catalog_model model ON model.creator_id = creator.id
WHERE model.provider_count > 0 AND {in_lists_sql()}
GROUP BY creator.slug, creator.name
ORDER BY lower(creator.name), creator.slug
"""  # noqa: S608 - put together from fixed words alone


@cached_summary
def parties() -> Parties:
    today = timezone.now().date().isoformat()
    return Parties(
        tuple(rows(NamedParty, _PROVIDERS, today=today)),
        tuple(rows(NamedParty, _CREATORS, today=today)),
    )


def called(named: Sequence[NamedParty], words: Sequence[str], most: int) -> list[NamedParty]:
    """Those whose name or slug has every word: the exact one, what begins so, then the largest."""
    ranked = [(_rank(party, words), -party.models, place) for place, party in enumerate(named)]
    return [named[place] for rank, _, place in sorted(ranked)[:most] if rank < _NO_MATCH]


_NO_MATCH = 4


def _rank(party: NamedParty, words: Sequence[str]) -> int:
    parts = [*search_words(party.name), *search_words(party.slug)]
    squeezed = {"".join(search_words(party.name)), "".join(search_words(party.slug))}
    search = "".join(words)
    if search in squeezed:
        return 0
    if any(name.startswith(search) for name in squeezed):
        return 1
    if all(any(part.startswith(word) for part in parts) for word in words):
        return 2
    within = len(search) > 2 and any(search in name for name in squeezed)
    return 3 if within else _NO_MATCH
