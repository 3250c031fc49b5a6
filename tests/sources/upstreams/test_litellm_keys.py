import pytest

from tests.sources.upstreams.litellm import (
    LISTINGS,
    PARSED,
    amounts,
    parse_with,
)


@pytest.mark.parametrize(
    ("key", "provider_name", "provider", "upstream_id", "region"),
    [
        ("o4-mini", "openai", "openai", "o4-mini", None),
        ("vercel_ai_gateway/openai/o4-mini", "vercel_ai_gateway", "vercel", "openai/o4-mini", None),
        ("openrouter/openai/o4-mini", "openrouter", "openrouter", "openai/o4-mini", None),
        ("azure/eu/gpt-4o-2024-08-06", "azure", "azure", "eu/gpt-4o-2024-08-06", "eu"),
        ("azure/global-standard/gpt-4o", "azure", "azure", "global-standard/gpt-4o", "global"),
        (
            "us.anthropic.claude-opus-5-5",
            "bedrock_converse",
            "amazon-bedrock",
            "us.anthropic.claude-opus-5-5",
            "us",
        ),
        ("anthropic.claude-v2:1", "bedrock", "amazon-bedrock", "anthropic.claude-v2:1", None),
        (
            "bedrock/us-gov-west-1/anthropic.claude-v2:1",
            "bedrock",
            "amazon-bedrock",
            "us-gov-west-1/anthropic.claude-v2:1",
            "us-gov-west-1",
        ),
        (
            "bedrock/claude_platform/claude-sonnet-5-5",
            "bedrock",
            "amazon-bedrock",
            "claude-sonnet-5-5",
            None,
        ),
        (
            "vertex_ai/claude-opus-5-5",
            "vertex_ai-anthropic_models",
            "google-vertex",
            "claude-opus-5-5",
            None,
        ),
        ("vertex_ai/meta/llama-4", "vertex_ai-llama_models", "google-vertex", "meta/llama-4", None),
        ("amazon-nova/nova-lite-v1", "amazon_nova", "nova", "nova-lite-v1", None),
        (
            "fireworks_ai/accounts/fireworks/models/rune",
            "fireworks_ai",
            "fireworks-ai",
            "accounts/fireworks/models/rune",
            None,
        ),
        ("perplexity/openai/gpt-5.2", "perplexity", "perplexity-agent", "openai/gpt-5.2", None),
        ("perplexity/sonar", "perplexity", "perplexity", "sonar", None),
        ("low/1024-x-1024/gpt-image-1.5", "openai", "openai", "gpt-image-1.5", None),
        (
            "fal_ai/max/1920-x-1080/openai/gpt-image-2",
            "fal_ai",
            "fal-ai",
            "openai/gpt-image-2",
            None,
        ),
        ("deepinfra/low/model", "deepinfra", "deepinfra", "low/model", None),
        ("Brand_New/a/b", "Brand_New", "brand-new", "a/b", None),
    ],
)
def test_a_key_gives_provider_id_and_region(key, provider_name, provider, upstream_id, region):
    parsed = parse_with({key: {"litellm_provider": provider_name}})
    (listing,) = (ls for ls in parsed.listings if ls.provider != "filler")
    assert (listing.provider, listing.upstream_id, listing.facts.get("region")) == (
        provider,
        upstream_id,
        region,
    )


def test_two_keys_of_one_endpoint_are_one_listing_that_holds_both():
    one = {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "max_input_tokens": 10}
    two = {
        "litellm_provider": "openai",
        "input_cost_per_token": 1e-6,
        "input_cost_per_token_batches": 5e-7,
    }
    parsed = parse_with({"gpt-x": one, "openai/gpt-x": two})
    (listing,) = (ls for ls in parsed.listings if ls.provider == "openai")
    assert (amounts(listing), amounts(listing, tier="batch")) == ({"input": "1"}, {"input": "0.5"})
    assert listing.facts["max_input"] == 10
    assert not parsed.not_expressed


def test_of_two_keys_that_disagree_the_fuller_one_stands_unmixed_and_the_other_is_counted_by_name():
    old = {
        "litellm_provider": "openai",
        "input_cost_per_token": 9e-6,
        "input_cost_per_token_flex": 4e-6,
    }
    new = {
        "litellm_provider": "openai",
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 2e-6,
        "mode": "chat",
    }
    parsed = parse_with({"openai/gpt-x": old, "gpt-x": new})
    (listing,) = (ls for ls in parsed.listings if ls.provider == "openai")
    assert amounts(listing) == {"input": "1", "output": "2"}
    assert amounts(listing, tier="flex") == {}
    assert parsed.not_expressed == {"prices of another key of openai gpt-x": 1}


def test_a_side_door_gives_way_however_full_it_is():
    assert amounts(LISTINGS["amazon-bedrock", "openai.gpt-6-sol"])["input"] == "2"
    assert PARSED.not_expressed["prices of another key of amazon-bedrock openai.gpt-6-sol"] == 1
    assert amounts(LISTINGS["alibaba", "wan3.0-video"])["video_second"] == "0.2"
