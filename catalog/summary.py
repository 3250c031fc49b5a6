"""What the list of models would otherwise have to aggregate at every view."""

from django.db import connection

from catalog.models import SEPARATORS

_SUMMARISE = """
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
    -- People leave out what stands between words: gpt-4.1-mini is gpt4.1mini and gpt41mini too.
    SELECT spoken.id, string_agg(DISTINCT form, ' ' ORDER BY form) AS forms
    FROM spoken
    JOIN catalog_model model ON model.id = spoken.id
    CROSS JOIN unnest(ARRAY[model.name, split_part(model.slug, '/', 2)]) AS called
    CROSS JOIN unnest(ARRAY[%(separators)s || ' ', %(separators)s || ' .']) AS apart
    CROSS JOIN translate(lower(called), apart, '') AS form
    WHERE strpos(spoken.search_text, form) = 0
    GROUP BY spoken.id
), told AS (
    SELECT spoken.id, provider_count, concat_ws(' ', search_text, forms) AS search_text
    FROM spoken LEFT JOIN squeezed USING (id)
)
UPDATE catalog_model model
SET provider_count = told.provider_count, search_text = told.search_text
FROM told
WHERE told.id = model.id
  AND (model.provider_count, model.search_text) IS DISTINCT FROM (told.provider_count, told.search_text)
"""


def summarise_models() -> int:
    """Renew the search text and the number of providers of every model; gives how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARISE, {"separators": SEPARATORS, "spaces": " " * len(SEPARATORS)})
        return int(cursor.rowcount)
