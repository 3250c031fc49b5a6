"""The squares of creators and providers without a logo: monogram and hue. Pure."""

from collections.abc import Iterator, Mapping
from itertools import product
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from zlib import crc32

HUES = 24


def initials(name: str) -> str:
    """Two letters of a name: OpenAI is OA, Amazon Bedrock AB, xAI xA, Anthropic An, grid-ai GA."""
    letters = [
        letter
        for before, letter in zip(f" {name}", name, strict=False)
        if letter.isalnum()
        and (not before.isalnum() or (letter.isupper() and not before.isupper()))
    ]
    if len(letters) < 2:
        letters = [letter for letter in name if letter.isalnum()]
    two = "".join(letters[:2])
    return two.upper() if name.islower() else two


def monograms(names: Mapping[str, str]) -> dict[str, str]:
    """A monogram for each slug, no two alike.

    The first slugs, in the order given, get their initials; another with the same initials gets its
    first letter with a later one.
    """
    taken: set[str] = set()
    given: dict[str, str] = {}
    for slug, name in names.items():
        given[slug] = next(text for text in _candidates(name) if text not in taken)
        taken.add(given[slug])
    return given


def _candidates(name: str) -> Iterator[str]:
    yield initials(name) or "–"
    letters = [letter for letter in name if letter.isalnum()] or ["X"]
    first = letters[0].upper()
    yield from (first + letter.lower() for letter in letters[1:])
    yield from (first + letter.upper() for letter in letters[1:])
    yield from (first + letter for letter in (*digits[2:], *ascii_lowercase, *ascii_uppercase))
    yield from (f"{one}{other}" for one, other in product(ascii_letters, repeat=2))
    yield from ("".join(four) for four in product(ascii_letters, repeat=4))


def hue(slug: str) -> int:
    return crc32(slug.encode()) % HUES
