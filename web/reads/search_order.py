"""The order of a search's matches: exact names, then names in which every word of the search
begins a word, then the rest; among these the rated and widely served ones first."""

import re
from functools import lru_cache
from typing import Any

from catalog.search import SEPARATORS, like_patterns

# `catalog.search.SEPARATORS` and the dot, as a class of PostgreSQL's regular expressions. A dot
# between digits begins no word: 5.6 has no word 6.
_APART = "[][_/:,@+() .-]"
_BEGINS = "(^|[][_/:,@+() -]|[^0-9][.])"

# Names without separators, so that GPT-4.1-mini and "gpt 4.1 mini" are the same; slugs are in
# lower case already. Without a digit, the id of one provider alone may name a family: a search for
# "claude" is not for the first Claude at Bedrock. OFFSET 0 has each made once.
SEARCH_JOINS = """ CROSS JOIN LATERAL (
    SELECT translate(lower(model.name), %(apart)s, '') AS name,
           translate(model.slug, %(apart)s, '') AS slug,
           translate(split_part(model.slug, '/', 2), %(apart)s, '') AS short,
           lower(model.name) || ' ' || model.slug AS spelled,
           model.provider_count > 1 OR model.slug ~ '/.*[0-9]' AS specific
    OFFSET 0) called"""


@lru_cache
def search_order_sql(words: int) -> str:
    """The ORDER BY of a search of so many words, with the values of `search_values`, for tables
    named model, headline and called.

    First the words that begin none of the name count, then those that are nowhere in it, then
    those that are no whole word of it, then names that the search contains whole ("gpt-5 mini
    azure"). Named after another family first, as Llama 3.1 Nemotron is: last.
    """

    def count(condition: str) -> str:
        return " + ".join(f"({condition.replace('#', str(n))})::int" for n in range(words))

    starts_family = " OR ".join(f"model.family ~ %(starts{n})s" for n in range(words))
    return f"""
        NOT (called.specific AND %(squeezed)s IN (called.name, called.short, called.slug)),
        {count("called.spelled !~ %(starts#)s")},
        {count("called.name || ' ' || called.slug NOT LIKE %(squeezed#)s")},
        {count("called.spelled !~ %(whole#)s")},
        NOT (called.specific AND greatest(strpos(%(squeezed)s, called.short),
                                          strpos(%(squeezed)s, called.name)) > 0),
        strpos(lower(model.name), split_part(model.family, '-', 1)) > 1 AND NOT ({starts_family}),
        headline.folded <> '', headline.top, model.slug"""


def search_values(words: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "squeezed": "".join(words).replace(".", ""),
        "apart": f"{SEPARATORS}. ",
    }
    for n, word in enumerate(words):
        start = _start(word)
        kind = "alnum" if word[-1].isdigit() else "alpha"
        values[f"starts{n}"] = start
        values[f"whole{n}"] = f"{start}(?![[:{kind}:]])"
        (values[f"squeezed{n}"],) = like_patterns([word.replace(".", "")])
    return values


def _start(word: str) -> str:
    """A pattern of PostgreSQL for a word that begins there, whatever separates its characters."""
    letters = [re.escape(letter) for letter in word.replace(".", "") or word]
    return f"{_BEGINS}{f'{_APART}*'.join(letters)}"
