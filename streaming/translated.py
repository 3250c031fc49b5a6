"""Read a prompt's messages and options for the APIs that have other words. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from streaming.prompts import EFFORTS, SYSTEM_ROLES, Fields, Prompt, Untranslatable, data_image
from streaming.shape import fields_of, items_of, text_of

# Options of which nothing depends on the answer, or that say what holds anyway.
_WITHOUT_EFFECT = ("user", "metadata", "store", "safety_identifier", "prompt_cache_key")
_USUAL: dict[str, tuple[object, ...]] = {
    "n": (1, None),
    "logprobs": (False, None),
    "response_format": ({"type": "text"}, None),
    "service_tier": ("auto", "default", None),
    "reasoning_effort": ("", None),
    "modalities": (["text"], None),
    "tool_choice": (None,),
    "stop": (None,),
}


@dataclass(frozen=True, slots=True)
class Image:
    """An image by its address, or by its type and its data in base64."""

    address: str = ""
    mime: str = ""
    data: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: Fields


@dataclass(frozen=True, slots=True)
class ToolResult:
    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says, in order."""

    role: Literal["user", "assistant"]
    parts: tuple[str | Image | ToolCall | ToolResult, ...]


def system_of(prompt: Prompt, api: str) -> str:
    texts = (
        _only_text(message, api)
        for message in prompt.messages
        if message.get("role") in SYSTEM_ROLES
    )
    return "\n\n".join(text for text in texts if text)


def turns_of(prompt: Prompt, api: str) -> list[Turn]:
    """Messages but those of the system; those of one side that follow each other are one turn."""
    names: dict[str, str] = {}
    turns: list[Turn] = []
    for message in prompt.messages:
        role = message.get("role")
        if role in SYSTEM_ROLES:
            continue
        parts = tuple(_parts(message, names, api))
        side: Literal["user", "assistant"] = "assistant" if role == "assistant" else "user"
        if turns and turns[-1].role == side:
            turns[-1] = Turn(side, (*turns[-1].parts, *parts))
        elif parts:
            turns.append(Turn(side, parts))
    return turns


def _parts(
    message: Fields, names: dict[str, str], api: str
) -> Iterator[str | Image | ToolCall | ToolResult]:
    if message.get("role") == "tool":
        id_ = text_of(message.get("tool_call_id"))
        yield ToolResult(id_, names.get(id_, ""), _only_text(message, api))
        return
    content = message.get("content")
    for part in items_of(content) if isinstance(content, list | tuple) else [content]:
        if isinstance(part, str):
            yield from [part] if part else []
        elif part is not None:
            yield _part(fields_of(part), api)
    for call in map(fields_of, items_of(message.get("tool_calls"))):
        function = fields_of(call.get("function"))
        id_, name = text_of(call.get("id")), text_of(function.get("name"))
        names[id_] = name
        yield ToolCall(id_, name, _arguments(text_of(function.get("arguments")), api))


def _part(part: Fields, api: str) -> str | Image:
    kind = part.get("type")
    if kind == "text":
        return text_of(part.get("text"))
    if kind == "refusal":
        return text_of(part.get("refusal"))
    if kind == "image_url":
        address = text_of(fields_of(part.get("image_url")).get("url"))
        found = data_image(address)
        return Image(mime=found[0], data=found[1]) if found else Image(address)
    raise Untranslatable(f"A part of type “{kind}”", api)


def _only_text(message: Fields, api: str) -> str:
    content = message.get("content")
    if isinstance(content, list | tuple):
        parts = [_part(fields_of(part), api) for part in content]
        if any(isinstance(part, Image) for part in parts):
            raise Untranslatable("An image in a message of the system or of a tool", api)
        return "".join(part for part in parts if isinstance(part, str))
    return text_of(content)


def _arguments(text: str, api: str) -> Fields:
    try:
        read = json.loads(text or "{}")
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Untranslatable(
            "A call of a tool whose arguments are no JSON object", api, "takes none"
        )
    return read


def functions_of(options: Fields, api: str) -> list[Fields]:
    """The functions that a model may call."""
    functions = []
    for tool in map(fields_of, items_of(options.get("tools"))):
        if tool.get("type") != "function":
            raise Untranslatable(f"A tool of type “{tool.get('type')}”", api)
        functions.append(fields_of(tool.get("function")))
    return functions


def chosen_function(choice: object) -> str:
    """The name of the one function that must be called, "" where the choice is another."""
    return text_of(fields_of(fields_of(choice).get("function")).get("name"))


def stops_of(options: Fields) -> list[str]:
    stop = options.get("stop")
    return [stop] if isinstance(stop, str) else [text_of(text) for text in items_of(stop)]


def effort_of(options: Fields) -> str:
    effort = text_of(options.get("reasoning_effort"))
    return effort if effort in EFFORTS else ""


def refuse_others(options: Fields, known: Sequence[str], api: str) -> None:
    """Raises Untranslatable for an option that is not known, unless it asks for what is usual."""
    for name, value in options.items():
        if name in known or name in _WITHOUT_EFFECT or value in _USUAL.get(name, (None,)):
            continue
        raise Untranslatable(f"“{name}”", api)


def named(**stated: Any) -> dict[str, Any]:
    """The fields that are stated."""
    return {name: value for name, value in stated.items() if value is not None and value != []}
