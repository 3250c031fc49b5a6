"""Link upstreams' spellings to models, by tables, rules and earlier decisions. Pure.

Two stages. `read` parses one spelling: creator, words, numbers, size, snapshot and variant (how the
endpoint serves the model). `link` then decides over the whole corpus what one spelling leaves
open: whether a name has one snapshot or several, one size or several.

Similarity is never used. Two spellings mean one model when their identities are equal after the
rules, or by an alias. The order of words is free, the order of numbers is not: gpt-5.4 is never
gpt-4.5.

"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.matching.spelling import NOBODY, Identity, Reading, read
from catalog.matching.tables import CREATORS, FIRST_PARTY, NO_BARE_BASE, TIERS

__all__ = ["SEED", "Identity", "Link", "Reading", "Spelling", "link", "read"]

SEED: Mapping[str, str] = json.loads(Path(__file__).with_name("aliases.json").read_text())


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one provider's listing spells one model."""

    provider: str
    upstream_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """The model of a spelling, and the variant and snapshot of its endpoint.

    `model`: "creator/name". `variant`: serving words, sorted and joined by commas ("fp8,free"), or
    "". `snapshot`: the date in the spelling at its own precision ("2025-04-16", "2024-08"), or "".
    `by`: "decided" (stored before), "alias" or "rule".
    """

    model: str
    variant: str
    snapshot: str
    by: str


# ---- the whole corpus ----

Shelf = dict[Identity, set[str]]  # identity -> the providers that list it
Moves = dict[Identity, Identity]


def link(
    spellings: Iterable[Spelling],
    *,
    aliases: Mapping[str, str] = SEED,
    decided: Mapping[Spelling, str] | None = None,
) -> dict[Spelling, Link]:
    """Link every spelling to a model, whatever their order.

    `aliases`: an upstream id, "provider:id", a name or "creator/name" -> slug; these beat the
    rules. `decided`: stored links; they stay even if the rules now differ, and equal new spellings
    join them.
    """
    decided = decided or {}
    wanted = set(spellings)
    ordered = sorted(wanted | decided.keys(), key=lambda s: (s.provider, s.upstream_id))
    corpus = {s: read(s.provider, s.upstream_id) for s in ordered}
    homes = _unhouse(corpus, _unhost(corpus, _part_bases(corpus), decided), decided)
    homes, aliased = _follow_aliases(homes, aliases)
    fixed = {read("", slug).identity for slug in aliases.values()} | {homes[s] for s in decided}
    for step in (_claim, _fold_snapshots, _fill_sizes, _fill_active, _join_previews):
        shelf: Shelf = defaultdict(set)
        for spelling, identity in homes.items():
            shelf[identity].add(spelling.provider)
        moves = {old: new for old, new in step(shelf).items() if old not in fixed}
        homes = {s: moves.get(identity, identity) for s, identity in homes.items()}
    slugs = _name_all(corpus, homes, aliased, aliases, decided)
    return {
        s: Link(slugs[s], corpus[s].variant, corpus[s].identity.snapshot, _by(s, decided, aliased))
        for s in corpus
        if s in wanted
    }


def _by(
    spelling: Spelling, decided: Mapping[Spelling, str], aliased: Mapping[Spelling, str]
) -> str:
    return "decided" if spelling in decided else "alias" if spelling in aliased else "rule"


def _follow_aliases(
    homes: dict[Spelling, Identity], aliases: Mapping[str, str]
) -> tuple[dict[Spelling, Identity], dict[Spelling, str]]:
    exact = {key.strip().lower(): slug for key, slug in aliases.items()}
    plain = {
        read("", key).identity: slug
        for key, slug in sorted(exact.items(), reverse=True)
        if _plain(key)
    }
    moved, aliased = {}, {}
    for spelling, identity in homes.items():
        upstream_id = spelling.upstream_id.strip().lower()
        house_name = exact.get(f"{spelling.provider}:{upstream_id}")
        slug = house_name or exact.get(upstream_id) or plain.get(identity)
        if slug:
            aliased[spelling] = slug
        moved[spelling] = read("", slug).identity if slug else identity
    return moved, aliased


def _plain(key: str) -> bool:
    reading = read("", key)
    return key.rpartition("/")[2] == _complete(reading, reading.identity)


def _part_bases(corpus: Mapping[Spelling, Reading]) -> dict[Spelling, Identity]:
    """Where a provider lists an id bare and with "-instruct", the bare one is the base model."""
    ids = {(spelling.provider, spelling.upstream_id.lower()) for spelling in corpus}
    homes = {spelling: reading.identity for spelling, reading in corpus.items()}
    for spelling, identity in homes.items():
        if not identity.size or identity.active or NO_BARE_BASE.match(corpus[spelling].name):
            continue
        bare = spelling.upstream_id.lower()
        if any((spelling.provider, bare + tail) in ids for tail in ("-instruct", "-chat", "-it")):
            homes[spelling] = replace(identity, words=tuple(sorted({*identity.words, "base"})))
    return homes


