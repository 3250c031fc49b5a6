"""Spans in the words of each exporter, in JSON and in protobuf, as calls."""

import json
from pathlib import Path

import pytest

from telemetry.calls import Call
from telemetry.otlp import json_body, protobuf
from telemetry.otlp.protobuf import Unreadable
from telemetry.otlp.spans import UNREADABLE, SpanCalls
from tests.telemetry.otlp.bodies import NOW, as_json, as_protobuf, make_span, make_traces

PAYLOADS = Path(__file__).parents[2] / "payloads" / "otlp"
AI_SDK = {"ai.operationId": "ai.streamText.doStream", "gen_ai.operation.name": None}
NO_PARTS = {
    "gen_ai.response.time_to_first_chunk": None,
    "gen_ai.usage.input_tokens": None,
    "gen_ai.usage.output_tokens": None,
}


def both(traces, now: float = NOW) -> SpanCalls:
    """The reading of a request, which is the same in both encodings."""
    as_one = json_body.read_traces(as_json(traces), now)
    as_other = protobuf.read_traces(as_protobuf(traces), now)
    assert (as_one.calls, as_one.refused) == (as_other.calls, as_other.refused)
    return as_one


def read(*spans, scope: str = "my.app") -> list[Call]:
    return both(make_traces(*spans, scope=scope)).calls


def test_a_span_of_the_conventions_is_a_call():
    (call,) = read(make_span())
    assert call == Call(
        *("openai", "gpt-4o-mini", pytest.approx(NOW - 10), "ok", 0.5, 50.0, 2.5, 120, 100)
    )


@pytest.mark.parametrize(
    ("scope", "changed", "expected"),
    [
        # Old names of the conventions.
        (
            "opentelemetry.instrumentation.openai_v2",
            {
                "gen_ai.provider.name": None,
                "gen_ai.system": "az.ai.openai",
                "gen_ai.usage.input_tokens": None,
                "gen_ai.usage.prompt_tokens": 7,
                "gen_ai.usage.output_tokens": None,
                "gen_ai.usage.completion_tokens": 200,
            },
            {
                "provider_name": "az.ai.openai",
                "input_tokens": 7,
                "output_tokens": 200,
                "throughput": 100.0,
            },
        ),
        # The model that answered, unless it only dates the one that was requested.
        ("my.app", {"gen_ai.response.model": "gpt-4o-mini-2024-07-18"}, {}),
        ("my.app", {"gen_ai.response.model": "gpt-4o-mini-20240718"}, {}),
        ("my.app", {"gen_ai.response.model": "gpt-4o"}, {"model_name": "gpt-4o"}),
        ("my.app", {"gen_ai.response.model": "gpt-4o-mini-x"}, {"model_name": "gpt-4o-mini-x"}),
        # LiteLLM: an alias of its router, and the model behind it.
        (
            "litellm",
            {
                "gen_ai.request.model": "our-alias",
                "gen_ai.response.model": "our-alias",
                "litellm.provider.model": "openai/gpt-4o",
                "litellm.request.streaming": True,
            },
            {"model_name": "openai/gpt-4o"},
        ),
        (
            "litellm",
            {"litellm.request.streaming": False},
            {"latency": None, "throughput": None},
        ),
        # OpenLLMetry.
        (
            "opentelemetry.instrumentation.anthropic",
            {
                "gen_ai.operation.name": None,
                "llm.request.type": "chat",
                "gen_ai.system": "Anthropic",
                "gen_ai.provider.name": None,
                "gen_ai.is_streaming": True,
            },
            {"provider_name": "Anthropic"},
        ),
        # The Vercel AI SDK, up to 6 and from 7 on.
        (
            "ai",
            {
                **AI_SDK,
                **NO_PARTS,
                "gen_ai.provider.name": None,
                "gen_ai.system": "gateway",
                "ai.response.msToFirstChunk": 500.0,
                "ai.usage.inputTokens": 120,
                "ai.usage.outputTokens": 100,
            },
            {"provider_name": "vercel"},
        ),
        (
            "ai",
            {
                "gen_ai.response.time_to_first_chunk": None,
                "gen_ai.client.operation.time_to_first_chunk": 0.5,
            },
            {},
        ),
        # Langfuse, whose older releases quote the time.
        (
            "langfuse-sdk",
            {
                **NO_PARTS,
                "gen_ai.operation.name": None,
                "gen_ai.request.model": None,
                "langfuse.observation.type": "generation",
                "langfuse.observation.model.name": "gpt-4o-mini",
                "langfuse.observation.completion_start_time": '"2026-12-01T12:00:50.500Z"',
                "langfuse.observation.usage_details": '{"input": 120, "output": 100}',
            },
            {},
        ),
        # OpenRouter: the provider is the one that served, not the author of the model.
        (
            "openrouter",
            {
                "gen_ai.response.time_to_first_chunk": None,
                "gen_ai.provider.name": "deepseek",
                "trace.metadata.openrouter.provider_name": "Novita",
                "trace.metadata.openrouter.provider_slug": "novita/fp8",
                "trace.metadata.openrouter.first_token_ms": 500.0,
            },
            {"provider_name": "novita/fp8"},
        ),
        ("openrouter", {}, {"provider_name": "openrouter", "latency": None, "throughput": None}),
    ],
)
def test_the_words_of_each_exporter_are_read(scope, changed, expected):
    (plain,) = read(make_span())
    (call,) = read(make_span(changed), scope=scope)
    assert call == plain._replace(**expected)
    if changed:
        assert read(make_span(changed), scope="a scope that is not known") == [call]


