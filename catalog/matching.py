"""Which model an upstream's spelling means: a pure function of the spellings, some tables and the decisions so far.

Two stages. `read` takes one spelling apart: who made it, the words and numbers of its name, its size, its snapshot, and
what only says how this endpoint serves it (the variant). `link` then looks at the whole corpus, where some questions have
an answer that one spelling cannot give: whether a name has one dated snapshot or several, one size or several.

Nothing is guessed by likeness. Two spellings mean one model when their identities are equal after the rules, or when an
alias says so. Alphabetic words may stand in any order; numbers may not, so gpt-5.4 is never gpt-4.5.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from catalog.matching_tables import (
    FAMILIES,
    FIRST_PARTY,
    HOSTS,
    ORGS,
    PHRASES,
    PLACES,
    QUANTISED,
    REGION_PREFIX,
    SERVING,
    SPEEDS,
    TASKS,
    THINKING,
    TIERS,
    Family,
)

SEED: Mapping[str, str] = json.loads(Path(__file__).with_name("matching_aliases.json").read_text())
NOBODY = "unknown"  # the creator of a name that no family, organisation or lab claims


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one provider's listing spells one model."""

    provider: str
    upstream_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """The model a spelling means, and what this endpoint is within it.

    `model`: "creator/name". `variant`: words of serving, sorted and joined by commas ("fp8,free"), or "". `snapshot`: the
    date in the spelling as precisely as it states one ("2025-04-16", "2024-08"), or "". `by`: "decided" (stored before),
    "alias" (a row says so) or "rule".
    """

    model: str
    variant: str
    snapshot: str
    by: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a model another model. Equal identities are the same model."""

    creator: str
    words: tuple[str, ...]  # sorted: order is free
    numbers: tuple[str, ...]  # as written: order counts
    size: str  # "70b", "8x7b", "" when not told
    active: str  # "a22b"
    snapshot: str


@dataclass(frozen=True, slots=True)
class Reading:
    identity: Identity
    name: str  # the name with dotted versions, without organisation, snapshot and variant
    variant: str
    tuned: bool  # the spelling says instruct, it or chat


# ---- one spelling ----

_FAMILY = re.compile("|".join(f"(?P<f{i}>{family.starts})" for i, family in enumerate(FAMILIES)))
_PLAIN = Family("", "")
_DAY = re.compile(r"(?:-|^)(20[12]\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?=-|$)")
_SHORT_DAY = re.compile(r"-(2[3-9])(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|$)")
_MONTH = re.compile(r"-(0[1-9]|1[0-2])-(20[12]\d)(?=-|$)")
_MONTH_DAY = re.compile(r"-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?=-|$)")
_MMDD = re.compile(r"-(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|$)")
_YYMM = re.compile(r"2[3-9](0[1-9]|1[0-2])")
_VERSIONED = re.compile(r"-v?(\d+):(\d+)(?=:|$)")
_SIZED = re.compile(r"\d+(\.\d+)?[bmt]\b|\d+x\d+b|-a\d+b")
_GLUED_VERSION = re.compile(r"^(\D*?)([1-9])([1-9])(?=-|$)")
_SPLIT_VERSION = re.compile(r"(?<![\d.])(\d)-(\d{1,2})(?=-|$)")
_POINT = re.compile(r"(?<=\d)p(?=\d)")
_CONTINUES = re.compile(r"v?\d+(\.\d+)*(-.*)?")
_CHUNK_SIZE = re.compile(r"e?\d+(\.\d+)?[bmt]|\d+x\d+(\.\d+)?b")
_CHUNK_ACTIVE = re.compile(r"a\d+(\.\d+)?b")
_EXPERTS = re.compile(r"\d+e")
_TOKEN = re.compile(r"(?P<size>\d+(?:\.\d+)?b(?![a-z\d]))|(?P<number>\d+(?:\.\d+)*)|(?P<word>[a-z]+)")
_UNSAFE = re.compile(r"[^a-z0-9.:@-]+")
_DASHES = re.compile(r"-{2,}")


@lru_cache(maxsize=65536)
def family_of(name: str) -> Family:
    """The family whose pattern the name begins with, else a plain one without rules."""
    found = _FAMILY.match(name)
    return FAMILIES[int(str(found.lastgroup)[1:])] if found else _PLAIN


@lru_cache(maxsize=65536)
def read(provider: str, upstream_id: str) -> Reading:
    """Take one spelling apart by the tables alone. Never fails: an empty or odd id reads as a name of nobody's."""
    name, orgs, marks = _walk(upstream_id.strip().lower())
    name, orgs = _without_prefixes(_suffixes(name, marks), orgs, provider)
    family = family_of(name)
    snapshot, name = _snapshot(name, family)
    chunks = _without_serving(_chunks(name), family, marks)
    creator = _creator(
        provider, orgs, family, chunks, quantised=any(QUANTISED.fullmatch(mark) for mark in marks)
    )
    identity, tuned = _identity(creator, family, chunks, snapshot)
    return Reading(identity, _written(chunks, identity), ",".join(sorted(marks)), tuned)


