"""Names as logs and responses write them, in the bundled catalog."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.known_names import known_names
from catalog.names import Names
from pricing.endpoint import PricedEndpoints
from pricing.priced_endpoints import priced_endpoints
from pricing.terms import Terms
from usage.placement import Placement, ProviderChoice, meaning_of, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Catalog:
    def __init__(self, names: Names, endpoints: PricedEndpoints) -> None:
        self.names, self.endpoints = names, endpoints
        self.cards = {each.endpoint_id: each.card for each in endpoints.all}

    def place(self, name: str, provider: str = "", **choice: Any) -> Placement:
        meaning = meaning_of(self.names, name, provider, ProviderChoice(**choice))
        return place(meaning, self.cards)

    def upstream_id(self, placement: Placement) -> str:
        endpoint = placement.endpoint
        return self.endpoints.by_id[endpoint].upstream_id if endpoint else ""

    def amounts(self, placement: Placement) -> Mapping[str, str]:
        """USD per million tokens in the placement's tier, without other terms."""
        assert placement.endpoint is not None, placement.why
        return {
            rate.meter: f"{rate.amount.normalize():f}"
            for rate in placement.card(self.cards[placement.endpoint]).at(NOW).rates
            if rate.amount is not None and rate.terms == Terms(tier=placement.tier)
        }


@pytest.fixture(scope="module")
def catalog(bundled_catalog: None, django_db_blocker: Any) -> Catalog:
    with django_db_blocker.unblock():
        return Catalog(known_names(), priced_endpoints(NOW.date()))


# Of two endpoints at a provider the one whose id is the model's name is meant.
DEPLOYED = [("openai/gpt-5", "gpt-5"), ("moonshotai/kimi-k2.7-code", "kimi-k2.7-code")]


def test_a_deployment_is_of_the_model_that_is_chosen_for_it(catalog: Catalog) -> None:
    for model, upstream_id in DEPLOYED:
        placed = catalog.place("my-gpt-prod", "azure", models={"my-gpt-prod": model})
        assert (placed.model, placed.provider) == (model, "azure")
        assert catalog.upstream_id(placed).startswith(upstream_id)
        assert placed.by.startswith("the model is chosen; the provider is named; ")
    assert not catalog.place("my-gpt-prod", "azure").model


HAIKU, SONNET = "anthropic/claude-haiku-4.5", "anthropic/claude-sonnet-4.6"
HAIKU_ID, HAIKU_DATED = "claude-haiku-4-5", "claude-haiku-4-5-20251001"
AT_BEDROCK = f"anthropic.{HAIKU_DATED}-v1:0"
BEDROCK, VERTEX, ROUTER = "amazon-bedrock", "google-vertex", "openrouter"
FLASH, GLM, MINI = "google/gemini-3.5-flash", "zhipuai/glm-5", "openai/gpt-5-mini"
PROFILE = "arn:aws:bedrock:eu-central-1:210987654321:inference-profile"
FOUNDATION = "arn:aws:bedrock:us-west-2::foundation-model"
GOOGLE_PATH = "projects/p1/locations/global/publishers/google/models"
CODER = "alibaba/qwen3-coder-480b-a35b-instruct"

