import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.terms import Band, Schedule, Terms
from sources.base import Answer, WrongShape
from sources.upstreams.litellm.read import LiteLLM

AS_OF = datetime(2026, 11, 12, tzinfo=UTC)
SLICE = json.loads(
    (Path(__file__).parents[2] / "payloads/litellm/slice.json").read_text(encoding="utf-8")
)
FILLER = {f"filler/{n}": {"litellm_provider": "filler", "mode": "chat"} for n in range(50)}
PAST_272K = Band(272_000)


def parse(rows):
    return LiteLLM().parse(Answer(AS_OF, {"": json.dumps(rows).encode()}))


def parse_with(rows):
    """Parse these rows in a map that is long enough to be one."""
    return parse(FILLER | rows)


PARSED = parse(SLICE)
LISTINGS = {(listing.provider, listing.upstream_id): listing for listing in PARSED.listings}


def row_of(provider="openai", mode="chat", **fields):
    """One made-up row: its only listing, and what was counted."""
    parsed = parse_with({"x": {"litellm_provider": provider, "mode": mode} | fields})
    (listing,) = (ls for ls in parsed.listings if ls.provider != "filler")
    return listing, parsed.not_expressed


def amounts(listing, **conditions):
    """{meter: amount, or the state where there is none} under exactly these terms."""
    terms = Terms(**conditions)
    return {
        r.meter: r.state if r.amount is None else str(r.amount)
        for r in listing.rates
        if r.terms == terms
    }


# --- prices ---


@pytest.mark.parametrize("provider", ["openai", "azure"])
def test_o4_mini_has_its_prices_at_openai_and_at_azure(provider):
    o4_mini = LISTINGS[provider, "o4-mini"]
    base = amounts(o4_mini)
    assert (base["input"], base["output"], base["cache_read"]) == ("1.1", "4.4", "0.275")
    batch = amounts(o4_mini, tier="batch")
    assert (batch["input"], batch["output"]) == ("0.55", "2.2")


def test_priority_and_flex_are_tiers_of_their_own():
    o4_mini = LISTINGS["openai", "o4-mini"]
    assert amounts(o4_mini, tier="priority") == {"input": "2", "output": "8", "cache_read": "0.5"}
    assert amounts(o4_mini, tier="flex") == {
        "input": "0.55",
        "output": "2.2",
        "cache_read": "0.138",
    }


def test_a_context_band_is_past_its_threshold_and_combines_with_a_tier():
    gpt = LISTINGS["openai", "gpt-5.4"]
    assert amounts(gpt, band=PAST_272K) == {"input": "5", "output": "22.5", "cache_read": "0.5"}
    assert amounts(gpt, tier="batch", band=PAST_272K) == {
        "input": "2.5",
        "output": "11.25",
        "cache_read": "0.25",
    }
    assert PAST_272K.operator == "gt"
    assert (PAST_272K.basis, PAST_272K.applies) == ("total_input", "whole_request")


def test_a_cache_write_has_a_meter_per_life():
    haiku = LISTINGS["anthropic", "claude-haiku-5-5"]
    base = amounts(haiku)
    assert (base["cache_write"], base["cache_write_1h"], base["cache_read"]) == (
        "0.125",
        "0.2",
        "0.01",
    )
    assert amounts(haiku, band=Band(100_000))["cache_write_1h"] == "1"
    astra = LISTINGS["openai", "gpt-6-astra"]
    assert amounts(astra)["cache_write_12h"] == "25"
    assert amounts(astra, tier="ultrafast", band=PAST_272K)["cache_write_12h"] == "300"


def test_tiers_keep_their_own_names():
    assert amounts(LISTINGS["sail", "moonshotai/Kimi-K3"], tier="balanced")["input"] == "2"
    assert amounts(LISTINGS["openai", "gpt-6-luna"], tier="decisions")["output"] == "0"


def test_audio_tokens_have_their_own_meters():
    flash = LISTINGS["google", "gemini-2.5-flash"]
    assert (amounts(flash)["input_audio"], amounts(flash)["cache_read_audio"]) == ("1", "0.1")
    assert amounts(flash, tier="batch")["input_audio"] == "0.5"


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [
        (None, {"input": "1", "output": "5", "cache_read": "0.1"}),
        (32_000, {"input": "1.8", "output": "9", "cache_read": "0.18"}),
        (128_000, {"input": "3", "output": "15", "cache_read": "0.3"}),
        (256_000, {"input": "6", "output": "60", "cache_read": "0.6"}),
    ],
)
def test_ranges_are_the_base_card_and_bands_above_it(threshold, expected):
    band = Band(threshold) if threshold else None
    assert amounts(LISTINGS["alibaba", "qwen3-coder-plus"], band=band) == expected


