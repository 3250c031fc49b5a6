"""Answers in the words of OpenAI's chat completions: chunks, and one object."""

import json
from decimal import Decimal
from typing import Any

import pytest

from playground.chat_answer import DONE, ChatAnswer, ChatUsage, encode, plain
from streaming.shape import EventMeaning, ToolCallPiece


@pytest.fixture
def answer() -> ChatAnswer:
    return ChatAnswer(id="chatcmpl-0123456789ab", created=7, model="a/b", provider="host")


def chunks(answer: ChatAnswer, *meanings: EventMeaning) -> list[Any]:
    written = [chunk for meaning in meanings for chunk in answer.chunks(meaning, {})]
    return [json.loads(chunk.removeprefix(b"data: ")) for chunk in written]


def usage(cost: str = "0.000123") -> ChatUsage:
    return ChatUsage(9, 5, cached=4, reasoning=2, cost=Decimal(cost), counted="provider")


def test_the_first_chunk_has_the_role_and_events_without_words_have_no_chunk(answer: ChatAnswer):
    first, second, end = chunks(
        answer,
        EventMeaning(),
        EventMeaning(answer="Hel"),
        EventMeaning(answer="lo"),
        EventMeaning(finish="stop"),
    )
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "Hel"}
    assert second["choices"][0]["delta"] == {"content": "lo"}
    assert end["choices"] == [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    assert first["id"] == end["id"] and first["object"] == "chat.completion.chunk"
    assert (first["model"], first["provider"], first["created"]) == ("a/b", "host", 7)


def test_pieces_of_two_tools_are_kept_apart_and_end_as_tool_calls(answer: ChatAnswer):
    pieces = [
        ToolCallPiece(place=0, id="x", name="add", arguments='{"a"'),
        ToolCallPiece(place=1, id="", name="sub", arguments=""),
        ToolCallPiece(place=0, id="", name="", arguments=": 1}"),
        ToolCallPiece(place=1, id="", name="", arguments="{}"),
    ]
    meanings = [EventMeaning(tool_calls=(piece,)) for piece in pieces]
    *deltas, end = chunks(answer, *meanings, EventMeaning(finish="stop"))
    calls = [chunk["choices"][0]["delta"]["tool_calls"][0] for chunk in deltas]
    assert [call["index"] for call in calls] == [0, 1, 0, 1]
    assert calls[0]["id"] == "x" and calls[1]["id"] and "id" not in calls[2]
    assert end["choices"][0]["finish_reason"] == "tool_calls"

    whole = ChatAnswer(id="chatcmpl-0123456789ab", created=7, model="a/b", provider="host")
    for meaning in meanings:
        whole.add(meaning, {})
    [choice] = json.loads(whole.whole(usage()))["choices"]
    assert choice["finish_reason"] == "tool_calls" and choice["message"]["content"] is None
    functions = [call["function"] for call in choice["message"]["tool_calls"]]
    assert functions == [
        {"name": "add", "arguments": '{"a": 1}'},
        {"name": "sub", "arguments": "{}"},
    ]
    assert not any("index" in call for call in choice["message"]["tool_calls"])


def test_choices_in_openais_words_are_handed_on_as_they_are(answer: ChatAnswer):
    choice = {"index": 0, "delta": {"content": "a"}, "logprobs": {"content": [{"token": "a"}]}}
    [chunk] = answer.chunks(EventMeaning(answer="a"), {"choices": [choice, {"odd": 1}, 5]})
    assert json.loads(chunk.removeprefix(b"data: "))["choices"] == [choice]
    answer.add(EventMeaning(answer="a"), {"choices": [choice]})
    [whole] = json.loads(answer.whole(usage()))["choices"]
    assert whole["logprobs"] == {"content": [{"token": "a"}]}


def test_a_stream_ends_with_its_usage_where_it_is_wanted_and_always_with_done(answer: ChatAnswer):
    assert [*answer.end(usage(), with_usage=False)] == [DONE]
    last, done = answer.end(usage(), with_usage=True)
    assert done == DONE
    fields = json.loads(last.removeprefix(b"data: "), parse_float=Decimal)
    assert fields["choices"] == []
    assert fields["usage"] == {
        "prompt_tokens": 9,
        "completion_tokens": 5,
        "total_tokens": 14,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
        "cost": Decimal("0.000123"),
        "counted_by": "provider",
    }


@pytest.mark.parametrize(
    ("cost", "written"),
    [
        ("0.000000000001", b'"cost":0.000000000001,'),
        ("1.10", b'"cost":1.1,'),
        ("1E+2", b'"cost":100,'),
        ("0E-12", b'"cost":0,'),
        ("12345678901234567.123456789012", b'"cost":12345678901234567.123456789012,'),
    ],
)
def test_a_cost_has_all_of_its_digits_and_no_exponent(cost: str, written: bytes):
    assert written in encode(usage(cost).fields())
    assert plain(Decimal(cost)).encode() in written


def test_halves_of_surrogate_pairs_are_written_as_a_mark():
    assert encode({"a": ["x\ud83d", {"b\udc00": 1}]}) == '{"a":["x�",{"b�":1}]}'.encode()
