"""Parse one spelling: creator, words, numbers, size, date and serving words. Pure.

The creator is, in this order: that of the family, that of the organisation in the id, that of the
provider where it is a creator's own API, the owner of the provider for a bare name without numbers
(a router, a tool), else "unknown". A fine-tune of an open model is by the organisation that tuned
it, else by "community".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from catalog.matching.tables import (
    AZURE_PLACE,
    COMMUNITY,
    FAMILIES,
    FIRST_PARTY,
    HOSTS,
    MODES,
    ORGS,
    OWNERS,
    PHRASES,
    PLACES,
    PLANS,
    QUANTISED,
    REGION_PREFIX,
    SERVING,
    SPEEDS,
    TASKS,
    TUNED,
    Family,
)

NOBODY = "unknown"  # the creator of a name without family, organisation or own API


@dataclass(frozen=True, slots=True)
class Identity:
    """What sets a model apart from others: equal identities are the same model."""

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
    house: bool = False  # the creator is the provider's owner, for want of another


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
_SPLIT_VERSION = re.compile(r"(?<![\d.])(\d)-(\d{1,2})(?=v?(?:-|$))")
_UNDERSCORED = re.compile(r"(?<=\d)_(?=\d)")
_SMALL_SIZE = re.compile(r"-0-(?=\d+b(?:-|$))")
_ZERO_VERSION = re.compile(r"(?<=-v0)(?=\d(?:-|$))")
_LONE_V = re.compile(r"\bv-(?=\d)")
_GRADE = re.compile(r"-i?q\d(-(?:k|\d|x?xs|[sml]))+(?=-|$)")
# A size or a day, where plain digits are a thinking budget.
_GLUED_SUFFIX = re.compile(r"\d+[^\d].*|0\d{3}")
_POINT = re.compile(r"(?<=\d)-?p(?=\d)")
_SHORT_NAME = re.compile(r"\bds-?v(?=\d)")
_GLUED_NAME = re.compile(r"\b(deepseek-v|glm)(\d)(\d)?(flash|pro|air)(?=-|$)")
_CONTEXT = re.compile(r"\d+[km]")
_CONTINUES = re.compile(r"v?\d+(\.\d+)*(-.*)?")
_KINDS = {
    "quantised": QUANTISED,
    "size": re.compile(r"e?\d+(\.\d+)?[bmt]|\d+x\d+(\.\d+)?b"),
    "active": re.compile(r"a\d+(\.\d+)?b"),
    "experts": re.compile(r"\d+e"),
}
_TUNED = frozenset({"instruct", "chat", "it", "hf"})
_TOKEN = re.compile(
    r"(?P<size>\d+(?:\.\d+)?b(?![a-z\d]))|(?P<number>\d+(?:\.\d+)*)|(?P<word>[a-z]+)"
)
_UNSAFE = re.compile(r"-*[^a-z0-9.:@-]+-*")
_DASHES = re.compile(r"-{2,}")


@lru_cache(maxsize=65536)
def family_of(name: str) -> Family:
    found = _FAMILY.match(name)
    return FAMILIES[int(str(found.lastgroup)[1:])] if found else _PLAIN


@lru_cache(maxsize=65536)
def read(provider: str, upstream_id: str) -> Reading:
    """Parse a spelling by the tables alone. Never fails: an odd id is a name without a creator."""
    name, orgs, marks = _walk(upstream_id.strip().lower())
    name, orgs = _without_prefixes(_suffixes(name, marks), orgs, provider)
    marks.update(PLANS.intersection(orgs))
    name = _ungraded(name, marks)
    family = family_of(name)
    snapshot, name = _snapshot(name, family)
    chunks = _without_serving(_chunks(name), family, marks)
    creator = _creator(
        provider, orgs, family, chunks, quantised=any(_kind(mark) == "quantised" for mark in marks)
    )
    owner = OWNERS.get(provider, _slugged(provider))
    identity = _identity(creator or owner, family, chunks, snapshot)
    variant = ",".join(sorted(marks))
    return Reading(identity, _written(chunks, identity), variant, house=not creator)


def _walk(text: str) -> tuple[str, list[str], set[str]]:
    """Split a path into the name, the organisations before it, and marks of place, size, task."""
    marks: set[str] = set()
    if text.startswith("ft:") or text.endswith(".ft-"):
        marks.add("ft")
        text = text.removeprefix("ft:").removesuffix(".ft-")
    text = _UNDERSCORED.sub(".", text.removeprefix("hf:")).replace("_", "-")
    segments = [s for s in (_UNSAFE.sub("-", part).strip("-@~:") for part in text.split("/")) if s]
    kept: list[str] = []
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if (PLACES.fullmatch(segment) and not last) or (TASKS.fullmatch(segment) and kept):
            marks.add(segment)
        else:
            kept.append(segment)
    start = _name_start(kept)
    orgs = kept[:1] if "models" in kept[:start] else kept[:start]
    return "-".join(kept[start:]), orgs, marks


def _name_start(segments: list[str]) -> int:
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
    """Resolve `@` and `:`: a listing's version (-v1:0), a size (:120b), else a variant."""
    name, _, place = name.partition("@")
    if PLACES.fullmatch(place) or AZURE_PLACE.fullmatch(place):
        marks.add(place)
    elif place:
        name = f"{name}-{place.replace('@', '-')}"
    found = _VERSIONED.search(name)
    if found:
        before, (major, minor) = name[: found.start()], found.groups()
        own = (
            not any(c.isdigit() for c in before)
            or major == "0"
            or (major != "1" and not _DAY.search(before))
        )
        version = f"-v{major}" + (f".{minor}" if minor != "0" else "") if own else ""
        name = before + version + name[found.end() :]
    name, *suffixes = name.split(":")
    for suffix in suffixes:
        if _GLUED_SUFFIX.fullmatch(suffix) and not _CONTEXT.fullmatch(suffix):
            name += f"-{suffix}"
        elif suffix not in ("", "0"):
            marks.add(suffix)
    return name