def _unhost(
    corpus: Mapping[Spelling, Reading],
    homes: dict[Spelling, Identity],
    decided: Mapping[Spelling, str],
) -> dict[Spelling, Identity]:
    """An unknown organisation only serves models if those of three creators keep their names there.

    A tuned model has a name of its own.
    """
    listed = set(homes.values())
    served: dict[str, dict[Spelling, Identity]] = defaultdict(dict)
    for spelling, identity in homes.items():
        if identity.creator not in CREATORS and spelling not in decided:
            theirs = replace(read("", corpus[spelling].name).identity, snapshot=identity.snapshot)
            if theirs.creator in CREATORS and theirs in listed:
                served[identity.creator][spelling] = theirs
    hosts = [
        found
        for found in served.values()
        if len({theirs.creator for theirs in found.values()}) >= 3
    ]
    return homes | {spelling: theirs for found in hosts for spelling, theirs in found.items()}


def _unhouse(
    corpus: Mapping[Spelling, Reading],
    homes: dict[Spelling, Identity],
    decided: Mapping[Spelling, str],
) -> dict[Spelling, Identity]:
    """A provider lists another creator's model bare: `atria-dawn-preview`. One word is a router."""
    owners: dict[Identity, set[str]] = defaultdict(set)
    for spelling, identity in homes.items():
        if not corpus[spelling].house and identity.creator != NOBODY:
            named = tuple(sorted({*identity.words, identity.creator}))
            for words in (identity.words, named):
                owners[replace(identity, creator=NOBODY, words=words)].add(identity.creator)
    for spelling, identity in homes.items():
        if corpus[spelling].house and len(identity.words) > 1 and spelling not in decided:
            makers = owners.get(replace(identity, creator=NOBODY), ())
            if len(makers) == 1:
                (maker,) = makers
                rest = tuple(word for word in identity.words if word != maker)
                homes[spelling] = replace(identity, creator=maker, words=rest)
    return homes


def _claim(shelf: Shelf) -> Moves:
    """A name without a creator belongs to the only creator that has a model of that name."""
    owners: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in shelf:
        if identity.creator != NOBODY and (identity.numbers or identity.size):
            owners[replace(identity, creator=NOBODY)].append(identity)
    return {
        nobody: found[0] for nobody, found in owners.items() if nobody in shelf and len(found) == 1
    }


def _fold_snapshots(shelf: Shelf) -> Moves:
    """A dated name is the undated one while it has only one date.

    Dates within a week are one release, listed on different days. A date that one provider states
    against five others is that provider's slip, and stays apart.
    """
    dated: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in shelf:
        if identity.snapshot:
            dated[replace(identity, snapshot="")].append(identity)
    moves: Moves = {}
    for undated, found in dated.items():
        best = max(found, key=lambda identity: (len(shelf[identity]), identity.snapshot))
        same = [identity for identity in found if _near(identity.snapshot, best.snapshot)]
        rivals = {
            provider for identity in found if identity not in same for provider in shelf[identity]
        }
        if not rivals or (len(rivals) == 1 and len(shelf[best]) >= 5):
            moves.update(dict.fromkeys(same, undated))
    return moves


def _near(one: str, other: str) -> bool:
    return one == other or (
        len(one) == len(other) == 10 and abs(_day_number(one) - _day_number(other)) <= 7
    )


def _day_number(day: str) -> int:
    """Days as if every month had 31, because upstreams write dates such as 30 February."""
    year, month, number = map(int, day.split("-"))
    return (year * 12 + month) * 31 + number


def _fill_sizes(shelf: Shelf) -> Moves:
    """A name without a size has the only one, unless its creator sells it so, or in tiers."""
    sized: dict[Identity, set[str]] = defaultdict(set)
    for identity in shelf:
        if identity.size:
            sized[replace(identity, size="", active="")].add(identity.size)
    tiered = {
        replace(identity, words=tuple(word for word in identity.words if word != tier))
        for identity in shelf
        for tier in TIERS.intersection(identity.words)
    }
    return {
        bare: replace(bare, size=next(iter(sizes)))
        for bare, sizes in sized.items()
        if len(sizes) == 1
        and bare in shelf
        and bare not in tiered
        and not _sold_by_creator(bare, shelf)
    }


