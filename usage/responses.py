"""A usage as a provider's API reports it, read into a Usage. Pure: no Django, no clock, no
database.

The shapes are those that OpenAI (chat completions, Responses, and all who answer like them),
Anthropic and Google document. Their words are not ours: Anthropic's input leaves out what was
cached, Google's output leaves out the thoughts, and a few who answer like OpenAI count the
reasoning beside the completion.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from pricing.meters import meter
from pricing.terms import STANDARD
from pricing.usage import OddUsage, Usage

LONGEST = 100_000
_DEEPEST = 20
# Where a response stands that is pasted with what was around it: a line of a batch, an event of a
# stream.
_WRAPPERS = ("response", "body", "result", "message")
_USAGES = ("usage", "usageMetadata", "usage_metadata")
# When a response was made: seconds since 1970 with OpenAI, an instant in words with Google.
_MADE = ("created", "created_at", "createTime", "create_time")
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# Calls of tools that stand in the output of the Responses API and that are billed by the call.
_BILLED_CALLS = ("file_search_call", "code_interpreter_call", "image_generation_call")
# Where a request may run without another price for it.
_ANYWHERE = ("", "global", "not_available")


class UnreadableReport(ValueError):
    """What was pasted is no report of a usage.

    The message is a sentence for the person who pasted it.
    """


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says was used. `tier` is empty for the standard one, `model` where none is
    named.

    `provider` is who answered, where that is said, as OpenRouter does; `made` is when, where that
    is.

    `not_priced` names the fields whose number is nowhere in the usage, `repeated` those that only
    say again what others say: totals, and parts that have no price of their own. A zero has nothing
    to name.
    """

    usage: Usage
    shape: str
    model: str = ""
    tier: str = ""
    not_priced: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    provider: str = ""
    made: datetime | None = None


