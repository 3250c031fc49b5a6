"""The shapes of streaming APIs: what is sent, and what each event means. Pure.

OpenAI's chat completions (as its own API and as others take them), Anthropic's messages, and
Google's generateContent. An event is untrusted JSON: what has another form means nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent to a model, by the provider's id of it.

    `messages` are pairs of a role (user, assistant) and a text. Without a `temperature` the
    provider's default holds.
    """

    model: str
    messages: tuple[tuple[str, str], ...]
    max_output: int
    system: str = ""
    temperature: float | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventMeaning:
    """What an event says: new text, the usage so far, the end, or an error.

    `other` is output that is no text: a call of a tool, an image. `thinks` is a sign of reasoning
    whose text may not be sent. `error` is the provider's code and message.
    """

    answer: str = ""
    reasoning: str = ""
    other: bool = False
    thinks: bool = False
    usage: Fields | None = None
    ends: bool = False
    error: tuple[str, str] | None = None

    @property
    def has_output(self) -> bool:
        return bool(self.answer or self.reasoning or self.other)


@dataclass(frozen=True, slots=True)
class ApiShape:
    """How an API is called, and how its answer is read.

    `path` is that of a model below the API's base, `headers` those of a key. `usage_key` is the
    field of an answer that holds its usage.
    """

    name: str
    path: Callable[[str], str]
    headers: Callable[[str], dict[str, str]]
    body: Callable[[Prompt], dict[str, Any]]
    meaning_of: Callable[[Fields], EventMeaning]
    usage_key: str


def _of_openai(limit: str) -> Callable[[Prompt], dict[str, Any]]:
    def body(prompt: Prompt) -> dict[str, Any]:
        system = [("system", prompt.system)] if prompt.system else []
        return {
            "model": prompt.model,
            "messages": [
                {"role": role, "content": text} for role, text in (*system, *prompt.messages)
            ],
            limit: prompt.max_output,
            "stream": True,
            "stream_options": {"include_usage": True},
            **_options(temperature=prompt.temperature, stop=prompt.stop),
        }

    return body


def _openai_meaning(event: Fields) -> EventMeaning:
    answers: list[str] = []
    reasonings: list[str] = []
    other = ends = False
    for choice in map(_fields, _items(event.get("choices"))):
        # `message` is in an answer that is not streamed.
        delta = _fields(choice.get("delta") or choice.get("message"))
        answers += _openai_texts(delta.get("content")), _text(delta.get("refusal"))
        reasonings += (
            _text(delta.get("reasoning_content")) or _text(delta.get("reasoning")),
            _openai_thoughts(delta.get("content")),
        )
        other = other or any(
            delta.get(name) for name in ("tool_calls", "function_call", "audio", "images")
        )
        ends = ends or bool(choice.get("finish_reason"))
    usage = event.get("usage") or _fields(event.get("x_groq")).get("usage")
    return EventMeaning(
        answer="".join(answers),
        reasoning="".join(reasonings),
        other=other,
        usage=usage if isinstance(usage, dict) else None,
        ends=ends,
        error=_error(event),
    )


def _openai_texts(content: object) -> str:
    """Text; Mistral sends a list of parts when a model thinks."""
    if isinstance(content, list):
        return "".join(_text(_fields(part).get("text")) for part in content)
    return _text(content)


def _openai_thoughts(content: object) -> str:
    thoughts = (_fields(part).get("thinking") for part in _items(content))
    return "".join(map(_openai_texts, thoughts))


def _anthropic_body(prompt: Prompt) -> dict[str, Any]:
    return {
        "model": prompt.model,
        "messages": [{"role": role, "content": text} for role, text in prompt.messages],
        "max_tokens": prompt.max_output,
        "stream": True,
        **_options(
            system=prompt.system or None,
            temperature=prompt.temperature,
            stop_sequences=prompt.stop,
        ),
    }


