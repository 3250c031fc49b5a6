"""Google's generateContent. Pure."""

import json
from typing import Any
from urllib.parse import quote

from streaming.prompts import Fields, Prompt, Untranslatable, effort_tokens
from streaming.shape import (
    FILTERED,
    LENGTH,
    STOP,
    ApiShape,
    EventMeaning,
    ToolCallPiece,
    error_of,
    fields_of,
    items_of,
    text_of,
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

_API = "Google’s generateContent API"
_KNOWN = (
    *("temperature", "top_p", "stop", "tools", "tool_choice", "reasoning_effort", "seed"),
    *("presence_penalty", "frequency_penalty", "response_format", "parallel_tool_calls"),
)
_CHOICES = {"auto": "AUTO", "required": "ANY", "none": "NONE"}
# Google ends with STOP where it calls tools; servers that speak its API have a word for it.
_FINISHES = {
    "STOP": STOP,
    "FUNCTION_CALL": STOP,
    "MAX_TOKENS": LENGTH,
    "FINISH_REASON_UNSPECIFIED": STOP,
}


def _path(model: str) -> str:
    name = quote(model.removeprefix("models/"), safe="")
    return f"/models/{name}:streamGenerateContent?alt=sse"


def _body(prompt: Prompt) -> dict[str, Any]:
    options = prompt.options
    refuse_others(options, _KNOWN, _API)
    if options.get("parallel_tool_calls") is False:
        raise Untranslatable("“parallel_tool_calls”", _API)
    functions = [_declaration(function) for function in functions_of(options, _API)]
    system = system_of(prompt, _API)
    return {
        "contents": [_content(turn) for turn in turns_of(prompt, _API)],
        "generationConfig": {
            "maxOutputTokens": prompt.max_output,
            **named(
                temperature=options.get("temperature"),
                topP=options.get("top_p"),
                stopSequences=stops_of(options),
                seed=options.get("seed"),
                presencePenalty=options.get("presence_penalty"),
                frequencyPenalty=options.get("frequency_penalty"),
                thinkingConfig=_thinking(prompt),
            ),
            **_format(options),
        },
        **({"systemInstruction": {"parts": [{"text": system}]}} if system else {}),
        **({"tools": [{"functionDeclarations": functions}]} if functions else {}),
        **_choice(options),
    }


def _thinking(prompt: Prompt) -> dict[str, Any] | None:
    effort = effort_of(prompt.options)
    if not effort:
        return None
    tokens = 0 if effort == "none" else effort_tokens(effort, prompt.max_output)
    return {"thinkingBudget": tokens, "includeThoughts": effort != "none"}


def _format(options: Fields) -> dict[str, Any]:
    wanted = fields_of(options.get("response_format"))
    if wanted.get("type") in (None, "text"):
        return {}
    if wanted.get("type") == "json_object":
        return {"responseMimeType": "application/json"}
    if wanted.get("type") == "json_schema":
        schema = fields_of(wanted.get("json_schema")).get("schema")
        return {
            "responseMimeType": "application/json",
            **named(responseJsonSchema=schema),
        }
    raise Untranslatable("This “response_format”", _API)


def _choice(options: Fields) -> dict[str, Any]:
    choice = options.get("tool_choice")
    if choice is None:
        return {}
    name = chosen_function(choice)
    mode = "ANY" if name else _CHOICES.get(str(choice))
    if mode is None:
        raise Untranslatable("This “tool_choice”", _API)
    only = {"allowedFunctionNames": [name]} if name else {}
    return {"toolConfig": {"functionCallingConfig": {"mode": mode, **only}}}


def _declaration(function: Fields) -> dict[str, Any]:
    return {
        "name": function.get("name"),
        **named(
            description=function.get("description"),
            parametersJsonSchema=function.get("parameters"),
        ),
    }


def _content(turn: Turn) -> dict[str, Any]:
    role = "model" if turn.role == "assistant" else "user"
    return {"role": role, "parts": [_part(part) for part in turn.parts]}


def _part(part: str | Image | ToolCall | ToolResult) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    if isinstance(part, ToolCall):
        return {"functionCall": {"name": part.name, "args": part.arguments}}
    if isinstance(part, ToolResult):
        return {"functionResponse": {"name": part.name, "response": {"result": part.text}}}
    if not part.data:
        raise Untranslatable("An image by its address", _API, "takes its data alone")
    return {"inlineData": {"mimeType": part.mime, "data": part.data}}


def _meaning(event: Fields) -> EventMeaning:
    candidates = [*map(fields_of, items_of(event.get("candidates")))]
    parts = [
        fields_of(part)
        for candidate in candidates
        for part in items_of(fields_of(candidate.get("content")).get("parts"))
    ]
    usage = event.get("usageMetadata")
    blocked = text_of(fields_of(event.get("promptFeedback")).get("blockReason"))
    calls = tuple(
        _call(place, fields_of(part.get("functionCall")))
        for place, part in enumerate(parts)
        if "functionCall" in part
    )
    reason = next(
        (
            text_of(candidate.get("finishReason"))
            for candidate in candidates
            if candidate.get("finishReason")
        ),
        "",
    )
    return EventMeaning(
        answer="".join(text_of(part.get("text")) for part in parts if not part.get("thought")),
        reasoning="".join(text_of(part.get("text")) for part in parts if part.get("thought")),
        other=bool(calls) or any("inlineData" in part for part in parts),
        usage=usage if isinstance(usage, dict) else None,
        ends=any(candidate.get("finishReason") for candidate in candidates),
        error=("400", f"the prompt was blocked: {blocked}") if blocked else error_of(event),
        tool_calls=calls,
        finish=_FINISHES.get(reason, FILTERED) if reason else "",
    )


def _call(place: int, call: Fields) -> ToolCallPiece:
    arguments = call.get("args")
    try:
        text = json.dumps(arguments if isinstance(arguments, dict) else {})
    except (ValueError, RecursionError):
        text = "{}"
    return ToolCallPiece(place, text_of(call.get("id")), text_of(call.get("name")), text)


GOOGLE = ApiShape(
    "Google generateContent",
    _path,
    lambda key: {"x-goog-api-key": key},
    _body,
    _meaning,
    "usageMetadata",
)
