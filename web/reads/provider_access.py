"""Access data of providers' APIs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.sql import rows


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
WHERE provider.slug = ANY(%(slugs)s)
"""


def provider_access(slugs: Iterable[str]) -> dict[str, ProviderAccess]:
    access_records = rows(ProviderAccess, _ACCESS, slugs=sorted(set(slugs)))
    return {access.slug: access for access in access_records}
