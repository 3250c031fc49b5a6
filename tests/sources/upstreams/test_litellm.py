import copy
import json

import pytest

from sources.base import Answer, WrongShape
from sources.upstreams.litellm.read import LiteLLM
from tests.sources.upstreams.litellm import (
    AS_OF,
    FILLER,
    LISTINGS,
    PARSED,
    SLICE,
    amounts,
    parse,
    parse_with,
    row_of,
)


def test_o4_mini_has_its_facts():
    facts = LISTINGS["openai", "o4-mini"].facts
    assert facts == {
        "mode": "chat",
        "max_input": 200_000,
        "max_output": 100_000,
        "retired_on": "2026-10-23",
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


def test_a_name_of_litellms_own_is_no_endpoint():
    parsed = parse_with({"azure/gpt-sol-latest": {"alias_of": "azure/gpt-6.1-sol"}})
    assert {listing.provider for listing in parsed.listings} == {"filler"}
    assert parsed.not_expressed == {"not a model: alias": 1}


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


def test_of_rows_about_one_endpoint_the_order_of_the_file_decides_nothing():
    rows = {
        f"azure/whisper{end}": {
            "litellm_provider": "azure",
            "mode": "audio_transcription",
            "deprecation_date": day,
            "input_cost_per_second": price,
        }
        for end, day, price in (("-1", "2027-02-26", 0.0001), ("", "2026-12-15", 0.0002))
    }
    rows["azure_ai/whisper"] = rows["azure/whisper"] | {"deprecation_date": "2028-01-01"}
    one, other = parse_with(rows), parse_with(dict(reversed(rows.items())))
    assert one == other
    assert one != parse_with({})


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