def _without_prefixes(name: str, orgs: list[str], provider: str) -> tuple[str, list[str]]:
    if "--" in name:
        *found, name = name.split("--")
        orgs = [*orgs, *found]
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
        name = name.replace(phrase, plain)
    name = _SHORT_NAME.sub("deepseek-v", _POINT.sub(".", name))
    return _unglued(_GLUED_NAME.sub(_spread, name), orgs, provider)


def _spread(glued: re.Match[str]) -> str:
    """`glm53flash` as glm-5.3-flash, `deepseek-v41flash` as deepseek-v4.1-flash."""
    line = glued[1] if glued[1].endswith("v") else f"{glued[1]}-"
    return f"{line}{'.'.join(filter(None, glued.group(2, 3)))}-{glued[4]}"


def _unglued(name: str, orgs: list[str], provider: str) -> tuple[str, list[str]]:
    """Strip hosts' names before a family's word (databricks-claude), never a family's own word."""
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


def _ungraded(name: str, marks: set[str]) -> str:
    found = _GRADE.search(name)
    if not found:
        return name
    marks.add(found[0].strip("-"))
    return name[: found.start()] + name[found.end() :]


def _snapshot(name: str, family: Family) -> tuple[str, str]:
    """Take out the date: ISO or compact days, YYMMDD, MM-YYYY, MM-DD, and MMDD in some families."""
    patterns = [(_DAY, "{}-{}-{}"), (_SHORT_DAY, "20{}-{}-{}")]
    patterns += [(_MONTH, "{1}-{0}"), (_MONTH_DAY, "{}-{}")]
    if family.mmdd:
        patterns.append((_MMDD, "{}-{}"))
    for pattern, form in patterns:
        found = pattern.search(name)
        if found:
            return form.format(*found.groups()), name[: found.start()] + name[found.end() :]
    return "", name


def _chunks(name: str) -> list[str]:
    name = _ZERO_VERSION.sub(".", _SMALL_SIZE.sub("-0.", name))
    name = _LONE_V.sub("v", _DASHES.sub("-", name).strip("-."))
    name = _GLUED_VERSION.sub(r"\1\2.\3", name)
    return _SPLIT_VERSION.sub(r"\1.\2", name).split("-")


def _without_serving(chunks: list[str], family: Family, marks: set[str]) -> list[str]:
    kept = []
    # The latest of a version is that version; the latest of a line is a new model now and then.
    versioned = any(re.search(r"\d", chunk) for chunk in chunks)
    for chunk in chunks:
        if _kind(chunk) == "quantised" or (chunk == "latest" and versioned):
            marks.add(chunk)
        else:
            kept.append(chunk)
    asides = (SERVING - family.keeps) | family.asides | _modes(family, "-".join(kept))
    if family.open and family.creator != "nvidia" and _SIZED.search("-".join(kept)):
        asides |= SPEEDS
    while len(kept) > 1 and kept[-1] in asides:
        marks.add(kept.pop())
    if len(kept) > 1 and kept[-1] == "v1":  # the first version: most leave it out
        kept.pop()
    return kept or chunks


