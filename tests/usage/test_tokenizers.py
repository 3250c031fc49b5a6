import random
from pathlib import Path

import pytest
from splintr import Tokenizer

from usage.tokenizers import FAMILIES, LARGEST, PIECE, TooLong, _pieces, _tokenizer, count_tokens

PROSE = (Path(__file__).parents[2] / "README.md").read_text()
SLUGS = [family.slug for family in FAMILIES]


def counts(text):
    return {count.family.slug: count.tokens for count in count_tokens(text)}


# What tiktoken says of OpenAI's encodings, mistral-common of Tekken, and the tokenizer.json of
# DeepSeek V3 in Hugging Face's tokenizers.
@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("antidisestablishmentarianism", {"o200k": 6, "cl100k": 6}),
        ("2 + 2 = 4", {"o200k": 7, "cl100k": 7}),
        ("お誕生日おめでとう", {"o200k": 8, "cl100k": 9}),
        ("tiktoken is great!", {"o200k": 6, "cl100k": 6, "mistral": 5, "deepseek": 6}),
        ("The quick brown fox jumps over the lazy dog.", dict.fromkeys(SLUGS, 10)),
        ("hello world", dict.fromkeys(SLUGS, 2)),
        ("", dict.fromkeys(SLUGS, 0)),
    ],
)
def test_counts_are_those_that_are_known(text, known):
    found = counts(text)
    assert {slug: found[slug] for slug in known} == known


def test_what_looks_like_an_order_to_the_model_is_counted_as_text():
    assert all(tokens > 4 for tokens in counts("<|endoftext|>").values())


def test_line_ends_of_a_form_count_as_one_character():
    assert counts("a\r\n\r\nb\r\n") == counts("a\n\nb\n")


@pytest.mark.parametrize("odd", ["\ud800", "\udfff a", "\ud83d\ude00"[::-1]])
def test_half_a_pair_of_surrogates_is_counted_as_unreadable(odd):
    assert all(count > 0 for count in counts(odd).values())


def test_a_pair_of_surrogates_is_the_character_it_stands_for():
    assert counts("\ud83d\ude00") == counts("😀")


def test_control_characters_are_counted():
    assert all(count >= 3 for count in counts("\0\x01\x1b[0m").values())


@pytest.mark.parametrize("family", FAMILIES, ids=SLUGS)
def test_cutting_prose_into_pieces_changes_no_count(family):
    text = PROSE * (3 * PIECE // len(PROSE) + 1)
    tokenizer = Tokenizer.from_pretrained(family.vocabulary)
    assert counts(text)[family.slug] == len(tokenizer.encode_ordinary(text))


def test_a_text_without_words_is_cut_with_an_error_of_a_token_a_piece():
    text = "".join(
        random.Random(1).choices("的一是不了人我在有他这为之大来以个中上们", k=5 * PIECE)
    )
    whole = {
        family.slug: len(Tokenizer.from_pretrained(family.vocabulary).encode_ordinary(text))
        for family in FAMILIES
    }
    assert all(abs(tokens - whole[slug]) <= 5 for slug, tokens in counts(text).items())


def test_more_than_a_megabyte_is_refused_with_a_sentence():
    counts("x" * LARGEST)
    with pytest.raises(TooLong, match="more than 1 MB of text"):
        count_tokens("é" * (LARGEST // 2 + 1))


LETTERS = "".join(random.Random(2).choices("abcdefghijklmnopqrstuvwxyz", k=LARGEST))
SIGNS = "".join(chr(random.Random(n).randrange(0x4E00, 0x9FFF)) for n in range(LARGEST // 3))


@pytest.mark.parametrize(
    "text",
    [
        *(
            sign * LARGEST
            for sign in (
                "a",
                " ",
                "\n",
                "\t",
                "\0",
                "ab",
                "a b",
                "的",
                "a\u0301",
                "<|x|>",
                "1",
                "😀",
            )
        ),
        LETTERS,
        SIGNS,
        PROSE * 100,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_every_text_is_split_in_pieces_that_are_neither_long_nor_many(text):
    """The time for one word grows faster than the word; the benchmarks measure it."""
    pieces = list(_pieces(text))
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= PIECE
    assert min(map(len, pieces[:-1])) >= PIECE // 2


def test_nothing_of_a_text_stays_in_memory_of_the_tokenizers():
    count_tokens("an unmistakable sentence")
    assert [_tokenizer(family.vocabulary).cache_len for family in FAMILIES] == [0] * len(FAMILIES)
