"""Anthropic's Messages. Pure."""

import json
from typing import Any

from streaming.prompts import Fields, Prompt, Untranslatable, effort_tokens
from streaming.shape import (
    FILTERED,
    LENGTH,
    STOP,
    TOOL_CALLS,
    ApiShape,
    EventMeaning,
    ToolCallPiece,
    error_of,
    fields_of,
    items_of,
    text_of,
    whole_of,
)
from streaming.translated import (
    Image,
    ToolCall,
    ToolResult,
    Turn,
    chosen_function,
    effort_of,
    functions_of,
    named,
    refuse_others,
    stops_of,
    system_of,
    turns_of,
)

_API = "Anthropic’s Messages API"
_KNOWN = (
    *("temperature", "top_p", "stop", "tools", "tool_choice", "parallel_tool_calls"),
    "reasoning_effort",
)
# Less is no budget for thinking that the API takes.
_LEAST_THINKING = 1024
_CHOICES = {"auto": "auto", "required": "any", "none": "none"}
_FINISHES = {
    "end_turn": STOP,
    "stop_sequence": STOP,
    "pause_turn": STOP,
    "max_tokens": LENGTH,
    "model_context_window_exceeded": LENGTH,
    "tool_use": TOOL_CALLS,
    "refusal": FILTERED,
}


def _body(prompt: Prompt) -> dict[str, Any]:
    options = prompt.options
    refuse_others(options, _KNOWN, _API)
    thinking = _thinking(prompt)
    if thinking and options.get("temperature") not in (None, 1):
        raise Untranslatable("“temperature”", _API, "takes none of a model that reasons")
    return {
        "model": prompt.model,
        "messages": [_message(turn) for turn in turns_of(prompt, _API)],
        "max_tokens": prompt.max_output,
        "stream": True,
        **named(
            system=system_of(prompt, _API) or None,
            temperature=options.get("temperature"),
            top_p=options.get("top_p"),
            stop_sequences=stops_of(options),
            tools=[_tool(function) for function in functions_of(options, _API)],
            tool_choice=_choice(options),
            thinking=thinking,
        ),
    }


def _thinking(prompt: Prompt) -> dict[str, Any] | None:
    effort = effort_of(prompt.options)
    if effort in ("", "none"):
        return None
    tokens = effort_tokens(effort, prompt.max_output)
    if tokens < _LEAST_THINKING:
        raise Untranslatable("“reasoning_effort”", _API, "reasons within 1,280 tokens or more")
    return {"type": "enabled", "budget_tokens": tokens}


def _message(turn: Turn) -> dict[str, Any]:
    # The results of tools come before anything else that is said with them.
    blocks = sorted(map(_block, turn.parts), key=lambda block: block["type"] != "tool_result")
    return {
        "role": turn.role,
        "content": blocks if turn.role == "user" else [*map(_block, turn.parts)],
    }


def _block(part: str | Image | ToolCall | ToolResult) -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if isinstance(part, ToolCall):
        return {"type": "tool_use", "id": part.id, "name": part.name, "input": part.arguments}
    if isinstance(part, ToolResult):
        return {"type": "tool_result", "tool_use_id": part.id, "content": part.text}
    if part.data:
        source = {"type": "base64", "media_type": part.mime, "data": part.data}
    else:
        source = {"type": "url", "url": part.address}
    return {"type": "image", "source": source}


def _tool(function: Fields) -> dict[str, Any]:
    return {
        "name": function.get("name"),
        "input_schema": function.get("parameters") or {"type": "object", "properties": {}},
        **named(description=function.get("description")),
    }


def _choice(options: Fields) -> dict[str, Any] | None:
    choice = options.get("tool_choice")
    serial = options.get("parallel_tool_calls") is False
    if choice is None and not (serial and options.get("tools")):
        return None
    name = chosen_function(choice)
    kind = "tool" if name else _CHOICES.get(str(choice or "auto"))
    if kind is None:
        raise Untranslatable("This “tool_choice”", _API)
    apart = {"disable_parallel_tool_use": True} if serial and kind != "none" else {}
    return {"type": kind, **({"name": name} if name else {}), **apart}


def _meaning(event: Fields) -> EventMeaning:
    kind = event.get("type")
    delta = fields_of(event.get("delta"))
    block = fields_of(event.get("content_block"))
    blocks = [block, delta, *map(fields_of, items_of(event.get("content")))]
    # The usage of a stream is in its first event and, with the output, in one of the last.
    usage = event.get("usage") or fields_of(event.get("message")).get("usage")
    calls = _calls(event, block, delta)
    reason = text_of(delta.get("stop_reason")) or text_of(event.get("stop_reason"))
    return EventMeaning(
        answer="".join(text_of(part.get("text")) for part in blocks),
        reasoning="".join(text_of(part.get("thinking")) for part in blocks),
        other=bool(calls),
        thinks=block.get("type") in ("thinking", "redacted_thinking"),
        usage=usage if isinstance(usage, dict) else None,
        ends=kind in ("message_stop", "message") or bool(reason),
        error=error_of(event),
        tool_calls=calls,
        finish=_FINISHES.get(reason, STOP) if reason else "",
    )


def _calls(event: Fields, block: Fields, delta: Fields) -> tuple[ToolCallPiece, ...]:
    place = whole_of(event.get("index"))
    if block.get("type") == "tool_use":
        return (ToolCallPiece(place, text_of(block.get("id")), text_of(block.get("name")), ""),)
    if part := text_of(delta.get("partial_json")):
        return (ToolCallPiece(place, "", "", part),)
    return tuple(
        ToolCallPiece(
            place, text_of(part.get("id")), text_of(part.get("name")), _arguments(part.get("input"))
        )
        for place, part in enumerate(map(fields_of, items_of(event.get("content"))))
        if part.get("type") == "tool_use"
    )


def _arguments(given: object) -> str:
    try:
        return json.dumps(given if isinstance(given, dict) else {})
    except (ValueError, RecursionError):
        return "{}"


ANTHROPIC = ApiShape(
    "Anthropic Messages",
    lambda _model: "/messages",
    lambda key: {"x-api-key": key, "anthropic-version": "2023-06-01"},
    _body,
    _meaning,
    "usage",
)
