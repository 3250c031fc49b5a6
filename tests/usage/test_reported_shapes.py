"""Usages as providers, gateways and SDKs report them, in shapes that they document.

The payloads are made up; their fields are those of the documented objects.
"""

import json
from decimal import Decimal
from pathlib import Path

import genai_prices.data
import pytest

from usage.pasted_text import MOST_ANSWERS
from usage.response_context import StatedCost
from usage.response_shapes import UnreadableReport
from usage.responses import read_report, read_reports

PAYLOADS = json.loads(
    Path(__file__).parents[1].joinpath("payloads", "reported_usages.json").read_text()
)
# What genai-prices counts, in our words.
THEIRS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_1h_tokens": "cache_write_1h",
    "output_reasoning_tokens": "reasoning",
    "output_citation_tokens": "citation",
    "input_audio_tokens": "input_audio",
    "input_image_tokens": "input_image",
    "output_audio_tokens": "output_audio",
    "output_image_tokens": "output_image",
    "cache_audio_read_tokens": "cache_read_audio",
    "web_searches": "web_search",
    "input_document_pages": "page",
}


def counted(report):
    return {slug: number for slug, number in report.usage.counted.items() if slug != "request"}


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload["name"])
def test_each_number_of_a_documented_shape_counts_once(payload):
    report = read_report(json.dumps(payload["answer"]))
    expected = {slug: Decimal(number) for slug, number in payload["counted"].items()}
    assert (report.shape, counted(report)) == (payload["shape"], expected)
    assert report.not_priced == ()
    if "model" in payload:
        assert report.model == payload["model"]


@pytest.mark.parametrize(
    "payload",
    [payload for payload in PAYLOADS if "genai" in payload],
    ids=lambda payload: payload["name"],
)
def test_genai_prices_reads_the_same_objects_alike(payload):
    name, flavor = payload["genai"]
    provider = next(each for each in genai_prices.data.providers if each.id == name)
    _, theirs = provider.extract_usage(payload["answer"], api_flavor=flavor)
    ours = counted(read_report(json.dumps(payload["answer"])))
    read = {
        slug: Decimal(str(number))
        for key, slug in THEIRS.items()
        if (number := getattr(theirs, key, None))
    }
    # Not every extractor of theirs has every part; what it has is what we have.
    assert read == {slug: ours[slug] for slug in read if slug in ours}
    assert {"input", "output", "page"} & {*ours} <= {*read}


# Which number decides -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (1200, {"input": 1000, "cache_read": 400, "output": 200, "reasoning": 50}),
        (1600, {"input": 1400, "cache_read": 400, "output": 200, "reasoning": 50}),
        (1250, {"input": 1000, "cache_read": 400, "output": 250, "reasoning": 50}),
        (1650, {"input": 1400, "cache_read": 400, "output": 250, "reasoning": 50}),
    ],
)
def test_a_total_decides_what_contains_what(total, expected):
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 200,
        "total_tokens": total,
        "cache_read_input_tokens": 400,
        "completion_tokens_details": {"reasoning_tokens": 50},
    }
    assert counted(read_report(json.dumps({"usage": usage}))) == expected


def test_a_total_that_contradicts_every_reading_is_refused():
    usage = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 5000}
    with pytest.raises(UnreadableReport, match="total is 5000, and no reading of 1000 tokens"):
        read_report(json.dumps({"usage": usage}))


def test_the_first_spelling_with_a_number_counts_and_a_second_one_must_agree():
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
    one = {"usage": {**usage, "cache_read_input_tokens": 60}}
    assert counted(read_report(json.dumps(one)))["cache_read"] == 60
    usage["prompt_tokens_details"]["cached_tokens"] = 30
    with pytest.raises(UnreadableReport, match="cached_tokens is 30, and cache_read_input_tokens"):
        read_report(json.dumps({"usage": {**usage, "cache_read_input_tokens": 60}}))


