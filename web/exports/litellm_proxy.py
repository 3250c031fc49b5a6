"""The configuration of LiteLLM's proxy: models, providers in order, exact prices, telemetry.

Each model has a deployment at each provider. LiteLLM tries those of the lowest `order` first, and
the next ones where they fail. Keys are named, never written.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from playground.endpoints import CallableEndpoint
from pricing.meters import meter
from pricing.price import price
from pricing.usage import Usage
from streaming.access import ApiAccess
from streaming.anthropic_shape import ANTHROPIC
from web.format.figures import plain

# What LiteLLM calls providers whose API it calls in OpenAI's words at a base that is given, or in
# Anthropic's or Google's own. Its spans name the provider by it, so each is of one provider alone.
PROVIDERS = {
    "alibaba": "dashscope",
    "azure": "azure_ai",
    "cloudflare-workers-ai": "cloudflare",
    "fireworks-ai": "fireworks_ai",
    "friendli": "friendliai",
    "google": "gemini",
    "llama": "meta_llama",
    "moonshotai": "moonshot",
    "nova": "amazon_nova",
    "novita-ai": "novita",
    "nvidia": "nvidia_nim",
    "togetherai": "together_ai",
    "vercel": "vercel_ai_gateway",
    "xiaomi": "xiaomi_mimo",
    **{
        slug: slug
        for slug in (
            *("ai21", "anthropic", "baseten", "cerebras", "chutes", "cortecs", "databricks"),
            *("deepinfra", "deepseek", "groq", "helicone", "huggingface", "inception", "minimax"),
            *("mistral", "morph", "nano-gpt", "nebius", "openai", "openrouter", "ovhcloud"),
            *("perplexity", "poe", "sambanova", "scaleway", "v0", "wandb", "xai", "zai"),
        )
    },
}
# Any other API in OpenAI's words.
OTHER = "custom_openai"
# A usage that shows the rate of each price: one token, which no band reaches.
_PRICES = {
    "input_cost_per_token": ("input", {"input": 1}),
    "output_cost_per_token": ("output", {"output": 1}),
    "cache_read_input_token_cost": ("cache_read", {"input": 1, "cache_read": 1}),
    "cache_creation_input_token_cost": ("cache_write", {"input": 1, "cache_write": 1}),
    "cache_creation_input_token_cost_above_1hr": (
        "cache_write_1h",
        {"input": 1, "cache_write_1h": 1},
    ),
    "output_cost_per_reasoning_token": ("reasoning", {"output": 1, "reasoning": 1}),
}
_ORDERED_BY = Usage.of(input=3_000, output=1_000)

_HEAD = """\
# Written by Ratecard: `manage.py export litellm-proxy`, {day}. Prices are in USD a token.
# `order` is that of the price of three tokens of input and one of output.
# Start with LITELLM_OTEL_V2=true, OTEL_EXPORTER=otlp_http, OTEL_ENDPOINT={site}/v1/traces,
# OTEL_HEADERS="Authorization=Bearer rc_ingest_…" (manage.py make_key ingest litellm), and with
# LITELLM_MASTER_KEY and the variables of the providers’ keys.
"""
_TAIL = """\
litellm_settings:
  callbacks: ["otel"]
  drop_params: false
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
"""


def litellm_proxy(endpoints: Sequence[CallableEndpoint], now: datetime, site: str) -> Iterator[str]:
    """Lines of YAML; texts are quoted as in JSON, prices have all of their digits."""
    yield _HEAD.format(day=now.date(), site=site.rstrip("/"))
    yield "model_list:\n" if endpoints else "model_list: []\n"
    by_model = attrgetter("model")
    for _, group in groupby(sorted(endpoints, key=by_model), key=by_model):
        cheapest = sorted(group, key=lambda endpoint: (_cost(endpoint, now), endpoint.provider))
        for order, endpoint in enumerate(cheapest, 1):
            yield from _deployment(endpoint, order, now)
    yield _TAIL


def _cost(endpoint: CallableEndpoint, now: datetime) -> Decimal:
    return price(endpoint.card, _ORDERED_BY, at=now).total or Decimal(0)


def _deployment(endpoint: CallableEndpoint, order: int, now: datetime) -> Iterator[str]:
    access = endpoint.access
    assert access is not None
    name = PROVIDERS.get(endpoint.provider, OTHER)
    yield f"  - model_name: {_text(endpoint.model)}\n    litellm_params:\n"
    yield f"      model: {_text(f'{name}/{endpoint.upstream_id}')}\n"
    if base := _base(access, name):
        yield f"      api_base: {_text(base)}\n"
    yield f"      api_key: {_text(f'os.environ/{access.key_name}')}\n"
    yield f"      order: {order}\n"
    for key, amount in _prices(endpoint, now).items():
        yield f"      {key}: {_number(amount)}\n"
    yield "    model_info:\n"
    yield f"      id: {_text(f'{endpoint.model}@{endpoint.provider}')}\n"
    yield "      mode: chat\n"
    if endpoint.context:
        yield f"      max_input_tokens: {endpoint.context}\n"
    if endpoint.max_output:
        yield f"      max_output_tokens: {endpoint.max_output}\n"


def _base(access: ApiAccess, name: str) -> str:
    """Empty where LiteLLM has a base of its own, in other words than ours."""
    if access.shape is not ANTHROPIC:
        return access.base
    return f"{access.base}/messages" if name == "anthropic" else ""


def _prices(endpoint: CallableEndpoint, now: datetime) -> Mapping[str, Decimal]:
    prices = {
        key: amount
        for key, (slug, usage) in _PRICES.items()
        if (amount := _rate(endpoint, slug, usage, now)) is not None
    }
    for threshold in _thresholds(endpoint, now):
        for key, slug in (("input_cost_per_token", "input"), ("output_cost_per_token", "output")):
            usage = {"input": threshold + 1, "output": 1}
            if (amount := _rate(endpoint, slug, usage, now)) is not None:
                prices[f"{key}_above_{threshold // 1000}k_tokens"] = amount
    return prices


def _rate(
    endpoint: CallableEndpoint, slug: str, usage: Mapping[str, int], now: datetime
) -> Decimal | None:
    """USD a token, None where the meter has no rate of its own."""
    cost = price(endpoint.card, Usage.of(**usage), at=now)
    for line in cost.lines:
        if line.meter == slug == line.rate.meter and line.rate.amount is not None:
            return line.rate.amount / meter(slug).per
    return None


def _thresholds(endpoint: CallableEndpoint, now: datetime) -> list[int]:
    """Of bands that LiteLLM has words for: whole thousands, for all tokens of the request."""
    bands = {rate.terms.band for rate in endpoint.card.at(now).rates if not rate.terms.tier}
    return sorted(
        {
            band.threshold
            for band in bands
            if band
            and band.applies == "whole_request"
            and band.meter == "input"
            and band.threshold % 1000 == 0
        }
    )


def _number(amount: Decimal) -> str:
    """With a point, without which YAML has a whole number, and without an exponent."""
    written = plain(amount)
    return written if "." in written else f"{written}.0"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
