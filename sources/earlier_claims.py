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
    UPDATE catalog_endpointclaims claims
    SET facts = columns -> 'facts', rates = columns -> 'rates', since = columns -> 'since',
        evidence = columns -> 'evidence',
        digest = decode(substr(columns ->> 'digest', 3), 'hex'),
        by_pattern = (columns ->> 'by_pattern')::boolean,
        by_rule = (columns ->> 'by_rule')::boolean,
        stated_at = (columns ->> 'stated_at')::timestamptz,
        missing_since = (columns ->> 'missing_since')::timestamptz
    FROM sources_earlierclaims earlier
    WHERE earlier.refresh_id = %(refresh)s AND columns IS NOT NULL
      AND claims.endpoint_id = earlier.endpoint_id AND claims.source_id = %(source)s
"""
_NEW_ARE_MISSING = """
    UPDATE catalog_endpointclaims claims SET missing_since = stated_at
    FROM sources_earlierclaims earlier
    WHERE earlier.refresh_id = %(refresh)s AND columns IS NULL
      AND claims.endpoint_id = earlier.endpoint_id AND claims.source_id = %(source)s
"""
_TOUCHED = "SELECT endpoint_id FROM sources_earlierclaims WHERE refresh_id = %(refresh)s"


def keep_earlier(refresh_id: int, ids: Collection[int], *, new: Collection[int]) -> None:
    """Copy claims by id, before a refresh changes them; `new` are endpoints without any yet."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"refresh": refresh_id, "ids": [*ids], "new": [*new]})


def put_back(refresh_id: int, source_id: int) -> set[int]:
    """Return a source's claims to what they were before a refresh; the ids of the endpoints.

    Claims that the refresh made first are no longer made, as of then. Later refreshes must have
    been taken back before.
    """
    known = {"refresh": refresh_id, "source": source_id}
    with connection.cursor() as cursor:
        cursor.execute(_PUT_BACK, known)
        cursor.execute(_NEW_ARE_MISSING, known)
        cursor.execute(_TOUCHED, known)
        return {id_ for (id_,) in cursor.fetchall()}
