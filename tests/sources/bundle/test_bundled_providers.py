"""Each provider of the bundled snapshot once."""

import pytest
from django.db.models import Count

from catalog.known_providers import FORMER
from catalog.models import Endpoint, Provider

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]


def test_each_provider_is_there_once_under_its_own_name() -> None:
    names = dict(Provider.objects.values_list("slug", "name"))
    assert names.keys().isdisjoint(FORMER)
    assert 230 < len(names) < 280
    assert len({name.casefold() for name in names.values()}) == len(names)
    merged = {slug: names[slug] for slug in FORMER.values()}
    assert merged == {
        "alibaba-coding-plan": "Alibaba Coding and Token Plans",
        "azure": "Azure",
        "google-vertex": "Vertex",
        "huggingface": "Hugging Face",
        "kimi-for-coding": "Kimi For Coding",
        "llmgateway": "LLM Gateway",
        "minimax-coding-plan": "MiniMax Token Plan",
        "openai": "OpenAI",
        "stepfun-step-plan": "StepFun Step Plan",
        "tencent-coding-plan": "Tencent Coding and Token Plans",
        "xiaomi-token-plan": "Xiaomi Token Plan",
        "zai-coding-plan": "Z.AI Coding Plan",
    }


def test_what_a_merged_provider_serves_is_there_once() -> None:
    numbers = dict(
        Provider.objects.filter(slug__in=FORMER.values())
        .annotate(number=Count("endpoints"))
        .values_list("slug", "number")
    )
    assert numbers["xiaomi-token-plan"] == 9
    assert numbers["kimi-for-coding"] == 6
    assert numbers["llmgateway"] == 646


def test_a_routed_host_of_hugging_face_is_a_variant_of_its_own() -> None:
    served = Endpoint.objects.filter(
        provider__slug="huggingface", model__slug="openai/gpt-oss-120b"
    )
    variants = dict(served.values_list("upstream_id", "variant"))
    assert variants["openai/gpt-oss-120b"] == ""
    assert variants["openai/gpt-oss-120b:groq"] == "groq"
    assert len(variants) > 5


def test_claude_is_at_vertex_and_decisions_are_a_tier_of_openai() -> None:
    vertex = Endpoint.objects.filter(provider__slug="google-vertex")
    assert vertex.filter(model__creator__slug="anthropic").count() > 30
    luna = Endpoint.objects.get(provider__slug="openai", upstream_id="gpt-6-luna")
    assert luna.rates.filter(meter="input", terms__tier="decisions").exists()
