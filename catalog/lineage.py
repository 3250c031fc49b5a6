"""A model's predecessor and the one after it, by names that differ in one version alone. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

# A version stands alone or ends a word of letters: 4.8, v3.2, Qwen3, K2, M2.5; no size (32B), no
# window (128k) and no date (0528, 2026).
_VERSION = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d{1,2}){0,2})(?![\d.]|[a-z]*\d|[a-z]+)")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Relative:
    """A model of a creator; `released` is as precise as known, empty if unknown."""

    id: int
    slug: str
    name: str
    family: str
    released: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """The model of the version before and of the one after; None where that is not certain."""

    before: Relative | None = None
    after: Relative | None = None


def lineage(model: Relative, others: Iterable[Relative]) -> Lineage:
    """The neighbours of a model among those of its creator.

    Their names are the same but for one version, which is in the order of the release dates. Two
    models of one version leave it open which is meant, as does a name with two versions.
    """
    own = _parts(model.name)
    if own is None or not model.released:
        return Lineage()
    stem, version = own
    kin: dict[tuple[int, ...], list[Relative]] = {}
    for other in others:
        parts = _parts(other.name)
        if parts and parts[0] == stem and other.id != model.id and _same_family(model, other):
            kin.setdefault(parts[1], []).append(other)
    if version in kin:
        return Lineage()
    before = max((known for known in kin if known < version), default=None)
    after = min((known for known in kin if known > version), default=None)
    earlier = _only(kin.get(before, []) if before else [])
    later = _only(kin.get(after, []) if after else [])
    return Lineage(
        earlier if earlier and _is_earlier(earlier.released, model.released) else None,
        later if later and _is_earlier(model.released, later.released) else None,
    )


@lru_cache(maxsize=8192)
def _parts(name: str) -> tuple[str, tuple[int, ...]] | None:
    """The name without its version, and the version; None unless there is exactly one."""
    lowered = name.lower()
    found = list(_VERSION.finditer(lowered))
    if len(found) != 1:
        return None
    start, end = found[0].span()
    stem = " ".join(re.split(r"[\s\-_:]+", f"{lowered[:start]} # {lowered[end:]}".strip()))
    version = tuple(int(part) for part in _NUMBER.findall(found[0][1]))
    return stem, (*version, 0, 0)[:3]


def _same_family(model: Relative, other: Relative) -> bool:
    return not model.family or not other.family or model.family == other.family


def _only(relatives: list[Relative]) -> Relative | None:
    return relatives[0] if len(relatives) == 1 else None


def _is_earlier(date: str, other: str) -> bool:
    """Earlier by what both dates state: 2026 is not earlier than 2026-03."""
    known = min(len(date), len(other))
    return known > 0 and date[:known] < other[:known]
