"""Usages as APIs report them. The answers are written out as they come."""

import json
from datetime import UTC, datetime

import pytest

from usage.pasted_text import LONGEST
from usage.response_shapes import UnreadableReport
from usage.responses import read_report


def read(answer):
    return read_report(json.dumps(answer))


def counted(report):
    return {slug: int(number) for slug, number in report.usage.counted.items() if slug != "request"}


CHAT = {
    "prompt_tokens": 2_006,
    "completion_tokens": 300,
    "total_tokens": 2_306,
    "prompt_tokens_details": {"cached_tokens": 1_920, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 120,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 7,
        "rejected_prediction_tokens": 0,
    },
}
RESPONSES = {
    "input_tokens": 328,
    "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 50},
    "output_tokens": 52,
    "output_tokens_details": {"reasoning_tokens": 20},
    "total_tokens": 380,
}
ANTHROPIC = {
    "input_tokens": 21,
    "cache_creation_input_tokens": 500,
    "cache_read_input_tokens": 188_086,
    "cache_creation": {"ephemeral_5m_input_tokens": 456, "ephemeral_1h_input_tokens": 44},
    "output_tokens": 393,
    "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
    "service_tier": "standard",
}
GOOGLE = {
    "promptTokenCount": 1_000,
    "cachedContentTokenCount": 400,
    "candidatesTokenCount": 200,
    "thoughtsTokenCount": 300,
    "toolUsePromptTokenCount": 50,
    "totalTokenCount": 1_550,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 600},
        {"modality": "AUDIO", "tokenCount": 250},
        {"modality": "DOCUMENT", "tokenCount": 100},
        {"modality": "IMAGE", "tokenCount": 50},
    ],
    "cacheTokensDetails": [
        {"modality": "TEXT", "tokenCount": 150},
        {"modality": "AUDIO", "tokenCount": 250},
    ],
    "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 200}],
    "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 50}],
    "trafficType": "ON_DEMAND",
}


@pytest.mark.parametrize("made", ["1e9999999", "1e999999999", "-1e999999999", "1e-999999999"])
def test_an_instant_beyond_all_times_is_none_and_takes_no_time(made):
    report = read_report('{"usage": {"prompt_tokens": 1}, "created": ' + made + "}")
    assert report.made is None


def test_half_a_character_reaches_no_page():
    for name in ('{"usage": {"prompt_tokens": 1, "\\ud800": 7}}', '{"\\ud800": 1, "\\ud800": 2}'):
        with pytest.raises(UnreadableReport, match="half a character"):
            read_report(name)
    details = '[{"modality": "\\ud800", "tokenCount": 5}]'
    text = '{"usageMetadata": {"promptTokenCount": 5, "promptTokensDetails": ' + details + "}}"
    assert read_report(text).not_priced == ("promptTokensDetails[].tokenCount",)


def test_a_chat_completion_counts_its_details_as_parts():
    report = read(CHAT)
    assert report.shape == "OpenAI chat completions"
    assert counted(report) == {"input": 2_006, "cache_read": 1_920, "output": 300, "reasoning": 120}
    assert report.not_priced == ()
    assert report.repeated == (
        "total_tokens",
        "completion_tokens_details.accepted_prediction_tokens",
    )


def test_the_responses_api_says_the_same_in_other_words():
    report = read(RESPONSES)
    assert report.shape == "OpenAI Responses"
    assert counted(report) == {
        "input": 328,
        "cache_read": 100,
        "cache_write": 50,
        "output": 52,
        "reasoning": 20,
    }
    assert (report.not_priced, report.repeated) == ((), ("total_tokens",))


def test_anthropics_input_leaves_out_what_was_cached_and_ours_does_not():
    report = read(ANTHROPIC)
    assert report.shape == "Anthropic Messages"
    assert counted(report) == {
        "input": 21 + 500 + 188_086,
        "cache_read": 188_086,
        "cache_write": 456,
        "cache_write_1h": 44,
        "output": 393,
        "web_search": 2,
    }
    assert report.usage.own["input"] == 21
    assert report.not_priced == ("server_tool_use.web_fetch_requests",)