# Name and provider as a log has them; model, provider, id of the endpoint and tier.
PLACED = [
    # Our slugs and bare ids, without a provider.
    (HAIKU, "", HAIKU, "anthropic", HAIKU_ID, ""),
    (HAIKU_ID, "", HAIKU, "anthropic", HAIKU_ID, ""),
    (HAIKU_DATED, "", HAIKU, "anthropic", HAIKU_DATED, ""),
    ("gpt-5-mini", "", MINI, "openai", "gpt-5-mini", ""),
    ("grok-4.6", "", "xai/grok-4.6", "xai", "grok-4.6", ""),
    ("glm-5", "", GLM, "zai", "glm-5", ""),
    ("deepseek-v4-flash", "", "deepseek/deepseek-v4-flash", "deepseek", "deepseek-v4-flash", ""),
    # Words of SDKs and of OpenTelemetry for a provider.
    ("gpt-5-mini", "openai.responses", MINI, "openai", "gpt-5-mini", ""),
    ("gpt-5-mini", "azure.ai.openai", MINI, "azure", "gpt-5-mini", ""),
    ("gemini-3.5-flash", "google.generative-ai", FLASH, "google", "gemini-3.5-flash", ""),
    ("gemini-3.5-flash", "gcp.vertex_ai", FLASH, VERTEX, "gemini-3.5-flash", ""),
    ("models/gemini-3.5-flash", "gcp.gemini", FLASH, "google", "gemini-3.5-flash", ""),
    ("claude-sonnet-4-6", "google", SONNET, VERTEX, "claude-sonnet-4-6", ""),
    # Bedrock: routes, profiles, regions, resources.
    (f"bedrock/converse/eu.{AT_BEDROCK}", "", HAIKU, BEDROCK, f"eu.{AT_BEDROCK}", ""),
    (f"bedrock/invoke/{AT_BEDROCK}", "bedrock", HAIKU, BEDROCK, AT_BEDROCK, ""),
    (f"bedrock/eu-west-3/{AT_BEDROCK}", "", HAIKU, BEDROCK, AT_BEDROCK, ""),
    (f"jp.{AT_BEDROCK}", "", HAIKU, BEDROCK, f"jp.{AT_BEDROCK}", ""),
    (f"global.{AT_BEDROCK}", "aws.bedrock", HAIKU, BEDROCK, f"global.{AT_BEDROCK}", ""),
    (f"{PROFILE}/eu.{AT_BEDROCK}", "", HAIKU, BEDROCK, f"eu.{AT_BEDROCK}", ""),
    (f"bedrock/{FOUNDATION}/{AT_BEDROCK}", "bedrock", HAIKU, BEDROCK, AT_BEDROCK, ""),
    ("anthropic.claude-sonnet-4-6", "", SONNET, BEDROCK, "anthropic.claude-sonnet-4-6", ""),
    ("minimax.minimax-m2.5", "", "minimax/minimax-m2.5", BEDROCK, "minimax.minimax-m2.5", ""),
    # Azure: regions, and its own spelling of a model.
    ("azure/us/gpt-4.1-2025-04-14", "", "openai/gpt-4.1", "azure", "us/gpt-4.1-2025-04-14", ""),
    ("gpt-4.1", "Azure OpenAI", "openai/gpt-4.1", "azure", "gpt-4.1", ""),
    ("gpt-35-turbo", "", "openai/gpt-3.5-turbo", "azure", "gpt-35-turbo", ""),
    # Vertex AI.
    ("vertex_ai/claude-haiku-4-5@20251001", "", HAIKU, VERTEX, "claude-haiku-4-5@20251001", ""),
    ("claude-haiku-4-5@20251001", "", HAIKU, VERTEX, "claude-haiku-4-5@20251001", ""),
    (f"{GOOGLE_PATH}/gemini-3.5-flash", "", FLASH, VERTEX, "gemini-3.5-flash", ""),
    ("gemini/gemini-3.5-flash", "", FLASH, "google", "gemini-3.5-flash", ""),
    # OpenRouter: permaslugs and variants.
    ("anthropic/claude-4.5-haiku-20251001", ROUTER, HAIKU, ROUTER, HAIKU, ""),
    ("openai/gpt-5.4-2026-03-05", ROUTER, "openai/gpt-5.4", ROUTER, "openai/gpt-5.4", ""),
    ("openrouter/openai/gpt-5-mini", "", MINI, ROUTER, MINI, ""),
    ("z-ai/glm-5:nitro", ROUTER, GLM, ROUTER, "z-ai/glm-5", ""),
    ("z-ai/glm-5:floor", "", GLM, ROUTER, "z-ai/glm-5", ""),
    ("google/gemini-3.5-flash:online", "Google", FLASH, ROUTER, FLASH, ""),
    ("qwen/qwen3-coder:exacto", ROUTER, CODER, ROUTER, "qwen/qwen3-coder", ""),
    (f"{HAIKU}:thinking", ROUTER, HAIKU, ROUTER, HAIKU, ""),
    ("openai/gpt-5.4:batch", ROUTER, "openai/gpt-5.4", ROUTER, "openai/gpt-5.4:batch", "batch"),
    # Forms of one provider, and ids that one provider alone uses.
    ("accounts/fireworks/models/kimi-k2p6", "", "moonshotai/kimi-k2.6", "fireworks-ai",
     "accounts/fireworks/models/kimi-k2p6", ""),
    ("llama-3.1-8b-instant", "", "meta/llama-3.1-8b-instruct", "groq", "llama-3.1-8b-instant", ""),
    ("databricks-claude-sonnet-4-6", "", SONNET, "databricks", "databricks-claude-sonnet-4-6", ""),
    # LiteLLM's prefixes.
    ("groq/openai/gpt-oss-20b", "", "openai/gpt-oss-20b", "groq", "openai/gpt-oss-20b", ""),
    ("perplexity/anthropic/claude-haiku-4-5", "", HAIKU, "perplexity-agent",
     "anthropic/claude-haiku-4-5", ""),
    ("together_ai/deepseek-ai/DeepSeek-V3.1", "", "deepseek/deepseek-v3.1", "togetherai",
     "deepseek-ai/DeepSeek-V3.1", ""),
    ("text-completion-openai/gpt-3.5-turbo-instruct", "", "openai/gpt-3.5-turbo-instruct",
     "openai", "gpt-3.5-turbo-instruct", ""),
    ("vercel_ai_gateway/anthropic/claude-haiku-4.5", "", HAIKU, "vercel", HAIKU, ""),
    ("dashscope/qwen3-max", "", "alibaba/qwen3-max", "alibaba", "qwen3-max", ""),
    # Fine-tunes, and serving words that are a tier of the card.
    ("ft:gpt-4.1-mini-2025-04-14:my-org:tone:Bq1", "", "openai/gpt-4.1-mini", "openai",
     "ft:gpt-4.1-mini-2025-04-14", ""),
    ("gpt-5.4-priority", "openai", "openai/gpt-5.4", "openai", "gpt-5.4", "priority"),
    ("gpt-5.4-flex", "", "openai/gpt-5.4", "openai", "gpt-5.4", "flex"),
    ("claude-opus-4-8-fast", "anthropic", "anthropic/claude-opus-4.8", "anthropic",
     "claude-opus-4-8", "fast"),
]  # fmt: skip