# Several ------------------------------------------------------------------------------------------

CHAT = {"model": "gpt-5", "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
MESSAGE = {"type": "message", "model": "claude-sonnet-4-5", "usage": {"input_tokens": 7}}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (json.dumps([CHAT, MESSAGE]), "array"),
        (json.dumps([CHAT, MESSAGE], indent=2), "array"),
        (f"{json.dumps(CHAT)}\n\n{json.dumps(MESSAGE)}\n", "JSON lines"),
        (json.dumps({"object": "list", "data": [CHAT, MESSAGE], "has_more": False}), "page"),
        (
            "\n".join(
                json.dumps({"custom_id": "x", "response": {"status_code": 200, "body": body}})
                for body in (CHAT, MESSAGE)
            ),
            "JSON lines",
        ),
    ],
)
def test_several_answers_are_read_in_their_order(text, kind):
    found = read_reports(text)
    assert found.kind == kind
    assert [(report.model, int(report.usage["input"])) for report in found.reports] == [
        ("gpt-5", 10),
        ("claude-sonnet-4-5", 7),
    ]
    assert {report.tier for report in found.reports} == {"batch" if "custom_id" in text else ""}


def test_objects_without_a_usage_are_counted_and_an_odd_one_is_named_by_its_place():
    assert read_reports(json.dumps([CHAT, {"id": 5}, CHAT])).without == 1
    odd = {"usage": {"prompt_tokens": -1}}
    with pytest.raises(UnreadableReport, match="Usage 2 of array: prompt_tokens is not"):
        read_reports(json.dumps([CHAT, odd]))
    with pytest.raises(UnreadableReport, match="Line 2: This is not JSON"):
        read_reports(json.dumps(CHAT) + '\n{"usage": ')
    with pytest.raises(UnreadableReport, match="No object of these"):
        read_reports('[{"id": 1}, {"id": 2}]')
    with pytest.raises(UnreadableReport, match=r"1,001 usages, and at most 1,000"):
        read_reports(json.dumps([CHAT["usage"]] * (MOST_ANSWERS + 1)))
    assert len(read_reports(json.dumps([CHAT["usage"]] * MOST_ANSWERS)).reports) == MOST_ANSWERS


def stream(*events):
    return "".join(
        f"event: {event.get('type', 'x')}\ndata: {json.dumps(event)}\n\n" for event in events
    )


def test_a_stream_of_anthropics_is_one_usage():
    start = {
        "type": "message_start",
        "message": {
            "type": "message",
            "model": "claude-sonnet-4-5",
            "usage": {
                "input_tokens": 25,
                "cache_read_input_tokens": 900,
                "cache_creation_input_tokens": 0,
                "output_tokens": 1,
            },
        },
    }
    block = {"type": "content_block_delta", "index": 0, "delta": {"text": "{}"}}
    delta = {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 215}}
    text = stream(start, block, {**delta, "usage": {"output_tokens": 100}}, delta)
    for pasted in (text, text.replace("\n\n", "\n"), "data: [DONE]".join((text, "\n"))):
        found = read_reports(pasted)
        assert (len(found.reports), found.without) == (1, 0)
        assert found.reports[0].model == "claude-sonnet-4-5"
        assert counted(found.reports[0]) == {"input": 925, "cache_read": 900, "output": 215}
    assert len(read_reports(text * 3).reports) == 3


