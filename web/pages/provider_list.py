"""Everyone who serves models: as many queries however many there are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.provider_kinds import ProviderKind
from catalog.search import SEPARATORS, search_words
from catalog.sql import ask
from web.http.page_cache import cached_summary
from web.params.columns import Column
from web.params.tables import Table, TableFilters
from web.reads.site import Named

PROVIDERS = Table(
    columns=(
        Column("Provider", "name"),
        Column("Kind", "kind"),
        Column("Models", "-models", numeric=True),
        Column("Endpoints", "-endpoints", numeric=True),
        Column("Links"),
        Column("Prices as of", "-observed"),
    ),
    default_sort="name",
    kinds=list(ProviderKind),
)


@dataclass(frozen=True, slots=True)
class Served:
    """What a provider serves.

    `observed` is the newest day on which any of its prices was seen, or "".
    """

    models: int = 0
    endpoints: int = 0
    observed: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRow:
    slug: str
    name: str
    kind: str
    headquarters: str
    links: Named
    served: Served


@dataclass(frozen=True, slots=True)
class ProviderList:
    """`kinds` are (kind, its label, how many the search leaves of it), and `searched` is their sum."""

    rows: list[ProviderRow]
    everyone: int
    total: int
    searched: int
    kinds: list[tuple[str, str, int]]
    filters: TableFilters

    @property
    def last(self) -> int:
        return self.filters.start + len(self.rows)


# A few hundred rows: they are read whole, and searched and sorted here.
_PROVIDERS = """
SELECT id, slug, name, kind, headquarters, docs_url, terms_url, privacy_url, status_url
FROM catalog_provider
ORDER BY lower(name), slug
"""


def read_provider_list(filters: TableFilters) -> ProviderList:
    """A page of the providers that the filters leave. A page past the last one is the last one."""
    everyone, words = ask(_PROVIDERS), search_words(filters.q)
    searched = [each for each in everyone if _speaks(each, words)]
    by_kind = Counter(each.kind for each in searched)
    found = [each for each in searched if filters.kind in ("", each.kind)]
    served, filters = what_is_served(), filters.within(len(found))
    ordered = _in_order(found, filters, served)[filters.start : filters.start + filters.shown]
    return ProviderList(
        rows=[_row(each, served.get(each.id, Served())) for each in ordered],
        everyone=len(everyone),
        total=len(found),
        searched=len(searched),
        kinds=[(kind, label, by_kind[kind]) for kind, label in ProviderKind.choices()],
        filters=filters,
    )


def _speaks(provider: Any, words: Iterable[str]) -> bool:
    """Whether its name, slug, kind or country hold every word."""
    said = f"{provider.name} {provider.slug} {provider.kind} {provider.headquarters}".lower()
    text = said.translate(dict.fromkeys(map(ord, SEPARATORS), " "))
    return all(word in text for word in words)


def _in_order(found: list[Any], filters: TableFilters, served: dict[int, Served]) -> list[Any]:
    """Sorted as asked, ties by name, and what has no value last in both directions."""
    if filters.column == "name":
        return found[::-1] if filters.descending else found
    kinds = list(ProviderKind)
    keys: dict[str, dict[int, Any]] = {
        "kind": {each.id: kinds.index(each.kind) + 1 for each in found},
        "models": {key: facts.models for key, facts in served.items()},
        "endpoints": {key: facts.endpoints for key, facts in served.items()},
        "observed": {key: facts.observed for key, facts in served.items()},
    }
    values = keys[filters.column]
    known = sorted(
        (each for each in found if values.get(each.id)),
        key=lambda each: values[each.id],
        reverse=filters.descending,
    )
    return [*known, *(each for each in found if not values.get(each.id))]


def _row(provider: Any, served: Served) -> ProviderRow:
    return ProviderRow(
        slug=provider.slug,
        name=provider.name,
        kind=ProviderKind(provider.kind).label,
        headquarters=provider.headquarters,
        links=links(provider),
        served=served,
    )


def links(provider: Any) -> Named:
    """A provider's own pages by (address, name), as far as they are known."""
    named = (
        (provider.docs_url, "Docs"),
        (provider.terms_url, "Terms"),
        (provider.privacy_url, "Privacy"),
        (provider.status_url, "Status"),
    )
    # Upstreams state these: an address that is no web page is not made a link.
    return tuple((url, name) for url, name in named if url.startswith(("https://", "http://")))


_SERVED = """
SELECT endpoint.provider_id, count(DISTINCT endpoint.model_id) AS models, count(*) AS endpoints,
       to_char(max(rates.newest) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS observed
FROM catalog_endpoint endpoint
LEFT JOIN (
    SELECT endpoint_id, max(observed_at) AS newest FROM pricing_rate WHERE NOT held GROUP BY endpoint_id
) rates ON rates.endpoint_id = endpoint.id
GROUP BY endpoint.provider_id
"""


@cached_summary
def what_is_served() -> dict[int, Served]:
    """What each provider serves, by its id."""
    return {
        row.provider_id: Served(row.models, row.endpoints, row.observed or "")
        for row in ask(_SERVED)
    }
