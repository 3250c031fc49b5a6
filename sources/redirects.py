"""Ids that answer with their model's successor, at its price, from a day on: kept as aliases."""

from django.db import connection

# Not what an editor wrote.
_KEEP = """
WITH stated AS (
    SELECT DISTINCT ON (lower(endpoint.upstream_id))
           lower(endpoint.upstream_id) AS spelling, model.id AS model_id,
           model.successor_id AS billed_as_id,
           (claims.facts ->> 'billed_as_successor_from')::timestamp AT TIME ZONE 'UTC'
               AS billed_from
    FROM catalog_endpointclaims claims
    JOIN catalog_endpoint endpoint ON endpoint.id = claims.endpoint_id
    JOIN catalog_provider provider ON provider.id = endpoint.provider_id
    JOIN catalog_model model ON model.id = endpoint.model_id
    WHERE claims.facts ? 'billed_as_successor_from' AND claims.missing_since IS NULL
      AND provider.creator_id = model.creator_id AND model.successor_id IS NOT NULL
    ORDER BY lower(endpoint.upstream_id), endpoint.id
), dropped AS (
    DELETE FROM catalog_alias alias
    WHERE alias.billed_as_id IS NOT NULL AND NOT alias.by_editor
      AND NOT EXISTS (SELECT FROM stated WHERE stated.spelling = alias.spelling)
)
INSERT INTO catalog_alias AS kept (spelling, model_id, billed_as_id, billed_from, by_editor)
SELECT spelling, model_id, billed_as_id, billed_from, false FROM stated
ON CONFLICT (spelling) DO UPDATE
SET model_id = excluded.model_id, billed_as_id = excluded.billed_as_id,
    billed_from = excluded.billed_from
WHERE NOT kept.by_editor
  AND (kept.model_id, kept.billed_as_id, kept.billed_from)
      IS DISTINCT FROM (excluded.model_id, excluded.billed_as_id, excluded.billed_from)
"""


def keep_redirects() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_KEEP)