@pytest.mark.parametrize(
    "changed",
    [
        {"gen_ai.operation.name": operation}
        for operation in ("embeddings", "execute_tool", "invoke_agent", "create_agent", "retrieval")
    ]
    + [
        {"gen_ai.operation.name": None, "ai.operationId": "ai.streamText"},
        {"gen_ai.operation.name": None, "ai.operationId": "ai.embed.doEmbed"},
        {"gen_ai.operation.name": None, "langfuse.observation.type": "span"},
        {"gen_ai.operation.name": None, "llm.request.type": "embedding"},
        {"gen_ai.operation.name": None, "gen_ai.request.model": None, "http.route": "/chat"},
        {"gen_ai.operation.name": None, "gen_ai.provider.name": None},
    ],
)
def test_what_is_no_call_of_a_model_is_neither_counted_nor_refused(changed):
    reading = both(make_traces(make_span(changed)))
    assert not reading.calls
    assert not reading.refused


def test_a_call_counts_once_whatever_wraps_it():
    inner = make_span(spanId="aa" * 8, parentSpanId="bb" * 8)
    wrapper = make_span(spanId="bb" * 8, parentSpanId="cc" * 8, name="framework")
    agent = make_span({"gen_ai.operation.name": "invoke_agent"}, spanId="cc" * 8)
    server = make_span(spanId="dd" * 8, kind=2)
    traces = make_traces(wrapper, agent, server)
    traces["resourceSpans"] += make_traces(inner, scope="other")["resourceSpans"]
    assert len(both(traces).calls) == 1
    retry = make_span(spanId="ee" * 8, parentSpanId="bb" * 8)
    traces["resourceSpans"] += make_traces(retry, scope="other")["resourceSpans"]
    assert len(both(traces).calls) == 2
    attempt = make_span(parentSpanId="bb" * 8, name="provider attempt 0: Novita")
    assert len(read(wrapper, attempt, scope="openrouter")) == 1


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "failed"),
        ({"error.type": "500"}, "failed"),
        ({"error.type": "429"}, "refused"),
        ({"error.type": "408"}, "failed"),
        ({"error.type": "RateLimitError"}, "refused"),
        ({"error.type": "openai.BadRequestError"}, "refused"),
        ({"error.type": "APITimeoutError"}, "failed"),
        ({"error.type": "APIConnectionError"}, "failed"),
        ({"error.type": "CancelledError"}, "refused"),
        ({"error.type": "Error", "litellm.provider.error.code": "429"}, "refused"),
        ({"error.type": "RateLimitError", "http.response.status_code": 503}, "failed"),
        ({"error.type": "ERR", "http.response.status_code": 404}, "refused"),
        ({"error.type": "InternalServerError", "error.code": "internal"}, "failed"),
    ],
)
def test_a_failure_is_the_providers_or_the_callers(changed, outcome):
    (call,) = read(make_span({**changed}, status={"code": 2}))
    assert (call.outcome, call.latency, call.throughput) == (outcome, None, None)


