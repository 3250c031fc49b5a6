"""Every public address, and what a misspelled one may mean."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from urllib.parse import urlencode

from django.db.models import Case, Func, IntegerField, Q, Value, When
from django.db.models.functions import Length
from django.urls import reverse

from catalog.known_names import known_names
from catalog.matching.tables import ORGS
from catalog.models import Model
from catalog.resolution import BEGINS, FORM
from catalog.sql import rows

SUGGESTIONS = 6
PIECE = 3
# The start of a name is enough; each piece of it costs a comparison with every slug.
ENOUGH = 60
# More words than any slug has.
APART = 100
_BARE = str.maketrans("", "", "-_. ")


def slug_behind(spelling: str) -> str | None:
    """Slug of the model that an alias or any provider's id means, behind any path."""
    return known_names().resolve(spelling, elsewhere=False).model


def address_behind(spelling: str) -> str | None:
    """Address of the model's page, with the code at another's API that the spelling names."""
    names = known_names()
    meaning = names.resolve(spelling, elsewhere=False)
    if meaning.model is None:
        return None
    address = reverse("model", args=meaning.model.split("/"))
    is_named = meaning.at_provider and meaning.provider_by in (BEGINS, FORM)
    if not is_named or names.is_own(meaning.provider or "", meaning.model):
        return address
    return f"{address}?{urlencode({'use': meaning.provider})}"


_EVERY = """
SELECT address FROM (
    SELECT 1 AS kind, '/models/' || slug || '/' AS address FROM catalog_model
              WHERE provider_count > 0
    UNION ALL SELECT 2, '/providers/' || slug || '/' FROM catalog_provider
    UNION ALL SELECT 3, '/creators/' || slug || '/' FROM catalog_creator creator
              WHERE EXISTS (SELECT FROM catalog_model model
                            WHERE model.creator_id = creator.id AND model.provider_count > 0)
) every ORDER BY kind, address
"""


_FIXED = (
    "/models/",
    "/providers/",
    "/compare/",
    "/estimate/",
    "/estimate/usage/",
    "/explore/",
    "/changes/",
    "/coverage/",
    "/sources/",
)


def every_address() -> list[str]:
    addresses: list[dict[str, str]] = rows(dict, _EVERY)
    return [*_FIXED, *(row["address"] for row in addresses)]


def near_spellings(spelling: str) -> list[tuple[str, str]]:
    held = filter(None, map(slug_behind, _parts(spelling)))
    named = Model.objects.in_bulk(list(held), field_name="slug")
    near = {**{slug: model.name for slug, model in named.items()}, **dict(_near_models(spelling))}
    return list(near.items())[:SUGGESTIONS]


def models_meant(spelling: str) -> list[tuple[str, str]]:
    meant = Model.objects.filter(slug__in=(spelling, slug_behind(spelling)))
    return list(meant.values_list("slug", "name")) or near_spellings(spelling)


def _parts(spelling: str) -> list[str]:
    """Possible model ids in a longer address: host/meta/llama, meta/llama/x."""
    parts = spelling.split("/", 4)
    return ["/".join(parts[:2]), "/".join(parts[1:3])] if len(parts) > 2 else []


def _near_models(spelling: str) -> list[tuple[str, str]]:
    """Models that share the most three-letter pieces of their names with a spelling.

    The slash before the name is part of its first piece. Names that differ in separators alone come
    first; among equals, those of the creator in the spelling.
    """
    creator, _, name = spelling.lower().replace("_", "-").rpartition("/")
    wanted = f"/{name}"[:ENOUGH]
    pieces = sorted({wanted[at : at + PIECE] for at in range(len(wanted) - PIECE + 1)})
    if not pieces:
        return []
    has = (Case(When(Q(slug__contains=piece), then=1), default=0) for piece in pieces)
    bare = Func("slug", Value("-_. "), Value(""), function="translate")
    models = (
        Model.objects.listed()
        .annotate(
            shared=sum(has, Value(0, IntegerField())),
            same=Q(creator__slug=creator[:ENOUGH]),
            bare=bare,
        )
        .annotate(alike=Q(bare__endswith=wanted.translate(_BARE)))
        .filter(Q(shared__gte=max(2, len(pieces) * 2 // 5)) | Q(alike=True))
        .order_by("-alike", "-shared", "-same", Length("slug"), "slug")
    )
    return list(models.values_list("slug", "name")[:SUGGESTIONS])


def providers_called(spelling: str) -> list[tuple[str, str]]:
    names = known_names()
    slug = names.provider(spelling)
    return [(slug, names.providers[slug].name)] if slug else []


def creators_known_as(spelling: str) -> list[tuple[str, str]]:
    names = known_names()
    slug = names.creator(spelling, ORGS)
    return [(slug, names.creators[slug])] if slug else []


def near_providers(spelling: str) -> list[tuple[str, str]]:
    providers = known_names().providers
    return _alike(spelling, {slug: provider.name for slug, provider in providers.items()})


def near_creators(spelling: str) -> list[tuple[str, str]]:
    return _alike(spelling, known_names().creators)


def _alike(spelling: str, named: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names that share whole words with a spelling, then those of similar spelling."""
    words = _words(spelling[:ENOUGH])
    apart = {slug: min(_apart(words, slug), _apart(words, name)) for slug, name in named.items()}
    sharing = sorted(
        (slug for slug in named if apart[slug] < APART), key=lambda slug: (apart[slug], slug)
    )
    texts = {text for slug, name in named.items() for text in (slug, name.lower())}
    close = get_close_matches(
        spelling.lower()[:ENOUGH], sorted(texts), n=2 * SUGGESTIONS, cutoff=0.6
    )
    near = [slug for text in close for slug, name in named.items() if text in (slug, name.lower())]
    return [(slug, named[slug]) for slug in dict.fromkeys((*sharing, *near))][:SUGGESTIONS]


def _apart(words: frozenset[str], text: str) -> int:
    """Number of words by which one exceeds the other; APART if neither contains the other."""
    others = _words(text)
    contained = bool(words and others) and (words <= others or others <= words)
    return len(words ^ others) if contained else APART


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.lower()))
