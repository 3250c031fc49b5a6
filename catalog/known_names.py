"""The names in the database, kept in memory until the catalog changes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from catalog.lifecycle import in_use_sql
from catalog.models import Alias, Creator, Model
from catalog.names import Names
from catalog.provider_kinds import direct_sql
from catalog.resolution import ProviderName
from catalog.sql import rows
from catalog.version import catalog_version


@dataclass(frozen=True, slots=True, eq=False)
class KnownEndpoint:
    """An endpoint as `catalog.names.EndpointName` describes it."""

    endpoint_id: int
    model: str
    provider: str
    upstream_id: str
    variant: frozenset[str]
    region: str
    snapshot: str
    gone: bool


_ENDPOINTS = f"""
SELECT endpoint.id AS endpoint_id, model.slug AS model, provider.slug AS provider,
       endpoint.upstream_id, endpoint.variant AS words, endpoint.region, endpoint.snapshot,
       NOT {in_use_sql("endpoint")} AS gone
FROM catalog_endpoint endpoint
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
ORDER BY endpoint.id
"""  # noqa: S608 - put together from fixed words alone
_PROVIDERS = f"""
SELECT provider.slug, provider.name, coalesce(creator.slug, '') AS creator,
       {direct_sql("provider")} AS direct
FROM catalog_provider provider
LEFT JOIN catalog_creator creator ON creator.id = provider.creator_id
"""  # noqa: S608 - put together from fixed words alone


@lru_cache(maxsize=4096)
def _variant(words: str) -> frozenset[str]:
    return frozenset(filter(None, words.split(",")))


def _known_endpoint(
    endpoint_id: int,
    model: str,
    provider: str,
    upstream_id: str,
    words: str,
    region: str,
    snapshot: str,
    gone: bool,  # noqa: FBT001 - a row of the statement, by place
) -> KnownEndpoint:
    variant = _variant(words)
    return KnownEndpoint(
        endpoint_id, model, provider, upstream_id, variant, region, snapshot, gone=gone
    )


def _named_provider(
    slug: str,
    name: str,
    creator: str,
    direct: bool,  # noqa: FBT001 - a row of the statement, by place
) -> tuple[str, ProviderName]:
    return slug, ProviderName(name, creator, direct=direct)


def known_names() -> Names:
    version, today = catalog_version(), datetime.now(UTC).date()
    return _kept(version, today) if version else _read(today)


@lru_cache(maxsize=1)
def _kept(_version: str, today: date) -> Names:
    return _read(today)


def _read(today: date) -> Names:
    return Names(
        endpoints=rows(_known_endpoint, _ENDPOINTS, today=today.isoformat()),
        models=frozenset(Model.objects.values_list("slug", flat=True)),
        aliases=dict(Alias.objects.values_list("spelling", "model__slug")),
        providers=dict(rows(_named_provider, _PROVIDERS)),
        creators=dict(Creator.objects.values_list("slug", "name")),
    )