def _fill_active(shelf: Shelf) -> Moves:
    actives: dict[Identity, set[str]] = defaultdict(set)
    for identity in shelf:
        if identity.active:
            actives[replace(identity, active="")].add(identity.active)
    return {
        bare: replace(bare, active=next(iter(found)))
        for bare, found in actives.items()
        if len(found) == 1 and bare in shelf
    }


def _join_previews(shelf: Shelf) -> Moves:
    """A Google model without "preview" is the preview while Google itself sells nothing else."""
    moves: Moves = {}
    for preview in shelf:
        if (
            preview.creator == "google"
            and "preview" in preview.words
            and _sold_by_creator(preview, shelf)
        ):
            stable = replace(
                preview, words=tuple(word for word in preview.words if word != "preview")
            )
            if stable in shelf and not _sold_by_creator(stable, shelf):
                moves[stable] = preview
    return moves


def _sold_by_creator(identity: Identity, shelf: Shelf) -> bool:
    return any(FIRST_PARTY.get(provider) == identity.creator for provider in shelf[identity])


# ---- slugs ----


def _name_all(
    corpus: Mapping[Spelling, Reading],
    homes: Mapping[Spelling, Identity],
    aliased: Mapping[Spelling, str],
    aliases: Mapping[str, str],
    decided: Mapping[Spelling, str],
) -> dict[Spelling, str]:
    """A slug for every identity: decided, else an alias's, else the creator's or commonest name."""
    named = {read("", slug).identity: slug for slug in sorted(aliases.values(), reverse=True)}
    named.update({read("", slug).identity: slug for slug in sorted(decided.values(), reverse=True)})
    named.update(_decided_names(homes, decided))
    clusters: dict[Identity, list[Spelling]] = defaultdict(list)
    for spelling, identity in homes.items():
        clusters[identity].append(spelling)
    taken = set(named.values())
    for identity in sorted(clusters.keys() - named.keys(), key=_rank_identity):
        named[identity] = _free(
            _name(identity, [(s, corpus[s]) for s in clusters[identity]]), taken
        )
        taken.add(named[identity])
    known = set(decided.values())
    meant = {s: slug for s, slug in aliased.items() if slug in known} | dict(decided)
    return {s: meant.get(s) or named[identity] for s, identity in homes.items()}


def _decided_names(
    homes: Mapping[Spelling, Identity], decided: Mapping[Spelling, str]
) -> dict[Identity, str]:
    votes: dict[Identity, Counter[str]] = defaultdict(Counter)
    for spelling, slug in decided.items():
        votes[homes[spelling]][slug] += 1
    return {
        identity: min(found, key=lambda slug: (-found[slug], slug))
        for identity, found in votes.items()
    }


def _rank_identity(
    identity: Identity,
) -> tuple[str, tuple[str, ...], tuple[str, ...], str, str, str]:
    return (
        identity.creator,
        identity.words,
        identity.numbers,
        identity.size,
        identity.active,
        identity.snapshot,
    )


def _name(identity: Identity, listed: list[tuple[Spelling, Reading]]) -> str:
    writers: dict[str, set[str]] = defaultdict(set)
    for spelling, reading in listed:
        writers[f"{identity.creator}/{_complete(reading, identity)}"].add(spelling.provider)
    votes = {
        slug: sum(
            1000 if FIRST_PARTY.get(provider) == identity.creator else 1 for provider in found
        )
        for slug, found in writers.items()
    }
    means = {slug: read("", slug).identity for slug in votes}
    ranked = sorted(
        votes,
        key=lambda slug: (
            _hedged(slug, identity),
            -votes[slug],
            means[slug] != identity,
            len(slug),
            slug,
        ),
    )
    same = (identity, replace(identity, size="", active=""))
    return next((slug for slug in ranked if means[slug] in same), ranked[0])


def _hedged(slug: str, identity: Identity) -> bool:
    hedges = ("beta", "preview", "-hf", "-pt", "-rl", "-image")
    return any(word in slug and word.strip("-") not in identity.words for word in hedges)


def _complete(reading: Reading, identity: Identity) -> str:
    name = reading.name
    if "base" in identity.words and "base" not in reading.identity.words:
        name += "-base"
    return f"{name}-{_dated(identity)}" if identity.snapshot else name


def _dated(identity: Identity) -> str:
    if identity.creator == "anthropic":
        return identity.snapshot.replace("-", "")
    year, _, month = identity.snapshot.partition("-")
    return f"{month}-{year}" if len(identity.snapshot) == 7 else identity.snapshot


def _free(slug: str, taken: set[str]) -> str:
    return next(
        s for n in range(1, len(taken) + 2) if (s := slug if n == 1 else f"{slug}-{n}") not in taken
    )
