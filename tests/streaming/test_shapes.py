"""What is sent to APIs of three shapes, and what their events mean."""

import pytest

from streaming.shapes import ANTHROPIC, COMPATIBLE, GOOGLE, OPENAI, EventMeaning, Prompt, error_in

PROMPT = Prompt(
    "a/model",
    (("user", "One"), ("assistant", "Two"), ("user", "Three")),
    50,
    system="Be brief.",
    temperature=0,
    stop=("END",),
)


def test_what_is_sent():
    chat = OPENAI.body(PROMPT)
    assert chat["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [m["role"] for m in chat["messages"]] == ["system", "user", "assistant", "user"]
    assert (chat["stream"], chat["stream_options"]) == (True, {"include_usage": True})
    assert (chat["max_completion_tokens"], chat["temperature"], chat["stop"]) == (50, 0, ["END"])
    assert "max_tokens" not in chat
    assert COMPATIBLE.body(PROMPT)["max_tokens"] == 50
    message = ANTHROPIC.body(PROMPT)
    assert (message["system"], message["max_tokens"]) == ("Be brief.", 50)
    assert (message["stop_sequences"], message["stream"]) == (["END"], True)
    content = GOOGLE.body(PROMPT)
    assert [c["role"] for c in content["contents"]] == ["user", "model", "user"]
    assert content["generationConfig"] == {
        "maxOutputTokens": 50,
        "temperature": 0,
        "stopSequences": ["END"],
    }
    assert content["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    plain = Prompt("m", (("user", "One"),), 5)
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
        (delta(tool_calls=[{"index": 0}]), EventMeaning(other=True)),
        ({"choices": [{"delta": {}, "finish_reason": "stop"}]}, EventMeaning(ends=True)),
        (
            {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]},
            EventMeaning(answer="Hi", ends=True),
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
            EventMeaning(other=True),
        ),
        (
            {"type": "message_delta", "delta": {"stop_reason": "x"}, "usage": {"o": 1}},
            EventMeaning(usage={"o": 1}, ends=True),
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
        (candidate({"functionCall": {}}), EventMeaning(other=True)),
        (candidate(finishReason="STOP"), EventMeaning(ends=True)),
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
