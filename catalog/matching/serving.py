"""Serving words, region and snapshot of endpoints and names, and how they fit. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from catalog.matching.spelling import read
from catalog.matching.tables import EFFORTS, PLACES, REGION_PREFIX, THINKING, words

# Words without a price of their own: how a model is called, or the version that is meant.
_PRICELESS = words(
    f"{THINKING} {EFFORTS} latest default standard original official versatile instant maas 001"
)
_REGION = re.compile(
    r"(us|eu|ap|sa|ca|me|af|il|mx|cn|uk|jp|au|in)-(gov-)?[a-z]+-?\d|"
    r"us|eu|apac|global|us-gov|jp|au|ca|uk|sa|me|af|global-standard"
)
# Regions whose price is the provider's usual one, unless it lists an endpoint of theirs.
_USUAL = re.compile(r"global(-standard)?|(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-?\d|")
# No name means an endpoint with one of these words that does not have the word itself.
_ON_REQUEST = words("free batch flex contributor coding")


def has_region(upstream_id: str) -> bool:
    """Whether an id begins with a region, as Bedrock's inference profiles do: `eu.amazon.nova…`."""
    return REGION_PREFIX.match(upstream_id.lower().rpartition("/")[2]) is not None


class Fit(IntEnum):
    """How an endpoint of the model fits a name, the best first."""

    ID = 0
    SNAPSHOT = 1
    DATED = 2
    SERVING = 3
    USUAL = 4
    ALIKE = 5
    ONLY = 6
    TIER = 7


WHY = {
    Fit.ID: "this very id",
    Fit.SNAPSHOT: "the same serving words and snapshot",
    Fit.DATED: "this id by another date",
    Fit.SERVING: "the same serving words",
    Fit.USUAL: "this id without the region, which has no price of its own",
    Fit.ALIKE: "the same but for words and regions without a price of their own",
    Fit.ONLY: "the name has no serving word",
    Fit.TIER: "the same but for words that may name a tier",
}


@dataclass(frozen=True, slots=True)
class Serving:
    """Serving words, region and snapshot of an endpoint, or those that a name states."""

    words: frozenset[str] = frozenset()
    region: str = ""
    snapshot: str = ""

    @classmethod
    def of(cls, variant: frozenset[str], region: str, snapshot: str) -> Serving:
        places = sorted(word for word in variant if _REGION.fullmatch(word))
        return cls(variant.difference(places), region or "".join(places[:1]), snapshot)

    @classmethod
    def stated_by(cls, name: str, model: str, provider: str = "") -> Serving:
        """What a name states beside what the model's slug does: "us.claude-x-fast" → us, fast."""
        if name == model:
            return cls()
        stated, own = read(provider, name), read("", model)
        *parts, last = name.split("/")
        prefix = REGION_PREFIX.match(last)
        region = prefix[1] if prefix else "".join(part for part in parts if PLACES.fullmatch(part))
        marks = frozenset(filter(None, stated.variant.split(","))) - {
            *own.variant.split(","),
            region,
        }
        return cls.of(marks, region, stated.identity.snapshot)

    def fit(self, other: Serving) -> tuple[Fit, str] | None:
        """How well an endpoint served as `other` fits, and the words that it does not list."""
        mine, theirs = self.words - _PRICELESS, other.words - _PRICELESS
        same_region = other.region == self.region
        in_region = same_region or (not other.region and _USUAL.fullmatch(self.region))
        if in_region and mine == theirs:
            if self.words != other.words or not same_region:
                return Fit.ALIKE, ""
            return (Fit.SNAPSHOT if self.snapshot == other.snapshot else Fit.SERVING), ""
        if not mine and not self.region and not theirs & _ON_REQUEST:
            return Fit.ONLY, ""
        if in_region and mine > theirs:
            return Fit.TIER, ",".join(sorted(mine - theirs))
        return None
