"""One creator: who it is, and where its models are served first-hand."""

from dataclasses import dataclass
from typing import Any

from catalog.provider_kinds import ProviderKind
from catalog.sql import ask
from web.reads.site import Named


@dataclass(frozen=True, slots=True)
class CreatorPage:
    """`doors` are the creator's own providers by (slug, name); `models` is how many of its
    models somebody serves."""

    slug: str
    name: str
    website: str
    doors: Named
    models: int


_CREATOR = """
SELECT creator.slug, creator.name, creator.website,
       (SELECT count(*) FROM catalog_model model
        WHERE model.creator_id = creator.id AND model.provider_count > 0) AS models,
       provider.slug AS provider_slug, provider.name AS provider_name
FROM catalog_creator creator
LEFT JOIN catalog_provider provider ON provider.creator_id = creator.id AND provider.kind <> %s
WHERE creator.slug = %s
ORDER BY provider.kind <> %s, lower(provider.name)
"""


def read_creator(slug: str) -> CreatorPage | None:
    """A creator with its own doors; None when there is no creator of this slug."""
    rows: list[Any] = ask(_CREATOR, ProviderKind.PLAN, slug, ProviderKind.FIRST_PARTY)
    if not rows:
        return None
    doors = tuple((row.provider_slug, row.provider_name) for row in rows if row.provider_slug)
    website = rows[0].website
    shown = website if website.startswith(("https://", "http://")) else ""
    return CreatorPage(rows[0].slug, rows[0].name, shown, doors, rows[0].models)