def test_an_explicit_cache_is_priced_apart():
    qwen = LISTINGS["alibaba", "qwen3.7-max"]
    assert amounts(qwen, options=(("caching", "explicit"),)) == {"cache_read": "0.25"}


def test_off_peak_hours_are_a_schedule_in_utc():
    week = Schedule((("00:00", "01:00"), ("04:00", "06:00"), ("10:00", "00:00")), (1, 2, 3, 4, 5))
    weekend = Schedule((("00:00", "00:00"),), (6, 7))
    deepseek = LISTINGS["deepseek", "deepseek-flash"]
    assert amounts(deepseek, schedules=(week, weekend)) == {
        "input": "0.15",
        "output": "0.6",
        "cache_read": "0.003",
    }
    assert (amounts(deepseek)["input"], amounts(deepseek)["output"]) == ("0.3", "1.2")


def test_weekdays_of_another_zone_take_the_hours_with_them_cut_at_midnight():
    tencent = LISTINGS["tencent-tokenhub", "deepseek-v4.1-flash"]
    (schedules,) = {rate.terms.schedules for rate in tencent.rates if rate.terms.schedules}
    week, weekend = schedules
    assert week.timezone == weekend.timezone == "Asia/Shanghai"
    assert week.windows == (
        ("00:00", "08:00"),
        ("08:00", "09:00"),
        ("12:00", "14:00"),
        ("18:00", "00:00"),
    )
    assert weekend.windows == (("00:00", "00:00"),)


def test_hours_that_another_zone_has_tomorrow_belong_to_its_weekday():
    rule = {"hours_utc": "20:00-21:00", "weekdays": [6]}
    block = {"input_cost_per_token": 1e-6, "weekday_timezone": "Asia/Shanghai", "windows": [rule]}
    listing, _ = row_of(off_peak_pricing=block)
    saturday = Schedule((("04:00", "05:00"),), (6,), "Asia/Shanghai")
    assert amounts(listing, schedules=(saturday,)) == {"input": "1"}


def test_hours_of_every_day_may_be_one_word_and_run_past_midnight():
    off_peak = {"input_cost_per_token": 1e-6, "hours_utc": "16:30-00:30"}
    listing, _ = row_of(input_cost_per_token=2e-6, off_peak_pricing=off_peak)
    every_day = Schedule((("00:00", "00:30"), ("16:30", "00:00")))
    assert amounts(listing, schedules=(every_day,)) == {"input": "1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekday_timezone": "Europe/Berlin"},  # its clock moves twice a year
        {"weekday_timezone": "Europe"},
        {"weekday_timezone": "../../etc/passwd"},
        {"weekday_timezone": 7},
        {"windows": "00:00-01:00"},
        {"windows": [{"hours_utc": "25:00-26:00"}]},
        {"windows": [{"hours_utc": "01:00-02:00", "weekdays": [8]}]},
        {"windows": [{"hours_utc": "01:00-02:00", "weekdays": ["mon"]}]},
        {"windows": []},
    ],
)
def test_hours_that_cannot_be_held_are_counted_and_the_row_stays(wrong):
    block = {"input_cost_per_token": 1e-6, "windows": [{"hours_utc": "01:00-02:00"}]} | wrong
    listing, counted = row_of(input_cost_per_token=2e-6, off_peak_pricing=block)
    assert counted["odd value of off_peak_pricing"] == 1
    assert amounts(listing) == {"input": "2"}
    assert len(listing.rates) == 1


def test_a_search_is_per_thousand_and_medium_is_what_one_gets_unasked():
    costs = {
        f"search_context_size_{size}": cost for size, cost in [("low", 0.03), ("medium", 0.035)]
    }
    listing, _ = row_of(input_cost_per_token=2e-6, search_context_cost_per_query=costs)
    assert amounts(listing)["web_search"] == "35"
    assert amounts(listing, options=(("search_context", "low"),)) == {"web_search": "30"}


