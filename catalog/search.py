"""Search words, and LIKE patterns that find them in `Model.search_text`. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from unicodedata import category, normalize

# What separates the words of a name in `Model.search_text`.
SEPARATORS = "-_/:,@+()[]"
_INITIAL = re.compile(r"(?<!\w)([^\W\d])\.(?=[^\W\d])")
_LONE_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")


def search_words(text: str) -> list[str]:
    """A search as the words that `Model.search_text` is made of: letters and digits, lower case.

    A dot counts only between two digits: 4.1 is one word, gpt.4.1 is two; x.ai is xai. Full-width
    letters are plain ones; every dash and quotation mark separates words, and so does NUL, which
    PostgreSQL does not store. A search of signs alone is for these signs.
    """
    plain = (
        normalize("NFKC", text).lower().translate(dict.fromkeys(map(ord, f"{SEPARATORS}\0"), " "))
    )
    dotted = _LONE_DOT.sub(" ", _INITIAL.sub(r"\1", plain))
    kept = (sign if sign == "." or category(sign)[0] in "LMN" else " " for sign in dotted)
    return ("".join(kept).split() or plain.split())[:12]


def like_escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def like_patterns(words: Iterable[str]) -> list[str]:
    return [f"%{like_escaped(word)}%" for word in words]


def best_named(words: Sequence[str], names: Mapping[str, str]) -> frozenset[str] | None:
    """Slugs of the models, by slug, whose name or slug holds most of the words of a search.

    None where no name holds any. A provider's name makes no model a better match: gpt is in
    NanoGPT too.
    """
    held = {slug: _held(words, f"{name} {slug}") for slug, name in names.items()}
    most = max(held.values(), default=0)
    return frozenset(slug for slug, count in held.items() if count == most) if most else None


def _held(words: Sequence[str], name: str) -> int:
    return sum(word in _forms(name) for word in words)


@lru_cache(maxsize=8192)
def _forms(name: str) -> str:
    """A name's words, the same without what separates them, and without dots."""
    spelled = " ".join(search_words(name))
    squeezed = spelled.replace(" ", "")
    return f"{spelled} {squeezed} {squeezed.replace('.', '')}"
