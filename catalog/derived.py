"""Columns that follow from other rows: since when an endpoint is listed; search text, providers,
rating and the same day of a model."""

from collections.abc import Sequence

from django.db import connection

from catalog.boards import BOARDS, OVERALL
from catalog.lifecycle import TODAY, in_use_sql
from catalog.provider_kinds import direct_sql
from catalog.search import SEPARATORS

# How many of its providers the row of a model shows.
MARKS = 3
_IN_USE = in_use_sql("endpoint", TODAY)

_SUMMARISE = f"""
WITH spoken AS (
    SELECT model.id,
           -- Those that serve it today; of a model that none serves, all that ever did.
           coalesce(
               nullif(count(DISTINCT endpoint.provider_id) FILTER (WHERE {_IN_USE}), 0),
               count(DISTINCT endpoint.provider_id)
           ) AS provider_count,
           coalesce(min(nullif(endpoint.listed_since, '')), '') AS listed_since,
           coalesce(bool_and(endpoint.floating), false) AS floating,
           translate(lower(concat_ws(' ', model.name, model.slug, model.family, creator.name,
               string_agg(DISTINCT provider.name || ' ' || provider.slug, ' '),
               string_agg(DISTINCT endpoint.upstream_id, ' '),
               (SELECT string_agg(spelling, ' ' ORDER BY spelling) FROM catalog_alias alias
                WHERE alias.model_id = model.id AND alias.by_editor))),
               %(separators)s, %(spaces)s) AS search_text
    FROM catalog_model model
    JOIN catalog_creator creator ON creator.id = model.creator_id
    LEFT JOIN catalog_endpoint endpoint ON endpoint.model_id = model.id
    LEFT JOIN catalog_provider provider ON provider.id = endpoint.provider_id
    GROUP BY model.id, creator.id
), squeezed AS (
    -- Searches leave out separators: gpt-4.1-mini is gpt4.1mini and gpt41mini too.
    SELECT spoken.id, string_agg(DISTINCT form, ' ' ORDER BY form) AS forms
    FROM spoken
    JOIN catalog_model model ON model.id = spoken.id
    CROSS JOIN unnest(ARRAY[model.name, split_part(model.slug, '/', 2)]) AS called
    CROSS JOIN unnest(ARRAY[%(separators)s || ' ', %(separators)s || ' .']) AS apart
    CROSS JOIN translate(lower(called), apart, '') AS form
    WHERE strpos(spoken.search_text, form) = 0
    GROUP BY spoken.id
), placed AS (
    -- In use first: of these the creator's own API, other direct providers, then the rest.
    SELECT served.model_id, provider.slug, provider.name,
           row_number() OVER (
               PARTITION BY served.model_id
               ORDER BY NOT served.in_use, NOT {direct_sql("provider")},
                        provider.creator_id IS DISTINCT FROM model.creator_id,
                        provider.kind <> 'first-party', lower(provider.name), provider.slug
           ) AS place
    FROM (
        SELECT model_id, provider_id, bool_or({_IN_USE}) AS in_use FROM catalog_endpoint endpoint
        GROUP BY model_id, provider_id
    ) served
    JOIN catalog_provider provider ON provider.id = served.provider_id
    JOIN catalog_model model ON model.id = served.model_id
), first AS (
    SELECT model_id, jsonb_agg(jsonb_build_array(slug, name) ORDER BY place) AS providers
    FROM placed WHERE place <= %(marks)s GROUP BY model_id
), rated AS (
    SELECT DISTINCT ON (model_id) model_id, rating, board
    FROM catalog_rating
    WHERE category = %(overall)s
    ORDER BY model_id, array_position(%(boards)s::text[], board::text), rating DESC
), told AS (
    SELECT spoken.id, provider_count, listed_since, floating,
           concat_ws(' ', search_text, forms) AS search_text,
           coalesce(first.providers, '[]') AS first_providers,
           rated.rating, coalesce(rated.board, '') AS rating_board
    FROM spoken LEFT JOIN squeezed USING (id) LEFT JOIN first ON first.model_id = spoken.id
    LEFT JOIN rated ON rated.model_id = spoken.id
)
UPDATE catalog_model model
SET provider_count = told.provider_count, search_text = told.search_text,
    first_providers = told.first_providers, listed_since = told.listed_since,
    floating = told.floating, rating = told.rating, rating_board = told.rating_board
FROM told
WHERE told.id = model.id
  AND (model.provider_count, model.search_text, model.first_providers, model.listed_since,
       model.floating, model.rating, model.rating_board)
      IS DISTINCT FROM (told.provider_count, told.search_text, told.first_providers,
                        told.listed_since, told.floating, told.rating, told.rating_board)
"""  # noqa: S608 - put together from fixed words alone


def summarise_models() -> int:
    """Recompute search text, providers and rating of every model; return how many changed."""
    values: dict[str, str | int | list[str]] = {
        "separators": SEPARATORS,
        "spaces": " " * len(SEPARATORS),
        "marks": MARKS,
        "boards": list(BOARDS),
        "overall": OVERALL,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARISE, values)
        return int(cursor.rowcount)


# A rule lists no endpoint that it covers, and may cover ids from before they existed: the prices
# that it dates count from the release on. Whether a price wins does not matter: which one wins may
# change.
_LISTED_SINCE = """
WITH dated AS (
    SELECT claims.endpoint_id, stated.at
    FROM catalog_endpointclaims claims
    CROSS JOIN LATERAL (
        SELECT claims.stated_at UNION ALL
        SELECT day::timestamptz FROM jsonb_each_text(claims.since) _ (claim, day)
    ) stated (at)
    WHERE claims.endpoint_id = ANY(%(ids)s) AND NOT claims.by_rule
    UNION ALL
    SELECT claims.endpoint_id, (rate ->> 'from')::timestamptz
    FROM catalog_endpointclaims claims
    JOIN catalog_endpoint endpoint ON endpoint.id = claims.endpoint_id
    JOIN catalog_model model ON model.id = endpoint.model_id
    CROSS JOIN LATERAL jsonb_array_elements(claims.rates) rate
    WHERE claims.endpoint_id = ANY(%(ids)s) AND rate ? 'from'
      AND (NOT claims.by_rule OR (model.released <> '' AND rate ->> 'from' >= model.released))
), listed AS (
    SELECT endpoint_id, to_char(min(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
    FROM dated GROUP BY endpoint_id
)
UPDATE catalog_endpoint endpoint SET listed_since = listed.day
FROM listed
WHERE endpoint.id = listed.endpoint_id
  AND (endpoint.listed_since = '' OR listed.day < endpoint.listed_since)
"""


def find_listed_since(ids: Sequence[int]) -> None:
    """Set the earliest date of any source's data or price of these endpoints; it moves back only.

    `pricing.first_seen` moves it back to their first recorded price.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LISTED_SINCE, {"ids": list(ids)})
