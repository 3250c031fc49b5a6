import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pricing.terms import Band, Terms
from sources.base import Answer, FetchFailed, Listing, Parsed, WrongShape
from sources.registry import SOURCES, enabled
from sources.upstreams.pi_ai.read import PiAi

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
NO_HTTP: Any = None
ZEROS = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0}


def model(upstream_id: str, *, cost: Any = ZEROS, **fields: Any) -> dict[str, Any]:
    return {
        "id": upstream_id,
        "name": upstream_id.upper(),
        "type": "chat",
        "input": ["text", "image"],
        "cost": cost,
        **fields,
    }


def parse(**files: dict[str, Any]) -> Parsed:
    pages = {
        f"{name.replace('_', '-')}.json": json.dumps(
            {
                api.replace("_", "-"): {f"{m['type']}:{m['id']}": m for m in models}
                for api, models in catalog.items()
            }
        ).encode()
        for name, catalog in files.items()
    }
    return PiAi().parse(Answer(AS_OF, pages))


def only(**files: dict[str, Any]) -> Listing:
    (listing,) = parse(**files).listings
    return listing


def amounts(listing: Listing, **terms: Any) -> dict[str, str]:
    return {
        rate.meter: str(rate.amount) if rate.amount else rate.state
        for rate in listing.rates
        if rate.terms == Terms(**terms)
    }


def test_a_model_has_prices_bands_limits_and_what_it_takes() -> None:
    cost = {
        "input": 2.5,
        "output": 15,
        "cacheRead": 0.25,
        "cacheWrite": 0,
        "tiers": [
            {"inputTokensAbove": 272000, "input": 5, "output": 22.5, "cacheRead": 0.5}
            | {"cacheWrite": 0}
        ],
    }
    listing = only(
        openai={
            "openai_responses": [
                model("gpt-5.4", cost=cost, reasoning=True, contextWindow=1050000, maxTokens=128000)
            ]
        }
    )
    assert (listing.provider, listing.upstream_id) == ("openai", "gpt-5.4")
    assert amounts(listing) == {"input": "2.5", "output": "15", "cache_read": "0.25"}
    assert amounts(listing, band=Band(272_000)) == {
        "input": "5",
        "output": "22.5",
        "cache_read": "0.5",
    }
    assert listing.facts == {
        "name": "GPT-5.4",
        "context_window": 1_050_000,
        "max_output": 128_000,
        "capabilities": {"reasoning": True, "vision": True},
    }


def test_a_window_that_ends_where_a_band_begins_is_that_of_pi_alone() -> None:
    cost = {"input": 5, "output": 30, "tiers": [{"inputTokensAbove": 272000, "input": 10}]}
    capped = model("gpt-5.5", cost=cost, contextWindow=272000)
    whole = model("gpt-6-cyber", cost=cost, contextWindow=1050000)
    answer = parse(openai={"openai_responses": [capped, whole]})
    windows = {row.upstream_id: row.facts.get("context_window") for row in answer.listings}
    assert windows == {"gpt-5.5": None, "gpt-6-cyber": 1050000}
    assert answer.not_expressed["contextWindow at the start of a band"] == 1


def test_a_zero_states_nothing() -> None:
    assert only(nvidia={"openai_completions": [model("google/gemma-3-4b-it")]}).rates == ()


@pytest.mark.parametrize(
    ("file", "slug"),
    [
        ("together", "togetherai"),
        ("vercel_ai_gateway", "vercel"),
        ("fireworks", "fireworks-ai"),
        ("groq", "groq"),
    ],
)
def test_providers_have_our_slugs(file: str, slug: str) -> None:
    assert only(**{file: {"openai_completions": [model("m")]}}).provider == slug


@pytest.mark.parametrize("file", ["openai_codex", "kimi_coding", "zai", "qwen_token_plan"])
def test_tokens_of_a_plan_are_included_whatever_the_creators_api_costs(file: str) -> None:
    priced = model("m", cost={"input": 5, "output": 30, "cacheRead": 0.5, "cacheWrite": 0})
    assert amounts(only(**{file: {"api": [priced]}})) == {
        "input": "included",
        "output": "included",
    }


def test_a_plan_with_an_allowance_in_dollars_has_prices() -> None:
    priced = model("m", cost={"input": 5, "output": 30, "cacheRead": 0.5, "cacheWrite": 0})
    assert amounts(only(github_copilot={"api": [priced]}))["output"] == "30"


def test_an_id_with_two_uses_is_one_listing() -> None:
    decides = model("gpt-6-luna", cost={"input": 0.1, "output": 0}, type="classifier")
    chats = model("gpt-6-luna", cost={"input": 1, "output": 6})
    listing = only(openai={"openai_decisions": [decides], "openai_responses": [chats]})
    assert amounts(listing) == {"input": "1", "output": "6"}
    assert amounts(listing, tier="decisions") == {"input": "0.1"}


def test_what_only_pi_reaches_is_counted_and_left_out() -> None:
    parsed = parse(
        radius={"pi_messages": [model("balanced")]},
        openrouter={"openai_completions": [model("auto"), model("openrouter/auto")]},
    )
    assert [listing.upstream_id for listing in parsed.listings] == ["openrouter/auto"]
    assert {rate.state for rate in parsed.listings[0].rates} == {"dynamic"}
    assert parsed.not_expressed == {"provider radius": 1, "id auto": 1}


def test_ids_of_cloudflares_gateway_name_the_maker() -> None:
    parsed = parse(
        cloudflare_ai_gateway={
            "anthropic_messages": [model("claude-opus-4-5"), model("claude-opus-5")],
            "openai_responses": [model("gpt-5.4")],
            "openai_completions": [model("workers-ai/@cf/openai/gpt-oss-20b")],
        }
    )
    assert [listing.upstream_id for listing in parsed.listings] == [
        "anthropic/claude-opus-4.5",
        "anthropic/claude-opus-5",
        "openai/gpt-5.4",
        "workers-ai/@cf/openai/gpt-oss-20b",
    ]


def test_an_unknown_field_is_counted_by_its_name() -> None:
    parsed = parse(groq={"api": [model("m", smell="x", cost={**ZEROS, "perDream": 1})]})
    assert parsed.not_expressed == {"field smell": 1, "field cost.perDream": 1}


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b"<html>"])
def test_a_file_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(WrongShape):
        PiAi().parse(Answer(AS_OF, {"openai.json": body}))


def test_it_comes_with_the_snapshot_alone() -> None:
    assert SOURCES["pi-ai"] not in enabled()
    with pytest.raises(FetchFailed, match="has no address"):
        PiAi().fetch(NO_HTTP, now=AS_OF)