@lru_cache(maxsize=65536)
def _kind(chunk: str) -> str:
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(chunk)), "")


def _modes(family: Family, name: str) -> frozenset[str]:
    if family.modes_since is None:
        return frozenset()
    found = re.search(r"(\d+)(?:\.(\d+))?(?=-|$)", name)
    version = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    return MODES if version >= family.modes_since else frozenset()


def _creator(
    provider: str, orgs: list[str], family: Family, chunks: list[str], *, quantised: bool
) -> str:
    """The creator of a name, or "" for the provider's owner.

    An unknown organisation with a model of an open family has tuned it, unless the name has only a
    quantisation; only their creators tune models of closed families.

    """
    named = [org.removeprefix("hf:").removesuffix("-2") for org in orgs]
    claims = [
        org for org in reversed(named) if org in ORGS or (org not in HOSTS and org != provider)
    ]
    org = claims[0] if claims else ""
    stranger = bool(org) and org not in ORGS
    if family.open and TUNED.search("-".join(chunks)):
        tuners = [claim for claim in claims if claim not in ORGS]
        return _slugged(tuners[0]) if tuners else COMMUNITY
    if (
        family is not _PLAIN
        and not family.weak
        and not (stranger and family.open and not quantised)
    ):
        return family.creator
    if org in ORGS:
        return ORGS[org]
    if provider in FIRST_PARTY and (not orgs or (family.weak and not claims)):
        return FIRST_PARTY[provider]
    if family is not _PLAIN and not stranger:
        return family.creator
    if not org and chunks[0] in ORGS and chunks[0] not in HOSTS:
        return ORGS[chunks[0]]
    telling = len(chunks) > 1 and any(c.isdigit() for chunk in chunks for c in chunk)
    return _slugged(org) or (NOBODY if telling or not _slugged(provider) else "")


def _identity(creator: str, family: Family, chunks: list[str], snapshot: str) -> Identity:
    active = "".join(chunk for chunk in chunks[1:] if _kind(chunk) == "active")
    sizes = [chunk for chunk in chunks if _kind(chunk) == "size"]
    named = [chunk for chunk in chunks if chunk not in sizes and chunk != active]
    if len(named) > 1 and named[-1] in ("1.0", "v1.0"):  # the first version: some leave it out
        named.pop()
    words: set[str] = set()
    numbers: list[str] = []
    for chunk in named:
        if not (family.open and _kind(chunk) == "experts"):
            _tokens(chunk, words, numbers, sizes)
    sizes = [size for size in sizes if size not in family.whole]
    tuned = _TUNED if family.open and (sizes or active) else frozenset()
    brands = family.brands | {creator}
    words = _telling(words, family.drops | tuned, brands, numbered=bool(numbers or sizes))
    if family.coded:
        numbers, sizes = _by_code(words, numbers, sizes, family)
    return Identity(
        creator, tuple(sorted(words)), tuple(numbers), "+".join(sizes), active, snapshot
    )


def _by_code(
    words: set[str], numbers: list[str], sizes: list[str], family: Family
) -> tuple[list[str], list[str]]:
    """Replace the version by a release code (2512), and the size by a class (small) or a code."""
    code = [number for number in numbers if _YYMM.fullmatch(number)]
    classed = bool(words & family.sizeless) or bool(code and words & family.sizeless_by_code)
    return code or numbers, [] if classed else sizes


def _telling(
    words: set[str], dropped: frozenset[str], brands: frozenset[str], *, numbered: bool
) -> set[str]:
    rest = words - dropped - brands if numbered else words - brands
    return rest if rest or numbered else words


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
    """The usual form of a name: Anthropic's version is before the tier until 3.7, then after."""
    tier = [word for word in ("opus", "sonnet", "haiku") if word in identity.words]
    if identity.creator == "anthropic" and tier and identity.numbers:
        version, others = (
            ".".join(identity.numbers[:2]),
            [w for w in identity.words if w not in tier],
        )
        order = [version, tier[0]] if int(identity.numbers[0]) < 4 else [tier[0], version]
        return "-".join(["claude", *order, *identity.numbers[2:], *others])
    return _slugged("-".join(chunks)) or "unnamed"


def _slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9.-]+", "-", text.lower()).strip("-.")
