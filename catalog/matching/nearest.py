"""Ids that the rules give a model of their own without certainty, and the models next to them.

Pure. An id is certain where an alias covers it, where its model's creator sells it, or where
another provider lists the model too. The nearest models equal it in all but one part of an
identity: an editor chooses among them, and no rule links by them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from catalog.matching.link import Link, Spelling
from catalog.matching.spelling import NOBODY, Identity, read
from catalog.matching.tables import COMMUNITY, CREATORS, FIRST_PARTY


class Doubt(StrEnum):
    """Why an id has a model of its own without certainty.

    `NO_CREATOR`: no table has a creator for it. `DATE`, `SIZE`: models differ by that part alone,
    and the id has none. `ORGANISATION`: its organisation is in no table. `HOUSE`: it has no
    organisation, and is taken for its provider's own.
    """

    NO_CREATOR = "no_creator"
    SIZE = "size"
    DATE = "date"
    ORGANISATION = "organisation"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class NearModel:
    """A model next to an id; `differs` is the part in which the two differ."""

    model: str
    differs: str


def doubts(links: Mapping[Spelling, Link]) -> dict[Spelling, Doubt]:
    """The spellings of a whole corpus that have a model of their own without certainty."""
    providers: dict[str, set[str]] = defaultdict(set)
    for spelling, decision in links.items():
        providers[decision.model].add(spelling.provider)
    known = _Open(providers)
    found = {}
    for spelling, decision in links.items():
        sellers = providers[decision.model]
        creator = decision.model.partition("/")[0]
        is_own = any(FIRST_PARTY.get(provider) == creator for provider in sellers)
        if decision.by != "rule" or len(sellers) > 1 or is_own:
            continue
        if doubt := _doubt(spelling, decision.model, known):
            found[spelling] = doubt
    return found


def _doubt(spelling: Spelling, slug: str, known: "_Open") -> Doubt | None:
    reading = read(spelling.provider, spelling.upstream_id)
    creator = slug.partition("/")[0]
    if creator == NOBODY:
        return Doubt.NO_CREATOR
    if reading.house and reading.identity.creator == creator:
        return Doubt.HOUSE
    if creator not in CREATORS and creator != COMMUNITY:
        return Doubt.ORGANISATION
    identity = read("", slug).identity
    if not identity.snapshot and identity in known.dated:
        return Doubt.DATE
    if not identity.size and identity in known.sized:
        return Doubt.SIZE
    return None


class _Open:
    """Identities without a date, or a size, of which there are models with one."""

    def __init__(self, slugs: Iterable[str]) -> None:
        identities = [read("", slug).identity for slug in slugs]
        self.dated = {replace(one, snapshot="") for one in identities if one.snapshot}
        self.sized = {replace(one, size="", active="") for one in identities if one.size}


class Nearest:
    """Models by their identities, to find those next to one."""

    # Left out of a comparison one by one: the one that most often makes no other model first.
    _PARTS = ("creator", "date", "size", "word", "version")

    def __init__(self, slugs: Iterable[str]) -> None:
        self._slugs: dict[tuple[str, object], list[str]] = defaultdict(list)
        self._order: dict[str, int] = {}
        for place, slug in enumerate(slugs):
            self._order[slug] = place
            for part, rest in _without_each(read("", slug).identity):
                self._slugs[part, rest].append(slug)

    def to(self, slug: str, *, at_most: int = 5) -> list[NearModel]:
        """The models next to this one, in the order of the parts, then of the slugs given."""
        found: dict[str, str] = {}
        rests = defaultdict(list)
        for part, rest in _without_each(read("", slug).identity):
            rests[part].append(rest)
        for part in self._PARTS:
            same = {one for rest in rests[part] for one in self._slugs.get((part, rest), ())}
            for one in sorted(same - {slug}, key=self._order.__getitem__):
                found.setdefault(one, part)
        return [NearModel(*pair) for pair in [*found.items()][:at_most]]


def _without_each(identity: Identity) -> Iterable[tuple[str, object]]:
    """An identity without each of its parts, under the part's name.

    Two that differ by one word, or of which one has a word more, have one of these in common.
    """
    bare = replace(identity, snapshot="", active="")
    named = {word for word in identity.words if word != identity.creator}
    yield "creator", replace(bare, creator="", words=tuple(sorted(named)))
    yield "date", bare
    yield "size", replace(bare, size="")
    yield "word", bare
    for word in identity.words:
        if rest := tuple(one for one in identity.words if one != word):
            yield "word", replace(bare, words=rest)
    if identity.numbers:
        yield "version", replace(bare, numbers=())
