import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.terms import BASE, Band, Terms
from sources.base import Answer, WrongShape
from sources.upstreams.models_dev.read import ModelsDev

API = (Path(__file__).parents[2] / "payloads" / "models-dev" / "api.json").read_bytes()
AS_OF = datetime(2026, 5, 21, tzinfo=UTC)
PAST_272K = Terms(band=Band(272_000, "gt", "total_input", "whole_request"))
PRIORITY = Terms(tier="priority")


def read(body=API):
    return ModelsDev().parse(Answer(AS_OF, {"": body}))


def listing(provider, upstream_id, body=API):
    return next(
        ls for ls in read(body).listings if (ls.provider, ls.upstream_id) == (provider, upstream_id)
    )


def prices(found, terms=BASE):
    return {rate.meter: rate.amount for rate in found.rates if rate.terms == terms}


def one_model(**fields):
    """api.json with one provider `p` and one model `m`."""
    return json.dumps({"p": {"id": "p", "models": {"m": {"id": "m", **fields}}}}).encode()


def test_a_price_is_the_exact_decimal_per_million_tokens():
    assert prices(listing("openai", "o4-mini")) == {
        "input": Decimal("1.1"),
        "output": Decimal("4.4"),
        "cache_read": Decimal("0.28"),
    }


def test_entries_of_one_provider_are_one_in_which_its_own_counts_first():
    def entry(name, **prices):
        models = {model: {"id": model, "cost": {"input": cost}} for model, cost in prices.items()}
        return {"id": name, "name": name, "env": [name.upper()], "models": models}

    found = read(
        json.dumps(
            {
                "azure-cognitive-services": {
                    **entry("a", same=1, other=2, more=3),
                    "doc": "https://a",
                },
                "azure": entry("b", same=1, other=9),
                "xiaomi-token-plan-cn": entry("c", m=0),
                "xiaomi-token-plan-sgp": entry("d", m=0),
            }
        ).encode()
    )
    cards = {(ls.provider, ls.upstream_id): prices(ls) for ls in found.listings}
    assert {key: str(card["input"]) for key, card in cards.items() if key[0] == "azure"} == {
        ("azure", "same"): "1",
        ("azure", "other"): "9",
        ("azure", "more"): "3",
    }
    assert found.not_expressed["prices of another entry of azure"] == 1
    facts = {provider.slug: provider.facts for provider in found.providers}
    assert facts["azure"] == {"name": "b", "env_names": ["B"], "docs_url": "https://a"}
    assert facts["xiaomi-token-plan"]["name"] == "d"


def test_a_cache_write_has_its_own_price():
    found = listing("anthropic", "claude-opus-4-6")
    assert prices(found)["cache_write"] == Decimal("6.25")
    assert found.facts["capabilities"]["explicit-caching"]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (BASE, {"input": "2.5", "output": "15", "cache_read": "0.25"}),
        (PAST_272K, {"input": "5", "output": "22.5", "cache_read": "0.5"}),
        (PRIORITY, {"input": "5", "output": "30", "cache_read": "0.5"}),
    ],
)
def test_bands_come_from_the_tiers_and_modes_are_tiers_named_by_the_request(terms, expected):
    found = listing("openai", "gpt-5.4")
    assert prices(found, terms) == {meter: Decimal(amount) for meter, amount in expected.items()}
    assert {rate.terms for rate in found.rates} == {BASE, PAST_272K, PRIORITY}


def test_a_mode_whose_request_names_no_tier_is_a_tier_of_its_own_name():
    found = listing("anthropic", "claude-opus-4-6")
    assert prices(found, Terms(tier="fast"))["output"] == Decimal("150")


def test_the_legacy_band_counts_only_where_there_are_no_tiers():
    cost = {"input": 1, "output": 2, "context_over_200k": {"input": 3, "output": 4}}
    found = listing("p", "m", one_model(cost=cost))
    assert prices(found, Terms(band=Band(200_000))) == {"input": Decimal(3), "output": Decimal(4)}


