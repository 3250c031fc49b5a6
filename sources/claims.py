"""Keep what every source claims, with the date of each claim; write only differences."""

import json
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from catalog.copy_rows import insert_rows, update_rows
from catalog.models import EndpointClaims, Provider, ProviderClaims, Source
from sources.base import Listing, Parsed
from sources.linking import EndpointListing, Key


def _digest(*parts: Any) -> bytes:
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).digest()


def _since(kept: EndpointClaims | ProviderClaims, facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: kept.dated(name).isoformat()
        for name, value in facts.items()
        if name in kept.facts and kept.facts[name] == value
    }


def keep_provider_claims(parsed: Parsed, source: Source) -> list[int]:
    kept = {
        claims.provider.slug: claims
        for claims in source.providerclaims_set.select_related("provider")
    }
    ids = dict(Provider.objects.values_list("slug", "id"))
    new: list[ProviderClaims] = []
    changed: list[ProviderClaims] = []
    for listing in parsed.providers:
        claims = kept.get(listing.slug) or ProviderClaims(
            source=source, provider_id=ids[listing.slug]
        )
        digest = _digest(listing.facts)
        if claims.id and bytes(claims.digest) == digest:
            continue
        (changed if claims.id else new).append(claims)
        claims.since = _since(claims, listing.facts) if claims.id else {}
        claims.facts, claims.stated_at, claims.digest = dict(listing.facts), parsed.as_of, digest
    ProviderClaims.objects.bulk_create(new)
    ProviderClaims.objects.bulk_update(changed, ["since", "facts", "stated_at", "digest"])
    return [claims.provider_id for claims in (*new, *changed)]


_COLUMNS = ("facts", "rates", "digest", "stated_at", "missing_since")


@dataclass(frozen=True, slots=True)
class ListingColumns:
    """A listing as columns of EndpointClaims."""

    facts: dict[str, Any]
    rates: list[dict[str, Any]]
    digest: bytes

    @classmethod
    def of(cls, listing: Listing) -> "ListingColumns":
        rates = [rate.to_json() for rate in listing.rates]
        return cls(dict(listing.facts), rates, _digest(listing.facts, rates))

    def values(self, as_of: datetime) -> tuple[Any, ...]:
        return json.dumps(self.facts), json.dumps(self.rates), self.digest, as_of, None


def keep_endpoint_claims(
    parsed: Parsed,
    source: Source,
    stated: Mapping[Key, EndpointListing],
    endpoints: Mapping[Key, int],
    *,
    unread: Set[Key],
    counts: Counter[str],
) -> set[int]:
    """Write new or different claims, mark those no longer made; the ids of the endpoints.

    `unread` are listed endpoints with a skipped row: their earlier claims stay.

    """
    touched: set[int] = set()
    rows = EndpointClaims.objects.filter(source=source)
    kept = {
        endpoint_id: (id_, bytes(digest), missing)
        for id_, endpoint_id, digest, missing in rows.values_list(
            "id", "endpoint_id", "digest", "missing_since"
        )
    }
    for key in unread & endpoints.keys():
        kept.pop(endpoints[key], None)
    inserts: list[tuple[Any, ...]] = []
    changed: dict[int, ListingColumns] = {}
    # One listing may cover many endpoints.
    columns_of: dict[int, ListingColumns] = {}
    for key, row in stated.items():
        listing = row.listing
        if id(listing) not in columns_of:
            columns_of[id(listing)] = ListingColumns.of(listing)
        columns = columns_of[id(listing)]
        endpoint_id = endpoints[key]
        before = kept.pop(endpoint_id, None)
        if before is None:
            inserts.append(
                (endpoint_id, source.id, "{}", row.by_pattern, *columns.values(parsed.as_of))
            )
            touched.add(endpoint_id)
        elif before[1] != columns.digest or before[2]:
            changed[before[0]] = columns
            touched.add(endpoint_id)
    insert_rows(EndpointClaims, ("endpoint", "source", "since", "by_pattern", *_COLUMNS), inserts)
    updates = []
    for claims in EndpointClaims.objects.filter(id__in=changed).iterator(chunk_size=1000):
        columns = changed[claims.id]
        since = json.dumps(_since(claims, columns.facts))
        updates.append((claims.id, since, *columns.values(parsed.as_of)))
    update_rows(EndpointClaims, ("since", *_COLUMNS), updates)
    gone = {endpoint_id: id_ for endpoint_id, (id_, _, missing) in kept.items() if not missing}
    EndpointClaims.objects.filter(id__in=gone.values()).update(missing_since=parsed.as_of)
    touched |= gone.keys()
    counts["claims new"] += len(inserts)
    counts["claims changed"] += len(changed)
    counts["claims no longer made"] += len(gone)
    return touched
