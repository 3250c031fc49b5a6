"""The small coloured squares that stand for creators and providers. Pure."""

from zlib import crc32

HUES = 24


def initials(name: str) -> str:
    """Two letters of a name: OpenAI is OA, Amazon Bedrock AB, xAI xA, Anthropic An."""
    letters = [
        letter
        for before, letter in zip(f" {name}", name, strict=False)
        if letter.isalnum() and (not before.isalnum() or (letter.isupper() and not before.isupper()))
    ]
    if len(letters) > 1:
        return "".join(letters[:2])
    return "".join(letter for letter in name if letter.isalnum())[:2]


def hue(slug: str) -> int:
    """One of 24 hues, the same for a slug on every page and machine."""
    return crc32(slug.encode()) % HUES