def _walk(text: str) -> tuple[str, list[str], set[str]]:
    """Split a path into the name, the organisations before it, and the marks of place, size and task."""
    marks: set[str] = set()
    if text.startswith("ft:"):
        marks.add("ft")
        text = text[3:]
    text = text.removeprefix("hf:").replace("_", "-")
    segments = [s for s in (_UNSAFE.sub("-", part).strip("-@~:") for part in text.split("/")) if s]
    kept: list[str] = []
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if (PLACES.fullmatch(segment) and not last) or (TASKS.fullmatch(segment) and kept):
            marks.add(segment)
        else:
            kept.append(segment)
    start = _name_start(kept)
    return "-".join(kept[start:]), kept[:start], marks


def _name_start(segments: list[str]) -> int:
    """Where the name begins: mostly the last segment, but media hosts write flux-pro/v1.1 and gpt-image-2/flare."""
    last = len(segments) - 1
    if "models" in segments[:-1]:
        return segments.index("models") + 1
    for position in range(last):
        segment = segments[position]
        if (
            segment not in ORGS
            and segment not in HOSTS
            and _strong(segment)
            and not _strong(segments[position + 1])
        ):
            return position
    if last > 0 and _CONTINUES.fullmatch(segments[last]) and segments[last - 1] in ORGS:
        return last - 1
    return max(last, 0)


def _strong(name: str) -> bool:
    family = family_of(name)
    return family is not _PLAIN and not family.weak


def _suffixes(name: str, marks: set[str]) -> str:
    """Resolve what follows `@` and `:`. Bedrock's `-v1:0` is its own version of a listing, `:120b` a size, else a variant."""
    name = name.replace("@", "-")
    found = _VERSIONED.search(name)
    if found:
        before, (major, minor) = name[: found.start()], found.groups()
        own = (
            not any(c.isdigit() for c in before) or major == "0" or (major != "1" and not _DAY.search(before))
        )
        version = f"-v{major}" + (f".{minor}" if minor != "0" else "") if own else ""
        name = before + version + name[found.end() :]
    name, *suffixes = name.split(":")
    for suffix in suffixes:
        if suffix[:1].isdigit() and not suffix.isdigit():
            name += f"-{suffix}"
        elif suffix not in ("", "0"):
            marks.add(suffix)
    return name


def _without_prefixes(name: str, orgs: list[str], provider: str) -> tuple[str, list[str]]:
    """Strip regions, vendors and houses written into the name, keeping a vendor as an organisation."""
    if "--" in name:
        org, _, name = name.partition("--")
        orgs = [*orgs, org]
    name = REGION_PREFIX.sub("", name)
    vendor, dot, rest = name.partition(".")
    while dot and rest[:1].isalpha() and (vendor in ORGS or vendor in HOSTS or vendor == "ai"):
        if vendor in ORGS:
            orgs = [*orgs, vendor]
        name = (
            rest
            if family_of(rest) is not _PLAIN or family_of(f"{vendor}-{rest}") is _PLAIN
            else f"{vendor}-{rest}"
        )
        vendor, dot, rest = name.partition(".")
    for phrase, plain in PHRASES.items():
        if phrase in name:
            name = name.replace(phrase, plain)
    return _unglued(_POINT.sub(".", name), orgs, provider)


