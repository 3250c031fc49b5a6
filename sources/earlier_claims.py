"""Keep what a refresh replaces of a source's claims, and put it back."""

from collections.abc import Collection

from django.db import connection

_KEEP = """
    INSERT INTO sources_earlierclaims (refresh_id, endpoint_id, columns)
    SELECT %(refresh)s, endpoint_id, to_jsonb(claims) - 'id' - 'endpoint_id' - 'source_id'
    FROM catalog_endpointclaims claims WHERE id = ANY(%(ids)s)
    UNION ALL SELECT %(refresh)s, unnest(%(new)s::bigint[]), NULL
"""
_PUT_BACK = """
    INSERT INTO catalog_endpointclaims (
        endpoint_id, source_id, facts, rates, since, evidence, digest,
        by_pattern, by_rule, stated_at, missing_since)
    SELECT endpoint_id, %(source)s, columns -> 'facts', columns -> 'rates', columns -> 'since',
        columns -> 'evidence', decode(substr(columns ->> 'digest', 3), 'hex'),
        (columns ->> 'by_pattern')::boolean, (columns ->> 'by_rule')::boolean,
        (columns ->> 'stated_at')::timestamptz, (columns ->> 'missing_since')::timestamptz
    FROM sources_earlierclaims WHERE refresh_id = %(refresh)s AND columns IS NOT NULL
    ON CONFLICT (source_id, endpoint_id) DO UPDATE SET
        facts = excluded.facts, rates = excluded.rates, since = excluded.since,
        evidence = excluded.evidence, digest = excluded.digest,
        by_pattern = excluded.by_pattern, by_rule = excluded.by_rule,
        stated_at = excluded.stated_at, missing_since = excluded.missing_since
"""
_NEW_ARE_MISSING = """
    UPDATE catalog_endpointclaims claims SET missing_since = stated_at
    FROM sources_earlierclaims earlier
    WHERE earlier.refresh_id = %(refresh)s AND columns IS NULL
      AND claims.endpoint_id = earlier.endpoint_id AND claims.source_id = %(source)s
"""
_NEW_ARE_GONE = """
    DELETE FROM catalog_endpointclaims claims USING sources_earlierclaims earlier
    WHERE earlier.refresh_id = %(refresh)s AND columns IS NULL
      AND claims.endpoint_id = earlier.endpoint_id AND claims.source_id = %(source)s
"""
_TOUCHED = "SELECT endpoint_id FROM sources_earlierclaims WHERE refresh_id = %(refresh)s"


def keep_earlier(refresh_id: int, ids: Collection[int], *, new: Collection[int]) -> None:
    """Copy claims by id, before a refresh changes them; `new` are endpoints without any yet."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"refresh": refresh_id, "ids": [*ids], "new": [*new]})


def put_back(refresh_id: int, source_id: int, *, only_known: bool) -> set[int]:
    """Return a source's claims to what they were before a refresh; the ids of the endpoints.

    Claims that the refresh made first are no longer made, as of then, or gone where the source
    states something of known endpoints alone. Later refreshes must have been taken back before.
    """
    known = {"refresh": refresh_id, "source": source_id}
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, known)
        cursor.execute(_NEW_ARE_GONE if only_known else _NEW_ARE_MISSING, known)
        cursor.execute(_TOUCHED, known)
        return {id_ for (id_,) in cursor.fetchall()}
