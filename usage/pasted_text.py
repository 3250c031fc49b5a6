"""A pasted text as API answers: JSON, an array or a page of them, JSON lines, or a stream. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from usage.blocks import is_storable
from usage.response_shapes import UnreadableReport, first_text

LONGEST = 1_000_000
MOST_ANSWERS = 1_000
# Fields that hold a usage, the first one that is there.
USAGES = (
    *("totalUsage", "usage", "usageMetadata", "usage_metadata", "usage_object", "token_usage"),
    *("tokenUsage", "usage_info", "amazon-bedrock-invocationMetrics"),
)
# The fields that hold a response in a line of a batch, an event of a stream or a dump of an SDK.
WRAPPERS = (
    *("response", "body", "result", "message", "metadata", "kwargs", "llm_output"),
    *("response_metadata", "x_groq", "modelOutput", "meta"),
)
_LISTS = ("data", "results", "responses", "items", "messages", "outputs")
# Counts of an answer that is its own usage.
_BARE = ("prompt_eval_count", "eval_count")


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An answer with a usage in it, and the objects around it, the innermost first."""

    fields: dict[str, Any]
    around: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Pasted:
    """The answers of a text. `without` counts objects that have no usage, `kind` names several."""

    answers: tuple[ApiAnswer, ...]
    kind: str = ""
    without: int = 0


def answers_of(text: str) -> Pasted:
    """The answers of a pasted text. Raises UnreadableReport."""
    if len(text) > LONGEST or len(text.encode(errors="replace")) > LONGEST:
        raise UnreadableReport(
            "This is more than 1 MB: paste less of it, or upload it as a usage log."
        )
    if not text.strip():
        raise UnreadableReport("This is not JSON: paste the response, or its usage, as it came.")
    objects, kind = _objects(text)
    objects = [part for item in objects for part in _by_model(item)]
    if len(objects) == 1 and not _is_page(objects[0]):
        return Pasted((_unwrapped(objects[0]),))
    if len(objects) == 1:
        objects, kind = _listed(objects[0]), "page"
    answers, without = _merged(objects)
    if not answers:
        raise UnreadableReport("No object of these has a usage in it.")
    if len(answers) > MOST_ANSWERS:
        raise UnreadableReport(
            f"These are {len(answers):,} usages, and at most {MOST_ANSWERS:,} are priced here: "
            "upload them as a usage log."
        )
    return Pasted(tuple(answers), kind if len(answers) > 1 else "", without)


# The text -----------------------------------------------------------------------------------------


def _objects(text: str) -> tuple[list[dict[str, Any]], str]:
    events = _events(text)
    if events is not None:
        return events, "stream"
    try:
        found = _parsed(text)
    except UnreadableReport as refusal:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines[:2]):
            raise
        return list(_numbered(lines, refusal)), "JSON lines"
    if isinstance(found, list):
        objects = [part for part in found if isinstance(part, dict)]
        if len(objects) < len(found) or not found:
            raise UnreadableReport("This is JSON, but not an object with a usage in it.")
        return objects, "array"
    if not isinstance(found, dict):
        raise UnreadableReport("This is JSON, but not an object with a usage in it.")
    return [found], ""


def _events(text: str) -> list[dict[str, Any]] | None:
    """The events of a stream as it was sent: `data:` lines, which may be prefixed by `event:`."""
    lines = text.lstrip().splitlines()
    if not lines or not lines[0].startswith(("data:", "event:", "id:", ":")):
        return None
    found: list[dict[str, Any]] = []
    data: list[str] = []
    for line in (*lines, ""):
        if line.startswith("data:"):
            data.append(line[5:].strip())
        # Some copies have no empty line between two events.
        if data and (not line.strip() or _is_whole(data)):
            event = "\n".join(data)
            data = []
            if event not in ("", "[DONE]") and isinstance(parsed := _parsed(event), dict):
                found.append(parsed)
    return found


def _is_whole(data: list[str]) -> bool:
    return len(data) == 1 and data[0][-1:] in ("}", "]")


def _numbered(lines: list[str], refusal: UnreadableReport) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        try:
            found = _parsed(line)
        except UnreadableReport as error:
            if number == 1:
                raise refusal from error
            raise UnreadableReport(f"Line {number:,}: {error}") from error
        if not isinstance(found, dict):
            raise UnreadableReport(f"Line {number:,} is JSON, but not an object.")
        yield found


