"""What the filters of the model list can be set to, and which asked-for values there are not."""

from dataclasses import dataclass

from catalog.sql import ask
from web.http.page_cache import cached_summary
from web.params.models import ModelFilters
from web.params.values import shown
from web.reads.site import Named, site


@dataclass(frozen=True, slots=True)
class Choices:
    """Creators and providers that any listed model has, by (slug, name), in the order of the names."""

    creators: Named
    providers: Named


_CREATORS = """
SELECT slug, name FROM catalog_creator creator
WHERE EXISTS (SELECT FROM catalog_model WHERE creator_id = creator.id AND provider_count > 0)
ORDER BY lower(name), slug
"""
_PROVIDERS = """
SELECT slug, name FROM catalog_provider provider
WHERE EXISTS (SELECT FROM catalog_endpoint WHERE provider_id = provider.id)
ORDER BY lower(name), slug
"""


@cached_summary
def choices() -> Choices:
    return Choices(_pairs(_CREATORS), _pairs(_PROVIDERS))


def _pairs(question: str) -> Named:
    return tuple((slug, name) for slug, name in ask(question))


def among_choices(filters: ModelFilters) -> ModelFilters:
    """The filters without the creators, providers and capabilities that nobody knows, each
    complained of."""
    if filters.creator and filters.creator not in dict(choices().creators):
        filters = filters.complaining(f"{shown(filters.creator)} is no creator", creator="")
    if filters.provider and filters.provider not in dict(choices().providers):
        filters = filters.complaining(f"{shown(filters.provider)} is no provider", provider="")
    for slug in filters.capability:
        if slug not in site().capabilities:
            others = tuple(each for each in filters.capability if each != slug)
            filters = filters.complaining(f"{shown(slug)} is no capability", capability=others)
    return filters
