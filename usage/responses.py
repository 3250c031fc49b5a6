"""A usage as a provider's API reports it, read into a Usage. Pure."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from pricing.meters import meter
from pricing.terms import STANDARD
from pricing.usage import OddUsage, Usage
from usage.blocks import is_storable
from usage.response_shapes import (
    Counted,
    Fields,
    UnreadableReport,
    first_text,
    plain_path,
    shape_of,
)

LONGEST = 100_000
_DEEPEST = 20
# The fields that hold a response in a line of a batch or an event of a stream.
_WRAPPERS = ("response", "body", "result", "message")
_USAGES = ("usage", "usageMetadata", "usage_metadata")
# When a response was made: seconds since 1970 with OpenAI, an instant in words with Google.
_MADE = ("created", "created_at", "createTime", "create_time")
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# Calls of tools in the output of the Responses API that are billed by the call.
_BILLED_CALLS = ("file_search_call", "code_interpreter_call", "image_generation_call")
# Where a request may run without another price for it.
_ANYWHERE = ("", "global", "not_available")


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A reported usage. `tier` is "" for the standard one, `model` where none is named.

    `provider` and `made` (the instant) are those of the response, if reported. `not_priced` are
    fields whose number is nowhere in the usage, `repeated` those that repeat others: totals, and
    parts that have no price of their own. Fields of zero are in neither.
    """

    usage: Usage
    shape: str
    model: str = ""
    tier: str = ""
    not_priced: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    provider: str = ""
    made: datetime | None = None


def read_report(text: str) -> UsageReport:
    """Read a response with a usage, or the usage alone, as JSON. Raises UnreadableReport.

    The report counts or names every number of the usage, and what is billed elsewhere in the
    response, such as searches.
    """
    answer = _unwrapped(_object(text))
    usage = next((answer[name] for name in _USAGES if isinstance(answer.get(name), dict)), answer)
    numbers = list(_numbers(usage))
    shape = shape_of(usage, answer)
    counted: Counted = Counter()
    left: dict[str, None] = {}
    for path, value in numbers:
        for slug in shape.meters.get(plain_path(path), ()):
            counted[slug] += _whole(path, value)
        if plain_path(path) not in shape.meters and path not in _MADE and _is_some(value):
            left[path] = None
    counted["web_search"] += sum(_is_search(item) for item in _output(answer))
    shape.settle(counted, {plain_path(path): value for path, value in numbers})
    return UsageReport(
        _usage(counted),
        shape.name,
        first_text(answer, "model", "modelVersion", "model_version"),
        _tier(usage, answer),
        (
            *(path for path in left if plain_path(path) not in shape.repeated),
            *_beside(usage, answer),
        ),
        tuple(path for path in left if plain_path(path) in shape.repeated),
        first_text(answer, "provider"),
        _made(answer),
    )


def _output(answer: Fields) -> list[Fields]:
    found = answer.get("output")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _is_search(item: Fields) -> bool:
    """Whether a call is billed: OpenAI bills searches, not opening a page or finding text in it."""
    action = item.get("action")
    kind = action.get("type", "search") if isinstance(action, dict) else "search"
    return item.get("type") == "web_search_call" and kind == "search"


def _beside(usage: Fields, answer: Fields) -> Iterator[str]:
    place = first_text(usage, "inference_geo")
    if place not in _ANYWHERE:
        yield f"inference_geo ({place})"
    calls = Counter(str(item.get("type")) for item in _output(answer))
    yield from (f"output[{kind}] ({calls[kind]} ×)" for kind in _BILLED_CALLS if calls[kind])
    candidates = answer.get("candidates")
    for candidate in candidates if isinstance(candidates, list) else ():
        if searched := _searched(candidate):
            billed = "billed by the prompt or by the query"
            yield f"groundingMetadata.webSearchQueries ({searched}, {billed})"


def _searched(candidate: Any) -> int:
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
    stated = next((answer[name] for name in _MADE if answer.get(name) is not None), None)
    try:
        if isinstance(stated, str):
            read = datetime.fromisoformat(stated[:40])
            at = read if read.tzinfo else read.replace(tzinfo=UTC)
        elif isinstance(stated, int | Decimal) and not isinstance(stated, bool):
            # 1e9999999 takes seconds, and megabytes, to become a whole number.
            if not _FIRST.timestamp() <= stated < _LAST.timestamp():
                return None
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
    if not all(map(is_storable, fields)):
        raise UnreadableReport("A name in this JSON is no text: it holds half a character.")
    if len(fields) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise UnreadableReport(f"“{twice[:60]}” is there twice: which one counts is not clear.")
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
    """(path, value) of every value but null: a.b, or a[AUDIO].b in a list of modalities."""
    if depth > _DEEPEST:
        raise UnreadableReport("This is nested deeper than any usage is.")
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _numbers(part, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for part in value:
            kind = first_text(part, "modality") if isinstance(part, dict) else ""
            yield from _numbers(part, f"{path}[{kind}]", depth + 1)
    elif value is not None:
        yield path, value


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


def _tier(usage: Fields, answer: Fields) -> str:
    """The service tier: Anthropic's fast mode is one, and Google names it traffic type."""
    speed = first_text(usage, "speed")
    stated = first_text(usage, "service_tier", "serviceTier") or first_text(
        answer, "service_tier", "serviceTier"
    )
    traffic = (
        first_text(usage, "trafficType", "traffic_type").removeprefix("ON_DEMAND").removeprefix("_")
    )
    tier = (speed if speed != "standard" else "") or stated or traffic
    return "" if tier.lower() in (*STANDARD, "auto", "traffic_type_unspecified") else tier.lower()