def _anthropic_meaning(event: Fields) -> EventMeaning:
    kind = event.get("type")
    delta = _fields(event.get("delta"))
    block = _fields(event.get("content_block"))
    blocks = [block, delta, *map(_fields, _items(event.get("content")))]
    # The usage of a stream is in its first event and, with the output, in one of the last.
    usage = event.get("usage") or _fields(event.get("message")).get("usage")
    return EventMeaning(
        answer="".join(_text(part.get("text")) for part in blocks),
        reasoning="".join(_text(part.get("thinking")) for part in blocks),
        other=bool(delta.get("partial_json")) or block.get("type") == "tool_use",
        thinks=block.get("type") in ("thinking", "redacted_thinking"),
        usage=usage if isinstance(usage, dict) else None,
        ends=kind in ("message_stop", "message") or bool(delta.get("stop_reason")),
        error=_error(event),
    )


def _google_path(model: str) -> str:
    name = quote(model.removeprefix("models/"), safe="")
    return f"/models/{name}:streamGenerateContent?alt=sse"


def _google_body(prompt: Prompt) -> dict[str, Any]:
    roles = {"assistant": "model"}
    return {
        "contents": [
            {"role": roles.get(role, role), "parts": [{"text": text}]}
            for role, text in prompt.messages
        ],
        "generationConfig": {
            "maxOutputTokens": prompt.max_output,
            **_options(temperature=prompt.temperature, stopSequences=prompt.stop),
        },
        **({"systemInstruction": {"parts": [{"text": prompt.system}]}} if prompt.system else {}),
    }


def _google_meaning(event: Fields) -> EventMeaning:
    candidates = [*map(_fields, _items(event.get("candidates")))]
    parts = [
        _fields(part)
        for candidate in candidates
        for part in _items(_fields(candidate.get("content")).get("parts"))
    ]
    usage = event.get("usageMetadata")
    blocked = _text(_fields(event.get("promptFeedback")).get("blockReason"))
    return EventMeaning(
        answer="".join(_text(part.get("text")) for part in parts if not part.get("thought")),
        reasoning="".join(_text(part.get("text")) for part in parts if part.get("thought")),
        other=any("functionCall" in part or "inlineData" in part for part in parts),
        usage=usage if isinstance(usage, dict) else None,
        ends=any(candidate.get("finishReason") for candidate in candidates),
        error=("400", f"the prompt was blocked: {blocked}") if blocked else _error(event),
    )


def _error(event: Fields) -> tuple[str, str] | None:
    """The code and the message of an error, which is an object or a text."""
    error = event.get("error")
    if not error:
        return None
    fields = _fields(error)
    codes = (fields.get(name) for name in ("code", "type", "status"))
    code = next((str(code) for code in codes if isinstance(code, str | int)), "")
    return code, _text(fields.get("message")) or _text(error)


def error_in(body: Any) -> tuple[str, str]:
    """The code and the message of the body of an error, as providers write them; else empty."""
    for fields in map(_fields, body if isinstance(body, list) else [body]):
        if error := _error(fields):
            return error
        if message := _text(fields.get("message")) or _text(fields.get("detail")):
            return "", message
    return "", ""


def _options(**stated: float | str | Sequence[str] | None) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in stated.items()
        if value is not None and value != ()
    }


def _fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def _items(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list) else ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _chat_path(_model: str) -> str:
    return "/chat/completions"


# OpenAI's own API bounds reasoning and answer together under a newer name.
OPENAI = ApiShape(
    "OpenAI chat completions",
    _chat_path,
    _bearer,
    _of_openai("max_completion_tokens"),
    _openai_meaning,
    "usage",
)
COMPATIBLE = ApiShape(
    "OpenAI-compatible", _chat_path, _bearer, _of_openai("max_tokens"), _openai_meaning, "usage"
)
ANTHROPIC = ApiShape(
    "Anthropic Messages",
    lambda _model: "/messages",
    lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"},
    _anthropic_body,
    _anthropic_meaning,
    "usage",
)
GOOGLE = ApiShape(
    "Google generateContent",
    _google_path,
    lambda key: {"x-goog-api-key": key},
    _google_body,
    _google_meaning,
    "usageMetadata",
)
