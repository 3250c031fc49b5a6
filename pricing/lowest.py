"""The lowest rate of every model's meters, kept so that the list of models can show and sort by it."""

from django.db import connection

# One row a model and meter: a live endpoint before one that is gone, a price before a zero, a zero before
# what has no amount, and then the cheapest. Plans and local runtimes sell no tokens, and an endpoint that
# is a batch or flex tier does not answer at once, so they never count.
_FIND = """
WITH lowest AS (
    SELECT DISTINCT ON (endpoint.model_id, rate.meter)
           endpoint.model_id, rate.meter, rate.state, rate.amount, rate.endpoint_id
    FROM pricing_rate rate
    JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
    JOIN catalog_provider provider ON provider.id = endpoint.provider_id
    WHERE rate.terms = '{}' AND rate.currency = 'USD' AND NOT rate.held
      AND (rate.valid_from IS NULL OR rate.valid_from <= now())
      AND (rate.valid_to IS NULL OR rate.valid_to > now())
      AND provider.kind NOT IN ('plan', 'local')
      AND NOT string_to_array(endpoint.variant, ',') && ARRAY['batch', 'flex']
    ORDER BY endpoint.model_id, rate.meter,
             endpoint.missing_since IS NOT NULL
                 OR endpoint.lifecycle = 'retired'
                 OR endpoint.retired_on <> '' AND endpoint.retired_on <= to_char(now(), 'YYYY-MM-DD'),
             array_position(ARRAY['priced', 'free', 'dynamic', 'included', 'unknown', 'not_offered'],
                            rate.state::text),
             rate.amount,
             array_position(ARRAY['first-party', 'cloud', 'inference-host'], provider.kind::text) NULLS LAST,
             provider.slug, endpoint.upstream_id
), dropped AS (
    DELETE FROM pricing_lowestrate kept
    WHERE NOT EXISTS (SELECT FROM lowest WHERE (lowest.model_id, lowest.meter) = (kept.model_id, kept.meter))
)
INSERT INTO pricing_lowestrate AS kept (model_id, meter, state, amount, endpoint_id)
SELECT * FROM lowest
ON CONFLICT (model_id, meter) DO UPDATE
SET state = excluded.state, amount = excluded.amount, endpoint_id = excluded.endpoint_id
WHERE (kept.state, kept.amount, kept.endpoint_id)
      IS DISTINCT FROM (excluded.state, excluded.amount, excluded.endpoint_id)
"""


def find_lowest() -> int:
    """Renew the lowest rates as they are now; gives how many are new or changed."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND)
        return int(cursor.rowcount)
