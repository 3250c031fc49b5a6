"""Search words, and LIKE patterns that find them in `Model.search_text`. Pure."""

import re
from collections.abc import Iterable
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
