"""The headline prices of the snapshot that every new install starts with."""

from decimal import Decimal

import pytest

from pricing.models import Headline, PriceRow

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

# Prices of the creator's own page, by page: a million tokens of input and of output at standard
# terms. None of them has an announced change.
STATED = {
    "https://openai.com/api/pricing/": {
        "openai/gpt-5.5": ("5", "30"),
        "openai/gpt-5.4": ("2.5", "15"),
        "openai/gpt-5.4-mini": ("0.75", "4.5"),
        "openai/gpt-5.4-nano": ("0.2", "1.25"),
        "openai/gpt-5": ("1.25", "10"),
        "openai/gpt-5-mini": ("0.25", "2"),
        "openai/gpt-5-nano": ("0.05", "0.4"),
        "openai/gpt-4.1": ("2", "8"),
        "openai/gpt-4.1-mini": ("0.4", "1.6"),
        "openai/gpt-4o": ("2.5", "10"),
        "openai/gpt-4o-mini": ("0.15", "0.6"),
        "openai/o3": ("2", "8"),
    },
    "https://claude.com/pricing": {
        "anthropic/claude-opus-4.8": ("5", "25"),
        "anthropic/claude-opus-4.7": ("5", "25"),
        "anthropic/claude-opus-4.6": ("5", "25"),
        "anthropic/claude-opus-4.5": ("5", "25"),
        "anthropic/claude-sonnet-4.6": ("3", "15"),
        "anthropic/claude-haiku-4.5": ("1", "5"),
    },
    "https://ai.google.dev/gemini-api/docs/pricing": {
        "google/gemini-2.5-pro": ("1.25", "10"),
        "google/gemini-2.5-flash": ("0.3", "2.5"),
        "google/gemini-3-flash-preview": ("0.5", "3"),
        "google/gemini-3.1-pro-preview": ("2", "12"),
        "google/gemini-3.5-flash": ("1.5", "9"),
        "google/gemini-3.5-flash-lite": ("0.3", "2.5"),
    },
    "https://docs.x.ai/docs/models": {
        "xai/grok-4.3": ("1.25", "2.5"),
        "xai/grok-4.5": ("2", "6"),
    },
    "https://mistral.ai/pricing": {
        "mistral/mistral-large-2512": ("0.5", "1.5"),
        "mistral/mistral-small-2603": ("0.15", "0.6"),
    },
    "https://platform.kimi.ai/docs/pricing/chat": {
        "moonshotai/kimi-k3": ("3", "15"),
        "moonshotai/kimi-k2.6": ("0.95", "4"),
    },
    "https://docs.z.ai/guides/overview/pricing": {
        "zhipuai/glm-5.3": ("1.4", "4.4"),
        "zhipuai/glm-5.2": ("1.4", "4.4"),
        "zhipuai/glm-4.7": ("0.6", "2.2"),
    },
    "https://www.alibabacloud.com/help/en/model-studio/model-pricing": {
        "alibaba/qwen3.7-max": ("2.5", "7.5"),
        "alibaba/qwen3.7-plus": ("0.4", "1.6"),
    },
    "https://platform.minimax.io/docs/guides/pricing": {
        "minimax/minimax-m3": ("0.3", "1.2"),
        "minimax/minimax-m2.7": ("0.3", "1.2"),
    },
    "https://cohere.com/pricing": {
        "cohere/command-a": ("2.5", "10"),
        "cohere/command-r7b": ("0.0375", "0.15"),
    },
    "https://docs.perplexity.ai/getting-started/pricing": {
        "perplexity/sonar": ("1", "1"),
        "perplexity/sonar-pro": ("3", "15"),
    },
    "https://docs.inceptionlabs.ai/get-started/models": {
        "inception/mercury-2": ("0.25", "0.75"),
    },
}


def test_well_known_models_have_the_price_of_their_creators_own_page():
    stated = {slug: row for page in STATED.values() for slug, row in page.items()}
    assert len(stated) > 40
    rows = PriceRow.objects.filter(place=1, model__slug__in=stated).select_related("model")
    shown = {row.model.slug: (row.input, row.output) for row in rows}
    wanted = {slug: tuple(map(Decimal, prices)) for slug, prices in stated.items()}
    assert shown == wanted
    headlines = Headline.objects.filter(model__slug__in=stated)
    assert {headline.standing for headline in headlines} == {"own"}
    assert not headlines.exclude(folded="").exists()
