"""Calls of a provider on 127.0.0.1: what arrives, when, and what goes wrong."""

import json
import logging
import re
from dataclasses import replace
from threading import Timer

import pytest

from streaming.access import ApiAccess
from streaming.anthropic_shape import ANTHROPIC
from streaming.google_shape import GOOGLE
from streaming.openai_shape import COMPATIBLE
from streaming.prompts import Prompt, message
from streaming.shape import ApiShape
from streaming.stream import StreamedCall
from streaming.summary import StampedEvent, StreamLimits, StreamSummary
from tests.streaming.provider_server import (
    DIES,
    ProviderServer,
    ScriptedAnswer,
    chat,
    event,
    generated,
    messages,
)

KEY = "sk-canary-0123456789abcdef"
PROMPT = Prompt("some-model", (message("user", "Count."),), 100)
WORDS = ["One ", "two ", "three."]
PATIENT = StreamLimits(size=20_000)
# One deadline each that ends a call soon.
HASTY = {
    "nothing": replace(PATIENT, first=0.3),
    "silence": replace(PATIENT, between=0.3),
    "a drip": replace(PATIENT, total=3),
}
JSON = {"Content-Type": "application/json"}
USAGE = {"prompt_tokens": 12, "completion_tokens": 30, "total_tokens": 42}


def access_to(server: ProviderServer, shape: ApiShape = COMPATIBLE) -> ApiAccess:
    return ApiAccess("host", "Host", shape, f"{server.address}/v1", "HOST_API_KEY", KEY, True)


def called(
    server: ProviderServer,
    answer: ScriptedAnswer,
    shape: ApiShape = COMPATIBLE,
    limits: StreamLimits = PATIENT,
) -> tuple[list[StampedEvent], StreamSummary]:
    server.answer = answer
    with StreamedCall(access_to(server, shape), PROMPT, limits) as call:
        pieces = [*call]
    return pieces, call.summary


def text_of(events: list[StampedEvent]) -> str:
    return "".join(event.meaning.answer for event in events)


@pytest.mark.parametrize(
    ("shape", "chunks", "path", "header"),
    [
        (
            COMPATIBLE,
            chat(WORDS, first=0.05, between=0.1, usage=USAGE),
            "/v1/chat/completions",
            "Authorization",
        ),
        (
            ANTHROPIC,
            messages(WORDS, first=0.05, between=0.1, output=30),
            "/v1/messages",
            "x-api-key",
        ),
        (
            GOOGLE,
            generated(WORDS, first=0.05, between=0.1, promptTokenCount=20, candidatesTokenCount=30),
            "/v1/models/some-model:streamGenerateContent?alt=sse",
            "x-goog-api-key",
        ),
    ],
)
def test_each_shape_gives_its_text_its_times_and_its_usage(
    server: ProviderServer,
    shape: ApiShape,
    chunks: list[tuple[float, bytes]],
    path: str,
    header: str,
):
    pieces, summary = called(server, ScriptedAnswer(chunks), shape)
    assert text_of(pieces) == "One two three."
    assert not any(piece.meaning.reasoning or piece.meaning.other for piece in pieces)
    (requested, headers, _), *_ = server.requests
    assert requested == path and KEY in headers[header]
    assert summary.outcome == "ok" and summary.is_whole
    # The first chunk, with the role alone, is no token.
    assert summary.first is not None and summary.first >= 0.05
    assert summary.first_answer == summary.first
    assert summary.last is not None and summary.last >= 0.05 + 2 * 0.1
    assert summary.usage and summary.output_tokens == 30
    assert summary.throughput == pytest.approx(29 / (summary.last - summary.first))


def test_reasoning_comes_first_and_counts_as_a_token(server: ProviderServer):
    details = {"completion_tokens_details": {"reasoning_tokens": 20}}
    answer = chat(WORDS, thoughts=["Hm. "], between=0.2, usage={**USAGE, **details})
    pieces, summary = called(server, ScriptedAnswer(answer))
    output = [piece.meaning for piece in pieces if piece.meaning.has_output]
    assert [meaning.reasoning for meaning in output] == ["Hm. ", "", "", ""]
    assert [meaning.answer for meaning in output] == ["", *WORDS]
    assert summary.first is not None and summary.first_answer is not None
    assert summary.first_answer > summary.first
    assert summary.throughput is not None and not summary.thinks_unseen


