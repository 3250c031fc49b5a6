"""Regions of endpoints, and the words that mean several of them. Pure."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

# The words of providers beside the word itself; each means its parts too, as eu means eu-west-1.
_MEANT = {"eu": ("europe",), "apac": ("ap", "au", "jp", "in", "kr", "sg", "asia")}
# Regions that a reader chooses, in the order of a list.
_NAMES = {
    "eu": "EU",
    "us": "US",
    "apac": "Asia Pacific",
    "ca": "Canada",
    "sa": "South America",
    "uk": "United Kingdom",
    "me": "Middle East",
    "af": "Africa",
    "us-gov": "US government",
    "global": "Global",
}


def meant_by(word: str) -> tuple[str, ...]:
    """The beginnings of the regions that a word means."""
    return (word, *_MEANT.get(word, ()))


def is_in(region: str, word: str) -> bool:
    return any(region == meant or region.startswith(f"{meant}-") for meant in meant_by(word))


def is_region(word: str, regions: Iterable[str]) -> bool:
    """Whether a word is one that readers choose by, or means one of these regions."""
    return word in _NAMES or any(is_in(region, word) for region in regions)


def region_name(word: str) -> str:
    return _NAMES.get(word, word.upper() if len(word) < 4 else word)


@lru_cache(maxsize=4)
def choosable(regions: tuple[str, ...]) -> Mapping[str, str]:
    """Names of the words that mean one of these regions, by word."""
    return {
        word: name
        for word, name in _NAMES.items()
        if any(is_in(region, word) for region in regions)
    }