def test_perplexity_searches_at_every_request_and_its_fee_goes_by_the_size_of_the_search():
    sonar = LISTINGS["perplexity", "sonar-pro"]
    assert amounts(sonar) == {"input": "3", "output": "15"}
    for size, fee in (("low", "6"), ("medium", "10"), ("high", "14")):
        assert amounts(sonar, options=(("search_context", size),)) == {"request": fee}


def test_where_every_size_costs_the_same_perplexity_charges_by_the_search():
    deep = LISTINGS["perplexity", "sonar-deep-research"]
    assert "request" not in amounts(deep)
    assert amounts(deep)["web_search"] == "5"
    assert not any(rate.terms.options for rate in deep.rates)


def test_a_search_keeps_what_is_billed():
    by_query = (("billed_by", "query"),)
    by_prompt = (("billed_by", "prompt"),)
    gemini_3 = LISTINGS["google-vertex", "gemini-3-flash-preview"]
    assert amounts(gemini_3, options=by_query) == {"web_search": "14", "maps_search": "14"}
    assert amounts(LISTINGS["google", "gemini-2.5-flash"], options=by_prompt) == {
        "web_search": "35",
        "maps_search": "25",
    }


@pytest.mark.parametrize(
    ("provider", "upstream_id", "options", "expected"),
    [
        (
            "deepgram",
            "nova-3",
            (),
            {"audio_second_in": "0.00007167", "audio_second": "not_offered"},
        ),
        (
            "soniox",
            "stt-async-v4",
            (),
            {"audio_second_in": "0.0000277778", "audio_second": "not_offered"},
        ),
        ("azure", "whisper", (), {"audio_second_in": "0.0001"}),
        ("elevenlabs", "eleven_v4", (), {"input_character": "80"}),
        ("google-vertex", "lyria-002", (), {"clip": "0.06"}),
        ("google-vertex", "medlm-large", (), {"input_character": "5", "output_character": "15"}),
        ("runwayml", "gen4_turbo", (), {"video_second": "0.05"}),
        (
            "google",
            "veo-3.1-fast-generate-preview",
            (("resolution", "4k"),),
            {"video_second": "0.3"},
        ),
        ("minimax", "MiniMax-H3", (("resolution", "2k"),), {"video_second": "0.13"}),
        ("fal-ai", "fal-ai/nano-banana-2", (("size", "0.5K"),), {"image": "0.06"}),
        ("mistral", "mistral-ocr-latest", (), {"page": "4", "annotation_page": "5"}),
        ("reducto", "parse-v3", (), {"credit": "0.015"}),
        ("xai", "grok-voice-3.0", (), {"audio_second_in": "0.001333333333", "message": "4"}),
        ("perplexity", "pplx-70b-online", (), {"input": "0", "output": "2.8", "request": "5"}),
        (
            "google-vertex",
            "multimodalembedding",
            (("interval", "above 8s"),),
            {"video_second_in": "0.001"},
        ),
        (
            "amazon-bedrock",
            "cohere.command-text-v14",
            (("commitment", "1-month"),),
            {"runtime_second": "0.011"},
        ),
        (
            "amazon-bedrock",
            "amazon.nova-canvas-v1:0",
            (("size", "1024x1024"), ("steps", "50")),
            {"image": "0.06"},
        ),
    ],
)
def test_every_unit_has_its_meter(provider, upstream_id, options, expected):
    assert amounts(LISTINGS[provider, upstream_id], options=options) == expected


def test_an_image_of_one_size_and_quality_is_a_term_of_the_one_endpoint():
    image_1 = LISTINGS["openai", "gpt-image-1"]
    low = (("quality", "low"), ("size", "1024x1024"))
    assert amounts(image_1)["output_image"] == "40"
    assert amounts(image_1, options=low) == {
        "image": "0.011",
        "output_pixel": "0.010490417",
        "input_pixel": "not_offered",
    }
    dall_e = amounts(
        LISTINGS["azure", "dall-e-3"], options=(("quality", "hd"), ("size", "1024x1024"))
    )
    # 1,048,576 pixels of it are $0.088.
    assert dall_e == {"output_pixel": "0.0839233", "output": "not_offered"}