@pytest.mark.parametrize(
    ("provider", "upstream_id", "states"),
    [
        ("zai-coding-plan", "glm-5.1", {"included"}),
        ("lmstudio", "openai/gpt-oss-20b", {"included"}),
        ("openrouter", "openai/gpt-oss-120b:free", {"free"}),
        ("ollama-cloud", "gpt-oss:120b", set()),
    ],
)
def test_a_zero_is_included_in_a_plan_free_elsewhere_and_no_price_is_unknown(
    provider, upstream_id, states
):
    assert {rate.state for rate in listing(provider, upstream_id).rates} == states


def test_an_included_price_has_no_amount():
    assert {rate.amount for rate in listing("zai-coding-plan", "glm-5.1").rates} == {None}


def test_facts_are_what_is_stated():
    assert listing("openai", "o4-mini").facts == {
        "name": "o4-mini",
        "family": "o-mini",
        "context_window": 200_000,
        "max_output": 100_000,
        "modalities_in": ["image", "text"],
        "modalities_out": ["text"],
        "capabilities": {
            "file-input": True,
            "reasoning": True,
            "tool-use": True,
            "structured-output": True,
            "vision": True,
            "audio-input": False,
            "video-input": False,
            "image-generation": False,
            "audio-output": False,
            "video-generation": False,
        },
        "released": "2025-04-16",
        "updated": "2025-04-16",
        "knowledge_cutoff": "2024-05",
        "open_weights": False,
    }


@pytest.mark.parametrize(
    ("cost", "caching"),
    [
        ({"cache_read": 0.1}, {}),
        ({"cache_read": 0.1, "cache_write": 0}, {}),
        ({"cache_read": 0.1, "cache_write": 1.25}, {"explicit-caching": True}),
        ({"cache_read": 0, "cache_write": 0}, {}),
        ({}, {}),
    ],
)
def test_only_a_price_for_cache_writes_states_how_prompts_are_cached(cost, caching):
    found = listing("p", "m", one_model(cost={"input": 1, "output": 2, **cost}))
    assert found.facts.get("capabilities", {}) == caching


@pytest.mark.parametrize(
    ("fields", "facts"),
    [
        ({"limit": {"context": 0, "output": 0}}, {}),
        ({"limit": {"context": 8192, "input": 4096}}, {"context_window": 8192, "max_input": 4096}),
        ({"status": "beta"}, {"lifecycle": "preview"}),
        ({"status": "alpha"}, {"lifecycle": "preview"}),
        ({"status": "deprecated"}, {"lifecycle": "deprecated"}),
        ({"structured_output": False}, {"capabilities": {"structured-output": False}}),
        ({"temperature": True}, {"parameters": ["temperature"]}),
        ({"temperature": False}, {}),
        ({"reasoning_options": [{"type": "effort"}]}, {"parameters": ["reasoning_effort"]}),
    ],
)
def test_zero_limits_are_unknown_and_stated_words_become_ours(fields, facts):
    assert listing("p", "m", one_model(**fields)).facts == facts


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"cost": {"input": "1.5", "output": 2}}, "odd value of input"),
        ({"cost": {"input": -1, "output": 2}}, "odd value of input"),
        ({"cost": {"input": None, "output": 2}}, "odd value of input"),
        ({"cost": {"input": True, "output": 2}}, "odd value of input"),
        ({"cost": {"input": float("nan"), "output": 2}}, "odd value of input"),
        ({"cost": {"input": 10**13, "output": 2}}, "odd value of input"),
        ({"cost": {"output": 2, "tiers": [{"input": 1}]}}, "odd value of tiers"),
        ({"cost": {"output": 2, "image": 3}}, "field cost.image"),
        ({"cost": {"output": 2}, "release_date": "2025-25-11"}, "odd value of release_date"),
        ({"cost": {"output": 2}, "name": "nul\x00"}, "odd value of name"),
        ({"cost": {"output": 2}, "limit": {"context": "8k"}}, "odd value of context"),
        ({"cost": {"output": 2}, "interleaved": True}, "field interleaved"),
        ({"cost": {"output": 2}, "canonical_model_id": "a/m"}, "field canonical_model_id"),
        (
            {"cost": {"output": 2}, "reasoning_options": [{"type": "effort", "values": ["low"]}]},
            "field reasoning_options.values",
        ),
        (
            {
                "cost": {"output": 2},
                "experimental": {"modes": {"pro": {"provider": {"headers": {}}}}},
            },
            "field mode.provider.headers",
        ),
    ],
)
def test_what_is_odd_or_new_is_counted_and_the_rest_stays(fields, counted):
    found = read(one_model(**fields))
    assert found.not_expressed == {counted: 1}
    assert prices(found.listings[0]) == {"output": Decimal(2)}


