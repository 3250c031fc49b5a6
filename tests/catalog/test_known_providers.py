from itertools import combinations

import pytest

from catalog.known_creators import CREATORS
from catalog.known_providers import (
    _BY_KIND,
    APART,
    FIRST_PARTY,
    FORMER,
    GENAI_PARTS,
    GENAI_PRICES,
    LITELLM,
    OTHER_NAMES,
    PROVIDERS,
    kind_of,
    slug_of,
)
from catalog.matching import tables as matching_tables


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("bedrock_converse", "amazon-bedrock"),
        ("vertex_ai-anthropic_models", "google-vertex"),
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


def test_providers_of_one_firm_or_with_like_names_have_a_reason_to_be_apart():
    reasons = {frozenset(pair) for group in APART for pair in combinations(group, 2)}
    assert all(APART.values())
    assert {slug for pair in reasons for slug in pair} <= PROVIDERS.keys()
    for one, other in combinations(PROVIDERS, 2):
        begins_alike = _first_word(one) == _first_word(other)
        owners = {FIRST_PARTY.get(one), FIRST_PARTY.get(other)}
        if begins_alike or (len(owners) == 1 and owners != {None}):
            assert {one, other} in reasons, (one, other)


def _first_word(slug: str) -> str:
    return PROVIDERS[slug][0].split()[0].casefold()


def test_a_firm_has_one_provider_of_kind_plan():
    plans = [_first_word(slug) for slug in PROVIDERS if kind_of(slug) == "plan"]
    firms = {word for word in plans if plans.count(word) > 1}
    assert firms <= {"github"}  # two products


def test_a_former_provider_leads_to_the_one_that_it_is_a_part_of():
    assert FORMER.keys().isdisjoint(PROVIDERS)
    assert {*FORMER.values(), *(slug for slug, _, _ in GENAI_PARTS.values())} <= PROVIDERS.keys()
    assert {name: OTHER_NAMES[name] for name in FORMER} == FORMER
    assert slug_of("azure-cognitive-services", {}) == "azure"
    assert slug_of("huggingface_novita", GENAI_PRICES) == "huggingface"
    assert {name: slug_of(name, GENAI_PRICES) for name in GENAI_PARTS} == {
        name: slug for name, (slug, _, _) in GENAI_PARTS.items()
    }