def test_reasoning_that_is_not_sent_leaves_no_rate(server: ProviderServer):
    details = {"completion_tokens_details": {"reasoning_tokens": 20}}
    _, summary = called(
        server, ScriptedAnswer(chat(WORDS, between=0.1, usage={**USAGE, **details}))
    )
    assert summary.thinks_unseen and summary.throughput is None
    assert summary.first is not None


def test_an_answer_without_a_usage_or_of_one_chunk_has_no_rate(server: ProviderServer):
    _, summary = called(server, ScriptedAnswer(chat(WORDS, between=0.02)))
    assert summary.outcome == "ok" and summary.usage is None and summary.throughput is None
    _, summary = called(server, ScriptedAnswer(chat(["All of it"], usage=USAGE)))
    assert summary.output_tokens == 30 and summary.throughput is None


@pytest.mark.parametrize("count", [10**12, -1, "many", float("nan"), 10**40])
def test_a_usage_that_cannot_be_is_none(server: ProviderServer, count: object):
    usage = {**USAGE, "completion_tokens": count, "total_tokens": None}
    pieces, summary = called(server, ScriptedAnswer(chat(WORDS, usage=usage)))
    assert text_of(pieces) == "One two three." and summary.outcome == "ok"
    assert summary.output_tokens == (10**12 if count == 10**12 else None)


def test_a_usage_of_zeros_is_none_where_an_answer_came(server: ProviderServer):
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert called(server, ScriptedAnswer(chat(WORDS, usage=zeros)))[1].usage is None
    nothing = called(server, ScriptedAnswer(chat([], usage={**zeros, "prompt_tokens": 9})))[1]
    assert nothing.output_tokens == 0 and nothing.outcome == "ok" and nothing.first is None


def test_a_chunk_may_hold_half_a_letter_or_several_events(server: ProviderServer):
    whole = b"".join(chunk for _, chunk in chat(["é漢", "ü"], usage=USAGE))
    cut = [(0.001, whole[place : place + 5]) for place in range(0, len(whole), 5)]
    assert text_of(called(server, ScriptedAnswer(cut))[0]) == "é漢ü"
    assert text_of(called(server, ScriptedAnswer([(0, whole)]))[0]) == "é漢ü"


def test_an_answer_that_is_not_streamed_has_no_times(server: ProviderServer):
    fields = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}], "usage": USAGE}
    answer = ScriptedAnswer([(0, json.dumps(fields).encode())], headers=JSON)
    pieces, summary = called(server, answer)
    assert text_of(pieces) == "Hi" and summary.is_whole and not summary.is_streamed
    assert (summary.first, summary.throughput, summary.output_tokens) == (None, None, 30)


def error(message: str) -> list[tuple[float, bytes]]:
    return [(0, json.dumps({"error": {"message": message}}).encode())]


ROLE = chat(["One"])[:2]
FAILURES = {
    "401": (
        ScriptedAnswer(error(f"Incorrect key: {KEY}"), 401, JSON),
        "refused",
        "Host refused the key in HOST_API_KEY (401).",
    ),
    "429": (
        ScriptedAnswer(error("Slow down."), 429, JSON),
        "refused",
        "Host limits this key’s rate (429): Slow down.",
    ),
    "400 with the key": (
        ScriptedAnswer(error(f"Odd: Bearer {KEY}, {KEY[:4]}****{KEY[-4:]}"), 400, JSON),
        "refused",
        "Host answered 400: Odd: Bearer … ….",
    ),
    "500 as a web page": (
        ScriptedAnswer([(0, b"<html>Oh no</html>")], 500, {"Content-Type": "text/html"}),
        "failed",
        "Host answered 500 with a web page.",
    ),
    "503 without a body": (ScriptedAnswer(status=503), "failed", "Host answered 503."),
    "408": (ScriptedAnswer(status=408), "failed", "Host answered 408."),
    "a redirect": (
        ScriptedAnswer(status=307, headers={"Location": "http://127.0.0.1:9/"}),
        "refused",
        "Host answered with a redirect (307), which is not followed: check its address.",
    ),
    "a web page": (
        ScriptedAnswer([(0, b"<html>")], headers={"Content-Type": "text/html"}),
        "refused",
        "Host sent a web page instead of an answer.",
    ),
    "an error within": (
        ScriptedAnswer([*ROLE, *[(0, event({"error": {"code": 502, "message": "Gone"}}))]]),
        "failed",
        "Host ended its answer with an error: Gone.",
    ),
    "a limit within": (
        ScriptedAnswer([*ROLE, *[(0, event({"error": {"type": "rate_limit_error"}}))]]),
        "refused",
        "Host ended its answer with an error: rate_limit_error.",
    ),
    "no event": (
        ScriptedAnswer([(0, b"hello\n\ndata: not json\n\ndata: 7\n\n")]),
        "failed",
        "Host sent no event of an answer.",
    ),
    "gzip": (
        ScriptedAnswer([(0, b"x")], headers={"Content-Encoding": "gzip"}),
        "failed",
        "Host compressed its answer, which hides when its tokens came.",
    ),
    "nothing": (
        ScriptedAnswer(hangs=9),
        "failed",
        "Host was silent without a word of an answer after … s.",
    ),
    "silence": (
        ScriptedAnswer(ROLE, hangs=9),
        "failed",
        "Host was silent in the middle of its answer after … s.",
    ),
    "a drip": (
        ScriptedAnswer([(0.05, b": wait\n")] * 200),
        "failed",
        "Host was silent in the middle of its answer after … s.",
    ),
    "an early end": (ScriptedAnswer(ROLE), "failed", "Host broke off its answer after … s."),
    "death": (
        ScriptedAnswer([*ROLE, (0.1, DIES)], headers={"Transfer-Encoding": "chunked"}),
        "failed",
        "Host broke off its answer after … s.",
    ),
    "too much": (
        ScriptedAnswer([(0, b"data: " + b"x" * 30_000)]),
        "failed",
        "Host sent more than 0.02 MB.",
    ),
}