def _parsed(text: str) -> Any:
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once
        )
    except UnreadableReport:
        raise
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnreadableReport(
            "This is not JSON: paste the response, or its usage, as it came."
        ) from error


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


# The answers --------------------------------------------------------------------------------------


def has_usage(fields: dict[str, Any]) -> bool:
    return any(isinstance(fields.get(name), dict) for name in USAGES) or any(
        name in fields for name in _BARE
    )


def _unwrapped(answer: dict[str, Any]) -> ApiAnswer:
    around: list[dict[str, Any]] = []
    for _ in WRAPPERS:
        inner = next(
            (answer[name] for name in WRAPPERS if isinstance(answer.get(name), dict)), None
        )
        if inner is None or has_usage(answer) or "billed_units" in answer:
            break
        if not _holds_usage(inner) and _looks_like_usage(answer):
            break
        around.insert(0, answer)
        answer = inner
    return ApiAnswer(answer, tuple(around))


def _looks_like_usage(fields: dict[str, Any]) -> bool:
    return any("token" in name.lower() or name == "seconds" for name in fields) or (
        fields.get("object") == "video"
        or (isinstance(fields.get("data"), list) and "created" in fields)
    )


def _holds_usage(fields: dict[str, Any], depth: int = 0) -> bool:
    if has_usage(fields) or "billed_units" in fields:
        return True
    inner = (fields[name] for name in WRAPPERS if isinstance(fields.get(name), dict))
    return depth < len(WRAPPERS) and any(_holds_usage(part, depth + 1) for part in inner)


def _by_model(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The usage of each model, in the result of a session of Claude Code or its SDK."""
    by_model = fields.get("modelUsage")
    if not isinstance(by_model, dict) or not by_model:
        return [fields]
    if not all(isinstance(usage, dict) for usage in by_model.values()):
        return [fields]
    return [{"model": model, "usage": usage} for model, usage in by_model.items()]


def _is_page(fields: dict[str, Any]) -> bool:
    return not _holds_usage(fields) and any(map(_holds_usage, _listed(fields)))


def _listed(fields: dict[str, Any]) -> list[dict[str, Any]]:
    for name in _LISTS:
        part = fields.get(name)
        if isinstance(part, list) and part:
            return [item for item in part if isinstance(item, dict)]
    return []


def _merged(objects: Iterable[dict[str, Any]]) -> tuple[list[ApiAnswer], int]:
    """The answers with a usage; events and chunks of one answer are one, with its last numbers."""
    answers: list[ApiAnswer] = []
    places: dict[str, int] = {}
    without = 0
    for item in objects:
        if not _holds_usage(item) and not _looks_like_usage(item):
            without += not _is_event(item)
            continue
        answer = _unwrapped(item)
        if item.get("type") == "message_delta" and answers:
            answers[-1] = _continued(answers[-1], answer)
            continue
        ident = _chunk_of(item, answer.fields)
        if ident and ident in places:
            answers[places[ident]] = answer
            continue
        if ident:
            places[ident] = len(answers)
        answers.append(answer)
    return answers, without


def _continued(start: ApiAnswer, delta: ApiAnswer) -> ApiAnswer:
    """Anthropic's message_start with the numbers of a message_delta, which are cumulative."""
    later = {name: value for name, value in delta.fields["usage"].items() if value is not None}
    return ApiAnswer({**start.fields, "usage": {**start.fields["usage"], **later}}, start.around)


def _is_event(item: dict[str, Any]) -> bool:
    return isinstance(item.get("type"), str) or _is_chunk(item)


def _is_chunk(item: dict[str, Any]) -> bool:
    return item.get("object") == "chat.completion.chunk" or "candidates" in item


def _chunk_of(item: dict[str, Any], answer: dict[str, Any]) -> str:
    """What the chunks of one answer share; empty for an answer of its own."""
    kind = first_text(item, "type")
    if kind.startswith("response.") or kind == "assistant":  # a session's log repeats its messages
        return first_text(answer, "id")
    if not _is_chunk(item):
        return ""
    return first_text(item, "id", "responseId", "response_id") or "the only one"