def _unglued(name: str, orgs: list[str], provider: str) -> tuple[str, list[str]]:
    """Strip houses' names before a family's word (databricks-claude, coding-xiaomi-mimo), never a family's own word."""
    chunks = name.split("-")
    for length in range(1, min(4, len(chunks))):
        prefix = "-".join(chunks[:length])
        host = prefix in HOSTS or prefix in (provider, provider.partition("-")[0])
        if not (host or prefix in ORGS):
            continue
        rest, found = _unglued("-".join(chunks[length:]), [*orgs, prefix], provider)
        family = family_of(rest)
        if family is not _PLAIN and (not _strong(prefix) or ORGS.get(prefix) == family.creator):
            return rest, found
    return name, orgs


def _snapshot(name: str, family: Family) -> tuple[str, str]:
    """Take the date out of a name: ISO or compact days, YYMMDD, MM-YYYY, MM-DD, and MMDD where the family writes it."""
    patterns = [(_DAY, "{}-{}-{}"), (_SHORT_DAY, "20{}-{}-{}"), (_MONTH, "{1}-{0}"), (_MONTH_DAY, "{}-{}")]
    if family.mmdd:
        patterns.append((_MMDD, "{}-{}"))
    for pattern, form in patterns:
        found = pattern.search(name)
        if found:
            return form.format(*found.groups()), name[: found.start()] + name[found.end() :]
    return "", name


def _chunks(name: str) -> list[str]:
    """Cut a name at its dashes, with versions dotted: gpt-52 and gpt-5-2 become gpt-5.2."""
    name = _GLUED_VERSION.sub(r"\1\2.\3", _DASHES.sub("-", name).strip("-."))
    return _SPLIT_VERSION.sub(r"\1.\2", name).split("-")


def _without_serving(chunks: list[str], family: Family, marks: set[str]) -> list[str]:
    """Move to the marks what says how the model is served: quantisation anywhere, other words at the end."""
    kept = []
    for chunk in chunks:
        if QUANTISED.fullmatch(chunk) or (chunk == "latest" and len(chunks) > 1):
            marks.add(chunk)
        else:
            kept.append(chunk)
    asides = SERVING | family.asides | _modes(family, "-".join(kept))
    if family.open and family.creator != "nvidia" and _SIZED.search("-".join(kept)):
        asides |= SPEEDS
    while len(kept) > 1 and kept[-1] in asides:
        marks.add(kept.pop())
    if len(kept) > 1 and kept[-1] == "v1":  # the first version: most leave it out
        kept.pop()
    return kept or chunks


def _modes(family: Family, name: str) -> frozenset[str]:
    if family.modes_since is None:
        return frozenset()
    found = re.search(r"(\d+)(?:\.(\d+))?(?=-|$)", name)
    version = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    return frozenset(THINKING.split()) if version >= family.modes_since else frozenset()


def _creator(provider: str, orgs: list[str], family: Family, chunks: list[str], quantised: bool) -> str:
    """Who made it. An organisation nobody knows that offers an open family under its own name has tuned it, unless the
    name says it was only quantised; closed families cannot be tuned by others."""
    named = [org.removeprefix("hf:").removesuffix("-2") for org in orgs]
    claims = [org for org in reversed(named) if org in ORGS or (org not in HOSTS and org != provider)]
    org = claims[0] if claims else ""
    stranger = bool(org) and org not in ORGS
    if family is not _PLAIN and not family.weak and not (stranger and family.open and not quantised):
        return family.creator
    if org in ORGS:
        return ORGS[org]
    if (
        not stranger
        and provider in FIRST_PARTY
        and (family is _PLAIN or FIRST_PARTY[provider] == family.creator)
    ):
        return FIRST_PARTY[provider]
    if family is not _PLAIN and not stranger:
        return family.creator
    return org or (NOBODY if len(chunks) > 1 or not provider else provider)


