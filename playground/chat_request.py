"""A request of OpenAI's chat completions, read and checked. Pure.

What costs more than tokens that a limit bounds, and what is billed by another price, is refused.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.routing import BadPreference, Preference, preference_of

LONGEST_MODEL = 300
MOST_MESSAGES = 2_000
MOST_OUTPUT = 1_000_000
_ROLES = ("system", "developer", "user", "assistant", "tool")
# Read here, or written anew for each provider.
_OWN = (
    *("model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options"),
    *("provider", "providerOptions", "provider_options", "reasoning", "usage"),
)
_WITHOUT_BOUND = {
    "audio": "audio is billed by another price",
    "best_of": "one answer is made",
    "models": "one model is called; providers of it are fallbacks",
    "plugins": "what plug-ins do has no bound",
    "prediction": "a rejected prediction has no bound",
    "route": "one model is called; providers of it are fallbacks",
    "web_search_options": "searches have a fee that no limit on tokens bounds",
}
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")


class BadRequest(ValueError):
    """A request that cannot be made: `param` is the field, the message a sentence."""

    def __init__(self, param: str, sentence: str) -> None:
        super().__init__(sentence)
        self.param = param


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`model` and `provider` as they were named; `max_output` is None where none is stated.

    `options` are the fields that go to the provider.
    """

    model: str
    provider: str
    messages: tuple[Mapping[str, Any], ...]
    max_output: int | None
    options: Mapping[str, Any]
    streams: bool
    wants_usage: bool
    preference: Preference


def read_request(body: object) -> ChatRequest:
    """Raises BadRequest."""
    if not isinstance(body, Mapping):
        raise BadRequest("", "The body must be a JSON object.")
    model, provider = _model(body.get("model"))
    for name, why in _WITHOUT_BOUND.items():
        if body.get(name) is not None:
            raise BadRequest(name, f"“{name}” is not taken here: {why}.")
    _check_usual(body)
    try:
        preference = preference_of(body, provider)
    except BadPreference as error:
        raise BadRequest(error.name, str(error)) from None
    return ChatRequest(
        model=model,
        provider=provider,
        messages=_messages(body.get("messages")),
        max_output=_max_output(body),
        options=_options(body),
        streams=_flag(body, "stream"),
        wants_usage=_wants_usage(body),
        preference=preference,
    )


def _model(stated: object) -> tuple[str, str]:
    if not isinstance(stated, str) or not stated.strip():
        raise BadRequest("model", "“model” must name a model, such as openai/o4-mini.")
    if len(stated) > LONGEST_MODEL or not stated.isprintable():
        raise BadRequest("model", "“model” is no possible name of a model.")
    name, _, provider = (
        stated.strip().rpartition("@") if "@" in stated else (stated.strip(), "", "")
    )
    return name, provider.strip()


def _check_usual(body: Mapping[str, Any]) -> None:
    if body.get("n") not in (None, 1):
        raise BadRequest("n", "“n” must be 1: one answer is made.")
    if body.get("service_tier") not in (None, "auto", "default"):
        raise BadRequest("service_tier", "“service_tier” is billed by another price: leave it out.")
    if body.get("modalities") not in (None, ["text"]):
        raise BadRequest("modalities", '“modalities” must be ["text"].')
    temperature, top_p = body.get("temperature"), body.get("top_p")
    _check_number("temperature", temperature, 0, 2)
    _check_number("top_p", top_p, 0, 1)
    _flag(body, "stream")
    stop = body.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    if not isinstance(stops, list) or not all(isinstance(text, str) for text in stops):
        raise BadRequest("stop", "“stop” must be a text, or a list of texts.")
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else [] if tools is None else [None]:
        if not isinstance(tool, Mapping) or tool.get("type") != "function":
            raise BadRequest("tools", "“tools” must be a list of tools of type function.")


def _check_number(name: str, value: object, least: float, most: float) -> None:
    if value is None:
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:  # type: ignore[arg-type,operator]
        raise BadRequest(name, f"“{name}” must be a number from {least:g} to {most:g}.")


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadRequest(name, f"“{name}” must be true or false.")
    return bool(value)


def _wants_usage(body: Mapping[str, Any]) -> bool:
    """Whether a stream ends with its usage: OpenAI's word for it, or OpenRouter's."""
    for name, word in (("stream_options", "include_usage"), ("usage", "include")):
        stated = body.get(name)
        if stated is None:
            continue
        if not isinstance(stated, Mapping) or not isinstance(stated.get(word, False), bool):
            raise BadRequest(name, f"“{name}” must be an object with “{word}”.")
        if stated.get(word):
            return True
    return False


def _messages(stated: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(stated, list) or not stated:
        raise BadRequest("messages", "“messages” must be a list of at least one message.")
    if len(stated) > MOST_MESSAGES:
        raise BadRequest("messages", f"“messages” has more than {MOST_MESSAGES:,}.")
    for place, message in enumerate(stated):
        where = f"messages[{place}]"
        if not isinstance(message, Mapping) or message.get("role") not in _ROLES:
            roles = ", ".join(_ROLES)
            raise BadRequest(where, f"“{where}” must be an object whose role is one of {roles}.")
        _check_content(message.get("content"), where, needed=message.get("role") != "assistant")
    return tuple(stated)


def _check_content(content: object, where: str, *, needed: bool) -> None:
    if isinstance(content, str) or (content is None and not needed):
        return
    if not isinstance(content, list):
        raise BadRequest(where, f"“{where}.content” must be a text, or a list of parts.")
    for part in content:
        if not isinstance(part, Mapping) or not isinstance(part.get("type"), str):
            raise BadRequest(where, f"“{where}.content” has a part that is no object with a type.")
        if part["type"] not in ("text", "image_url", "refusal"):
            raise BadRequest(where, f"A part of type “{part['type'][:40]}” is not taken here.")
        image = part.get("image_url")
        if part["type"] == "image_url" and not (
            isinstance(image, Mapping) and isinstance(image.get("url"), str)
        ):
            raise BadRequest(where, f"An image of “{where}” must be an object with a url.")


def _max_output(body: Mapping[str, Any]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MOST_OUTPUT:
            raise BadRequest(name, f"“{name}” must be a whole number from 1 to {MOST_OUTPUT:,}.")
        return value
    return None


def _options(body: Mapping[str, Any]) -> dict[str, Any]:
    options = {
        name: value for name, value in body.items() if name not in _OWN and value is not None
    }
    effort = _effort(body)
    if effort:
        options["reasoning_effort"] = effort
    for name in ("n", "service_tier", "modalities"):  # as usual, then
        options.pop(name, None)
    return options


def _effort(body: Mapping[str, Any]) -> str:
    """OpenAI's word for it, or OpenRouter's object."""
    reasoning = body.get("reasoning")
    stated = body.get("reasoning_effort")
    if reasoning is not None:
        if not isinstance(reasoning, Mapping) or set(reasoning) - {"effort", "exclude", "enabled"}:
            raise BadRequest("reasoning", "“reasoning” may have an effort.")
        stated = reasoning.get("effort", stated)
    if stated is not None and stated not in _EFFORTS:
        raise BadRequest("reasoning_effort", f"“reasoning_effort” is one of {', '.join(_EFFORTS)}.")
    return stated or ""
