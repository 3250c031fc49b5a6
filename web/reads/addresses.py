"""Addresses that lead elsewhere or nowhere."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from django.db.models import Case, Count, Func, IntegerField, Q, Value, When
from django.db.models.functions import Length

from catalog.matching.tables import ORGS
from catalog.models import Creator, Model, Provider
from catalog.sql import ask
from usage.names import CALLED

SUGGESTIONS = 6
PIECE = 3
# The start of a name says enough; each piece of it costs a comparison with every slug.
ENOUGH = 60
# More words than any slug has.
APART = 100
LONGEST_ID = 300
_SEPARATORS = str.maketrans("_. ", "---")
_BARE = str.maketrans("", "", "-_. ")


def slug_behind(spelling: str) -> str | None:
    """The model that somebody spells like this: an alias, an id that most providers of a model
    take, or an id behind its creator's name, with whatever separators."""
    aliased = Model.objects.filter(aliases__spelling=spelling.lower())
    served = Model.objects.filter(endpoints__upstream_id__in=(spelling, spelling.lower()))
    by_doors = served.annotate(doors=Count("endpoints")).order_by("-doors", "slug")
    slugs = (found.values_list("slug", flat=True).first() for found in (aliased, by_doors))
    return next((slug for slug in slugs if slug), None) or _slug_of_creators(spelling)


_ALIKE = "translate(lower({}), '_. ', '---')"
_ALIKE_BARE = "translate(lower({}), '-_. ', '')"
# Few enough rows to read: the endpoints of one creator's models, and those at its own providers.
_OF_CREATOR = f"""
SELECT model.slug,
       bool_or(provider.creator_id = creator.id
               OR {_ALIKE_BARE.format("model.slug")} = %(bare_whole)s) AS own,
       bool_or({_ALIKE.format("endpoint.upstream_id")} IN (%(name)s, %(whole)s)
               OR {_ALIKE.format("model.slug")} = %(whole)s) AS close
FROM catalog_creator creator
JOIN LATERAL (
    SELECT model_id, provider_id, upstream_id FROM catalog_endpoint
    WHERE model_id IN (SELECT id FROM catalog_model WHERE creator_id = creator.id)
    UNION ALL
    SELECT model_id, provider_id, upstream_id FROM catalog_endpoint
    WHERE provider_id IN (SELECT id FROM catalog_provider WHERE creator_id = creator.id)
) endpoint ON true
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
WHERE creator.slug = %(creator)s
  AND ({_ALIKE_BARE.format("endpoint.upstream_id")} IN (%(bare_name)s, %(bare_whole)s)
       OR {_ALIKE_BARE.format("model.slug")} = %(bare_whole)s)
GROUP BY model.slug ORDER BY model.slug
"""  # noqa: S608 - put together from what stands here


def _slug_of_creators(spelling: str) -> str | None:
    """The model of `creator/id`, if it can mean but one: with the same separations before those
    with others or none ("gpt4o"), and its creator's own id before others'."""
    creator, _, name = spelling.lower().partition("/")
    if not name.translate(_BARE) or len(name) > LONGEST_ID:
        return None
    written = {
        "name": name.translate(_SEPARATORS),
        "whole": f"{creator}/{name}".translate(_SEPARATORS),
    }
    bare = {f"bare_{part}": text.translate(_BARE) for part, text in written.items()}
    rows = ask(_OF_CREATOR, creator=creator, **written, **bare)
    found = [row for row in rows if row.close] or rows
    means = [row.slug for row in found if row.own] or [row.slug for row in found]
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


_FIXED = ("/models/", "/providers/", "/compare/", "/estimate/", "/estimate/usage/")


def every_address() -> list[str]:
    """The path of every page that is worth finding, in the same order each time."""
    return [*_FIXED, *(row.address for row in ask(_EVERY))]


def near_spellings(spelling: str) -> list[tuple[str, str]]:
    """Models by (slug, name): those that the spelling holds, then those of nearly the same name."""
    held = filter(None, map(slug_behind, _parts(spelling)))
    named = Model.objects.in_bulk(list(held), field_name="slug")
    near = {**{slug: model.name for slug, model in named.items()}, **dict(_near_models(spelling))}
    return list(near.items())[:SUGGESTIONS]


def models_meant(spelling: str) -> list[tuple[str, str]]:
    """The model of this slug or spelling by (slug, name), else those of nearly the same name."""
    meant = Model.objects.filter(slug__in=(spelling, slug_behind(spelling)))
    return list(meant.values_list("slug", "name")) or near_spellings(spelling)