@pytest.mark.parametrize(
    "events",
    [
        [
            {"object": "chat.completion.chunk", "id": "c", "choices": [{}], "usage": None},
            {"object": "chat.completion.chunk", "id": "c", "choices": [], **CHAT},
        ],
        [
            {"candidates": [], "usageMetadata": {"promptTokenCount": 10}, "responseId": "r"},
            {
                "candidates": [],
                "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5},
                "modelVersion": "gpt-5",
                "responseId": "r",
            },
        ],
        [
            {"type": "response.created", "response": {"id": "r", "usage": None}},
            {"type": "response.output_text.delta", "delta": "x"},
            {
                "type": "response.completed",
                "response": {
                    "id": "r",
                    "model": "gpt-5",
                    "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15},
                },
            },
        ],
    ],
)
def test_the_events_of_one_answer_are_one_usage_with_the_last_numbers(events):
    for text in (stream(*events), json.dumps(events), "\n".join(map(json.dumps, events))):
        (report,) = read_reports(text).reports
        assert (report.model, counted(report)) == ("gpt-5", {"input": 10, "output": 5})


def test_what_a_compaction_and_an_advisor_used_are_requests_of_their_own():
    usage = {
        "input_tokens": 23_000,
        "output_tokens": 1_000,
        "iterations": [
            {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
            {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
            {
                "type": "advisor_message",
                "model": "claude-opus-4-5",
                "input_tokens": 900,
                "cache_read_input_tokens": 100,
                "output_tokens": 90,
            },
        ],
    }
    found = read_reports(
        json.dumps({"type": "message", "model": "claude-sonnet-4-5", "usage": usage})
    )
    assert [(report.model, counted(report)) for report in found.reports] == [
        ("claude-sonnet-4-5", {"input": 23_000, "output": 1_000}),
        ("claude-sonnet-4-5", {"input": 180_000, "output": 3_500}),
        ("claude-opus-4-5", {"input": 1_000, "cache_read": 100, "output": 90}),
    ]


def test_a_message_that_a_session_repeats_counts_once_with_its_last_numbers():
    def line(ident, tokens):
        usage = {"input_tokens": 3, "cache_read_input_tokens": 90, "output_tokens": tokens}
        message = {"id": ident, "type": "message", "model": "claude-opus-4-5", "usage": usage}
        return {"type": "assistant", "message": message}

    lines = [{"type": "user", "message": {"content": "x"}}, line("a", 1), line("a", 7)]
    found = read_reports("\n".join(map(json.dumps, [*lines, line("b", 5), line("a", 7)])))
    assert [counted(report)["output"] for report in found.reports] == [7, 5]
    assert found.without == 0


def test_a_line_of_googles_batches_is_of_the_batch_tier():
    answer = {"usageMetadata": {"promptTokenCount": 5}, "modelVersion": "gemini-2.5-flash"}
    assert read_report(json.dumps({"key": "1", "response": answer})).tier == "batch"
    assert read_report(json.dumps({"response": answer})).tier == ""


def test_the_result_of_a_session_has_a_usage_for_each_model():
    models = {
        "claude-sonnet-4-5-20250929": {
            "inputTokens": 100,
            "outputTokens": 20,
            "cacheReadInputTokens": 3000,
            "cacheCreationInputTokens": 500,
            "webSearchRequests": 2,
            "costUSD": 0.25,
            "contextWindow": 200_000,
        },
        "claude-haiku-4-5": {"inputTokens": 7, "outputTokens": 3, "cacheReadInputTokens": 0},
    }
    first, second = read_reports(
        json.dumps({"type": "result", "usage": {"input_tokens": 107}, "modelUsage": models})
    ).reports
    assert (first.model, second.model) == tuple(models)
    assert counted(first) == {
        "input": 3600,
        "cache_read": 3000,
        "cache_write": 500,
        "output": 20,
        "web_search": 2,
    }
    assert first.cost == StatedCost(Decimal("0.25"), "usage.cost_usd")
    assert (first.not_priced, counted(second)) == ((), {"input": 7, "output": 3})


# What is beside the numbers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "cost"),
    [
        ({"usage": {**CHAT["usage"], "cost": 0.0054}}, StatedCost(Decimal("0.0054"), "usage.cost")),
        ({**CHAT, "response_cost": 5.4e-06}, StatedCost(Decimal("0.0000054"), "response_cost")),
        (
            {**CHAT, "_hidden_params": {"response_cost": 0.5}},
            StatedCost(Decimal("0.5"), "_hidden_params.response_cost"),
        ),
        (
            {"usage": {**CHAT["usage"], "cost": {"request_cost": 0.005, "total_cost": 0.006}}},
            StatedCost(
                Decimal("0.006"),
                "usage.cost.total_cost",
                parts=(("request_cost", Decimal("0.005")),),
            ),
        ),
        (
            {"usage": {**CHAT["usage"], "cost_in_usd_ticks": 158_500}},
            StatedCost(Decimal("0.00001585"), "usage.cost_in_usd_ticks"),
        ),
        (
            {**CHAT, "providerMetadata": {"gateway": {"cost": "0.0011"}}},
            StatedCost(Decimal("0.0011"), "provider_metadata.gateway.cost"),
        ),
        (
            {
                "usage": {
                    **CHAT["usage"],
                    "cost": 0.95,
                    "is_byok": True,
                    "cost_details": {"upstream_inference_cost": 19},
                }
            },
            StatedCost(Decimal(19), "usage.cost_details.upstream_inference_cost", own_key=True),
        ),
        ({"usage": {**CHAT["usage"], "cost": "much"}}, None),
        ({"usage": {**CHAT["usage"], "cost": -1}}, None),
        ({"usage": {**CHAT["usage"], "cost": True}}, None),
        (CHAT, None),
    ],
)
def test_a_stated_cost_is_read_wherever_it_is(answer, cost):
    report = read_report(json.dumps(answer))
    assert (report.cost, report.not_priced) == (cost, ())


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        (
            {**CHAT, "tools": [{"type": "web_search", "search_context_size": "high"}]},
            (("search_context", "high"),),
        ),
        (
            {**CHAT, "web_search_options": {"search_context_size": "low"}},
            (("search_context", "low"),),
        ),
        (
            {"usage": {**CHAT["usage"], "search_context_size": "medium"}},
            (("search_context", "medium"),),
        ),
        ({**CHAT, "tools": [5, {"search_context_size": "x"}]}, ()),
    ],
)
def test_the_size_of_a_search_is_read_where_a_response_names_it(answer, options):
    assert read_report(json.dumps(answer)).options == options