def test_what_was_cached_for_no_stated_life_was_cached_for_five_minutes():
    assert counted(
        read({"input_tokens": 1, "cache_creation_input_tokens": 9, "output_tokens": 2})
    ) == {
        "input": 10,
        "cache_write": 9,
        "output": 2,
    }


def test_a_life_without_the_sum_is_enough():
    found = read(
        {"input_tokens": 1, "output_tokens": 2, "cache_creation": {"ephemeral_1h_input_tokens": 9}}
    )
    assert counted(found) == {"input": 10, "cache_write_1h": 9, "output": 2}


def test_anthropics_thinking_is_a_part_of_its_output():
    found = read(
        {
            "input_tokens": 1,
            "output_tokens": 9,
            "output_tokens_details": {"thinking_tokens": 5},
            "speed": "fast",
        }
    )
    assert (found.shape, found.tier) == ("Anthropic Messages", "fast")
    assert counted(found) == {"input": 1, "output": 9, "reasoning": 5}


def test_googles_output_leaves_out_the_thoughts_and_its_input_the_tools():
    report = read({"usageMetadata": GOOGLE, "modelVersion": "gemini-2.5-pro"})
    assert (report.shape, report.model, report.tier) == (
        "Google generateContent",
        "gemini-2.5-pro",
        "",
    )
    assert counted(report) == {
        "input": 1_050,
        "cache_read": 400,
        "cache_read_audio": 250,
        "input_audio": 250,
        "input_image": 150,
        "output": 500,
        "reasoning": 300,
    }
    assert {path: int(number) for path, number in report.usage.own.items()} == {
        "cache_read": 150,
        "cache_read_audio": 250,
        "input": 500,
        "input_image": 150,
        "output": 200,
        "reasoning": 300,
        "request": 1,
    }
    assert report.not_priced == ()
    assert report.repeated == (
        "totalTokenCount",
        "promptTokensDetails[TEXT].tokenCount",
        "cacheTokensDetails[TEXT].tokenCount",
        "candidatesTokensDetails[TEXT].tokenCount",
        "toolUsePromptTokensDetails[TEXT].tokenCount",
    )


def test_googles_python_spelling_is_read_too():
    snake = {"prompt_token_count": 10, "candidates_token_count": 5, "thoughts_token_count": None}
    report = read({"usage_metadata": snake, "model_version": "gemini-3"})
    assert (counted(report), report.model) == ({"input": 10, "output": 5}, "gemini-3")


def test_pictures_and_speech_that_were_made_are_parts_of_the_output():
    made = [{"modality": "IMAGE", "tokenCount": 1290}, {"modality": "AUDIO", "tokenCount": 10}]
    report = read(
        {"promptTokenCount": 5, "candidatesTokenCount": 1300, "candidatesTokensDetails": made}
    )
    assert counted(report) == {"input": 5, "output": 1300, "output_image": 1290, "output_audio": 10}


def test_a_realtime_session_says_which_cached_tokens_were_audio():
    report = read(
        {
            "total_tokens": 253,
            "input_tokens": 132,
            "output_tokens": 121,
            "input_token_details": {
                "text_tokens": 119,
                "audio_tokens": 13,
                "cached_tokens": 64,
                "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 4},
            },
            "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
        }
    )
    assert counted(report) == {
        "input": 132,
        "input_audio": 13,
        "cache_read": 64,
        "cache_read_audio": 4,
        "output": 121,
        "output_audio": 91,
    }
    assert report.not_priced == ()


def test_reasoning_that_is_counted_beside_the_completion_shows_in_the_total():
    grok = {
        "prompt_tokens": 32,
        "completion_tokens": 9,
        "total_tokens": 241,
        "completion_tokens_details": {"reasoning_tokens": 200},
    }
    assert counted(read(grok)) == {"input": 32, "output": 209, "reasoning": 200}
    within = {**grok, "completion_tokens": 209}
    assert counted(read(within)) == {"input": 32, "output": 209, "reasoning": 200}


