"""The coloured squares of creators and providers: initials and hue. Pure."""

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


def hue(slug: str) -> int:
    return crc32(slug.encode()) % HUES
