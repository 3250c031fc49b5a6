"""Creators and providers for the filters of the model list."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from catalog.known_providers import FORMER
from catalog.regions import is_region
from catalog.sql import rows
from web.http.page_cache import cached_summary
from web.params.models import ModelFilters
from web.params.values import shown
from web.reads.site import Named, site


class SlugAndName(NamedTuple):
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Choices:
    """Creators and providers of any listed model, by (slug, name), in the order of their names.

    `regions` are those that endpoints state.
    """

    creators: Named
    providers: Named
    regions: tuple[str, ...]


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


_REGIONS = "SELECT DISTINCT region FROM catalog_endpoint WHERE region <> '' ORDER BY region"


@cached_summary
def choices() -> Choices:
    regions: list[dict[str, str]] = rows(dict, _REGIONS)
    return Choices(
        tuple(rows(SlugAndName, _CREATORS)),
        tuple(rows(SlugAndName, _PROVIDERS)),
        tuple(row["region"] for row in regions),
    )


def among_choices(filters: ModelFilters) -> ModelFilters:
    """The filters without what the catalog does not hold; adds complaints."""
    if filters.creator and filters.creator not in dict(choices().creators):
        filters = filters.complaining(f"{shown(filters.creator)} is no creator", creator="")
    if filters.provider in FORMER:
        filters = replace(filters, provider=FORMER[filters.provider])
    if filters.provider and filters.provider not in dict(choices().providers):
        filters = filters.complaining(f"{shown(filters.provider)} is no provider", provider="")
    region = filters.region
    if region and not is_region(region, choices().regions):
        filters = filters.complaining(f"{shown(region)} is no region of an endpoint", region="")
    for slug in filters.capability:
        if slug not in site().capabilities:
            others = tuple(other for other in filters.capability if other != slug)
            filters = filters.complaining(f"{shown(slug)} is no capability", capability=others)
    return filters