def test_an_embedding_has_no_output():
    assert counted(read({"usage": {"prompt_tokens": 8, "total_tokens": 8}})) == {"input": 8}


# Pasted whole, or with what was around it


@pytest.mark.parametrize("bare", [CHAT, RESPONSES, ANTHROPIC, GOOGLE])
def test_a_whole_response_says_what_its_usage_says(bare):
    name = "usageMetadata" if bare is GOOGLE else "usage"
    whole = {
        "id": "x",
        "created": 1_700_000_000,
        "model": "some-model",
        "choices": [{"index": 3}],
        name: bare,
    }
    assert counted(read(whole)) == counted(read(bare))
    assert (read(whole).shape, read(whole).not_priced) == (read(bare).shape, read(bare).not_priced)
    assert (read(whole).model, read(bare).model) == ("some-model", "")


@pytest.mark.parametrize(
    "around",
    [
        lambda whole: {"custom_id": "1", "response": {"status_code": 200, "body": whole}},
        lambda whole: {"type": "response.completed", "response": whole},
        lambda whole: {"custom_id": "1", "result": {"type": "succeeded", "message": whole}},
        lambda whole: {"type": "message_start", "message": whole},
    ],
)
def test_a_line_of_a_batch_and_an_event_of_a_stream_hold_a_response(around):
    report = read(around({"model": "claude-sonnet-4-5", "usage": ANTHROPIC}))
    assert (counted(report), report.model) == (counted(read(ANTHROPIC)), "claude-sonnet-4-5")


@pytest.mark.parametrize(
    ("around", "shape"),
    [
        ({}, "OpenAI Responses"),
        ({"type": "message"}, "Anthropic Messages"),
        ({"model": "claude-opus-4-5"}, "Anthropic Messages"),
        ({"object": "response", "model": "gpt-5.4"}, "OpenAI Responses"),
    ],
)
def test_two_shapes_that_say_the_same_are_told_apart_by_what_is_around_them(around, shape):
    report = read({**around, "usage": {"input_tokens": 3, "output_tokens": 4}})
    assert (report.shape, counted(report)) == (shape, {"input": 3, "output": 4})


@pytest.mark.parametrize(
    ("answer", "tier"),
    [
        ({"service_tier": "default", "usage": CHAT}, ""),
        ({"service_tier": "auto", "usage": CHAT}, ""),
        ({"service_tier": "flex", "usage": CHAT}, "flex"),
        ({"service_tier": "priority", "usage": RESPONSES}, "priority"),
        ({"service_tier": None, "usage": RESPONSES}, ""),
        ({"usage": ANTHROPIC}, ""),
        ({"usage": {**ANTHROPIC, "service_tier": "batch"}}, "batch"),
        ({"usage": {**ANTHROPIC, "speed": "standard", "service_tier": "priority"}}, "priority"),
        ({"usageMetadata": {**GOOGLE, "trafficType": "ON_DEMAND_PRIORITY"}}, "priority"),
        ({"usageMetadata": {**GOOGLE, "serviceTier": "FLEX"}}, "flex"),
        (
            {"usageMetadata": {**GOOGLE, "trafficType": "PROVISIONED_THROUGHPUT"}},
            "provisioned_throughput",
        ),
    ],
)
def test_the_tier_is_as_the_report_states_it(answer, tier):
    assert read(answer).tier == tier


# Nothing is passed over


@pytest.mark.parametrize("bare", [CHAT, RESPONSES, ANTHROPIC, GOOGLE])
def test_every_number_that_is_not_counted_is_named(bare):
    more = {
        "new_thing": {"tokens": 5, "none": 0, "word": "x", "yes": True},
        "list": [{"n": 1}, {"n": 2}],
    }
    report = read({**bare, **more})
    assert set(report.not_priced) - set(read(bare).not_priced) == {
        "new_thing.tokens",
        "list[].n",
    }
    assert counted(report) == counted(read(bare))


