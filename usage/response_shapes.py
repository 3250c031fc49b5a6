"""The shapes in which providers' APIs report a usage: the meters of their fields. Pure.

They are those that OpenAI (chat completions, Responses, and all that answer like them), Anthropic
and Google document. Anthropic's input leaves out what was cached, Google's output leaves out the
thoughts, and a few that answer like OpenAI count the reasoning beside the completion.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


class UnreadableReport(ValueError):
    """What was pasted is no report of a usage.

    The message is a sentence for the person who pasted it.
    """


Fields = Mapping[str, Any]
Counted = Counter[str]


@dataclass(frozen=True, slots=True)
class ReportShape:
    """Which fields count towards which meters, by path; `settle` mends what depends on several
    fields."""

    name: str
    meters: Mapping[str, tuple[str, ...]]
    repeated: frozenset[str]
    settle: Callable[[Counted, Fields], None]


def plain_path(path: str) -> str:
    """A path as the tables spell it: snake_case of Google's SDKs for its API's camelCase."""
    return (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path)
        .lower()
        .replace("put_token_details", "put_tokens_details")
    )


def first_text(fields: Fields, *names: str) -> str:
    found = next((fields[name] for name in names if isinstance(fields.get(name), str)), "")
    return found if found.isprintable() and len(found) <= 300 else ""


def shape_of(usage: Fields, answer: Fields) -> ReportShape:
    names = {plain_path(name) for name in usage}
    if "prompt_tokens" in names or "completion_tokens" in names:
        return _CHAT
    if names & {"prompt_token_count", "candidates_token_count", "response_token_count"}:
        return _GOOGLE
    if "input_tokens" in names or "output_tokens" in names:
        return _ANTHROPIC if _is_anthropic(names, answer) else _RESPONSES
    raise UnreadableReport(
        "This is JSON, but not a usage as OpenAI, Anthropic or Google report it: "
        "no count of tokens is in it."
    )


def _is_anthropic(names: set[str], answer: Fields) -> bool:
    """By fields beside input_tokens and output_tokens, which OpenAI's responses have too."""
    if names & _ONLY_ANTHROPIC or names & _ONLY_OPENAI:
        return bool(names & _ONLY_ANTHROPIC)
    is_message = answer.get("type") in ("message", "message_delta") or first_text(
        answer, "model"
    ).startswith("claude")
    return is_message or bool(names & {"service_tier", "inference_geo", "speed"})


def _as_it_is(counted: Counted, fields: Fields) -> None:
    """Each field is complete by itself."""


def _as_others_chat(counted: Counted, fields: Fields) -> None:
    """Differences of APIs that answer like OpenAI's.

    DeepSeek reports what was cached as a hit, mostly beside the field that OpenAI has for it. xAI
    and a few others count the reasoning beside the completion, which shows in the total alone.
    """
    hit, cached = counted.pop("hit", 0), counted["cache_read"]
    if hit and cached and hit != cached:
        raise UnreadableReport(
            f"These numbers cannot be: {cached} tokens were cached, and {hit} were hit."
        )
    counted["cache_read"] = hit or cached
    apart = counted["input"] + counted["output"] + counted["reasoning"]
    if fields.get("total_tokens") == apart:
        counted["output"] += counted["reasoning"]


def _cache_by_life(counted: Counted, fields: Fields) -> None:
    """Cache writes are reported in all and by life; in all alone, they are of five minutes."""
    by_life = counted.pop("5 minutes", 0) + counted["cache_write_1h"]
    in_all = counted.pop("in all", 0)
    if by_life and in_all and by_life != in_all:
        raise UnreadableReport(
            f"These numbers cannot be: {in_all} tokens written to the cache in all, "
            f"{by_life} by their life."
        )
    written = by_life or in_all
    counted["cache_write"] = written - counted["cache_write_1h"]
    counted["input"] += written


def _openai(prompt: str, completion: str) -> dict[str, tuple[str, ...]]:
    ins, outs = f"{prompt}_details.", f"{completion}_details."
    media = ("audio", "image", "video")
    return {
        prompt: ("input",),
        completion: ("output",),
        f"{ins}cached_tokens": ("cache_read",),
        f"{ins}cache_write_tokens": ("cache_write",),
        f"{outs}reasoning_tokens": ("reasoning",),
        **{f"{ins}{kind}_tokens": (f"input_{kind}",) for kind in media},
        **{f"{ins}cached_tokens_details.{kind}_tokens": (f"cache_read_{kind}",) for kind in media},
        **{f"{outs}{kind}_tokens": (f"output_{kind}",) for kind in media},
    }


def _openai_repeats(prompt: str, completion: str) -> frozenset[str]:
    ins, outs = f"{prompt}_details.", f"{completion}_details."
    predicted = (f"{outs}accepted_prediction_tokens", f"{outs}rejected_prediction_tokens")
    texts = (f"{ins}text_tokens", f"{ins}cached_tokens_details.text_tokens", f"{outs}text_tokens")
    return frozenset(("total_tokens", *texts, *predicted))


_CHAT = ReportShape(
    "OpenAI chat completions",
    {**_openai("prompt_tokens", "completion_tokens"), "prompt_cache_hit_tokens": ("hit",)},
    _openai_repeats("prompt_tokens", "completion_tokens") | {"prompt_cache_miss_tokens"},
    _as_others_chat,
)
_RESPONSES = ReportShape(
    "OpenAI Responses",
    _openai("input_tokens", "output_tokens"),
    _openai_repeats("input_tokens", "output_tokens"),
    _as_it_is,
)

_ONLY_ANTHROPIC = {
    *(
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "cache_creation",
        "server_tool_use",
    ),
}
_ONLY_OPENAI = {"total_tokens", "input_tokens_details", "input_token_details"}
_ANTHROPIC = ReportShape(
    "Anthropic Messages",
    {
        "input_tokens": ("input",),
        "cache_read_input_tokens": ("cache_read", "input"),
        "cache_creation_input_tokens": ("in all",),
        "cache_creation.ephemeral_5m_input_tokens": ("5 minutes",),
        "cache_creation.ephemeral_1h_input_tokens": ("cache_write_1h",),
        "output_tokens": ("output",),
        "output_tokens_details.thinking_tokens": ("reasoning",),
        "server_tool_use.web_search_requests": ("web_search",),
    },
    frozenset(),
    _cache_by_life,
)

# Google counts and bills the pages of a document like pictures.
_MODALITIES = {"audio": "audio", "image": "image", "document": "image", "video": "video"}
_BY_MODALITY = {
    "prompt_tokens_details": "input_{}",
    "tool_use_prompt_tokens_details": "input_{}",
    "cache_tokens_details": "cache_read_{}",
    "candidates_tokens_details": "output_{}",
    "response_tokens_details": "output_{}",
}
_GOOGLE = ReportShape(
    "Google generateContent",
    {
        "prompt_token_count": ("input",),
        "tool_use_prompt_token_count": ("input",),
        "cached_content_token_count": ("cache_read",),
        "candidates_token_count": ("output",),
        "response_token_count": ("output",),
        "thoughts_token_count": ("reasoning", "output"),
        **{
            f"{field}[{theirs}].token_count": (slug.format(ours),)
            for field, slug in _BY_MODALITY.items()
            for theirs, ours in _MODALITIES.items()
        },
    },
    frozenset(("total_token_count", *(f"{field}[text].token_count" for field in _BY_MODALITY))),
    _as_it_is,
)
