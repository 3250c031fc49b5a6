"""The lowest rate of every model's meters, kept so that the list of models shows, filters and sorts
by it."""

from django.db import connection

from catalog.lifecycle import TODAY, current_sql, in_use_sql
from catalog.provider_kinds import billed_sql, directness_sql
from catalog.suitability import CONDITIONAL, DEFERRED
from pricing.rate_cards import holds_sql

# An endpoint that can be used today.
LIVES = in_use_sql("endpoint", TODAY)
# An endpoint that answers at once, for everybody, as this model. Batch and flex tiers do not, nor
# do ids for contributors or a coding plan, nor the latest under OpenRouter's tilde, which
# leads to whatever comes next: their rates never count.
_ASIDE = ", ".join(f"'{word}'" for word in (*DEFERRED, *CONDITIONAL))
ANSWERS = f"""(endpoint.variant = '' OR NOT string_to_array(endpoint.variant, ',') && CASE
    WHEN left(endpoint.upstream_id, 1) = '~' THEN ARRAY[{_ASIDE}, 'latest']
    ELSE ARRAY[{_ASIDE}] END)"""
# A rate that holds now and for everybody.
HOLDS = f"rate.terms = '{{}}' AND rate.currency = 'USD' AND {holds_sql('rate', 'now()')}"
BASE_RATE = f"{HOLDS} AND {ANSWERS}"
# Plans and local runtimes sell no tokens, and neither does a free trial beside what is sold.
SELLS = f"""endpoint.provider_id NOT IN (SELECT id FROM catalog_provider provider
                                          WHERE NOT {billed_sql("provider")})
    AND (endpoint.variant = '' OR NOT 'free' = ANY (string_to_array(endpoint.variant, ',')))
"""  # noqa: S608 - fixed words
# Amounts are compared to four digits: 1.99997 is what a conversion leaves of 2.
_ROUNDED = "round(rate.amount, 3 - floor(log(nullif(rate.amount, 0)::float8))::int)"

# One row a model and meter: a live endpoint before one that is missing, a pinned id before one that
# floats, then by state, then the cheapest, and of equals the most direct. What is retired has no
# price.
_FIND = f"""
WITH lowest AS (
    SELECT DISTINCT ON (endpoint.model_id, rate.meter)
           endpoint.model_id, rate.meter, rate.state, rate.amount, rate.endpoint_id
    FROM pricing_rate rate
    JOIN catalog_endpoint endpoint ON endpoint.id = rate.endpoint_id
    JOIN catalog_provider provider ON provider.id = endpoint.provider_id
    JOIN catalog_model model ON model.id = endpoint.model_id
    WHERE {BASE_RATE} AND {{counts}} AND {current_sql(TODAY)}
    ORDER BY endpoint.model_id, rate.meter, NOT ({LIVES}), endpoint.floating,
             array_position(%s::text[], rate.state::text),
             {_ROUNDED},
             {directness_sql("provider")},
             rate.amount, provider.slug, endpoint.upstream_id
), dropped AS (
    DELETE FROM {{table}} kept
    WHERE NOT EXISTS (
        SELECT FROM lowest WHERE (lowest.model_id, lowest.meter) = (kept.model_id, kept.meter)
    )
)
INSERT INTO {{table}} AS kept (model_id, meter, state, amount, endpoint_id)
SELECT * FROM lowest
ON CONFLICT (model_id, meter) DO UPDATE
SET state = excluded.state, amount = excluded.amount, endpoint_id = excluded.endpoint_id
WHERE (kept.state, kept.amount, kept.endpoint_id)
      IS DISTINCT FROM (excluded.state, excluded.amount, excluded.endpoint_id)
"""  # noqa: S608 - put together from fixed words alone
# A price before a zero, a zero before what has no amount.
_SOLD_FIRST = ["priced", "free", "dynamic", "included", "unknown", "not_offered"]
# With plans and free trials, what is included or free comes before what is sold.
_FREE_FIRST = ["free", "included", "priced", "dynamic", "unknown", "not_offered"]


def find_lowest() -> int:
    """Recompute the lowest rates; return how many of those on sale changed or are new."""
    sold = _FIND.replace("{table}", "pricing_lowestrate").replace("{counts}", SELLS)
    of_all = _FIND.replace("{table}", "pricing_lowestofall").replace("{counts}", "true")
    with connection.cursor() as cursor:
        cursor.execute(of_all, [_FREE_FIRST])
        cursor.execute(sold, [_SOLD_FIRST])
        return int(cursor.rowcount)
