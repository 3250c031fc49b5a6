"""Spans of any dialect as calls. Pure.

Only spans that are one call of a model count: not embeddings, tools and agents, nor spans of a
framework around such a call. Of prompts, answers and users nothing is read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from telemetry.calls import Call, figures, flaw
from telemetry.otlp.dialects import (
    ATTEMPT_OF_OPENROUTER,
    CALLS,
    CALLS_OF_AI_SDK,
    GENAI,
    OPENROUTER,
    OPERATION,
    OPERATION_OF_AI_SDK,
    PROVIDERS_OF_AI_SDK,
    START_OF_LANGFUSE,
    TYPE_OF_LANGFUSE,
    TYPE_OF_OPENLLMETRY,
    USAGE_OF_LANGFUSE,
    Dialect,
    dialect_of,
)
from telemetry.otlp.outcomes import outcome_of_error
from telemetry.otlp.values import Attributes, OtlpSpan, first_text, number, text

UNREADABLE = "a value of another type"
_RESPONSE, _REQUEST = "gen_ai.response.model", "gen_ai.request.model"
# A server's own span of a call is not the caller's; producers and consumers pass messages on.
_NOT_CLIENTS = {2, 4, 5, "SPAN_KIND_SERVER", "SPAN_KIND_PRODUCER", "SPAN_KIND_CONSUMER"}
_ERROR = {2, "STATUS_CODE_ERROR"}
_DATE = re.compile(r"-(\d{4}-\d\d-\d\d|\d{8})")


@dataclass(slots=True)
class SpanCalls:
    """Calls of a request, and how many spans were refused for which reason."""

    calls: list[Call] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


class SpanReader:
    """Reads the spans of one request, scope by scope."""

    def __init__(self, now: float) -> None:
        self._now = now
        self._read: list[tuple[Call, bytes | str]] = []
        self._parents: set[bytes | str] = set()
        self._refused: Counter[str] = Counter()
        # A few words are in most spans.
        self._names: dict[bytes | str, str] = {}
        self._providers: dict[bytes | str, str] = {}
        self._are_calls: dict[bytes | str, bool] = {}

    def read(self, scope: str, spans: Iterable[OtlpSpan]) -> None:
        dialect, now, found = dialect_of(scope), self._now, self._read
        for span in spans:
            attributes = span.attributes
            if not self._is_call(span, attributes, dialect):
                continue
            try:
                call = self._call(span, attributes, dialect)
            except (ValueError, TypeError, OverflowError, RecursionError):
                self.refuse(UNREADABLE)
                continue
            if why := flaw(call, now):
                self.refuse(why)
                continue
            found.append((call, span.span_id))
            if parent := span.parent_span_id:
                self._parents.add(parent)

    def refuse(self, why: str) -> None:
        self._refused[why] += 1

    def result(self) -> SpanCalls:
        """The calls, without those that wrap another one of them."""
        parents = self._parents
        calls = [call for call, span_id in self._read if span_id not in parents]
        return SpanCalls(calls, self._refused)

    def _call(self, span: OtlpSpan, attributes: Attributes, dialect: Dialect) -> Call:
        start, end = int(span.start_time_unix_nano), int(span.end_time_unix_nano)
        duration = (end - start) / 1e9
        input_tokens = _tokens(attributes, dialect.inputs)
        output_tokens = _tokens(attributes, dialect.outputs)
        if dialect.is_langfuse and not input_tokens and not output_tokens:
            input_tokens, output_tokens = _tokens_of_langfuse(attributes)
        latency = throughput = None
        outcome = outcome_of_error(attributes) if span.status.code in _ERROR else "ok"
        if outcome == "ok":
            stated = _first_token(attributes, dialect, start / 1e9)
            latency, throughput = figures(stated, duration, output_tokens)
        return Call(
            self._provider(first_text(attributes, dialect.providers) or dialect.provider),
            model_of(attributes, dialect.models, self._text),
            start / 1e9,
            outcome,
            latency,
            throughput,
            duration,
            input_tokens,
            output_tokens,
        )

    def _provider(self, raw: bytes | str) -> str:
        known = self._providers.get(raw)
        if known is None:
            name = text(raw).strip()
            known = self._providers[raw] = PROVIDERS_OF_AI_SDK.get(name, name)
        return known

    def _text(self, raw: bytes | str) -> str:
        name = self._names.get(raw)
        if name is None:
            name = self._names[raw] = text(raw).strip()
        return name

    def _is_call(self, span: OtlpSpan, attributes: Attributes, dialect: Dialect) -> bool:
        operation = attributes.get(OPERATION)
        if operation is None:
            is_call = _is_call_of(attributes)
        else:
            word = operation.string_value
            known = self._are_calls.get(word)
            if known is None:
                known = self._are_calls[word] = text(word).lower() in CALLS
            is_call = known
        if not is_call or span.kind in _NOT_CLIENTS:
            return False
        if dialect is OPENROUTER:
            name = span.name if isinstance(span.name, bytes) else span.name.encode(errors="replace")
            return not name.startswith(ATTEMPT_OF_OPENROUTER)
        return True


def model_of(
    attributes: Attributes,
    models: tuple[str, ...] = (),
    decoded: Callable[[bytes | str], str] = text,
) -> str:
    """The model that answered: of an own word of the dialect, or of the conventions."""
    own = first_text(attributes, models)
    if own:
        return decoded(own)
    requested = first_text(attributes, (_REQUEST,))
    answered = first_text(attributes, (_RESPONSE,))
    if not requested or not answered or requested == answered:
        return decoded(answered or requested)
    # An answer that dates what was requested is of the same endpoint; an alias is of another.
    asked, got = decoded(requested), decoded(answered)
    is_dated = got.startswith(asked) and _DATE.fullmatch(got, len(asked)) is not None
    return asked if is_dated else got


def _is_call_of(attributes: Attributes) -> bool:
    """Whether a span without an operation is a call, by what else tells."""
    if (operation := attributes.get(OPERATION_OF_AI_SDK)) is not None:
        return text(operation.string_value).endswith(CALLS_OF_AI_SDK)
    if (operation := attributes.get(TYPE_OF_LANGFUSE)) is not None:
        return text(operation.string_value) == "generation"
    if (operation := attributes.get(TYPE_OF_OPENLLMETRY)) is not None:
        return text(operation.string_value) in CALLS
    # The model alone is also on spans of LiteLLM's web framework.
    has_provider = any(attributes.get(key) is not None for key in GENAI.providers)
    return has_provider and attributes.get(_REQUEST) is not None


def _tokens(attributes: Attributes, keys: tuple[str, ...]) -> int:
    for key in keys:
        value = attributes.get(key)
        if value is not None:
            whole = value.int_value
            return whole if whole.__class__ is int and whole else int(number(value))
    return 0


def _tokens_of_langfuse(attributes: Attributes) -> tuple[int, int]:
    value = attributes.get(USAGE_OF_LANGFUSE)
    usage = json.loads(text(value.string_value)) if value is not None else None
    if not isinstance(usage, dict):
        return 0, 0
    return (
        int(usage.get("input") or usage.get("prompt_tokens") or 0),
        int(usage.get("output") or usage.get("completion_tokens") or 0),
    )


def _first_token(attributes: Attributes, dialect: Dialect, start: float) -> float | None:
    """Seconds to the first token, of an answer that was streamed."""
    for key, unit in dialect.first_token:
        value = attributes.get(key)
        if value is not None:
            return None if _is_whole(attributes, dialect) else number(value) * unit
    if dialect.is_langfuse:
        value = attributes.get(START_OF_LANGFUSE)
        if value is not None and value.string_value:
            # Older releases write the time as JSON, with quotes.
            stated = datetime.fromisoformat(text(value.string_value).strip('"'))
            if stated.tzinfo is None:
                raise ValueError("a time without a zone")
            return stated.timestamp() - start
    return None


def _is_whole(attributes: Attributes, dialect: Dialect) -> bool:
    for key in dialect.streamed:
        value = attributes.get(key)
        if value is not None:
            return not value.bool_value
    return False
