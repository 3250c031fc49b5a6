"""Keep what every source claims, with the date of each claim; write only what is new or different."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from catalog.copy_rows import insert_rows, update_rows
from catalog.models import EndpointClaims, Provider, ProviderClaims, Source
from sources.base import Parsed
from sources.linking import Key, Spoken


def _digest(*parts: Any) -> bytes:
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).digest()


def _since(kept: EndpointClaims | ProviderClaims, facts: Mapping[str, Any]) -> dict[str, str]:
    """The dates of the claims that stay as they were, when others in the row change."""
    return {
        name: kept.dated(name).isoformat()
        for name, value in facts.items()
        if name in kept.facts and kept.facts[name] == value
    }


def keep_provider_claims(answer: Parsed, source: Source) -> list[int]:
    """Write the claims about providers that are new or different; gives the ids of those providers."""
    kept = {
        claims.provider.slug: claims
        for claims in source.providerclaims_set.select_related("provider")
    }
    ids = dict(Provider.objects.values_list("slug", "id"))
    new: list[ProviderClaims] = []
    changed: list[ProviderClaims] = []
    for listing in answer.providers:
        claims = kept.get(listing.slug) or ProviderClaims(
            source=source, provider_id=ids[listing.slug]
        )
        digest = _digest(listing.facts)
        if claims.id and bytes(claims.digest) == digest:
            continue
        (changed if claims.id else new).append(claims)
        claims.since = _since(claims, listing.facts) if claims.id else {}
        claims.facts, claims.stated_at, claims.digest = dict(listing.facts), answer.as_of, digest
    ProviderClaims.objects.bulk_create(new)
    ProviderClaims.objects.bulk_update(changed, ["since", "facts", "stated_at", "digest"])
    return [claims.provider_id for claims in (*new, *changed)]


_FORM = ("facts", "rates", "digest", "stated_at", "missing_since")


@dataclass(frozen=True, slots=True)
class _Form:
    """A listing as it is written down."""

    facts: dict[str, Any]
    rates: list[dict[str, Any]]
    digest: bytes

    def columns(self, as_of: datetime) -> tuple[Any, ...]:
        return json.dumps(self.facts), json.dumps(self.rates), self.digest, as_of, None


def keep_endpoint_claims(
    answer: Parsed,
    source: Source,
    stated: Mapping[Key, Spoken],
    endpoints: Mapping[Key, int],
    counts: Counter[str],
) -> set[int]:
    """Write the claims that are new or different, and mark those that are no longer made.

    Gives the ids of the endpoints that this touches.
    """
    touched: set[int] = set()
    kept = {
        endpoint_id: (id_, bytes(digest), missing)
        for id_, endpoint_id, digest, missing in EndpointClaims.objects.filter(
            source=source
        ).values_list("id", "endpoint_id", "digest", "missing_since")
    }
    inserts: list[tuple[Any, ...]] = []
    changed: dict[int, _Form] = {}
    forms: dict[int, _Form] = {}
    for key, spoken in stated.items():
        listing = spoken.listing
        if id(listing) not in forms:
            rates = [rate.to_json() for rate in listing.rates]
            forms[id(listing)] = _Form(dict(listing.facts), rates, _digest(listing.facts, rates))
        form = forms[id(listing)]
        endpoint_id = endpoints[key]
        before = kept.pop(endpoint_id, None)
        if before is None:
            inserts.append(
                (endpoint_id, source.id, "{}", spoken.by_pattern, *form.columns(answer.as_of))
            )
            touched.add(endpoint_id)
        elif before[1] != form.digest or before[2]:
            changed[before[0]] = form
            touched.add(endpoint_id)
    insert_rows(
        EndpointClaims,
        ("endpoint", "source", "since", "by_pattern", *_FORM),
        inserts,
    )
    _change_claims(changed, answer.as_of)
    gone = {endpoint_id: row[0] for endpoint_id, row in kept.items() if row[2] is None}
    EndpointClaims.objects.filter(id__in=gone.values()).update(missing_since=answer.as_of)
    touched |= gone.keys()
    counts["claims new"] += len(inserts)
    counts["claims changed"] += len(changed)
    counts["claims no longer made"] += len(gone)
    return touched


def _change_claims(changed: Mapping[int, _Form], as_of: datetime) -> None:
    rows = []
    for claims in EndpointClaims.objects.filter(id__in=changed).iterator(chunk_size=1000):
        form = changed[claims.id]
        rows.append((claims.id, json.dumps(_since(claims, form.facts)), *form.columns(as_of)))
    update_rows(EndpointClaims, ("since", *_FORM), rows)