def _parts(spelling: str) -> list[str]:
    """What may be a model of an address with more before or behind it:

    host/meta/llama, meta/llama/x.
    """
    parts = spelling.split("/", 4)
    return ["/".join(parts[:2]), "/".join(parts[1:3])] if len(parts) > 2 else []


def _near_models(spelling: str) -> list[tuple[str, str]]:
    """Models whose names share the most three-letter pieces with one that leads nowhere.

    The slash before the name is part of its first piece. The same name with other separators comes
    first; of equals the asked creator's do.
    """
    creator, _, name = spelling.lower().replace("_", "-").rpartition("/")
    asked = f"/{name}"[:ENOUGH]
    pieces = sorted({asked[at : at + PIECE] for at in range(len(asked) - PIECE + 1)})
    if not pieces:
        return []
    has = (Case(When(Q(slug__contains=piece), then=1), default=0) for piece in pieces)
    bare = Func("slug", Value("-_. "), Value(""), function="translate")
    found = (
        Model.objects.listed()
        .annotate(
            shared=sum(has, Value(0, IntegerField())),
            same=Q(creator__slug=creator[:ENOUGH]),
            bare=bare,
        )
        .annotate(alike=Q(bare__endswith=asked.translate(_BARE)))
        .filter(Q(shared__gte=max(2, len(pieces) * 2 // 5)) | Q(alike=True))
        .order_by("-alike", "-shared", "-same", Length("slug"), "slug")
    )
    return list(found.values_list("slug", "name")[:SUGGESTIONS])


def provider_called(spelling: str) -> str | None:
    """The provider that somebody calls so:

    its slug or name, however separated, or its usual other name.
    """
    return _called(spelling, Provider.objects.values_list("slug", "name"), CALLED)


def providers_called(spelling: str) -> list[tuple[str, str]]:
    """The same by (slug, name), if there is one."""
    return list(Provider.objects.filter(slug=provider_called(spelling)).values_list("slug", "name"))


def creator_called(spelling: str) -> str | None:
    """The creator that somebody calls so, by its own names alone."""
    return _called(spelling, Creator.objects.values_list("slug", "name"), {})


def creator_known_as(spelling: str) -> str | None:
    """The creator that somebody calls so, by whatever name it publishes under: meta-llama, qwen."""
    return _called(spelling, Creator.objects.values_list("slug", "name"), ORGS)


def creators_known_as(spelling: str) -> list[tuple[str, str]]:
    """The same by (slug, name), if there is one."""
    return list(Creator.objects.filter(slug=creator_known_as(spelling)).values_list("slug", "name"))


def _called(
    spelling: str, known: Iterable[tuple[str, str]], others: Mapping[str, str]
) -> str | None:
    named = dict(known)
    bare, other = (
        spelling.lower().translate(_BARE),
        others.get(spelling.lower().translate(_SEPARATORS), ""),
    )
    by_slug = [slug for slug in named if slug.translate(_BARE) == bare]
    by_name = [slug for slug, name in named.items() if name.lower().translate(_BARE) == bare]
    means = by_slug or ([other] if other in named else by_name)
    return means[0] if bare and len(means) == 1 else None


def near_providers(spelling: str) -> list[tuple[str, str]]:
    """Providers by (slug, name), the likeliest first."""
    return _alike(spelling, Provider.objects.values_list("slug", "name"))


def near_creators(spelling: str) -> list[tuple[str, str]]:
    """Creators by (slug, name), the likeliest first."""
    return _alike(spelling, Creator.objects.values_list("slug", "name"))


def _alike(spelling: str, known: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of a few hundred that share whole words with a spelling, then those spelled nearly so."""
    named, asked = dict(known), _words(spelling[:ENOUGH])
    apart = {slug: min(_apart(asked, slug), _apart(asked, name)) for slug, name in named.items()}
    sharing = sorted(
        (slug for slug in named if apart[slug] < APART), key=lambda slug: (apart[slug], slug)
    )
    texts = {text for slug, name in named.items() for text in (slug, name.lower())}
    close = get_close_matches(
        spelling.lower()[:ENOUGH], sorted(texts), n=2 * SUGGESTIONS, cutoff=0.6
    )
    near = [slug for text in close for slug, name in named.items() if text in (slug, name.lower())]
    return [(slug, named[slug]) for slug in dict.fromkeys((*sharing, *near))][:SUGGESTIONS]


def _apart(asked: frozenset[str], text: str) -> int:
    """How many words more one has than the other that holds it; APART where neither holds the
    other."""
    words = _words(text)
    holds = bool(asked and words) and (asked <= words or words <= asked)
    return len(asked ^ words) if holds else APART


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.lower()))
