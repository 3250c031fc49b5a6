"""Addresses that lead elsewhere or nowhere."""

from collections.abc import Iterable
from difflib import get_close_matches

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.functions import Length

from catalog.models import Creator, Model, Provider
from web.queries.ask import ask

SUGGESTIONS = 6
PIECE = 3
# The start of a name says enough; each piece of it costs a comparison with every slug.
ENOUGH = 60
LONGEST_ID = 300
_SEPARATORS = str.maketrans("_.", "--")


def slug_behind(spelling: str) -> str | None:
    """The model that somebody spells like this: an alias, an id that most providers of a model take, or an id
    behind its creator's name, with whatever separators."""
    aliased = Model.objects.filter(aliases__spelling=spelling.lower())
    served = Model.objects.filter(endpoints__upstream_id__in=(spelling, spelling.lower()))
    by_doors = served.annotate(doors=Count("endpoints")).order_by("-doors", "slug")
    slugs = (found.values_list("slug", flat=True).first() for found in (aliased, by_doors))
    return next((slug for slug in slugs if slug), None) or _slug_of_creators(spelling)


_ALIKE = "translate(lower({}), '_.', '--')"
# Few enough rows to read: the endpoints of one creator's models, and those at its own providers.
_OF_CREATOR = f"""
SELECT model.slug,
       bool_or(provider.creator_id = creator.id OR {_ALIKE.format("model.slug")} = %(whole)s) AS own
FROM catalog_creator creator
JOIN catalog_endpoint endpoint
  ON endpoint.model_id IN (SELECT id FROM catalog_model WHERE creator_id = creator.id)
  OR endpoint.provider_id IN (SELECT id FROM catalog_provider WHERE creator_id = creator.id)
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE creator.slug = %(creator)s
  AND ({_ALIKE.format("endpoint.upstream_id")} IN (%(name)s, %(whole)s)
       OR {_ALIKE.format("model.slug")} = %(whole)s)
GROUP BY model.slug ORDER BY model.slug
"""  # noqa: S608 - put together from what stands here


def _slug_of_creators(spelling: str) -> str | None:
    """The model of `creator/id`: its creator's own id before others', and those only where they mean one."""
    creator, _, name = spelling.lower().partition("/")
    if not name or len(name) > LONGEST_ID:
        return None
    whole = f"{creator}/{name}".translate(_SEPARATORS)
    found = ask(_OF_CREATOR, creator=creator, name=name.translate(_SEPARATORS), whole=whole)
    own = [row.slug for row in found if row.own]
    means = own or [row.slug for row in found]
    return str(means[0]) if len(means) == 1 else None


_EVERY = """
SELECT address FROM (
    SELECT 1 AS kind, '/models/' || slug || '/' AS address FROM catalog_model WHERE provider_count > 0
    UNION ALL SELECT 2, '/providers/' || slug || '/' FROM catalog_provider
    UNION ALL SELECT 3, '/creators/' || slug || '/' FROM catalog_creator creator
              WHERE EXISTS (SELECT FROM catalog_model model
                            WHERE model.creator_id = creator.id AND model.provider_count > 0)
) every ORDER BY kind, address
"""


def every_address() -> list[str]:
    """The path of every page that is worth finding, in the same order each time."""
    return ["/models/", "/providers/", "/estimate/", *(row.address for row in ask(_EVERY))]


def near_spellings(spelling: str) -> list[tuple[str, str]]:
    """Models by (slug, name) whose names share the most three-letter pieces with one that leads nowhere.

    The slash before the name is part of its first piece; of equals the asked creator's come first.
    """
    creator, _, name = spelling.lower().replace("_", "-").rpartition("/")
    asked = f"/{name}"[:ENOUGH]
    pieces = sorted({asked[at : at + PIECE] for at in range(len(asked) - PIECE + 1)})
    if not pieces:
        return []
    has = (Case(When(Q(slug__contains=piece), then=1), default=0) for piece in pieces)
    found = (
        Model.objects.listed()
        .annotate(shared=sum(has, Value(0, IntegerField())), same=Q(creator__slug=creator[:ENOUGH]))
        .filter(shared__gte=max(2, len(pieces) * 2 // 5))
        .order_by("-shared", "-same", Length("slug"), "slug")
    )
    return list(found.values_list("slug", "name")[:SUGGESTIONS])


def near_providers(spelling: str) -> list[tuple[str, str]]:
    """Providers by (slug, name), the likeliest first."""
    return _alike(spelling, Provider.objects.values_list("slug", "name"))


def near_creators(spelling: str) -> list[tuple[str, str]]:
    """Creators by (slug, name), the likeliest first."""
    return _alike(spelling, Creator.objects.values_list("slug", "name"))


def _alike(spelling: str, known: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of a few hundred whose slug or name is spelled nearly so."""
    named = dict(known)
    slugs = {name.lower(): slug for slug, name in named.items()} | {slug: slug for slug in named}
    near = get_close_matches(spelling.lower()[:ENOUGH], slugs, n=2 * SUGGESTIONS, cutoff=0.6)
    return [(slug, named[slug]) for slug in dict.fromkeys(slugs[spelled] for spelled in near)][:SUGGESTIONS]
