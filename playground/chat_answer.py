"""Answers in the words of OpenAI's chat completions: chunks of a stream, or one object.

Of an API that has these words its own choices are handed on, with their log probabilities and what
else there is; of another they are written anew. `usage.cost` is the exact price, in USD.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from playground.endpoints import CallableEndpoint
from streaming.prompts import Fields
from streaming.shape import STOP, TOOL_CALLS, EventMeaning, ToolCallPiece

_ENCODER = msgspec.json.Encoder()
DONE = b"data: [DONE]\n\n"
# A comment, which clients pass over: the connection is alive.
STILL_THERE = b": waiting\n\n"


@dataclass(frozen=True, slots=True)
class ChatUsage:
    """What was used and what it cost. `counted` is by whom: provider, or ratecard."""

    input: int
    output: int
    cached: int
    reasoning: int
    cost: Decimal
    counted: str

    def fields(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.input,
            "completion_tokens": self.output,
            "total_tokens": self.input + self.output,
            "prompt_tokens_details": {"cached_tokens": self.cached},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
            "cost": msgspec.Raw(plain(self.cost).encode()),  # a number, with every digit
            "counted_by": self.counted,
        }


@dataclass(slots=True)
class ChatAnswer:
    """One answer as it grows. `model` is the catalog's slug, `provider` who answers."""

    id: str
    created: int
    model: str
    provider: str
    _texts: list[str] = field(default_factory=list)
    _thoughts: list[str] = field(default_factory=list)
    _calls: list[dict[str, Any]] = field(default_factory=list)
    _call_of: dict[int, int] = field(default_factory=dict)
    _probabilities: list[Any] = field(default_factory=list)
    _finish: str = ""
    _has_begun: bool = False

    def chunks(self, meaning: EventMeaning, event: Fields) -> Iterator[bytes]:
        """What an event of a provider says, as an event of ours."""
        choices = _choices(event)
        if choices is None:
            delta = self._delta(meaning)
            if not delta and not meaning.finish:
                return
            finish = self._finish_of(meaning.finish)
            choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
        if choices:
            yield self._event({"choices": choices})
            self._has_begun = True

    def end(self, usage: ChatUsage, *, with_usage: bool) -> Iterator[bytes]:
        """The last chunks: the usage, in a chunk of no choices, as OpenAI has it, and the end."""
        if with_usage:
            yield self._event({"choices": [], "usage": usage.fields()})
        yield DONE

    def failure(self, message: str, code: str) -> bytes:
        """An error in the middle of a stream."""
        return _event({"error": {"message": message, "type": "provider_error", "code": code}})

    def add(self, meaning: EventMeaning, event: Fields) -> None:
        """For an answer that is sent as one."""
        self._texts.append(meaning.answer)
        self._thoughts.append(meaning.reasoning)
        for piece in meaning.tool_calls:
            call, is_new = self._call(piece)
            if not is_new:
                call["function"]["arguments"] += piece.arguments
        self._finish = meaning.finish or self._finish
        for choice in _choices(event) or ():
            probabilities = choice.get("logprobs") if isinstance(choice, Mapping) else None
            if isinstance(probabilities, Mapping):
                self._probabilities += probabilities.get("content") or ()

    def whole(self, usage: ChatUsage) -> bytes:
        message: dict[str, Any] = {"role": "assistant", "content": "".join(self._texts) or None}
        if thoughts := "".join(self._thoughts):
            message["reasoning_content"] = thoughts
        if self._calls:
            message["tool_calls"] = [
                {name: value for name, value in call.items() if name != "index"}
                for call in self._calls
            ]
        choice: dict[str, Any] = {
            "index": 0,
            "message": message,
            "finish_reason": self._finish_of(self._finish or STOP),
            "logprobs": {"content": self._probabilities} if self._probabilities else None,
        }
        fields = self._fields("chat.completion")
        return encode({**fields, "choices": [choice], "usage": usage.fields()})

    def _delta(self, meaning: EventMeaning) -> dict[str, Any]:
        delta: dict[str, Any] = {}
        if meaning.answer:
            delta["content"] = meaning.answer
        if meaning.reasoning:
            delta["reasoning_content"] = meaning.reasoning
        if calls := [self._call_delta(piece) for piece in meaning.tool_calls]:
            delta["tool_calls"] = calls
        if delta and not self._has_begun:
            delta = {"role": "assistant", "content": "", **delta}
        return delta

    def _call_delta(self, piece: ToolCallPiece) -> dict[str, Any]:
        call, is_new = self._call(piece)
        if is_new:
            return {**call, "function": {**call["function"]}}
        return {"index": call["index"], "function": {"arguments": piece.arguments}}

    def _call(self, piece: ToolCallPiece) -> tuple[dict[str, Any], bool]:
        """The call that a piece belongs to: a name begins one, whatever its place."""
        known = self._call_of.get(piece.place)
        if known is not None and not piece.name:
            return self._calls[known], False
        place = self._call_of[piece.place] = len(self._calls)
        self._calls.append(
            {
                "index": place,
                "id": piece.id or f"call_{self.id[-12:]}_{place}",
                "type": "function",
                "function": {"name": piece.name, "arguments": piece.arguments},
            }
        )
        return self._calls[place], True

    def _finish_of(self, finish: str) -> str | None:
        return TOOL_CALLS if finish == STOP and self._calls else finish or None

    def _fields(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "provider": self.provider,
        }

    def _event(self, fields: dict[str, Any]) -> bytes:
        return _event({**self._fields("chat.completion.chunk"), **fields})


def listed(endpoints: Iterable[CallableEndpoint]) -> list[dict[str, Any]]:
    """Models with the providers of each; `created` is the day of the release, if known."""
    models: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        model = models.setdefault(
            endpoint.model,
            {
                "id": endpoint.model,
                "object": "model",
                **_created(endpoint.released),
                "owned_by": endpoint.model.partition("/")[0],
                "providers": [],
            },
        )
        model["providers"].append(endpoint.provider)
    return [*models.values()]


def _created(released: str) -> dict[str, int]:
    if len(released) != len("2026-12-01"):
        return {}
    return {"created": int(datetime.fromisoformat(released).replace(tzinfo=UTC).timestamp())}


def plain(amount: Decimal) -> str:
    """Every digit, without an exponent, which not every reader of JSON takes."""
    digits = f"{amount:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def encode(fields: object) -> bytes:
    try:
        return _ENCODER.encode(fields)
    except UnicodeEncodeError:
        return _ENCODER.encode(_readable(fields))


def _readable(value: object) -> object:
    """Halves of surrogate pairs, which providers cut apart at times, as a �."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, Mapping):
        return {_readable(name): _readable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_readable(inner) for inner in value]
    return value


def _event(fields: dict[str, Any]) -> bytes:
    return b"data: " + encode(fields) + b"\n\n"


def _choices(event: Fields) -> list[Any] | None:
    """The choices of an event that has OpenAI's form; None of another."""
    choices = event.get("choices")
    if not isinstance(choices, list):
        return None
    return [choice for choice in choices if isinstance(choice, Mapping) and "delta" in choice]