def _identity(creator: str, family: Family, chunks: list[str], snapshot: str) -> tuple[Identity, bool]:
    words: set[str] = set()
    numbers: list[str] = []
    sizes: list[str] = []
    active = ""
    for position, chunk in enumerate(chunks):
        if _CHUNK_ACTIVE.fullmatch(chunk) and position:
            active = chunk
        elif _CHUNK_SIZE.fullmatch(chunk):
            sizes.append(chunk)
        elif not (_EXPERTS.fullmatch(chunk) and family.open):
            _tokens(chunk, words, numbers, sizes)
    sizes = [size for size in sizes if size not in family.whole]
    tuned = bool(words & {"instruct", "it", "chat"})
    dropped = (
        family.drops | {"instruct", "chat", "it", "hf"} if family.open and (sizes or active) else family.drops
    )
    words = _unless_empty(words, dropped | family.brands, bool(numbers or sizes))
    if family.coded:
        numbers = [n for n in numbers if _YYMM.fullmatch(n)] or numbers
        sizes = [] if words & family.sizeless or ("pixtral" in words and numbers) else sizes
    return Identity(creator, tuple(sorted(words)), tuple(numbers), "+".join(sizes), active, snapshot), tuned


def _unless_empty(words: set[str], dropped: frozenset[str], told: bool) -> set[str]:
    rest = words - dropped
    return rest if rest or told else words


def _tokens(chunk: str, words: set[str], numbers: list[str], sizes: list[str]) -> None:
    for token in _TOKEN.finditer(chunk):
        if token["size"]:
            sizes.append(token["size"])
        elif token["number"]:
            parts = token["number"].split(".")
            while len(parts) > 1 and parts[-1] == "0":
                parts.pop()
            numbers.extend(parts)
        else:
            word, numbered = token["word"], chunk[token.end() : token.end() + 1].isdigit()
            if numbered and word.endswith("v") and (len(word) == 1 or len(word) > 4):
                word = word[:-1]
            if word:
                words.add(word)


def _written(chunks: list[str], identity: Identity) -> str:
    """The name as people write it. Anthropic put the version before the tier until 3.7 and after it since."""
    tier = [word for word in ("opus", "sonnet", "haiku") if word in identity.words]
    if identity.creator == "anthropic" and tier and identity.numbers:
        version, others = ".".join(identity.numbers[:2]), [w for w in identity.words if w not in tier]
        order = [version, tier[0]] if int(identity.numbers[0]) < 4 else [tier[0], version]
        return "-".join(["claude", *order, *identity.numbers[2:], *others])
    return re.sub(r"[^a-z0-9.-]+", "-", "-".join(chunks)).strip("-.") or "unnamed"


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

    `aliases`: a spelling or "creator/name" -> slug; an editor's rows beat the rules. `decided`: links stored before; they
    stay, also when the rules would say otherwise now, and new spellings of the same identity join them.
    """
    decided = decided or {}
    wanted = set(spellings)
    corpus = {s: read(s.provider, s.upstream_id) for s in sorted(wanted | decided.keys(), key=_order)}
    homes, aliased = _follow_aliases(_part_bases(corpus), aliases)
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


def _order(spelling: Spelling) -> tuple[str, str]:
    return spelling.provider, spelling.upstream_id


def _by(spelling: Spelling, decided: Mapping[Spelling, str], aliased: Mapping[Spelling, str]) -> str:
    return "decided" if spelling in decided else "alias" if spelling in aliased else "rule"


def _follow_aliases(
    homes: dict[Spelling, Identity], aliases: Mapping[str, str]
) -> tuple[dict[Spelling, Identity], dict[Spelling, str]]:
    """Move what an alias names, by its id as it stands or by the identity that the alias reads as."""
    exact = {key.strip().lower(): slug for key, slug in aliases.items()}
    meant = {read("", key).identity: slug for key, slug in sorted(aliases.items(), reverse=True)}
    moved, aliased = {}, {}
    for spelling, identity in homes.items():
        slug = exact.get(spelling.upstream_id.strip().lower()) or meant.get(identity)
        if slug:
            aliased[spelling] = slug
        moved[spelling] = read("", slug).identity if slug else identity
    return moved, aliased


def _part_bases(corpus: Mapping[Spelling, Reading]) -> dict[Spelling, Identity]:
    """A provider that lists a name both with and without "instruct" means the base model by the latter."""
    tuned = {(s.provider, r.identity) for s, r in corpus.items() if r.tuned}
    return {
        s: replace(r.identity, words=tuple(sorted({*r.identity.words, "base"})))
        if not r.tuned and r.identity.size and (s.provider, r.identity) in tuned
        else r.identity
        for s, r in corpus.items()
    }


def _claim(shelf: Shelf) -> Moves:
    """A name that nobody claims belongs to the one creator who has a model of exactly that name."""
    owners: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in shelf:
        if identity.creator != NOBODY:
            owners[replace(identity, creator=NOBODY)].append(identity)
    return {nobody: found[0] for nobody, found in owners.items() if nobody in shelf and len(found) == 1}


def _fold_snapshots(shelf: Shelf) -> Moves:
    """A dated name is the undated one while it has only one date. The creator's own API decides, if it dates at all."""
    dated: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in shelf:
        if identity.snapshot:
            dated[replace(identity, snapshot="")].append(identity)
    moves: Moves = {}
    for undated, found in dated.items():
        own = [identity for identity in found if _sold_by_creator(identity, shelf)]
        if len(own or found) == 1:
            moves[(own or found)[0]] = undated
    return moves


