"""Access data of providers' APIs."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.sql import rows
from web.http.page_cache import cached_summary


@dataclass(frozen=True, slots=True)
class ProviderAccess:
    """`sdk` is a package name, None if no source states one."""

    slug: str
    docs_url: str
    api_base: str
    env_names: Sequence[str]
    sdk: str | None


_ACCESS = """
SELECT provider.slug, provider.docs_url, provider.api_base, provider.env_names,
       (SELECT claims.facts->>'sdk' FROM catalog_providerclaims claims
        WHERE claims.provider_id = provider.id AND claims.facts ? 'sdk' LIMIT 1) AS sdk
FROM catalog_provider provider
"""


@cached_summary
def provider_access() -> dict[str, ProviderAccess]:
    """By the provider's slug."""
    return {access.slug: access for access in rows(ProviderAccess, _ACCESS)}
