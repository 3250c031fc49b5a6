"""The list of providers: a few hundred rows, read whole, then searched and sorted in Python."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from django.urls import reverse

from catalog.provider_kinds import ProviderKind
from catalog.search import SEPARATORS, search_words
from web.pages.head import Head, head_of_list
from web.params.columns import Column, Heading, headings
from web.params.lists import page_count
from web.params.tables import Table, TableFilters
from web.reads.providers import ProviderRecord, ServedTotals, all_providers, served_by_provider
from web.reads.site import Named

KINDS = {kind.value: kind.label for kind in ProviderKind}
PROVIDERS = Table(
    columns=(
        Column("Provider", "name"),
        Column("Kind", "kind"),
        Column("Models", "-models", numeric=True),
        Column("Endpoints", "-endpoints", numeric=True),
        Column("Links"),
        Column("Prices as of", "-as_of"),
    ),
    default_sort="name",
    kinds=tuple(KINDS),
)
_SPACES = dict.fromkeys(map(ord, SEPARATORS), " ")


@dataclass(frozen=True, slots=True)
class ProviderRow:
    slug: str
    name: str
    kind: str
    headquarters: str
    links: Named
    served: ServedTotals


@dataclass(frozen=True, slots=True)
class KindCount:
    """Number of providers of a kind that match the search."""

    kind: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class ProviderListPage:
    """`known` counts all providers, `searched` those that match the search."""

    filters: TableFilters
    headings: list[Heading]
    rows: list[ProviderRow]
    known: int
    searched: int
    total: int
    kinds: list[KindCount]

    @property
    def pages(self) -> int:
        return page_count(self.total)

    @property
    def last(self) -> int:
        return self.filters.start + len(self.rows)


def provider_list_page(filters: TableFilters) -> ProviderListPage:
    """Providers that match the filters. A page past the last one becomes the last one."""
    providers, words = all_providers().values(), search_words(filters.q)
    searched = [provider for provider in providers if _matches(provider, words)]
    counts = Counter(provider.kind for provider in searched)
    listed = [provider for provider in searched if filters.kind in ("", provider.kind)]
    filters, served = filters.within(len(listed)), served_by_provider()
    ordered = _sorted(listed, filters, served)[filters.start : filters.start + filters.shown]
    return ProviderListPage(
        filters=filters,
        headings=headings(PROVIDERS.columns, filters),
        rows=[_row(provider, served) for provider in ordered],
        known=len(providers),
        searched=len(searched),
        total=len(listed),
        kinds=[KindCount(kind, KINDS[kind], counts[kind]) for kind in KINDS if counts[kind]],
    )


def provider_list_head(filters: TableFilters) -> Head:
    description = (
        "Providers that serve AI models over an API: kind, models, endpoints, and the age of their"
        " prices."
    )
    query = filters.query(page=filters.page)
    return head_of_list(
        "Providers of AI models", description, reverse("providers"), query, filters.page
    )


def _matches(provider: ProviderRecord, words: Iterable[str]) -> bool:
    text = _search_text(provider.name, provider.slug, provider.kind, provider.headquarters)
    return all(word in text for word in words)


@lru_cache(maxsize=4096)
def _search_text(*texts: str) -> str:
    return " ".join(texts).lower().translate(_SPACES)


def _sorted(
    providers: list[ProviderRecord], filters: TableFilters, served: Mapping[int, ServedTotals]
) -> list[ProviderRecord]:
    """Ties are ordered by name; providers that serve nothing come last in both directions."""
    if filters.column == "name":
        return providers[::-1] if filters.descending else providers
    if filters.column == "kind":
        places = {kind: place for place, kind in enumerate(KINDS)}
        return sorted(
            providers, key=lambda provider: places[provider.kind], reverse=filters.descending
        )
    value = attrgetter(filters.column)
    known = [provider for provider in providers if value(_served(provider, served))]
    known.sort(key=lambda provider: value(_served(provider, served)), reverse=filters.descending)
    return known + [provider for provider in providers if not value(_served(provider, served))]


def _served(provider: ProviderRecord, served: Mapping[int, ServedTotals]) -> ServedTotals:
    return served.get(provider.id) or ServedTotals(provider.id, 0, 0, "")


def _row(provider: ProviderRecord, served: Mapping[int, ServedTotals]) -> ProviderRow:
    return ProviderRow(
        slug=provider.slug,
        name=provider.name,
        kind=KINDS[provider.kind],
        headquarters=provider.headquarters,
        links=provider.links,
        served=_served(provider, served),
    )
