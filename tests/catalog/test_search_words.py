"""A search, however it is typed or pasted, is the words that models are found by."""

import pytest

from catalog.search import like_patterns, search_words
from catalog.sql import rows


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "gpt 4.1 mini",
            "GPT-4.1-mini",
            "gpt_4.1/mini",
            "gpt.4.1.mini",
            "gpt;4.1|mini",
            "\0gpt 4.1\0mini",
        ),
        # As they stand in prose: other dashes, quotation marks, the end of a sentence, wide
        # letters.
        *(
            "gpt\u20114.1\u2011mini",
            "gpt\u20134.1\u2013mini",
            "“gpt 4.1 mini”",
            "gpt-4.1-mini?",
            "gpt-4.1-mini.",
        ),
        "ＧＰＴ 4.1 mini",
    ],
)
def test_every_spelling_is_the_same_words(typed):
    assert search_words(typed) == ["gpt", "4.1", "mini"]


def test_a_dot_belongs_to_a_number_alone():
    assert search_words("x.ai z.AI together.ai qwen2.5 .5 1.") == [
        *("xai", "zai", "together", "ai", "qwen2.5", "5", "1"),
    ]


def test_other_scripts_are_words_too():
    assert search_words("模型-v4 हिन्दी") == ["模型", "v4", "हिन्दी"]


def test_signs_alone_stand_for_themselves():
    assert search_words(" % \\ \0") == ["%", "\\"]


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["%", "_", "\\", "\\%", "a_b%c\\d"])
def test_like_patterns_match_signs_literally(sign: str) -> None:
    (pattern,) = like_patterns([sign])
    texts = [f"x{sign}y", "xy", "x", "aXbYcZd"]
    statement = "SELECT text FROM unnest(%(texts)s::text[]) text WHERE text LIKE %(pattern)s"
    found = rows(dict, statement, texts=texts, pattern=pattern)
    assert [row["text"] for row in found] == [f"x{sign}y"]
