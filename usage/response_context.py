"""What is beside a usage in a response: calls, sizes, the tier, the time, the stated cost. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pricing.price import Options
from pricing.terms import STANDARD
from usage.response_shapes import STATED_COSTS, UPSTREAM_COST, Fields, first_text, plain_path

# When a response was made: seconds since 1970 with OpenAI, an instant in words with Google.
MADE_AT = ("created", "created_at", "createTime", "create_time", "timestamp")
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# Calls of tools in the output of the Responses API that are billed by the call.
_BILLED_CALLS = ("file_search_call", "code_interpreter_call", "image_generation_call")
# Where a request may run without another price for it.
_ANYWHERE = ("", "global", "not_available")
_SIZES = ("low", "medium", "high")
_MOST_COST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class StatedCost:
    """What a response states that it cost, in US dollars, and the field.

    With `own_key` the provider was paid by the caller, and a gateway's fee is not in it. `parts`
    are named amounts that it states to consist of.
    """

    amount: Decimal
    field: str
    own_key: bool = False
    parts: tuple[tuple[str, Decimal], ...] = ()


def first_of(chain: Sequence[Fields], names: Sequence[str]) -> str:
    return next(filter(None, (first_text(fields, *names) for fields in chain)), "")


def output_of(answer: Fields) -> list[Fields]:
    found = answer.get("output")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def is_search(item: Fields) -> bool:
    """Whether a call is billed: OpenAI bills searches, not opening a page or finding text in it."""
    action = item.get("action")
    kind = action.get("type", "search") if isinstance(action, dict) else "search"
    return item.get("type") == "web_search_call" and kind == "search"


def searches_of(answer: Fields, model: str) -> int:
    """Searches that are billed and in no usage: calls of the Responses API, or one of a chat.

    A model of OpenAI's that searches for each chat cites what it found.
    """
    if calls := sum(map(is_search, output_of(answer))):
        return calls
    choices = answer.get("choices")
    messages = [
        choice.get("message")
        for choice in (choices if isinstance(choices, list) else ())
        if isinstance(choice, dict)
    ]
    cited = [message.get("annotations") for message in messages if isinstance(message, dict)]
    found = [note for notes in cited if isinstance(notes, list) for note in notes]
    has_cited = any(isinstance(note, dict) and note.get("type") == "url_citation" for note in found)
    return int(has_cited and "search" in model)


def media_made(answer: Fields) -> dict[str, Any]:
    """The number of pictures, or the seconds of film, of a response that reports no count."""
    if answer.get("object") == "video" and (seconds := _money(answer.get("seconds"))):
        return {"video_seconds": seconds}
    pictures = answer.get("data")
    if not isinstance(pictures, list):
        return {}
    count = sum(isinstance(one, dict) and bool({"url", "b64_json"} & {*one}) for one in pictures)
    return {"images": count} if count else {}


def options_of(usage: Fields, chain: Sequence[Fields]) -> Options:
    """The size of the context of a search, and of pictures, which a price may depend on."""
    found: dict[str, str] = {}
    places: list[Any] = [usage, *chain]
    for fields in chain:
        tools = fields.get("tools")
        places += [fields.get("web_search_options"), *(tools if isinstance(tools, list) else ())]
    for place in places:
        size = first_text(place, "search_context_size") if isinstance(place, dict) else ""
        if size.lower() in _SIZES:
            found.setdefault("search_context", size.lower())
    if "data" in chain[0]:
        for name in ("size", "quality"):
            if word := first_text(chain[0], name).lower():
                found[name] = word
    return tuple(sorted(found.items()))


def not_counted(usage: Fields, answer: Fields) -> Iterator[str]:
    place = first_text(usage, "inference_geo")
    if place not in _ANYWHERE:
        yield f"inference_geo ({place})"
    calls = Counter(str(item.get("type")) for item in output_of(answer))
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


def gateway_of(usage: Fields, answer: Fields, model: str) -> str:
    """The gateway that bills a response, where it is one of its own: a provider is behind it."""
    metadata = answer.get("providerMetadata")
    named = {*metadata} if isinstance(metadata, dict) else set()
    if "gateway" in named:
        return "vercel"
    is_openrouters = (
        "is_byok" in usage
        or "cost_details" in usage
        or "openrouter" in named
        or first_text(answer, "id").startswith("gen-")
        or (bool(first_text(answer, "provider")) and "cost" in usage)
        or (model.endswith(":free") and "/" in model)
    )
    return "openrouter" if is_openrouters else ""


def stated_cost(usage: Fields, chain: Sequence[Fields]) -> StatedCost | None:
    """The first cost above zero, else the zero that is stated."""
    found: list[StatedCost] = []
    for fields in (usage, *chain):
        for field, each in STATED_COSTS.items():
            amount = _money(_at(fields, field))
            if amount is not None:
                name = f"usage.{field}" if fields is usage else field
                found.append(StatedCost(amount / each, name, parts=_parts(fields, field)))
    if usage.get("is_byok") is True:
        upstream = _money(_at(usage, UPSTREAM_COST))
        if upstream is not None:
            return StatedCost(upstream, f"usage.{UPSTREAM_COST}", own_key=True)
    return next((cost for cost in found if cost.amount), next(iter(found), None))


def _parts(fields: Fields, field: str) -> tuple[tuple[str, Decimal], ...]:
    outer, _, total = field.partition(".")
    stated = fields.get(outer)
    if not total or not isinstance(stated, dict):
        return ()
    amounts = ((name, _money(value)) for name, value in stated.items() if name != total)
    return tuple((name, amount) for name, amount in amounts if amount and len(name) <= 60)


def _at(fields: Any, path: str) -> Any:
    for name in path.split("."):
        found = fields.items() if isinstance(fields, dict) else ()
        fields = next((value for key, value in found if _same_name(key, name)), None)
    return fields


def _same_name(key: str, name: str) -> bool:
    return key == name or (len(key) < 40 and key[:1] != "_" and plain_path(key) == name)


def _money(value: Any) -> Decimal | None:
    if isinstance(value, str) and len(value) <= 40:
        try:
            value = Decimal(value)
        except ArithmeticError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    if not amount.is_finite() or not 0 <= amount < _MOST_COST:
        return None
    return Decimal(0) if amount < Decimal("1e-15") else round(amount, 15).normalize()


def made_at(chain: Sequence[Fields]) -> datetime | None:
    for fields in chain:
        stated = next((fields[name] for name in MADE_AT if fields.get(name) is not None), None)
        if stated is not None:
            return _instant(stated)
    return None


def _instant(stated: Any) -> datetime | None:
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


def tier_of(usage: Fields, chain: Sequence[Fields], around: Sequence[Fields]) -> str:
    """The service tier: Anthropic's fast mode is one, and Google names it traffic type.

    What stands in a line of a batch is of the batch tier, though its response is of the default.
    """
    speed = first_text(usage, "speed")
    stated = first_of((usage, *chain), ("service_tier", "serviceTier"))
    traffic = (
        first_text(usage, "trafficType", "traffic_type").removeprefix("ON_DEMAND").removeprefix("_")
    )
    tier = ((speed if speed != "standard" else "") or stated or traffic).lower()
    if tier in (*STANDARD, "auto", "on_demand", "traffic_type_unspecified"):
        return "batch" if any(map(_is_batch_line, around)) else ""
    return tier


def _is_batch_line(fields: Fields) -> bool:
    """A line of the results of OpenAI's or Anthropic's batches, or of Google's, by its key."""
    names = {*fields}
    return ("custom_id" in names and bool({"response", "result"} & names)) or (
        names >= {"key", "response"}
    )
