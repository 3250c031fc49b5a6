"""How many tokens a text is, by family of tokenizers. Pure: no Django, no network, and nothing is
kept.

A provider's bill counts more than a text's own tokens: the roles around each message, tools,
images. And a family's models differ a little. So every count here is about what it will be.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from splintr import AnyTokenizer, Tokenizer

# Bytes of UTF-8. Nine families take less than a second of one core for this much.
LARGEST = 1_000_000
# The time that a run of one letter takes grows faster than its length, so texts are cut into such
# pieces, in characters: where a word begins, which changes no count, or where there is none, just
# there.
PIECE = 4_000
_EDGE = re.compile(r"(?<=[A-Za-z]) (?=[A-Za-z])")


class TooLong(ValueError):
    """A text larger than LARGEST. The message is a sentence for the person who pasted it."""


@dataclass(frozen=True, slots=True)
class TokenizerFamily:
    """Models that split text alike; `vocabulary` is what splintr calls theirs."""

    slug: str
    name: str
    vocabulary: str
    models: str


# Google's own SDK counts Gemini 2 and 3 with the vocabulary of Gemma 3. Gemma 4's gives the same
# number for 99 texts of 100, and one or two tokens more or less for the others.
FAMILIES = (
    TokenizerFamily(
        "o200k", "OpenAI o200k", "o200k_base", "GPT-5, GPT-4.1, GPT-4o, the o-series and gpt-oss"
    ),
    TokenizerFamily(
        "cl100k", "OpenAI cl100k", "cl100k_base", "GPT-4, GPT-3.5 Turbo and OpenAI’s embeddings"
    ),
    TokenizerFamily("gemma", "Google Gemma", "gemma4", "Gemma 3 and 4; nearly so Gemini 2 and 3"),
    TokenizerFamily("llama3", "Llama 3", "llama3", "Llama 3, 3.1, 3.2 and 3.3"),
    TokenizerFamily(
        "mistral",
        "Mistral Tekken",
        "mistral_v3",
        "Mistral Nemo, and Mistral’s models from July 2024 on",
    ),
    TokenizerFamily("deepseek", "DeepSeek V3", "deepseek_v3", "DeepSeek V3 and R1"),
    TokenizerFamily("qwen", "Qwen", "qwen3", "Qwen 2, 2.5 and 3"),
    TokenizerFamily("glm", "GLM", "glm4", "GLM 4 and 4.5"),
    TokenizerFamily("kimi", "Kimi", "kimi_k2", "Kimi K2"),
)
# Families whose vocabulary is not public, or not in the package.
WITHOUT = "Claude, Grok and Llama 4"


@dataclass(frozen=True, slots=True)
class Count:
    """About how many tokens a text is to a family."""

    family: TokenizerFamily
    tokens: int


def usual_count(text: str) -> int:
    """A text's tokens by the first family, for models of which only about the count matters.

    A text larger than LARGEST counts a token for every four bytes.
    """
    readable = _readable(text)
    size = len(readable.encode())
    return size // 4 if size > LARGEST else _count(FAMILIES[0], list(_pieces(readable)))


def count_tokens(text: str) -> list[Count]:
    """A text's tokens by family, in the order of FAMILIES. Raises TooLong.

    Special tokens such as <|endoftext|> count as plain text. Line ends count as one character, as
    APIs get them, though forms send two; half of a surrogate pair is a �.
    """
    readable = _readable(text)
    if len(readable.encode()) > LARGEST:
        raise TooLong(f"This is more than {LARGEST // 1_000_000} MB of text: paste a part of it.")
    pieces = list(_pieces(readable))
    return [Count(family, _count(family, pieces)) for family in FAMILIES]


def _count(family: TokenizerFamily, pieces: list[str]) -> int:
    tokenizer = _tokenizer(family.vocabulary)
    try:
        return sum(len(tokenizer.encode_ordinary(piece)) for piece in pieces)
    finally:
        # It remembers how it split words, to be quick; nothing of a prompt may stay.
        tokenizer.clear_cache()


@lru_cache(maxsize=len(FAMILIES))
def _tokenizer(vocabulary: str) -> AnyTokenizer:
    """Loaded at first use: 20 to 60 MB of memory each."""
    return Tokenizer.from_pretrained(vocabulary)


def _readable(text: str) -> str:
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\r\n", "\n")


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > PIECE:
        end = start + PIECE
        edges = [edge.start() for edge in _EDGE.finditer(text, start + PIECE // 2, end)]
        cut = edges[-1] if edges else end
        yield text[start:cut]
        start = cut
    yield text[start:]
