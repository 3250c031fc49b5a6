"""Search words: how texts are made findable, and what a search means. Pure."""

import re
from unicodedata import category, normalize

# What separates the words of a name in `Model.search_text`.
SEPARATORS = "-_/:,@+()[]"
_INITIAL = re.compile(r"(?<!\w)([^\W\d])\.(?=[^\W\d])")
_LONE_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")


def search_words(text: str) -> list[str]:
    """A search as the words that `Model.search_text` is made of: letters and digits, lower case.

    A dot counts between two digits alone: 4.1 is one word, gpt.4.1 is two; x.ai is called xai. Wide
    letters are plain ones, and every dash and quotation mark separates, as in texts that names are
    pasted from. Signs alone stand for themselves; NUL is not text to PostgreSQL.
    """
    plain = (
        normalize("NFKC", text).lower().translate(dict.fromkeys(map(ord, f"{SEPARATORS}\0"), " "))
    )
    dotted = _LONE_DOT.sub(" ", _INITIAL.sub(r"\1", plain))
    kept = (sign if sign == "." or category(sign)[0] in "LMN" else " " for sign in dotted)
    return ("".join(kept).split() or plain.split())[:12]


def like_escaped(text: str) -> str:
    """A text to be found as it is by SQL's LIKE: `%`, `_` and the backslash lose their meaning."""
    return re.sub(r"([\\%_])", r"\\\1", text)
