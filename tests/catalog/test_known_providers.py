import pytest

from catalog.known_providers import (
    _BY_KIND,
    CREATORS,
    FIRST_PARTY,
    GENAI_PRICES,
    LITELLM,
    PROVIDERS,
    kind_of,
    slug_of,
)
from catalog.matching import tables as matching_tables


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("bedrock_converse", "amazon-bedrock"),
        ("vertex_ai-anthropic_models", "google-vertex-anthropic"),
        ("gemini", "google"),
        ("github_copilot", "github-copilot"),
        ("never_Heard_of", "never-heard-of"),
    ],
)
def test_a_name_of_litellms_becomes_our_slug(name, slug):
    assert slug_of(name, LITELLM) == slug


def test_every_slug_the_tables_lead_to_is_described():
    named = {*LITELLM.values(), *GENAI_PRICES.values(), *FIRST_PARTY}
    assert named <= PROVIDERS.keys()
    assert set(FIRST_PARTY.values()) <= CREATORS.keys()


def test_a_provider_sells_as_its_own_what_matching_takes_for_its_own():
    both = FIRST_PARTY.keys() & matching_tables.FIRST_PARTY.keys()
    assert len(both) > 50
    assert {p: FIRST_PARTY[p] for p in both} == {p: matching_tables.FIRST_PARTY[p] for p in both}


def test_no_provider_is_described_under_two_kinds():
    assert sum(map(len, _BY_KIND.values())) == len(PROVIDERS)


def test_an_unknown_provider_is_taken_for_a_host():
    assert kind_of("never-heard-of") == "inference-host"
    assert kind_of("github-copilot") == "plan"