@pytest.mark.parametrize(
    ("provider", "upstream_id", "expected"),
    [
        ("openai", "text-embedding-3-small", {"input": "0.02", "output": "not_offered"}),
        ("voyage", "rerank-2", {"input": "0.05", "output": "not_offered"}),
        ("cohere", "rerank-v3.5", {"query": "2", "input": "not_offered", "output": "not_offered"}),
        ("openai", "omni-moderation-latest", {"input": "0", "output": "not_offered"}),
        ("ollama", "llama3", {"input": "included", "output": "included"}),
        ("gigachat", "GigaChat-2", {"input": "unknown", "output": "unknown"}),
        ("azure", "model-router", {"input": "dynamic", "output": "dynamic"}),
        ("github-copilot", "gpt-4o", {}),
    ],
)
def test_a_zero_says_what_it_means(provider, upstream_id, expected):
    assert amounts(LISTINGS[provider, upstream_id]) == expected


def test_a_plan_that_quotes_token_prices_is_read_as_it_quotes():
    assert amounts(LISTINGS["github-copilot", "claude-haiku-5.5"])["input"] == "0.1"


def test_writing_to_deepseeks_cache_is_free():
    (write,) = (r for r in LISTINGS["deepseek", "deepseek-flash"].rates if r.meter == "cache_write")
    assert (write.state, write.amount) == ("free", Decimal(0))


def test_an_older_name_of_a_price_that_differs_gives_way_and_is_counted():
    listing, counted = row_of(input_cost_per_token_cache_hit=3e-8, cache_read_input_token_cost=2e-8)
    assert amounts(listing) == {"cache_read": "0.02"}
    assert counted == {"second price: input_cost_per_token_cache_hit": 1}
    listing, counted = row_of(cost_per_second=2, input_cost_per_second=1)
    assert (amounts(listing), counted) == (
        {"runtime_second": "1"},
        {"second price: cost_per_second": 1},
    )
    listing, counted = row_of(input_cost_per_token_cache_hit=3e-8)
    assert (amounts(listing), counted) == ({"cache_read": "0.03"}, {})


def test_no_price_passes_through_a_float():
    body = (
        json.dumps(FILLER)[:-1]
        + ', "x": {"litellm_provider": "y", "input_cost_per_token": 2.7500000001e-07}}'
    )
    (rate,) = (
        r for ls in LiteLLM().parse(Answer(AS_OF, {"": body.encode()})).listings for r in ls.rates
    )
    assert rate.amount == Decimal("0.27500000001")


# --- facts ---


def test_o4_mini_has_its_facts():
    facts = LISTINGS["openai", "o4-mini"].facts
    assert facts == {
        "mode": "chat",
        "max_input": 200_000,
        "max_output": 100_000,
        "deprecated_on": "2026-10-23",
        "parameters": ["tool_choice"],
        "capabilities": {
            "tool-use": True,
            "file-input": True,
            "reasoning": True,
            "structured-output": True,
            "vision": True,
            "web-search": True,
            "implicit-caching": True,
        },
    }


def test_a_stated_no_is_kept():
    capabilities = LISTINGS["google", "gemini-2.5-flash"].facts["capabilities"]
    assert capabilities["audio-output"] is False
    assert capabilities["audio-input"] is True


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"cache_creation_input_token_cost": 1e-6, "cache_read_input_token_cost": 1e-7},
            {"explicit": True},
        ),
        ({"cache_read_input_token_cost": 1e-7}, {"implicit": True}),
        (
            {"cache_creation_input_token_cost": 0, "cache_read_input_token_cost": 1e-7},
            {"implicit": True},
        ),
        ({}, {}),
        ({"supports_prompt_caching": False}, {"explicit": False, "implicit": False}),
    ],
)
def test_who_pays_for_writing_asked_for_the_cache(fields, expected):
    listing, _ = row_of(**{"supports_prompt_caching": True} | fields)
    assert listing.facts.get("capabilities", {}) == {
        f"{way}-caching": has for way, has in expected.items()
    }


@pytest.mark.parametrize(
    ("upstream", "ours"),
    [
        ("responses", "responses"),
        ("completion", "completion"),
        ("image_edit", "image"),
        ("audio_transcription", "transcription"),
        ("audio_speech", "speech"),
        ("video_generation", "video"),
        ("embedding", "embedding"),
        ("never_seen", "never-seen"),
    ],
)
def test_modes_have_our_words(upstream, ours):
    listing, _ = row_of(mode=upstream)
    assert listing.facts["mode"] == ours


