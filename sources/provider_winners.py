"""Apply the winning claims about providers, and an editor's overrides of them."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from catalog.copy_rows import update_rows
from catalog.fields import default_values
from catalog.known_providers import NAMED_HERE, PROVIDERS, kind_of
from catalog.models import ModelClaims, Provider, ProviderClaims, Source
from catalog.policy_columns import POLICY_COLUMNS
from sources.policy import POLICY_VALUES, ProviderPolicy, policy_columns, with_days_counted
from sources.precedence import KNOWS_BEST
from sources.statement import Fact

AnyClaims = TypeVar("AnyClaims", ModelClaims, ProviderClaims)

_PLAIN_COLUMNS = (
    *("name", "terms_url", "privacy_url", "status_url", "docs_url", "headquarters"),
    *("env_names", "api_base"),
)
_PROVIDER_COLUMNS = (*_PLAIN_COLUMNS, *POLICY_COLUMNS)


def settle_providers(ids: Iterable[int]) -> set[int]:
    """Choose the winners for these providers; the ids of those with another data policy now.

    Their endpoints are to be settled.
    """
    providers = list(
        Provider.objects.filter(id__in=list(ids)).prefetch_related("claims__source", "overrides")
    )
    before = {provider.id: provider_policy(provider) for provider in providers}
    rows = {provider.id: _row(provider) for provider in providers}
    for provider in providers:
        _settle_provider(provider)
    changed = [_row(provider) for provider in providers if _row(provider) != rows[provider.id]]
    update_rows(Provider, (*_PROVIDER_COLUMNS, "kind", "provenance"), changed)
    return {
        provider.id for provider in providers if provider_policy(provider) != before[provider.id]
    }


def _row(provider: Provider) -> tuple[Any, ...]:
    values = (getattr(provider, name) for name in (*_PROVIDER_COLUMNS, "kind"))
    return provider.id, *values, json.dumps(provider.provenance, sort_keys=True)


def provider_policy(provider: Provider) -> ProviderPolicy:
    known = provider.provenance
    return ProviderPolicy(
        {name: getattr(provider, name) for name in POLICY_COLUMNS},
        {name: known[name] for name in POLICY_VALUES if name in known},
    )


def of_another_kind() -> list[int]:
    kinds = Provider.objects.values_list("id", "slug", "kind")
    return [id_ for id_, slug, kind in kinds if kind != kind_of(slug)]


def in_order(rows: Iterable[AnyClaims]) -> list[tuple[str, AnyClaims]]:
    """Every field with the claims that state it, the most trusted last, then the latest begun."""

    def rank(stated: tuple[str, AnyClaims]) -> tuple[Any, ...]:
        field, claims = stated
        return _trust(claims), claims.dated(field), claims.source.slug

    return sorted(((field, claims) for claims in rows for field in claims.facts), key=rank)


def _trust(claims: ModelClaims | ProviderClaims) -> int:
    """A provider's own API, such as a gateway's, is no authority on other providers."""
    source = claims.source
    of_provider = isinstance(claims, ProviderClaims) and claims.provider.slug != source.slug
    of_another = source.trust == Source.Trust.PROVIDER and of_provider
    return Source.Trust.CROWD if of_another else source.trust


def fact_of(claims: ModelClaims | ProviderClaims, field: str) -> Fact:
    url, on = claims.evidence.get(field, ("", claims.dated(field).date().isoformat()))
    return Fact(claims.facts[field], claims.source.slug, on, url)


def _settle_provider(provider: Provider) -> None:
    known = PROVIDERS.get(provider.slug)
    unstated = {
        **default_values(Provider, _PROVIDER_COLUMNS),
        "name": known[0] if known else provider.slug,
        "kind": kind_of(provider.slug),
    }
    for name, value in unstated.items():
        setattr(provider, name, value)
    facts: dict[str, Fact] = {}
    for name, claims in in_order(provider.claims.all()):
        taken = name in facts and facts[name].source == KNOWS_BEST.get(name)
        ours = name == "name" and provider.slug in NAMED_HERE
        if claims.facts[name] and not (taken or ours):
            facts[name] = fact_of(claims, name)
    plain = {name: facts[name].value for name in _PLAIN_COLUMNS if name in facts}
    for name, value in {**plain, **policy_columns(facts)}.items():
        setattr(provider, name, value)
    provider.provenance = {
        name: facts[name].provenance for name in (*_PLAIN_COLUMNS, *POLICY_VALUES) if name in facts
    }
    for override in provider.overrides.all():
        if override.withdrawn_at is None:
            setattr(provider, override.field, override.value)
            provider.provenance[override.field] = [Source.EDITOR, override.at.date().isoformat()]
    counted = with_days_counted(
        {"retention": provider.retention, "retention_days": provider.retention_days}
    )
    provider.retention, provider.retention_days = counted["retention"], counted["retention_days"]
