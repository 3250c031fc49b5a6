"""The model that a fine-tune was made from, where its name shows it. Pure.

`gemma-4-26b-a4b-it-opusdistill` and `eva-qwen-2.5-32b` hold another creator's family, version and
size. Tuners shorten Llama (`l3.3-70b-euryale`) and Mistral (`mn-12b`, `ms3.2-24b`).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from catalog.matching.link import SEED
from catalog.matching.spelling import family_of, read

_SHORT = (
    (re.compile(r"(^|-)l(3(\.\d)?)-"), r"\1llama-\2-"),
    (re.compile(r"^mn-(12b-)?"), "mistral-nemo-"),
    (re.compile(r"^ms3\.2-"), "mistral-small-3.2-"),
)
_TUNED = frozenset({"instruct", "chat", "it"})
_VERSION = re.compile(r"v?\d+(\.\d+)*")
_SIZE = re.compile(r"\d+(\.\d+)?b|\d+x\d+b")


class Bases:
    """Models by what sets them apart, to find those that others derive from."""

    def __init__(self, slugs: Iterable[str]) -> None:
        self._by_identity = {read("", slug).identity: slug for slug in sorted(slugs, reverse=True)}
        # Names of several models: with and without "base", or in several versions.
        self._open = {
            replace(identity, words=tuple(word for word in identity.words if word != "base"))
            for identity in self._by_identity
            if "base" in identity.words
        } | {replace(identity, numbers=()) for identity in self._by_identity if identity.numbers}

    def base_of(self, slug: str) -> str:
        """The slug of the model that this one derives from, or ""."""
        creator, _, name = slug.partition("/")
        for short, long in _SHORT:
            name = short.sub(long, name)
        is_sized = any(_SIZE.fullmatch(chunk) for chunk in name.split("-"))
        for candidate in _candidates(name, creator):
            if is_sized and candidate not in SEED and not read("", candidate).identity.size:
                continue
            base = SEED.get(candidate) or self._alone(candidate)
            if base and not base.startswith(f"{creator}/"):
                return base
        return ""

    def _alone(self, name: str) -> str:
        """The only model of a name with a version or size, unless the name leaves open which."""
        identity = replace(read("", name).identity, snapshot="")
        is_open = identity in self._open and not _TUNED & set(name.split("-"))
        is_telling = identity.numbers or identity.size
        return self._by_identity.get(identity, "") if is_telling and not is_open else ""


def _candidates(name: str, creator: str) -> Iterator[str]:
    """Parts of a name that begin with another creator's open family, the longest first."""
    chunks = name.split("-")
    for start in range(len(chunks)):
        rest = chunks[start:]
        family = family_of("-".join(rest[:2]))
        if not family.open or family.creator == creator:
            continue
        for end in range(len(rest), 0, -1):
            yield "-".join(rest[:end])
        # The size may be elsewhere: l3.3-ms-nevoria-70b, wayfarer-large-70b-llama-3.3.
        head = rest[: 2 if len(rest) > 1 and _VERSION.fullmatch(rest[1]) else 1]
        yield from ("-".join([*head, size]) for size in chunks if _SIZE.fullmatch(size))
