"""What is sent to APIs of three shapes, and what their events mean."""

from dataclasses import replace

import pytest

from streaming.anthropic_shape import ANTHROPIC
from streaming.google_shape import GOOGLE
from streaming.openai_shape import COMPATIBLE, OPENAI
from streaming.prompts import Prompt, Untranslatable, message
from streaming.shape import ApiShape, EventMeaning, ToolCallPiece, error_in

PROMPT = Prompt(
    "a/model",
    (
        message("system", "Be brief."),
        message("user", "One"),
        message("assistant", "Two"),
        message("user", "Three"),
    ),
    50,
    {"temperature": 0, "stop": ["END"]},
)


def test_what_is_sent():
    chat = OPENAI.body(PROMPT)
    assert chat["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [m["role"] for m in chat["messages"]] == ["system", "user", "assistant", "user"]
    assert (chat["stream"], chat["stream_options"]) == (True, {"include_usage": True})
    assert (chat["max_completion_tokens"], chat["temperature"], chat["stop"]) == (50, 0, ["END"])
    assert "max_tokens" not in chat
    assert COMPATIBLE.body(PROMPT)["max_tokens"] == 50
    sent = ANTHROPIC.body(PROMPT)
    assert (sent["system"], sent["max_tokens"]) == ("Be brief.", 50)
    assert (sent["stop_sequences"], sent["stream"]) == (["END"], True)
    content = GOOGLE.body(PROMPT)
    assert [c["role"] for c in content["contents"]] == ["user", "model", "user"]
    assert content["generationConfig"] == {
        "maxOutputTokens": 50,
        "temperature": 0,
        "stopSequences": ["END"],
    }
    assert content["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    plain = Prompt("m", (message("user", "One"),), 5)
    for shape in (OPENAI, ANTHROPIC, GOOGLE):
        assert not {"temperature", "stop", "system", "systemInstruction"} & {*shape.body(plain)}


def test_addresses_and_headers():
    assert OPENAI.path("a/model") == COMPATIBLE.path("m") == "/chat/completions"
    assert ANTHROPIC.path("m") == "/messages"
    assert GOOGLE.path("models/x").startswith("/models/x:streamGenerateContent?alt=sse")
    assert "/../" not in GOOGLE.path("../../v1/files?x=") and "?x" not in GOOGLE.path("m?x=")
    assert COMPATIBLE.headers("k") == {"Authorization": "Bearer k"}
    assert ANTHROPIC.headers("k")["x-api-key"] == GOOGLE.headers("k")["x-goog-api-key"] == "k"


def delta(**fields: object) -> dict[str, object]:
    return {"choices": [{"delta": fields, "finish_reason": None}]}


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        (delta(role="assistant", content=""), EventMeaning()),
        (delta(content="Hi"), EventMeaning(answer="Hi")),
        (delta(refusal="No"), EventMeaning(answer="No")),
        (delta(reasoning_content="Hm"), EventMeaning(reasoning="Hm")),
        (delta(reasoning="Hm", content=None), EventMeaning(reasoning="Hm")),
        # Ollama and others send both names of the same text.
        (delta(reasoning="Hm", reasoning_content="Hm"), EventMeaning(reasoning="Hm")),
        (
            delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]),
            EventMeaning(reasoning="Hm"),
        ),
        (delta(content=[{"type": "text", "text": "Hi"}]), EventMeaning(answer="Hi")),
        (
            delta(tool_calls=[{"index": 0}]),
            EventMeaning(other=True, tool_calls=(ToolCallPiece(0, "", "", ""),)),
        ),
        (
            delta(
                tool_calls=[{"index": 1, "id": "c", "function": {"name": "f", "arguments": "{"}}]
            ),
            EventMeaning(other=True, tool_calls=(ToolCallPiece(1, "c", "f", "{"),)),
        ),
        (
            {"choices": [{"delta": {}, "finish_reason": "stop"}]},
            EventMeaning(ends=True, finish="stop"),
        ),
        (
            {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]},
            EventMeaning(answer="Hi", ends=True, finish="stop"),
        ),
        ({"choices": [], "usage": {"a": 1}}, EventMeaning(usage={"a": 1})),
        ({"choices": [], "x_groq": {"usage": {"a": 1}}}, EventMeaning(usage={"a": 1})),
        ({"error": {"code": 502, "message": "Bad"}}, EventMeaning(error=("502", "Bad"))),
        ({"error": "Bad"}, EventMeaning(error=("", "Bad"))),
        *(({"choices": odd}, EventMeaning()) for odd in (None, 1, [1], [{"delta": 1}], {"a": 1})),
    ],
)
def test_events_of_chat_completions(event: dict[str, object], meaning: EventMeaning):
    assert COMPATIBLE.meaning_of(event) == meaning


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        (
            {"type": "message_start", "message": {"usage": {"input_tokens": 3}}},
            EventMeaning(usage={"input_tokens": 3}),
        ),
        (
            {"type": "content_block_start", "content_block": {"type": "text", "text": ""}},
            EventMeaning(),
        ),
        (
            {"type": "content_block_start", "content_block": {"type": "redacted_thinking"}},
            EventMeaning(thinks=True),
        ),
        (
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hi"}},
            EventMeaning(answer="Hi"),
        ),
        (
            {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "H"}},
            EventMeaning(reasoning="H"),
        ),
        (
            {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "s"}},
            EventMeaning(),
        ),
        (
            {"type": "content_block_delta", "delta": {"partial_json": "{"}},
            EventMeaning(other=True, tool_calls=(ToolCallPiece(0, "", "", "{"),)),
        ),
        (
            {
                "type": "content_block_start",
                "index": 1,
                "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            },
            EventMeaning(other=True, tool_calls=(ToolCallPiece(1, "t", "f", ""),)),
        ),
        (
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"o": 1}},
            EventMeaning(usage={"o": 1}, ends=True, finish="tool_calls"),
        ),
        ({"type": "message_stop"}, EventMeaning(ends=True)),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            EventMeaning(error=("overloaded_error", "Overloaded")),
        ),
        ({"type": "ping"}, EventMeaning()),
    ],
)
def test_events_of_messages(event: dict[str, object], meaning: EventMeaning):
    assert ANTHROPIC.meaning_of(event) == meaning


