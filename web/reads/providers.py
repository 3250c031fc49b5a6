"""Providers: their facts, what they serve, and their data policies."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from catalog.lifecycle import TODAY, current_sql
from catalog.sql import rows
from sources.registry import upstreams
from web.http.page_cache import cached_summary
from web.reads.rates import OLDEST_DATA
from web.reads.site import Named


class ProviderRecord(NamedTuple):
    """`creator_slug` and `creator_name` are of the creator that runs it, None if none does."""

    id: int
    slug: str
    name: str
    kind: str
    headquarters: str
    training: str
    retention: str
    retention_days: int | None
    zdr: str
    policy_basis: str
    policy_note: str
    policy_exceptions: str
    policy_url: str
    policy_checked_on: str
    docs_url: str
    terms_url: str
    privacy_url: str
    status_url: str
    env_names: list[str]
    api_base: str
    creator_slug: str | None
    creator_name: str | None

    @property
    def links(self) -> Named:
        named = (
            (self.docs_url, "Docs"),
            (self.terms_url, "Terms"),
            (self.privacy_url, "Privacy"),
            (self.status_url, "Status"),
        )
        # Addresses come from upstreams: one of another scheme is never made a link.
        return tuple((url, name) for url, name in named if url.startswith(("https://", "http://")))


@dataclass(frozen=True, slots=True)
class ServedTotals:
    """Counts of a provider, without what is retired; `as_of` is the oldest date of the data that
    its prices rest on, as in `Site.as_of_sources`, or "".
    """

    provider_id: int
    models: int
    endpoints: int
    as_of: str
    retired: int = 0


class PolicyCount(NamedTuple):
    """Number of a provider's endpoints with these two answers on data policy."""

    provider_id: int
    zdr: str
    training: str
    endpoints: int


_PROVIDERS = """
SELECT provider.id, provider.slug, provider.name, provider.kind, provider.headquarters,
       provider.training, provider.retention, provider.retention_days, provider.zdr,
       provider.policy_basis, provider.policy_note, provider.policy_exceptions,
       provider.policy_url, provider.policy_checked_on,
       provider.docs_url, provider.terms_url, provider.privacy_url, provider.status_url,
       provider.env_names, provider.api_base,
       creator.slug AS creator_slug, creator.name AS creator_name
FROM catalog_provider provider
LEFT JOIN catalog_creator creator ON creator.id = provider.creator_id
"""
_SERVED = f"""
SELECT endpoint.provider_id,
       count(DISTINCT endpoint.model_id) FILTER (WHERE {current_sql(TODAY)}) AS models,
       count(*) FILTER (WHERE {current_sql(TODAY)}) AS endpoints,
       coalesce(to_char(coalesce(min(rates.of_upstreams), min(rates.of_all)) AT TIME ZONE 'UTC',
                        'YYYY-MM-DD'), '') AS as_of,
       count(*) FILTER (WHERE NOT {current_sql(TODAY)}) AS retired
FROM catalog_endpoint endpoint
JOIN catalog_model model ON model.id = endpoint.model_id
LEFT JOIN (
    {OLDEST_DATA} GROUP BY rate.endpoint_id
) rates ON rates.endpoint_id = endpoint.id
GROUP BY endpoint.provider_id
"""  # noqa: S608 - put together from fixed words alone
_POLICIES = f"""
SELECT endpoint.provider_id, endpoint.zdr, endpoint.training, count(*) AS endpoints
FROM catalog_endpoint endpoint JOIN catalog_model model ON model.id = endpoint.model_id
WHERE {current_sql(TODAY)}
GROUP BY endpoint.provider_id, endpoint.zdr, endpoint.training
"""  # noqa: S608 - put together from fixed words alone


@cached_summary
def all_providers() -> dict[str, ProviderRecord]:
    """By slug, in the order of their names."""
    providers = rows(ProviderRecord, f"{_PROVIDERS} ORDER BY lower(provider.name), provider.slug")
    return {provider.slug: provider for provider in providers}


@cached_summary
def served_by_provider() -> dict[int, ServedTotals]:
    totals = rows(ServedTotals, _SERVED, upstreams=[*upstreams()])
    return {served.provider_id: served for served in totals}


@cached_summary
def policy_counts() -> dict[int, list[PolicyCount]]:
    """By provider."""
    counts: dict[int, list[PolicyCount]] = defaultdict(list)
    for row in rows(PolicyCount, _POLICIES):
        counts[row.provider_id].append(row)
    return dict(counts)
