"""Keep what every source claims, with the date of each claim; write only differences."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.db import connection

from catalog.claim_dates import claims_by_name, dates_of_same
from catalog.copy_rows import insert_rows, update_rows
from catalog.json_text import from_json_text, to_json_text
from catalog.models import EndpointClaims, Model, ModelClaims, Provider, ProviderClaims, Source
from sources.base import Evidence, Listing, Parsed
from sources.earlier_claims import keep_earlier
from sources.linking import EndpointListing, Key
from sources.rules import joined_model_rules

_ENCODER = json.JSONEncoder(sort_keys=True)


def _digest(*parts: Any) -> bytes:
    return blake2b(_ENCODER.encode(parts).encode(), digest_size=16).digest()


def _since(kept: ModelClaims | ProviderClaims, facts: Mapping[str, Any]) -> dict[str, str]:
    """The dates of the claims that stay as they are on record."""
    return dates_of_same(
        claims_by_name(kept.facts),
        claims_by_name(facts),
        stated_at=kept.stated_at,
        since=kept.since,
        evidence=kept.evidence,
    )


def _claims_digest(facts: Mapping[str, Any], evidence: Mapping[str, Any], *more: Any) -> bytes:
    return _digest(facts, *more, evidence) if evidence else _digest(facts, *more)


def keep_provider_claims(parsed: Parsed, source: Source) -> list[int]:
    """Write new or different claims; the ids of their providers.

    Of a source that states facts only of known providers, claims that it makes no longer are gone.
    """
    kept = {
        claims.provider.slug: claims
        for claims in source.providerclaims_set.select_related("provider")
    }
    ids = dict(Provider.objects.values_list("slug", "id"))
    new: list[ProviderClaims] = []
    changed: list[ProviderClaims] = []
    for listing in parsed.providers:
        if listing.slug not in ids:
            continue
        claims = kept.pop(listing.slug, None) or ProviderClaims(
            source=source, provider_id=ids[listing.slug]
        )
        digest = _claims_digest(listing.facts, listing.evidence)
        if claims.id and bytes(claims.digest) == digest:
            continue
        (changed if claims.id else new).append(claims)
        claims.since = _since(claims, listing.facts) if claims.id else {}
        claims.facts, claims.stated_at, claims.digest = dict(listing.facts), parsed.as_of, digest
        claims.evidence = _as_json(listing.evidence)
    ProviderClaims.objects.bulk_create(new)
    columns = ["since", "facts", "evidence", "stated_at", "digest"]
    ProviderClaims.objects.bulk_update(changed, columns)
    gone = [*kept.values()] if parsed.only_known else []
    ProviderClaims.objects.filter(id__in=[claims.id for claims in gone]).delete()
    return [claims.provider_id for claims in (*new, *changed, *gone)]


def keep_model_claims(parsed: Parsed, source: Source) -> list[int]:
    """Write new or different claims, delete those no longer made; the ids of their models."""
    kept = {claims.model_id: claims for claims in source.modelclaims_set.all()}
    if not (parsed.models or kept):
        return []
    ids = dict(Model.objects.values_list("slug", "id"))
    new: list[ModelClaims] = []
    changed: list[ModelClaims] = []
    for slug, rule in joined_model_rules(parsed.models, ids).items():
        claims = kept.pop(ids[slug], None) or ModelClaims(source=source, model_id=ids[slug])
        digest = _claims_digest(rule.facts, rule.evidence)
        if claims.id and bytes(claims.digest) == digest:
            continue
        (changed if claims.id else new).append(claims)
        claims.since = _since(claims, rule.facts) if claims.id else {}
        claims.facts, claims.stated_at, claims.digest = dict(rule.facts), parsed.as_of, digest
        claims.evidence = _as_json(rule.evidence)
    ModelClaims.objects.bulk_create(new)
    columns = ["since", "facts", "evidence", "stated_at", "digest"]
    ModelClaims.objects.bulk_update(changed, columns)
    gone = [*kept.values()]
    ModelClaims.objects.filter(id__in=[claims.id for claims in gone]).delete()
    return [claims.model_id for claims in (*new, *changed, *gone)]


def _as_json(evidence: Mapping[str, Evidence]) -> dict[str, list[str]]:
    return {name: [*where] for name, where in evidence.items()}


_COLUMNS = (
    *("since", "facts", "rates", "evidence", "digest", "by_pattern", "by_rule", "stated_at"),
    "missing_since",
)


@dataclass(frozen=True, slots=True)
class ListingColumns:
    """A listing as columns of EndpointClaims, JSON as text."""

    stated: tuple[dict[str, Any], list[dict[str, Any]]]
    facts: str
    rates: str
    evidence: str
    digest: bytes

    @classmethod
    def of(cls, listing: Listing) -> "ListingColumns":
        rates = [rate.to_json() for rate in listing.rates]
        evidence = _as_json(listing.evidence)
        digest = _claims_digest(listing.facts, evidence, rates)
        facts = dict(listing.facts)
        return cls(
            (facts, rates), json.dumps(facts), to_json_text(rates), to_json_text(evidence), digest
        )

    def values(self, row: EndpointListing, since: str, as_of: datetime) -> tuple[Any, ...]:
        """`since` and `as_of` date what the source lists; what its rules state has own dates."""
        if row.dates:
            since, as_of = to_json_text(dict(row.dates.since)), row.dates.stated_at
        stated = (self.facts, self.rates, self.evidence, self.digest)
        return since, *stated, row.by_pattern, row.by_rule, as_of, None


_ON_RECORD = """
SELECT id, facts, rates, stated_at, since, evidence
FROM catalog_endpointclaims WHERE id = ANY(%s)
"""
# So many at once: what is read is in memory twice.
_BATCH = 2000


def _dates_on_record(
    changed: Mapping[int, tuple[ListingColumns, EndpointListing]],
) -> Iterator[tuple[int, dict[str, str]]]:
    """By the id of a row, the dates of those of its claims that stay as they are."""
    ids = [*changed]
    for start in range(0, len(ids), _BATCH):
        with connection.cursor() as cursor:
            cursor.execute(_ON_RECORD, [ids[start : start + _BATCH]])
            rows = cursor.fetchall()
        for id_, facts, rates, stated_at, since, evidence in rows:
            columns, _ = changed[id_]
            yield (
                id_,
                dates_of_same(
                    claims_by_name(from_json_text(facts), from_json_text(rates)),
                    claims_by_name(*columns.stated),
                    stated_at=stated_at,
                    since=from_json_text(since),
                    evidence=from_json_text(evidence),
                ),
            )


def keep_endpoint_claims(
    parsed: Parsed,
    source: Source,
    stated: Mapping[Key, EndpointListing],
    endpoints: Mapping[Key, int],
    *,
    unread: Set[Key],
    counts: Counter[str],
    refresh_id: int | None = None,
) -> set[int]:
    """Write new or different claims, mark those no longer made; the ids of the endpoints.

    `unread` are listed endpoints with a skipped row: their earlier claims stay. What `refresh_id`
    replaces is kept with it.
    """
    touched: set[int] = set()
    rows = EndpointClaims.objects.filter(source=source)
    kept = {
        endpoint_id: (id_, (bytes(digest), by_pattern, by_rule), missing)
        for id_, endpoint_id, digest, by_pattern, by_rule, missing in rows.values_list(
            *("id", "endpoint_id", "digest", "by_pattern", "by_rule", "missing_since")
        )
    }
    for key in unread & endpoints.keys():
        kept.pop(endpoints[key], None)
    inserts: list[tuple[Any, ...]] = []
    changed: dict[int, tuple[ListingColumns, EndpointListing]] = {}
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
            inserts.append((endpoint_id, source.id, *columns.values(row, "{}", parsed.as_of)))
            touched.add(endpoint_id)
        elif before[1] != (columns.digest, row.by_pattern, row.by_rule) or before[2]:
            changed[before[0]] = columns, row
            touched.add(endpoint_id)
    gone = {endpoint_id: id_ for endpoint_id, (id_, _, missing) in kept.items() if not missing}
    if refresh_id:
        keep_earlier(refresh_id, [*changed, *gone.values()], new=[row[0] for row in inserts])
    insert_rows(EndpointClaims, ("endpoint", "source", *_COLUMNS), inserts)
    updates = []
    for id_, since in _dates_on_record(changed):
        columns, row = changed[id_]
        updates.append((id_, *columns.values(row, to_json_text(since), parsed.as_of)))
    update_rows(EndpointClaims, _COLUMNS, updates)
    no_longer_made = EndpointClaims.objects.filter(id__in=gone.values())
    if parsed.only_known:
        no_longer_made.delete()
    else:
        no_longer_made.update(missing_since=parsed.as_of)
    touched |= gone.keys()
    counts["claims new"] += len(inserts)
    counts["claims changed"] += len(changed)
    counts["claims no longer made"] += len(gone)
    return touched


def add_claims_of_rules(
    source: Source,
    stated: Mapping[Key, EndpointListing],
    endpoints: Mapping[Key, int],
    counts: Counter[str],
) -> set[int]:
    """Write what the rules of a source state of new endpoints; the ids of those."""
    rows = []
    for key, row in stated.items():
        columns = ListingColumns.of(row.listing)
        if row.dates:
            rows.append(
                (endpoints[key], source.id, *columns.values(row, "{}", row.dates.stated_at))
            )
    insert_rows(EndpointClaims, ("endpoint", "source", *_COLUMNS), rows)
    counts["claims new"] += len(rows)
    return {endpoints[key] for key in stated}
