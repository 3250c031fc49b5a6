"""Columns of models that are summed up from their endpoints: search text, providers."""

from django.db import connection

from catalog.provider_kinds import direct_sql
from catalog.search import SEPARATORS

# How many of its providers the row of a model shows.
MARKS = 3

_SUMMARISE = f"""
WITH spoken AS (
    SELECT model.id,
           count(DISTINCT endpoint.provider_id) AS provider_count,
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
    -- First-party providers, then other direct ones, then the rest.
    SELECT served.model_id, provider.slug, provider.name,
           row_number() OVER (
               PARTITION BY served.model_id
               ORDER BY NOT {direct_sql("provider")},
                        provider.kind <> 'first-party', lower(provider.name), provider.slug
           ) AS place
    FROM (SELECT DISTINCT model_id, provider_id FROM catalog_endpoint) served
    JOIN catalog_provider provider ON provider.id = served.provider_id
), first AS (
    SELECT model_id, jsonb_agg(jsonb_build_array(slug, name) ORDER BY place) AS providers
    FROM placed WHERE place <= %(marks)s GROUP BY model_id
), told AS (
    SELECT spoken.id, provider_count, concat_ws(' ', search_text, forms) AS search_text,
           coalesce(first.providers, '[]') AS first_providers
    FROM spoken LEFT JOIN squeezed USING (id) LEFT JOIN first ON first.model_id = spoken.id
)
UPDATE catalog_model model
SET provider_count = told.provider_count, search_text = told.search_text,
    first_providers = told.first_providers
FROM told
WHERE told.id = model.id
  AND (model.provider_count, model.search_text, model.first_providers)
      IS DISTINCT FROM (told.provider_count, told.search_text, told.first_providers)
"""  # noqa: S608 - put together from fixed words alone


def summarise_models() -> int:
    """Recompute search text and providers of every model; return how many changed."""
    with connection.cursor() as cursor:
        spaces = " " * len(SEPARATORS)
        cursor.execute(_SUMMARISE, {"separators": SEPARATORS, "spaces": spaces, "marks": MARKS})
        return int(cursor.rowcount)
