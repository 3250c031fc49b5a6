"""Since when an endpoint is known, by its recorded prices."""

from django.db import connection

from catalog.lifecycle import day_sql

# What is kept back for an editor is no price yet, and a price without a date begins when it was
# seen. A rule may cover ids from before they existed: its prices count from the release on.
_FIRST_PRICED = f"""
WITH priced AS (
    SELECT rate.endpoint_id, {day_sql("min(rate.valid_from)")} AS day
    FROM pricing_rate rate
    JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
    JOIN catalog_model model ON model.id = endpoint.model_id
    LEFT JOIN catalog_endpointclaims claims
        ON claims.endpoint_id = rate.endpoint_id AND claims.source_id = rate.source_id
    WHERE NOT rate.held AND rate.valid_from <= now() AND rate.valid_from < rate.observed_at
      AND (claims.by_rule IS NOT TRUE
           OR (model.released <> '' AND {day_sql("rate.valid_from")} >= model.released))
    GROUP BY rate.endpoint_id
)
UPDATE catalog_endpoint endpoint SET listed_since = priced.day
FROM priced
WHERE endpoint.id = priced.endpoint_id
  AND (endpoint.listed_since = '' OR priced.day < endpoint.listed_since)
"""  # noqa: S608 - put together from fixed words alone


def find_first_priced() -> None:
    """Move the day since which endpoints are listed back to their first recorded price."""
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_PRICED)