def test_names_lead_to_one_endpoint_whatever_program_wrote_them(catalog: Catalog) -> None:
    for name, called, model, provider, upstream_id, tier in PLACED:
        placement = catalog.place(name, called)
        place = (placement.provider, catalog.upstream_id(placement), placement.tier)
        assert (name, placement.model, *place, placement.why) == (
            *(name, model, provider, upstream_id, tier, ""),
        )


NOT_PLACED = [
    ("chat-prod-eu", "azure", "no model of the catalog goes by this name"),
    ("gpt-4.1-mini-prod", "azure", "no model of the catalog goes by this name"),
    ("gpt-5-minis", "", "no model of the catalog goes by this name"),
    ("gpt-5-mini", "elsewhere", "no provider of the catalog goes by the name beside it"),
    ("ft:gpt-5-mini:my-org::Bq3", "openai", "openai states no price of a fine-tuned model of it"),
    ("gpt-4.1-2025-04-14.ft-0d3", "azure", "azure states no price of a fine-tuned model of it"),
    ("claude-opus-4-7-fast", "anthropic", "anthropic states no price of it for “fast”"),
    ("meta-llama/Llama-3.3-70B-Instruct", "",
     "no provider is named, and its creator's own API is not known to serve it"),
    ("qwen3:32b", "", "ollama is not known to serve it"),
    ("arn:aws:bedrock:us-east-1:210987654321:application-inference-profile/k2x9", "",
     "an AWS resource whose name holds no model's id"),
]  # fmt: skip


def test_what_cannot_be_placed_has_a_reason_and_no_price(catalog: Catalog) -> None:
    for name, called, why in NOT_PLACED:
        placement = catalog.place(name, called)
        assert (name, placement.why, placement.endpoint) == (name, why, None)


def test_names_have_the_prices_of_what_they_say(catalog: Catalog) -> None:
    prices = {
        name: {meter: catalog.amounts(catalog.place(name))[meter] for meter in ("input", "output")}
        for name in (
            *("gpt-5.4", "gpt-5.4-priority", "gpt-5.4-batch"),
            *("ft:gpt-4.1-mini-2025-04-14:my-org::Bq1", "gpt-4.1-mini"),
            *(f"us.{AT_BEDROCK}", HAIKU_ID, "qwen/qwen3-coder:free"),
        )
    }
    assert prices == {
        "gpt-5.4": {"input": "2.5", "output": "15"},
        "gpt-5.4-priority": {"input": "5", "output": "30"},
        "gpt-5.4-batch": {"input": "1.25", "output": "7.5"},
        "ft:gpt-4.1-mini-2025-04-14:my-org::Bq1": {"input": "0.8", "output": "3.2"},
        "gpt-4.1-mini": {"input": "0.4", "output": "1.6"},
        f"us.{AT_BEDROCK}": {"input": "1.1", "output": "5.5"},
        HAIKU_ID: {"input": "1", "output": "5"},
        "qwen/qwen3-coder:free": {"input": "0", "output": "0"},
    }


def test_the_creators_own_api_is_a_choice(catalog: Catalog) -> None:
    assert catalog.place("gpt-5-mini").own_api
    assert not catalog.place("gpt-5-mini", "openai").own_api
    assert catalog.place("gpt-5-mini", own_api=False).why == "the provider is not known"
    assert catalog.place("gpt-5-mini", at={"gpt-5-mini": "azure"}).provider == "azure"
    assert catalog.place("gpt-5-mini", "openai", at={"gpt-5-mini": "azure"}).provider == "openai"
    # One provider alone writes or uses such an id: no choice is needed.
    assert catalog.place(f"us.{AT_BEDROCK}", own_api=False).provider == BEDROCK
