"""Ids without certainty, and the models next to them: candidates for an editor, never links."""

import pytest

from catalog.matching.link import Spelling, link
from catalog.matching.nearest import Doubt, Nearest, NearModel, doubts

CORPUS = [
    ("openai", "gpt-5.4"),
    ("azure", "gpt-5.4"),
    ("ollama", "codegemma"),
    ("google", "codegemma-2b"),
    ("google", "codegemma-7b"),
    ("nano-gpt", "celeris-1"),
    ("groq", "humansand/ampersand-v0.1"),
    ("openrouter", "openrouter/auto-code"),
    ("nano-gpt", "gemma-4-31b-it-novelist"),
    ("azure", "gpt-7"),
]


def doubted(*more: tuple[str, str]) -> dict[tuple[str, str], Doubt]:
    found = doubts(link([Spelling(*key) for key in (*CORPUS, *more)]))
    return {(one.provider, one.upstream_id): doubt for one, doubt in found.items()}


def test_an_id_is_doubted_where_no_table_nor_other_listing_has_its_model():
    assert doubted() == {
        ("nano-gpt", "celeris-1"): Doubt.NO_CREATOR,
        ("groq", "humansand/ampersand-v0.1"): Doubt.ORGANISATION,
        ("openrouter", "openrouter/auto-code"): Doubt.HOUSE,
        ("ollama", "codegemma"): Doubt.SIZE,
    }


@pytest.mark.parametrize(
    ("more", "certain"),
    [
        (("groq", "celeris-1"), ("nano-gpt", "celeris-1")),
        (("vercel", "humansand/ampersand-v0.1"), ("groq", "humansand/ampersand-v0.1")),
    ],
)
def test_a_second_provider_of_a_model_ends_the_doubt(more, certain):
    assert certain in doubted()
    assert certain not in doubted(more)


def test_an_alias_ends_the_doubt():
    spelling = Spelling("nano-gpt", "celeris-1")
    links = link([spelling], aliases={"celeris-1": "acme/celeris-1"})
    assert doubts(links) == {}


def test_the_nearest_models_differ_in_one_part():
    nearest = Nearest(
        [
            *("google/codegemma-7b", "google/codegemma-2b", "acme/celeris-1", "openai/gpt-5.4"),
            *("openai/gpt-5.4-mini", "openai/gpt-5.5", "openai/o3", "unknown/aplomb-1"),
        ]
    )
    assert nearest.to("google/codegemma") == [
        NearModel("google/codegemma-7b", "size"),
        NearModel("google/codegemma-2b", "size"),
    ]
    assert nearest.to("unknown/celeris-1") == [NearModel("acme/celeris-1", "creator")]
    assert nearest.to("openai/gpt-5.4") == [
        NearModel("openai/gpt-5.4-mini", "word"),
        NearModel("openai/gpt-5.5", "version"),
    ]
    assert nearest.to("openai/gpt-5.4", at_most=1) == [NearModel("openai/gpt-5.4-mini", "word")]
