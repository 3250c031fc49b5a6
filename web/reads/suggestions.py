"""Providers and creators by name, for suggestions while a visitor types."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from django.utils import timezone

from catalog.lifecycle import in_lists_sql
from catalog.search import search_words
from catalog.sql import rows
from web.http.page_cache import cached_summary


@dataclass(frozen=True, slots=True)
class NamedParty:
    """A provider or a creator, and the number of its listed models.

    `spelled` has its name and its slug: each on a line without what separates their words, and the
    words, each after a space.
    """

    slug: str
    name: str
    models: int
    spelled: str


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
        tuple(rows(_party, _PROVIDERS, today=today)), tuple(rows(_party, _CREATORS, today=today))
    )


def _party(slug: str, name: str, models: int) -> NamedParty:
    of_name, of_slug = search_words(name), search_words(slug)
    words = " ".join((*of_name, *of_slug))
    return NamedParty(slug, name, models, f"\n{''.join(of_name)}\n{''.join(of_slug)}\n {words}")


def called(named: Sequence[NamedParty], words: Sequence[str], most: int) -> list[NamedParty]:
    """Those whose name or slug has every word: the exact one, what begins so, then the largest."""
    ranked = [(_rank(party, words), -party.models, place) for place, party in enumerate(named)]
    best = nsmallest(most, (key for key in ranked if key[0] < _NO_MATCH))
    return [named[place] for _, _, place in best]


_NO_MATCH = 4


def _rank(party: NamedParty, words: Sequence[str]) -> int:
    search = "".join(words)
    if f"\n{search}" in party.spelled:
        return 0 if f"\n{search}\n" in party.spelled else 1
    if all(f" {word}" in party.spelled for word in words):
        return 2
    return 3 if len(search) > 2 and search in party.spelled else _NO_MATCH
