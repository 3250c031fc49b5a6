import json
from decimal import Decimal

import pytest

from pricing.terms import Band, Schedule
from sources.base import Answer
from sources.upstreams.litellm.read import LiteLLM
from tests.sources.upstreams.litellm import (
    AS_OF,
    FILLER,
    LISTINGS,
    PAST_272K,
    amounts,
    row_of,
)


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
        ("openai", "omni-moderation-latest", {"input": "unknown", "output": "not_offered"}),
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


def test_xais_band_holds_from_its_threshold_on_and_that_of_others_past_it():
    fields = {"input_cost_per_token": 1e-6, "input_cost_per_token_above_200k_tokens": 2e-6}
    grok, _ = row_of("xai", **fields)
    assert amounts(grok, band=Band(200_000, "gte")) == {"input": "2"}
    elsewhere, _ = row_of("oci", **fields)
    assert amounts(elsewhere, band=Band(200_000)) == {"input": "2"}


def test_a_part_that_costs_what_its_whole_costs_does_so_in_tiers_and_bands():
    listing, _ = row_of(
        input_cost_per_token=1e-6,
        input_cost_per_audio_token=1e-6,
        input_cost_per_image_token=3e-6,
        input_cost_per_token_flex=5e-7,
        output_cost_per_token=4e-6,
        output_cost_per_reasoning_token=4e-6,
        output_cost_per_token_flex=2e-6,
        output_cost_per_token_above_200k_tokens=6e-6,
    )
    flex = {"input": "0.5", "input_audio": "0.5", "output": "2", "reasoning": "2"}
    assert amounts(listing, tier="flex") == flex
    assert amounts(listing, band=Band(200_000)) == {"output": "6", "reasoning": "6"}


def test_tokens_that_a_batch_leaves_out_have_no_known_price_in_it():
    listing, _ = row_of(
        input_cost_per_token=1e-6,
        cache_read_input_token_cost=1e-7,
        cache_creation_input_token_cost=1.25e-6,
        output_cost_per_token=4e-6,
        output_cost_per_reasoning_token=5e-6,
        input_cost_per_token_batches=5e-7,
    )
    batch = {rate.meter: rate.state for rate in listing.rates if rate.terms.tier == "batch"}
    unknown = dict.fromkeys(("cache_write", "output", "reasoning"), "unknown")
    assert batch == {"input": "priced", **unknown}