def numbers(value, path=""):
    if isinstance(value, dict):
        for name, part in value.items():
            yield from numbers(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part, f"{path}[{part['modality']}]")
    elif isinstance(value, int) and value:
        yield path, value


@pytest.mark.parametrize("bare", [CHAT, RESPONSES, ANTHROPIC, GOOGLE])
def test_one_more_of_any_number_changes_the_usage_or_is_named(bare):
    """A field that neither counts nor is named would be dropped in silence."""
    report = read(bare)
    for path, _ in numbers(bare):
        if path not in (*report.not_priced, *report.repeated):
            assert changed(bare, path) != counted(report), path


def changed(bare, path):
    """What is counted with a field as low as it can be, or nothing where that cannot be."""
    less = json.loads(json.dumps(bare))
    place, steps = less, path.replace("[", ".[").split(".")
    for step in steps[:-1]:
        place = (
            next(p for p in place if p["modality"] == step[1:-1]) if "[" in step else place[step]
        )
    place[steps[-1]] -= 1
    try:
        return counted(read(less))
    except UnreadableReport:
        return None


# What stands beside the usage


@pytest.mark.parametrize("own", [{"prompt_tokens_details": {"cached_tokens": 64}}, {}])
def test_deepseeks_hits_are_what_was_cached_and_count_once(own):
    usage = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109, **own}
    report = read(
        {"usage": {**usage, "prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36}}
    )
    assert counted(report) == {"input": 100, "cache_read": 64, "output": 9}
    assert report.not_priced == ()
    assert set(report.repeated) == {
        *("total_tokens", "prompt_cache_miss_tokens"),
        *(("prompt_cache_hit_tokens",) if own else ()),
    }


def test_hits_that_are_not_what_was_cached_are_refused():
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 5},
    }
    with pytest.raises(UnreadableReport, match="is 5, and prompt_cache_hit_tokens is 64"):
        read({"usage": {**usage, "prompt_cache_hit_tokens": 64}})


def test_searches_in_the_output_of_a_response_are_counted_and_pages_that_are_opened_are_not():
    output = [
        {"type": "web_search_call", "action": {"type": "search", "query": "x"}},
        {"type": "web_search_call", "action": {"type": "open_page"}},
        {"type": "web_search_call", "status": "completed"},
        {"type": "message"},
        "no object",
    ]
    assert counted(read({"output": output, "usage": RESPONSES}))["web_search"] == 2
    assert "web_search" not in counted(read({"output": "text", "usage": RESPONSES}))


def test_other_calls_that_are_billed_are_named():
    output = [{"type": "file_search_call"}, {"type": "file_search_call"}, {"type": "function_call"}]
    assert read({"output": output, "usage": RESPONSES}).not_priced == (
        "output[file_search_call] (2 ×)",
    )


@pytest.mark.parametrize(
    "grounding",
    [
        {"groundingMetadata": {"webSearchQueries": ["a", "b"]}},
        {"grounding_metadata": {"web_search_queries": ["a", "b"]}},
    ],
)
def test_googles_searches_are_named_with_how_they_are_billed(grounding):
    whole = {"candidates": [{"content": {}}, grounding, 7], "usageMetadata": GOOGLE}
    assert set(read(whole).not_priced) - set(read({"usageMetadata": GOOGLE}).not_priced) == {
        "groundingMetadata.webSearchQueries (2, billed by the prompt or by the query)"
    }
    assert counted(read(whole)) == counted(read({"usageMetadata": GOOGLE}))


@pytest.mark.parametrize(
    ("place", "named"), [("us", ("inference_geo (us)",)), ("global", ()), (None, ())]
)
def test_a_place_that_may_have_a_price_of_its_own_is_named(place, named):
    usage = {"input_tokens": 1, "output_tokens": 2, "inference_geo": place}
    assert read({"type": "message", "usage": usage}).not_priced == named