@pytest.mark.parametrize("kind", FAILURES)
def test_what_goes_wrong_is_one_sentence_without_the_key(
    server: ProviderServer, kind: str, caplog: pytest.LogCaptureFixture
):
    answer, outcome, sentence = FAILURES[kind]
    if kind == "death":  # in the middle of a chunk
        answer = replace(answer, chunks=[(0, b"40\r\ndata: {}"), (0.1, DIES)])
    with caplog.at_level(logging.DEBUG):
        _, summary = called(server, answer, limits=HASTY.get(kind, PATIENT))
    assert summary.failure
    assert re.sub(r"after [\d.]+ s", "after … s", summary.failure.sentence) == sentence
    assert (summary.outcome, summary.is_whole) == (outcome, False)
    assert not summary.failure.unreached
    assert KEY not in caplog.text and KEY not in repr(summary)


def test_a_host_that_is_not_there_is_unreached(server: ProviderServer):
    access = replace(access_to(server), base="http://127.0.0.1:9/v1")
    with StreamedCall(access, PROMPT) as call:
        assert [*call] == []
    failure = call.summary.failure
    assert failure and failure.unreached and "Host could not be reached: " in failure.sentence


def test_a_public_name_of_a_private_address_gets_no_key(server: ProviderServer):
    base = server.address.replace("127.0.0.1", "localhost")
    access = replace(access_to(server), base=base, is_set=False)
    with StreamedCall(access, PROMPT) as call:
        assert [*call] == []
    failure = call.summary.failure
    assert failure and failure.unreached and "no public address" in failure.sentence
    assert not server.requests


def test_a_caller_that_leaves_ends_the_call(server: ProviderServer):
    server.answer = ScriptedAnswer([*ROLE, *[(0.02, b": wait\n\n")] * 200])
    with StreamedCall(access_to(server), PROMPT) as call:
        assert next(event for event in call if event.meaning.answer).meaning.answer == "One"
    assert server.gone.wait(3)
    summary = call.summary
    assert (summary.failure, summary.is_whole, summary.outcome) == (None, False, "ok")


def test_a_call_can_be_ended_from_another_thread(server: ProviderServer):
    server.answer = ScriptedAnswer([*ROLE, *[(0.02, b": wait\n\n")] * 1000])
    call = StreamedCall(access_to(server), PROMPT)
    Timer(0.3, call.cancel).start()
    with call:
        assert len([*call]) == len(ROLE)
    assert server.gone.wait(5)
    summary = call.summary
    assert (summary.failure, summary.is_whole, summary.is_stopped) == (None, False, True)


def test_a_call_ended_before_it_begins_sends_nothing(server: ProviderServer):
    call = StreamedCall(access_to(server), PROMPT)
    call.cancel()
    assert [*call] == []
    assert call.summary.is_stopped and not server.requests


def test_a_key_is_in_no_repr(server: ProviderServer):
    access = access_to(server)
    assert KEY not in repr(access) and KEY not in repr(StreamedCall(access, PROMPT))
