"""Creators, and the providers that they run."""

from typing import NamedTuple

from catalog.lifecycle import TODAY, in_lists_sql
from catalog.provider_kinds import ProviderKind
from catalog.sql import rows
from web.reads.site import Named


class CreatorRecord(NamedTuple):
    """`models` counts its models in lists; `own` are its providers by (slug, name)."""

    slug: str
    name: str
    website: str
    models: int
    own: Named


class _CreatorRow(NamedTuple):
    """A creator joined with one of its providers, if it has any."""

    slug: str
    name: str
    website: str
    models: int
    provider_slug: str | None
    provider_name: str | None


_CREATOR = f"""
SELECT creator.slug, creator.name, creator.website,
       (SELECT count(*) FROM catalog_model model
        WHERE model.creator_id = creator.id AND model.provider_count > 0
          AND {in_lists_sql("model", TODAY)}) AS models,
       provider.slug AS provider_slug, provider.name AS provider_name
FROM catalog_creator creator
LEFT JOIN catalog_provider provider
     ON provider.creator_id = creator.id AND provider.kind <> %(plan)s
WHERE creator.slug = %(slug)s
ORDER BY provider.kind <> %(first_party)s, lower(provider.name)
"""  # noqa: S608 - put together from fixed words alone


def creator_by_slug(slug: str) -> CreatorRecord | None:
    kinds = {"plan": ProviderKind.PLAN.value, "first_party": ProviderKind.FIRST_PARTY.value}
    records = rows(_CreatorRow, _CREATOR, slug=slug, **kinds)
    if not records:
        return None
    creator = records[0]
    own = [(row.provider_slug, row.provider_name) for row in records]
    named = tuple((slug, name) for slug, name in own if slug and name)
    # The address comes from an upstream: one of another scheme is never made a link.
    is_web = creator.website.startswith(("https://", "http://"))
    website = creator.website if is_web else ""
    return CreatorRecord(creator.slug, creator.name, website, creator.models, named)