@pytest.mark.parametrize(
    ("mode", "paths", "ours"),
    [
        ("responses", ["/v1/batch", "/v1/responses"], "responses"),
        ("responses", ["/v1/chat/completions", "/v1/responses"], "chat"),
        ("chat", ["/v1/chat/completions", "/v1/responses"], "chat"),
        ("chat", ["/v1/responses"], "responses"),
        ("chat", ["/v1/messages"], "chat"),
        ("image_generation", ["/v1/responses"], "image"),
    ],
)
def test_a_model_that_takes_no_chat_says_through_which_api_it_is_asked(mode, paths, ours):
    listing, missed = row_of(mode=mode, supported_endpoints=paths)
    assert listing.facts["mode"] == ours
    assert not any("supported_endpoints" in what for what in missed)


def test_what_makes_images_can_generate_images():
    by_modality, _ = row_of(supported_output_modalities=["text", "image"])
    assert by_modality.facts["capabilities"] == {"image-generation": True}
    assert by_modality.facts["modalities_out"] == ["image", "text"]
    assert LISTINGS["openai", "gpt-image-1"].facts["capabilities"]["image-generation"] is True


# --- identity ---


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
            "google-vertex-anthropic",
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


# --- what is counted ---


def test_what_is_no_model_is_counted_and_the_reserved_keys_are_not():
    counted = {
        what: n for what, n in PARSED.not_expressed.items() if what.startswith("not a model")
    }
    assert counted == {
        "not a model: search": 1,
        "not a model: guardrail": 1,
        "not a model: container": 1,
        "not a model: vector store": 1,
        "not a model: price of a size of model": 1,
    }
    assert not any("sample" in listing.upstream_id for listing in PARSED.listings)


def test_multipliers_allowances_and_foreign_units_are_counted_by_name():
    assert PARSED.not_expressed["price in Databricks units"] == 2
    assert PARSED.not_expressed["multiplier: US inference"] >= 1
    assert PARSED.not_expressed["multiplier: processing in the EU"] >= 1
    assert PARSED.not_expressed["multiplier: regional endpoint"] >= 1
    assert PARSED.not_expressed["free allowance: searches"] >= 1
    assert PARSED.not_expressed["a router's fee"] == 1


def test_a_field_that_nobody_knows_is_counted_by_its_name():
    _, counted = row_of(
        input_cost_per_dream=1,
        input_cost_per_token_warp=1e-6,
        tiered_pricing=[{"range": [0, 9], "x": 1}],
    )
    assert counted == {
        "field input_cost_per_dream": 1,
        "field input_cost_per_token_warp": 1,
        "field tiered_pricing.x": 1,
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("output_cost_per_token", "0.000004"),
        ("output_cost_per_token", -1e-6),
        ("output_cost_per_token", float("nan")),
        ("output_cost_per_token", float("inf")),
        ("output_cost_per_token", 10**400),
        ("output_cost_per_token", True),
        ("output_cost_per_token", [1]),
        ("search_context_cost_per_query", [0.01]),
        ("search_context_cost_per_query", {"search_context_size_medium": "dear"}),
        ("google_maps_grounding_cost_per_query", {}),
        ("tiered_pricing", {"range": [0, 1]}),
        ("tiered_pricing", [{"range": [-1, 1], "output_cost_per_token": 1}]),
        ("tiered_pricing", [{"range": 5}]),
        ("tiered_pricing", ["no"]),
        ("off_peak_pricing", []),
        ("max_input_tokens", "many"),
        ("max_output_tokens", -5),
        ("mode", 7),
        ("supports_vision", "yes"),
        ("supported_modalities", "text"),
        ("supported_regions", {"eu": 1}),
        ("deprecation_date", "soon"),
        ("provider_specific_entry", ["us"]),
    ],
)
def test_an_odd_value_is_counted_and_the_rest_of_the_row_stays(field, value):
    listing, counted = row_of(**{"input_cost_per_token": 1e-6, field: value})
    assert amounts(listing) == {"input": "1"}
    assert counted == {f"odd value of {field}": 1}


@pytest.mark.parametrize(
    "row", [None, [], "text", {}, {"litellm_provider": 4}, {"litellm_provider": "a b"}]
)
def test_an_odd_row_is_counted_and_the_others_stay(row):
    parsed = parse_with({"x": row})
    assert len(parsed.listings) == len(FILLER)
    assert parsed.not_expressed == {"odd value of model": 1}


def test_null_is_not_stated():
    listing, counted = row_of(
        input_cost_per_token=None, max_input_tokens=None, tiered_pricing=None, mode=None
    )
    assert (listing.rates, dict(listing.facts), counted) == ((), {}, {})