Fields = Mapping[str, Any]
Counted = Counter[str]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which fields count towards which meters, by path; `settle` mends what cannot be said of one
    field."""

    name: str
    meters: Mapping[str, tuple[str, ...]]
    repeated: frozenset[str]
    settle: Callable[[Counted, Fields], None]


def read_report(text: str) -> Report:
    """Read a response that holds a usage, or the usage alone, as JSON. Raises UnreadableReport.

    Every number of the usage is either counted or named in the report: none is passed over. Nor is
    what is billed and stands elsewhere in the response, as searches do.
    """
    answer = _unwrapped(_object(text))
    usage = next((answer[name] for name in _USAGES if isinstance(answer.get(name), dict)), answer)
    numbers = list(_numbers(usage))
    shape = _shape_of(usage, answer)
    counted: Counted = Counter()
    left: dict[str, None] = {}
    for path, value in numbers:
        for slug in shape.meters.get(_plain(path), ()):
            counted[slug] += _whole(path, value)
        if _plain(path) not in shape.meters and path not in _MADE and _is_some(value):
            left[path] = None
    counted["web_search"] += sum(_is_search(item) for item in _output(answer))
    shape.settle(counted, {_plain(path): value for path, value in numbers})
    return Report(
        _usage(counted),
        shape.name,
        _word(answer, "model", "modelVersion", "model_version"),
        _tier(usage, answer),
        (*(path for path in left if _plain(path) not in shape.repeated), *_beside(usage, answer)),
        tuple(path for path in left if _plain(path) in shape.repeated),
        _word(answer, "provider"),
        _made(answer),
    )


def _output(answer: Fields) -> list[Fields]:
    """What a response of the Responses API is made of: messages, and calls of tools."""
    found = answer.get("output")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _is_search(item: Fields) -> bool:
    """OpenAI bills the searches; that a page which was found is opened, or searched through, it
    does not."""
    action = item.get("action")
    kind = action.get("type", "search") if isinstance(action, dict) else "search"
    return item.get("type") == "web_search_call" and kind == "search"


def _beside(usage: Fields, answer: Fields) -> Iterator[str]:
    """What costs something, is no number of the usage, and has no meter here."""
    place = _word(usage, "inference_geo")
    if place not in _ANYWHERE:
        yield f"inference_geo ({place})"
    calls = Counter(str(item.get("type")) for item in _output(answer))
    yield from (f"output[{kind}] ({calls[kind]} ×)" for kind in _BILLED_CALLS if calls[kind])
    candidates = answer.get("candidates")
    for candidate in candidates if isinstance(candidates, list) else ():
        if searched := _searched(candidate):
            yield f"groundingMetadata.webSearchQueries ({searched}, billed by the prompt or by the query)"


def _searched(candidate: Any) -> int:
    """How many searches Google says that it made for an answer."""
    for outer, inner in (
        ("groundingMetadata", "webSearchQueries"),
        ("grounding_metadata", "web_search_queries"),
    ):
        grounding = candidate.get(outer) if isinstance(candidate, dict) else None
        queries = grounding.get(inner) if isinstance(grounding, dict) else None
        if isinstance(queries, list) and queries:
            return len(queries)
    return 0


def _made(answer: Fields) -> datetime | None:
    """When a response was made, if that is said in a way that can be a time."""
    stated = next((answer[name] for name in _MADE if answer.get(name) is not None), None)
    try:
        if isinstance(stated, str):
            read = datetime.fromisoformat(stated[:40])
            at = read if read.tzinfo else read.replace(tzinfo=UTC)
        elif isinstance(stated, int | Decimal) and not isinstance(stated, bool):
            at = datetime.fromtimestamp(int(stated), UTC)
        else:
            return None
        return at.astimezone(UTC) if _FIRST <= at < _LAST else None
    except (ValueError, ArithmeticError, OSError):
        return None


def _object(text: str) -> dict[str, Any]:
    if len(text) > LONGEST or len(text.encode(errors="replace")) > LONGEST:
        raise UnreadableReport("This is more than 100 KB: paste the usage alone.")
    try:
        found = json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once
        )
    except UnreadableReport:
        raise
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnreadableReport(
            "This is not JSON: paste the response, or its usage, as it came."
        ) from error
    if not isinstance(found, dict):
        raise UnreadableReport("This is JSON, but not an object with a usage in it.")
    return found


def _refuse(word: str) -> NoReturn:
    raise UnreadableReport(f"{word} is not a number that a usage can hold.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise UnreadableReport(f"“{twice[:60]}” is said twice: which one counts is not clear.")
    return fields


def _unwrapped(answer: dict[str, Any]) -> dict[str, Any]:
    for _ in _WRAPPERS:
        inner = next(
            (answer[name] for name in _WRAPPERS if isinstance(answer.get(name), dict)), None
        )
        if inner is None or any(name in answer for name in _USAGES):
            break
        answer = inner
    return answer


def _numbers(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every value that is not nothing, under its path:

    a.b, or a[AUDIO].b in a list of modalities.
    """
    if depth > _DEEPEST:
        raise UnreadableReport("This is nested deeper than any usage is.")
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _numbers(part, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for part in value:
            kind = part.get("modality", "") if isinstance(part, dict) else ""
            yield from _numbers(part, f"{path}[{kind}]", depth + 1)
    elif value is not None:
        yield path, value


def _plain(path: str) -> str:
    """A path in the spelling of the tables:

    Google's SDKs say prompt_token_count for promptTokenCount.
    """
    return (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path)
        .lower()
        .replace("put_token_details", "put_tokens_details")
    )


