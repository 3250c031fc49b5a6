"""OpenAI's chat completions, as its own API and as others take them. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

from streaming.prompts import Fields, Prompt
from streaming.shape import (
    ApiShape,
    EventMeaning,
    ToolCallPiece,
    error_of,
    fields_of,
    items_of,
    text_of,
    whole_of,
)


def _body(limit: str) -> Callable[[Prompt], dict[str, Any]]:
    def body(prompt: Prompt) -> dict[str, Any]:
        return {
            **prompt.options,
            "model": prompt.model,
            "messages": [dict(message) for message in prompt.messages],
            limit: prompt.max_output,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    return body


def _meaning(event: Fields) -> EventMeaning:
    answers: list[str] = []
    reasonings: list[str] = []
    calls: list[ToolCallPiece] = []
    other = False
    finish = ""
    for choice in map(fields_of, items_of(event.get("choices"))):
        # `message` is in an answer that is not streamed.
        delta = fields_of(choice.get("delta") or choice.get("message"))
        answers += _texts(delta.get("content")), text_of(delta.get("refusal"))
        reasonings += (
            text_of(delta.get("reasoning_content")) or text_of(delta.get("reasoning")),
            _thoughts(delta.get("content")),
        )
        calls += _calls(delta)
        other = other or any(
            delta.get(name) for name in ("tool_calls", "function_call", "audio", "images")
        )
        finish = finish or text_of(choice.get("finish_reason"))
    usage = event.get("usage") or fields_of(event.get("x_groq")).get("usage")
    return EventMeaning(
        answer="".join(answers),
        reasoning="".join(reasonings),
        other=other,
        usage=usage if isinstance(usage, dict) else None,
        ends=bool(finish),
        error=error_of(event),
        tool_calls=tuple(calls),
        finish=finish,
    )


def _calls(delta: Fields) -> Iterator[ToolCallPiece]:
    for place, call in enumerate(map(fields_of, items_of(delta.get("tool_calls")))):
        function = fields_of(call.get("function"))
        yield ToolCallPiece(
            whole_of(call.get("index", place)),
            text_of(call.get("id")),
            text_of(function.get("name")),
            text_of(function.get("arguments")),
        )


def _texts(content: object) -> str:
    """Text; Mistral sends a list of parts when a model thinks."""
    if isinstance(content, list):
        return "".join(text_of(fields_of(part).get("text")) for part in content)
    return text_of(content)


def _thoughts(content: object) -> str:
    thoughts = (fields_of(part).get("thinking") for part in items_of(content))
    return "".join(map(_texts, thoughts))


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _path(_model: str) -> str:
    return "/chat/completions"


# OpenAI's own API bounds reasoning and answer together under a newer name.
OPENAI = ApiShape(
    "OpenAI chat completions", _path, _bearer, _body("max_completion_tokens"), _meaning, "usage"
)
COMPATIBLE = ApiShape("OpenAI-compatible", _path, _bearer, _body("max_tokens"), _meaning, "usage")