NAN, HUGE = float("nan"), 10**12
HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("span", "why"),
    [
        (make_span(at=86_400), "48 hours"),
        (make_span(at=4_102_444_800), "48 hours"),
        (make_span(at=NOW - 2 * DAY - 5), "48 hours"),
        (make_span(at=NOW + HOUR + 5), "48 hours"),
        (make_span(seconds=-1), "negative duration"),
        (make_span({"gen_ai.response.time_to_first_chunk": 9.0}), "after the end"),
        (make_span({"gen_ai.response.time_to_first_chunk": -1.0}), "not possible"),
        (make_span({"gen_ai.usage.output_tokens": HUGE}), "tokens"),
        (make_span({"gen_ai.usage.input_tokens": -5}), "tokens"),
        (make_span({"gen_ai.request.model": ""}), "model"),
        (make_span({"gen_ai.response.time_to_first_chunk": "soon"}), UNREADABLE),
        (make_span({"gen_ai.usage.output_tokens": "many"}), UNREADABLE),
        (make_span({"gen_ai.usage.output_tokens": "NaN"}), UNREADABLE),
        (make_span({"gen_ai.response.time_to_first_chunk": "NaN"}), "not possible"),
        (
            make_span({"gen_ai.response.time_to_first_chunk": {"doubleValue": "NaN"}}),
            "not possible",
        ),
    ],
)
def test_an_impossible_span_is_refused_and_the_others_count(span, why):
    reading = both(make_traces(make_span(), span, make_span()))
    assert len(reading.calls) == 2
    ((reason, number),) = reading.refused.items()
    assert why in reason
    assert number == 1


def test_a_value_nested_too_deeply_is_refused_and_the_others_count():
    usage = {"langfuse.observation.usage_details": "[" * 100_000, **NO_PARTS}
    generation = {**usage, "langfuse.observation.type": "generation"}
    reading = both(make_traces(make_span(generation), make_span(), scope="langfuse-sdk"))
    assert (len(reading.calls), reading.refused) == (1, {UNREADABLE: 1})


def test_a_clock_that_is_an_hour_off_still_counts():
    calls = read(make_span(at=NOW - HOUR), make_span(at=NOW + HOUR - 5))
    assert len(calls) == 2


def test_a_figure_that_is_not_believed_leaves_the_call():
    (call,) = read(make_span({"gen_ai.response.time_to_first_chunk": 0.001}))
    assert (call.outcome, call.latency, call.output_tokens) == ("ok", None, 100)


def test_numbers_in_text_and_text_in_numbers_are_read_in_json():
    loose = make_span(
        {
            "gen_ai.usage.output_tokens": {"intValue": 100},
            "gen_ai.usage.input_tokens": {"doubleValue": 120.0},
            "gen_ai.response.time_to_first_chunk": {"stringValue": "0.5"},
        },
        kind="SPAN_KIND_CLIENT",
        parentSpanId=None,
        startTimeUnixNano=int((NOW - 10) * 1e9),
        links=[{"anything": [1]}],
    )
    assert json_body.read_traces(as_json(make_traces(loose)), NOW).calls == read(make_span())


def test_one_odd_span_does_not_refuse_the_others_in_json():
    odd = [
        make_span(attributes="none"),
        make_span(startTimeUnixNano=[1]),
        make_span({"gen_ai.request.model": {"stringValue": 7}}),
        {"spanId": 5},
        make_span(endTimeUnixNano="late"),
    ]
    body = as_json(make_traces(make_span(), *odd, make_span()))
    reading = json_body.read_traces(body, NOW)
    assert len(reading.calls) == 2
    assert reading.refused == {UNREADABLE: 5}


def test_broken_utf8_in_a_prompt_fails_nothing():
    spans = make_traces(make_span({"gen_ai.input.messages": "PROMPT"}))
    for body, module in ((as_json(spans), json_body), (as_protobuf(spans), protobuf)):
        broken = body.replace(b"PROMPT", b"\xff\xfe\xc3(\xa0")
        if module is protobuf:
            broken = body.replace(b"PROMPT", b"\xff\xfe\xc3(\xa0\xa1")
        assert len(module.read_traces(broken, NOW).calls) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceSpans": [',
        b"[]",
        b"null",
        b'{"resourceSpans": {}}',
        b'{"resourceSpans": [{"scopeSpans": 1}]}',
        b'{"resourceSpans": [{"scopeSpans": [{"spans": 1}]}]}',
        b"[" * 100_000,
        b'{"x": NaN}',
    ],
)
def test_what_is_no_request_in_json_is_refused_as_a_whole(body):
    with pytest.raises(Unreadable):
        json_body.read_traces(body, NOW)


def test_a_truncated_request_in_protobuf_is_refused_as_a_whole():
    body = as_protobuf(make_traces(make_span()))
    for length in range(1, len(body), 7):
        with pytest.raises(Unreadable):
            protobuf.read_traces(body[:length], NOW)
    assert protobuf.read_traces(b"", NOW).calls == []


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("traces_*.json")), ids=lambda path: path.stem)
def test_whole_requests_are_read(path):
    payload = json.loads(path.read_text())
    reading = json_body.read_traces(as_json(payload["body"]), payload["now"])
    calls = [[*call[:2], call.outcome, call.latency, call.output_tokens] for call in reading.calls]
    assert calls == payload["calls"]
    assert not reading.refused
