import pytest

from catalog.matching.bases import Bases

BASES = Bases(
    [
        "google/gemma-4-26b-a4b-it",
        "meta/llama-3.1-405b-base",
        "meta/llama-3.1-405b-instruct",
        "meta/llama-3.3-70b-instruct",
        "meta/llama3",
        "mistral/mistral-7b-instruct-v0.2",
        "mistral/mistral-nemo-2407",
        "mistral/open-mistral-7b",
        "zhipuai/glm-5.3-flash",
    ]
)


@pytest.mark.parametrize(
    ("slug", "base"),
    [
        ("community/gemma-4-26b-a4b-it-opusdistill", "google/gemma-4-26b-a4b-it"),
        ("community/glm-5.3-flash-abliterated", "zhipuai/glm-5.3-flash"),
        ("huihui-ai/llama-3.3-70b-instruct-abliterated", "meta/llama-3.3-70b-instruct"),
        ("sao10k/l3.3-70b-euryale-v2.3", "meta/llama-3.3-70b-instruct"),
        ("steelskull/l3.3-ms-nevoria-70b", "meta/llama-3.3-70b-instruct"),
        ("nothingiisreal/mn-celeste-12b", "mistral/mistral-nemo-2407"),
        ("openpipe/llama-3.1-405b-instruct-poet", "meta/llama-3.1-405b-instruct"),
    ],
)
def test_the_name_of_a_fine_tune_says_its_base(slug: str, base: str):
    assert BASES.base_of(slug) == base


@pytest.mark.parametrize(
    "slug",
    [
        "nousresearch/hermes-3-llama-3.1-405b",  # with or without instruct
        "neversleep/llama-3-lumimaid-70b",  # of a size that is not here
        "teknium/openhermes-2.5-mistral-7b",  # of several versions
        "eva-unit-01/eva-llama-3.33-70b",  # no such version
        "meta/llama-3.3-70b-instruct",  # the creator's own
        "openai/gpt-6-sol",
    ],
)
def test_a_base_that_the_name_leaves_open_is_unknown(slug: str):
    assert BASES.base_of(slug) == ""