def leaves(value, path=()):
    """The paths to every number within."""
    if isinstance(value, dict | list):
        for step, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, step))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def changed(row, path, change):
    row = copy.deepcopy(row)
    within = row
    for step in path[:-1]:
        within = within[step]
    within[path[-1]] = change(within[path[-1]])
    return row


def seen(key, row):
    parsed = parse_with({key: row})
    return [
        (ls.facts, set(ls.rates)) for ls in parsed.listings if ls.provider != "filler"
    ], parsed.not_expressed


PRICES = ("cost", "pric", "multiplier", "entry")
PRICED = [
    (key, path)
    for key in SLICE
    if key != "sample_spec" and len(parse_with({key: SLICE[key]}).listings) > len(FILLER)
    for path in leaves(SLICE[key])
    if any(word in str(path[0]) for word in PRICES)
    and path[2:] != ("range", 1)  # prices go on past the end of the last range
]


def test_no_price_of_the_slice_can_change_or_go_unnoticed():
    assert len(PRICED) > 500
    for key, path in PRICED:
        as_it_is = seen(key, SLICE[key])
        dearer = seen(key, changed(SLICE[key], path, lambda amount: amount * 3 + 1e-7))
        without = seen(
            key, {field: value for field, value in SLICE[key].items() if field != path[0]}
        )
        # A price becomes a rate, or it is counted by name.
        assert as_it_is != dearer or as_it_is[1] != without[1], (key, path)


# --- broken bodies ---

WHOLE = json.dumps(SLICE).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<!doctype html><title>404</title>",
        WHOLE[: len(WHOLE) // 2],
        WHOLE + b"}",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        json.dumps(list(SLICE.values())).encode(),
        json.dumps(dict(list(SLICE.items())[:20])).encode(),
        json.dumps({f"lab-{n}": {"models": {}} for n in range(99)}).encode(),
    ],
)
def test_a_body_that_is_no_cost_map_is_refused_in_one_sentence(body):
    with pytest.raises(WrongShape) as refusal:
        LiteLLM().parse(Answer(AS_OF, {"": body}))
    assert "LiteLLM" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_parsing_twice_gives_the_same_and_keeps_the_date_of_the_data():
    assert parse(SLICE) == PARSED
    assert (PARSED.source, PARSED.as_of) == ("litellm", AS_OF)


@pytest.mark.parametrize("mode", ["evaluation", "decisions", "extraction", "embedding"])
def test_a_score_costs_what_its_question_costs(mode):
    listing, _ = row_of(mode=mode, input_cost_per_token=1e-6, output_cost_per_token=0)
    assert amounts(listing) == {"input": "1", "output": "not_offered"}


@pytest.mark.parametrize("zeros", [{}, {"input_cost_per_token": 0, "output_cost_per_token": 0}])
def test_a_router_without_a_price_of_its_own_costs_what_it_picks(zeros):
    key = "fireworks_ai/accounts/fireworks/routers/auto"
    parsed = parse_with({key: {"litellm_provider": "fireworks_ai", "mode": "chat"} | zeros})
    (listing,) = (ls for ls in parsed.listings if ls.provider == "fireworks-ai")
    assert amounts(listing) == {"input": "dynamic", "output": "dynamic"}


def test_an_answer_is_no_meter_where_the_question_alone_is_charged():
    listing, _ = row_of(input_cost_per_token=1e-6, output_cost_per_token=0)
    assert amounts(listing) == {"input": "1", "output": "not_offered"}


def test_a_free_cache_is_odd_where_the_same_provider_charges_for_others():
    row = {"litellm_provider": "vercel_ai_gateway", "mode": "chat", "input_cost_per_token": 1e-6}
    without = row | {"cache_creation_input_token_cost": 0}
    charged = row | {"cache_creation_input_token_cost": 2e-6}
    parsed = parse_with({"vercel_ai_gateway/a/x": without, "vercel_ai_gateway/a/y": charged})
    found = {ls.upstream_id: amounts(ls) for ls in parsed.listings if ls.provider == "vercel"}
    assert found == {"a/x": {"input": "1"}, "a/y": {"input": "1", "cache_write": "2"}}
    assert parsed.not_expressed["odd value of cache_write"] == 1
    alone = parse_with({"vercel_ai_gateway/a/x": without}).listings[-1]
    assert amounts(alone) == {"input": "1", "cache_write": "0"}