def test_a_response_of_openrouters_is_billed_there_and_names_who_is_behind_it():
    usage = {**CHAT["usage"], "cost": 0.1}
    found = read_report(json.dumps({"provider": "Chutes", "model": "a/b:free", "usage": usage}))
    assert (found.provider, found.upstream) == ("openrouter", "Chutes")
    named = read_report(json.dumps({**CHAT, "custom_llm_provider": "bedrock"}))
    assert (named.provider, named.upstream) == ("bedrock", "")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (json.dumps([7] * 100_000), "not an object"),
        (json.dumps([{}] * 100_000), "No object of these"),
        ('{"data": ' * 500 + "1" + "}" * 500, "not a usage"),
        ('{"usage": {"prompt_tokens": 1}, "usage": {"prompt_tokens": 2}}', "there twice"),
        ('[{"prompt_tokens": 1}, {"prompt_tokens": NaN}]', "NaN"),
        ('{"usage": {"type": "duration", "seconds": -3}}', "not a number from 0"),
        ('{"usage": {"inputTokens": 1.5, "outputTokens": 2}}', "not a whole number"),
        ("data: {\n\n", "not JSON"),
        ("data: [DONE]\n\n", "No object of these"),
        ("event: ping\n", "No object of these"),
        ('{"response": {"response": {"response": {}}}}', "not a usage"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(text, because):
    with pytest.raises(UnreadableReport, match=because):
        read_reports(text)


def test_a_trillion_tokens_are_a_usage():
    assert counted(read_report('{"prompt_tokens": 1e12, "completion_tokens": 0}')) == {
        "input": 10**12
    }