def test_the_provider_is_who_the_response_names():
    assert read({"provider": "Anthropic", "usage": CHAT}).provider == "Anthropic"
    assert read({"provider": 5, "usage": CHAT}).provider == read(CHAT).provider == ""


@pytest.mark.parametrize(
    ("stated", "made"),
    [
        ({"created": 1763712000}, datetime(2025, 11, 21, 8, tzinfo=UTC)),
        ({"created_at": 1763712000.5}, datetime(2025, 11, 21, 8, tzinfo=UTC)),
        (
            {"createTime": "2025-11-21T10:00:00.123456+02:00"},
            datetime(2025, 11, 21, 8, 0, 0, 123456, UTC),
        ),
        ({"created": 0}, None),
        ({"created": True}, None),
        ({"created": 10**30}, None),
        ({"created": -(10**30)}, None),
        ({"created": "soon"}, None),
        ({"created": [1]}, None),
        ({}, None),
    ],
)
def test_when_a_response_was_made_is_read_where_it_can_be_a_time(stated, made):
    assert read({**stated, "usage": CHAT}).made == made


def test_when_it_was_made_is_no_number_of_a_usage_that_stands_alone():
    assert read({**CHAT, "created": 1763712000}).not_priced == read(CHAT).not_priced


# What is no report


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "not JSON"),
        ("usage: 5", "not JSON"),
        ('{"prompt_tokens": 5', "not JSON"),
        ("\ud800", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5000, "not JSON"),
        ("null", "not an object"),
        ("[1, 2]", "not an object"),
        ("12", "not an object"),
        ("{}", "not a usage"),
        ('{"usage": null}', "not a usage"),
        ('{"usage": {"minutes": 5}}', "not a usage"),
        ('{"totalTokens": 5}', "not a usage"),
        (" " * (LONGEST + 1), "1 MB"),
        ('"' + "é" * (LONGEST // 2) + '"', "1 MB"),
        ('{"prompt_tokens": NaN}', "NaN"),
        ('{"prompt_tokens": -Infinity}', "Infinity"),
        ('{"prompt_tokens": 5, "prompt_tokens": 6}', "twice"),
        ('{"prompt_tokens": -1}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": 1.5}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": true}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": "5"}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": 1e999999}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": 1e-999999}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": 1000000000000000001}', "prompt_tokens is not a whole number"),
        ('{"prompt_tokens": ' + "9" * 4000 + "}", "prompt_tokens is not a whole number"),
        (
            '{"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 6}}',
            "input: its parts add up to 1 more",
        ),
        (
            '{"completion_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 6}}',
            "output: its parts",
        ),
        ('{"promptTokenCount": 5, "cachedContentTokenCount": 6}', "input: its parts add up"),
        (
            '{"input_tokens": 1, "cache_creation_input_tokens": 9,'
            ' "cache_creation": {"ephemeral_1h_input_tokens": 8}}',
            "9 tokens written to the cache in all, 8 by their life",
        ),
        ('{"prompt_tokens": 5, "x": ' + '{"x":' * 30 + "1" + "}" * 30 + "}", "nested deeper"),
    ],
)
def test_what_is_no_report_is_refused_with_one_sentence(text, because):
    with pytest.raises(UnreadableReport) as refusal:
        read_report(text)
    sentence = str(refusal.value)
    assert because in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 200


def test_a_report_of_just_the_longest_is_read():
    text = json.dumps(CHAT)
    assert counted(read_report(text + " " * (LONGEST - len(text)))) == counted(read(CHAT))


def test_a_number_with_a_point_that_is_whole_is_a_number_of_tokens():
    assert counted(read_report('{"prompt_tokens": 5.0, "completion_tokens": 1e2}')) == {
        "input": 5,
        "output": 100,
    }


def test_a_model_that_cannot_be_a_name_is_none():
    assert read({"model": 5, "usage": CHAT}).model == ""
    assert read({"model": "x" * 301, "usage": CHAT}).model == ""
    assert read({"model": "a\0b", "usage": CHAT}).model == ""