def test_a_sentence_that_somebody_wrote_is_counted_and_left_out():
    body = one_model(name="M", description="A model of many words")
    assert listing("p", "m", body).facts == {"name": "M"}
    assert read(body).not_expressed == {"field description": 1}


def test_a_provider_comes_with_its_address_and_the_names_of_its_keys():
    provider = next(p for p in read().providers if p.slug == "zai-coding-plan")
    assert provider.facts == {
        "name": "Z.AI Coding Plan",
        "docs_url": "https://docs.z.ai/devpack/overview",
        "env_names": ["ZHIPU_API_KEY"],
        "api_base": "https://api.z.ai/api/coding/paas/v4",
        "sdk": "@ai-sdk/openai-compatible",
    }


def test_an_id_may_hold_a_space_but_no_control_character():
    assert listing("nano-gpt", "TheDrummer 2/Anubis-70B-v1")
    body = json.dumps({"p": {"models": {"a\nb": {}, "c": {}}}}).encode()
    assert [ls.upstream_id for ls in read(body).listings] == ["c"]
    assert read(body).not_expressed == {"odd value of model": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!doctype html><title>models.dev</title>",
        API[:-40],
        b"[]",
        b"{}",
        b'"text"',
        b'{"error": "rate limited"}',
        b'{"openai": {"id": "openai", "models": []}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
def test_another_body_is_refused_with_one_sentence(body):
    with pytest.raises(WrongShape) as refusal:
        read(body)
    assert str(refusal.value).startswith("models.dev gave ")


def at(provider, **models):
    """api.json with one provider, and what each of its models is."""
    return json.dumps({provider: {"id": provider, "models": models}}).encode()


def states(found):
    return {rate.meter: rate.state for rate in found.rates}


@pytest.mark.parametrize(
    ("provider", "upstream_id", "name"),
    [
        ("kilo", "openrouter/auto", "Auto Router"),
        ("kilo", "openrouter/bodybuilder", "Body Builder (beta)"),
        ("kilo", "kilo-auto/small", "Small"),
        ("llmgateway", "auto", "Auto Route"),
        ("somebody", "x-1", "Code Router"),
    ],
)
@pytest.mark.parametrize(
    "cost", [None, {"input": 0, "output": 0, "reasoning": 0}, {"input": 0.14, "output": 0}]
)
def test_the_price_of_a_router_depends_on_the_request(provider, upstream_id, name, cost):
    model = {"name": name, **({"cost": cost} if cost else {})}
    found = listing(provider, upstream_id, at(provider, **{upstream_id: model}))
    assert states(found) == {"input": "dynamic", "output": "dynamic"}


@pytest.mark.parametrize(
    ("upstream_id", "name"),
    [
        ("kilo-auto/free", "Auto Free"),
        ("openrouter/free", "Free Models Router"),
        ("nanny-autocar:free", "Routerless"),
    ],
)
def test_a_router_to_free_models_is_free_and_so_is_what_only_sounds_like_one(upstream_id, name):
    body = at("kilo", **{upstream_id: {"name": name, "cost": {"input": 0, "output": 0}}})
    assert states(listing("kilo", upstream_id, body)) == {"input": "free", "output": "free"}


def test_a_router_that_states_its_own_prices_keeps_them():
    body = at("morph", auto={"name": "Auto", "cost": {"input": 0.85, "output": 1.55}})
    assert states(listing("morph", "auto", body)) == {"input": "priced", "output": "priced"}


def test_a_makers_name_makes_no_router_of_its_model_though_the_maker_sells_others_models_too():
    body = at("poe", **{"runwayml/runway": {"name": "Runway"}})
    assert listing("poe", "runwayml/runway", body).rates == ()


@pytest.mark.parametrize(
    ("modalities", "state"),
    [
        ({"input": ["text", "image"], "output": ["text", "audio"]}, "not_offered"),
        ({"input": ["text"], "output": ["image"]}, "not_offered"),
        ({"input": ["audio"], "output": ["text"]}, "not_offered"),
        ({"input": ["text", "image"], "output": ["text"]}, "free"),
        ({}, "free"),
    ],
)
def test_zeros_for_both_mean_free_only_where_text_is_what_is_sold(modalities, state):
    body = at("p", **{"m:free": {"cost": {"input": 0, "output": 0}, "modalities": modalities}})
    found = listing("p", "m:free", body)
    assert states(found) == {"input": state, "output": state}
    assert {rate.amount for rate in found.rates} == {Decimal(0) if state == "free" else None}


def test_an_answer_without_a_price_to_a_question_with_one_is_no_text():
    found = listing("p", "m", one_model(cost={"input": 0.02, "output": 0}))
    assert states(found) == {"input": "priced", "output": "not_offered"}


def test_reasoning_at_zero_beside_a_priced_output_is_no_price():
    body = one_model(cost={"input": 1, "output": 2, "reasoning": 0})
    assert states(listing("p", "m", body)) == {"input": "priced", "output": "priced"}
    assert read(body).not_expressed["odd value of reasoning"] == 1


@pytest.mark.parametrize("cache", ["cache_read", "cache_write"])
def test_a_free_cache_is_odd_where_the_same_provider_charges_for_others(cache):
    without = {"cost": {"input": 1, "output": 2, cache: 0}}
    charged = {"cost": {"input": 1, "output": 2, cache: 0.1}}
    body = at("openai", old=without, new=charged)
    assert cache not in states(listing("openai", "old", body))
    assert read(body).not_expressed[f"odd value of {cache}"] == 1
    assert states(listing("openai", "old", at("openai", old=without)))[cache] == "free"


def test_the_first_day_of_all_clocks_and_limits_of_nines_are_unknown():
    fields = {"release_date": "1970-01-01", "limit": {"context": 99_999_999, "output": 999_999}}
    body = one_model(**fields)
    assert listing("p", "m", body).facts == {}
    counted = read(body).not_expressed
    assert [
        counted[f"odd value of {field}"] for field in ("release_date", "context", "output")
    ] == [1, 1, 1]


def test_a_limit_that_only_has_nines_in_it_stands():
    found = listing("p", "m", one_model(limit={"context": 199_999, "output": 99_999}))
    assert (found.facts["context_window"], found.facts["max_output"]) == (199_999, 99_999)


@pytest.mark.parametrize(
    ("provider", "size", "band"),
    [
        ("xai", 200_000, Band(200_000, "gte")),
        ("xai", 128_000, Band(128_000)),
        ("openrouter", 200_000, Band(200_000)),
        ("vercel", 272_001, Band(272_000)),
        ("vercel", 128_000, Band(128_000)),
    ],
)
def test_a_band_begins_where_the_provider_has_it(provider, size, band):
    cost = {"input": 1, "tiers": [{"input": 2, "tier": {"type": "context", "size": size}}]}
    api = json.loads(one_model(cost=cost))
    found = listing(provider, "m", json.dumps({provider: api["p"]}).encode())
    assert prices(found, Terms(band=band)) == {"input": Decimal(2)}