def _is_some(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value != 0


def _whole(path: str, value: Any) -> int:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= 10**18 or value != int(value):
        raise UnreadableReport(f"{path} is not a whole number from 0 to 10^18.")
    return int(value)


def _usage(counted: Counted) -> Usage:
    try:
        return Usage.of(**{slug: number for slug, number in counted.items() if number})
    except OddUsage as odd:
        sentence = f"These numbers cannot be: {meter(odd.meter).name.lower()}: {odd.why}."
        raise UnreadableReport(sentence) from odd


def _word(fields: Fields, *names: str) -> str:
    found = next((fields[name] for name in names if isinstance(fields.get(name), str)), "")
    return found if found.isprintable() and len(found) <= 300 else ""


def _tier(usage: Fields, answer: Fields) -> str:
    """The tier that a request was served in:

    Anthropic's fast mode is one, and Google says it as traffic.
    """
    speed = _word(usage, "speed")
    stated = _word(usage, "service_tier", "serviceTier") or _word(
        answer, "service_tier", "serviceTier"
    )
    traffic = (
        _word(usage, "trafficType", "traffic_type").removeprefix("ON_DEMAND").removeprefix("_")
    )
    tier = (speed if speed != "standard" else "") or stated or traffic
    return "" if tier.lower() in (*STANDARD, "auto", "traffic_type_unspecified") else tier.lower()


# The shapes


def _shape_of(usage: Fields, answer: Fields) -> _Shape:
    names = {_plain(name) for name in usage}
    if "prompt_tokens" in names or "completion_tokens" in names:
        return _CHAT
    if names & {"prompt_token_count", "candidates_token_count", "response_token_count"}:
        return _GOOGLE
    if "input_tokens" in names or "output_tokens" in names:
        return _ANTHROPIC if _is_anthropic(names, answer) else _RESPONSES
    raise UnreadableReport(
        "This is JSON, but not a usage as OpenAI, Anthropic or Google report it: no count of tokens is in it."
    )


def _is_anthropic(names: set[str], answer: Fields) -> bool:
    """Both say input_tokens and output_tokens; where that is all they say, they mean the same."""
    if names & _ONLY_ANTHROPIC or names & _ONLY_OPENAI:
        return bool(names & _ONLY_ANTHROPIC)
    told = answer.get("type") in ("message", "message_delta") or _word(answer, "model").startswith(
        "claude"
    )
    return told or bool(names & {"service_tier", "inference_geo", "speed"})


def _as_it_is(counted: Counted, fields: Fields) -> None:
    """Each field says all that there is to say."""


def _as_others_chat(counted: Counted, fields: Fields) -> None:
    """What those say who answer like OpenAI, in fields of their own.

    DeepSeek tells what was cached as a hit, mostly beside the field that OpenAI has for it. xAI and
    a few others count the reasoning beside the completion, which shows in the total alone.
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
    """What was written to the cache is told in all, and by its life; in all alone, it is five
    minutes."""
    by_life = counted.pop("5 minutes", 0) + counted["cache_write_1h"]
    in_all = counted.pop("in all", 0)
    if by_life and in_all and by_life != in_all:
        raise UnreadableReport(
            f"These numbers cannot be: {in_all} tokens written to the cache in all, {by_life} by their life."
        )
    written = by_life or in_all
    counted["cache_write"] = written - counted["cache_write_1h"]
    counted["input"] += written


def _openai(prompt: str, completion: str) -> dict[str, tuple[str, ...]]:
    """OpenAI's fields: the details are parts of the number beside them."""
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


_CHAT = _Shape(
    "OpenAI chat completions",
    {**_openai("prompt_tokens", "completion_tokens"), "prompt_cache_hit_tokens": ("hit",)},
    _openai_repeats("prompt_tokens", "completion_tokens") | {"prompt_cache_miss_tokens"},
    _as_others_chat,
)
_RESPONSES = _Shape(
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
_ANTHROPIC = _Shape(
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

# Google tells a document's pages as pictures are told, and bills them so.
_MODALITIES = {"audio": "audio", "image": "image", "document": "image", "video": "video"}
_BY_MODALITY = {
    "prompt_tokens_details": "input_{}",
    "tool_use_prompt_tokens_details": "input_{}",
    "cache_tokens_details": "cache_read_{}",
    "candidates_tokens_details": "output_{}",
    "response_tokens_details": "output_{}",
}
_GOOGLE = _Shape(
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