def _fill_sizes(shelf: Shelf) -> Moves:
    """A name without a size means the only size there is, unless the creator sells it as it stands, or in named tiers."""
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
        if len(sizes) == 1 and bare in shelf and bare not in tiered and not _sold_by_creator(bare, shelf)
    }


def _fill_active(shelf: Shelf) -> Moves:
    """A name without its active size (a22b) means the only one there is."""
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
    """Resellers leave "preview" out of Google's names: the same model while Google itself sells only the preview."""
    moves: Moves = {}
    for preview in shelf:
        if preview.creator == "google" and "preview" in preview.words and _sold_by_creator(preview, shelf):
            stable = replace(preview, words=tuple(word for word in preview.words if word != "preview"))
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
    """A slug for every identity: the decided one, else the alias's, else the name most use, the creator's own first."""
    named = {read("", slug).identity: slug for slug in sorted(aliases.values(), reverse=True)}
    named.update({read("", slug).identity: slug for slug in sorted(decided.values(), reverse=True)})
    named.update(
        {homes[s]: slug for s, slug in sorted(decided.items(), key=lambda row: row[1], reverse=True)}
    )
    clusters: dict[Identity, list[Spelling]] = defaultdict(list)
    for spelling, identity in homes.items():
        clusters[identity].append(spelling)
    taken = set(named.values())
    for identity in sorted(clusters.keys() - named.keys(), key=_rank_identity):
        named[identity] = _free(_name(identity, [(s, corpus[s]) for s in clusters[identity]]), taken)
        taken.add(named[identity])
    return {s: decided.get(s) or aliased.get(s) or named[identity] for s, identity in homes.items()}


def _rank_identity(identity: Identity) -> tuple[str, tuple[str, ...], tuple[str, ...], str, str, str]:
    return (
        identity.creator,
        identity.words,
        identity.numbers,
        identity.size,
        identity.active,
        identity.snapshot,
    )


def _name(identity: Identity, listed: list[tuple[Spelling, Reading]]) -> str:
    """The best spelling whose slug reads back as this very model; without one, the best spelling there is."""
    votes: Counter[str] = Counter()
    for spelling, reading in listed:
        own = FIRST_PARTY.get(spelling.provider) == identity.creator
        votes[f"{identity.creator}/{_complete(reading, identity)}"] += 1000 if own else 1
    ranked = sorted(votes, key=lambda slug: (-votes[slug], len(slug), slug))
    return next((slug for slug in ranked if read("", slug).identity == identity), ranked[0])


def _complete(reading: Reading, identity: Identity) -> str:
    name = reading.name
    if "base" in identity.words and "base" not in reading.identity.words:
        name += "-base"
    return f"{name}-{_dated(identity)}" if identity.snapshot else name


def _dated(identity: Identity) -> str:
    """A snapshot as its creator writes it: 20240620, 08-2024, else 2024-05-13."""
    if identity.creator == "anthropic":
        return identity.snapshot.replace("-", "")
    year, _, month = identity.snapshot.partition("-")
    return f"{month}-{year}" if len(identity.snapshot) == 7 else identity.snapshot


def _free(slug: str, taken: set[str]) -> str:
    """The slug, or with a number where two models would share it."""
    return next(s for n in range(1, len(taken) + 2) if (s := slug if n == 1 else f"{slug}-{n}") not in taken)