def candidate(*parts: object, **fields: object) -> dict[str, object]:
    return {"candidates": [{"content": {"parts": list(parts)}, **fields}]}


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        (candidate({"text": "Hi"}), EventMeaning(answer="Hi")),
        (candidate({"text": "Hm", "thought": True}), EventMeaning(reasoning="Hm")),
        (
            candidate({"functionCall": {"name": "f", "args": {"a": 1}}}),
            EventMeaning(other=True, tool_calls=(ToolCallPiece(0, "", "f", '{"a": 1}'),)),
        ),
        (candidate(finishReason="MAX_TOKENS"), EventMeaning(ends=True, finish="length")),
        ({"usageMetadata": {"a": 1}}, EventMeaning(usage={"a": 1})),
        (
            {"promptFeedback": {"blockReason": "SAFETY"}},
            EventMeaning(error=("400", "the prompt was blocked: SAFETY")),
        ),
        ({"error": {"code": 503, "message": "Busy"}}, EventMeaning(error=("503", "Busy"))),
        *(({"candidates": odd}, EventMeaning()) for odd in (None, "x", [None], [{"content": 1}])),
    ],
)
def test_events_of_generate_content(event: dict[str, object], meaning: EventMeaning):
    assert GOOGLE.meaning_of(event) == meaning


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"error": {"message": "No", "type": "t"}}, ("t", "No")),
        ([{"error": {"message": "No", "code": 400}}], ("400", "No")),
        ({"message": "No"}, ("", "No")),
        ({"detail": "No"}, ("", "No")),
        ({"detail": [{"loc": 1}]}, ("", "")),
        (7, ("", "")),
    ],
)
def test_bodies_of_errors(body: object, error: tuple[str, str]):
    assert error_in(body) == error


TOOL = {
    "type": "function",
    "function": {"name": "add", "description": "Adds.", "parameters": {"type": "object"}},
}
CONVERSATION = Prompt(
    "m",
    (
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        message("user", "What is this?", ("image/png", "QUJD")),
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "add", "arguments": '{"a": 1}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "3"},
        message("user", "And?"),
    ),
    4000,
    {
        "tools": [TOOL],
        "tool_choice": {"type": "function", "function": {"name": "add"}},
        "reasoning_effort": "low",
        "stop": "END",
        "user": "u",
        "n": 1,
    },
)


def test_tools_and_images_in_the_words_of_each_api():
    chat = COMPATIBLE.body(CONVERSATION)
    assert chat["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"a": 1}'
    assert chat["tools"] == [TOOL] and chat["user"] == "u"
    sent = ANTHROPIC.body(CONVERSATION)
    assert sent["system"] == "Be brief."
    user, assistant, results = sent["messages"]
    source = {"type": "base64", "media_type": "image/png", "data": "QUJD"}
    assert user["content"][0] == {"type": "image", "source": source}
    assert assistant["content"] == [
        {"type": "tool_use", "id": "c1", "name": "add", "input": {"a": 1}}
    ]
    assert results["content"] == [
        {"type": "tool_result", "tool_use_id": "c1", "content": "3"},
        {"type": "text", "text": "And?"},
    ]
    assert sent["tools"][0]["input_schema"] == {"type": "object"}
    assert sent["tool_choice"] == {"type": "tool", "name": "add"}
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 2048}
    content = GOOGLE.body(CONVERSATION)
    asked, called, answered = content["contents"]
    assert asked["parts"][0] == {"inlineData": {"mimeType": "image/png", "data": "QUJD"}}
    assert called["parts"] == [{"functionCall": {"name": "add", "args": {"a": 1}}}]
    assert answered["parts"][0] == {
        "functionResponse": {"name": "add", "response": {"result": "3"}}
    }
    assert content["toolConfig"]["functionCallingConfig"] == {
        "mode": "ANY",
        "allowedFunctionNames": ["add"],
    }
    assert content["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 2048


@pytest.mark.parametrize("shape", [ANTHROPIC, GOOGLE])
@pytest.mark.parametrize(
    ("name", "value"),
    [("logprobs", True), ("n", 2), ("response_format", {"type": "x"}), ("audio", {"voice": "v"})],
)
def test_what_an_api_has_no_word_for_is_refused_by_name(shape: ApiShape, name: str, value: object):
    with pytest.raises(Untranslatable, match=name):
        shape.body(replace(CONVERSATION, options={name: value}))


def test_bytes_count_all_that_is_read_as_text():
    prompt = Prompt("m", (message("user", "data:image/png;base64,QUJD", ("image/png", "QUJD")),), 5)
    assert prompt.sent_bytes >= len("data:image/png;base64,QUJD")
    assert prompt.images == 1 and "data:image/png;base64,QUJD" in prompt.text
