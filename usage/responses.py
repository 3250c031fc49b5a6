"""A usage as a provider's API, a gateway or an SDK reports it, read into a Usage. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pricing.price import Options
from pricing.terms import STANDARD
from pricing.usage import Usage
from usage.pasted_text import USAGES, ApiAnswer, Pasted, answers_of
from usage.response_parts import parts_of
from usage.response_shapes import (
    SELDOM_BILLED,
    STATED_COSTS,
    UPSTREAM_COST,
    Fields,
    ReportShape,
    UnreadableReport,
    first_text,
    plain_path,
    shape_of,
)

# When a response was made: seconds since 1970 with OpenAI, an instant in words with Google.
_MADE = ("created", "created_at", "createTime", "create_time", "timestamp")
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_MODELS = ("model", "modelVersion", "model_version", "model_name", "modelName", "modelId")
_PROVIDERS = ("provider", "custom_llm_provider", "ls_provider")
# Objects beside a usage that say more about it.
_BESIDE = ("response_metadata", "_hidden_params", "response", "llm_output", "metadata", "message")
# Calls of tools in the output of the Responses API that are billed by the call.
_BILLED_CALLS = ("file_search_call", "code_interpreter_call", "image_generation_call")
# Where a request may run without another price for it.
_ANYWHERE = ("", "global", "not_available")
_SIZES = ("low", "medium", "high")
_MOST_COST = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class StatedCost:
    """What a response states that it cost, in US dollars, and the field.

    With `own_key` the provider was paid by the caller, and a gateway's fee is not in it.
    """

    amount: Decimal
    field: str
    own_key: bool = False


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A reported usage. `tier` is "" for the standard one, `model` where none is named.

    `provider` and `made` (the instant) are those of the response, if reported, and `options` the
    sizes that a fee depends on. `not_priced` are fields whose number is nowhere in the usage,
    `repeated` those that repeat others: totals, and parts that have no price of their own. Fields
    of zero are in neither. `seldom` are meters that count only where a card states their price;
    `unsplit` is an output of which no part is stated. `upstream` is the provider behind a gateway.
    """

    usage: Usage
    shape: str
    model: str = ""
    tier: str = ""
    not_priced: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    provider: str = ""
    made: datetime | None = None
    options: Options = ()
    cost: StatedCost | None = None
    seldom: tuple[str, ...] = ()
    unsplit: bool = False
    upstream: str = ""


@dataclass(frozen=True, slots=True)
class Reports:
    """The usages of a pasted text, in its order; `kind` names the form of several.

    `without` counts objects that have no usage. An answer that ran several models or contexts has
    a usage for each.
    """

    reports: tuple[UsageReport, ...]
    kind: str = ""
    without: int = 0


def read_reports(text: str) -> Reports:
    """Read the usages of a pasted text. Raises UnreadableReport, with the place among several."""
    pasted: Pasted = answers_of(text)
    reports: list[UsageReport] = []
    for place, answer in enumerate(pasted.answers, 1):
        try:
            reports += _reports(answer)
        except UnreadableReport as refusal:
            if len(pasted.answers) == 1:
                raise
            raise UnreadableReport(f"Usage {place:,} of {pasted.kind}: {refusal}") from refusal
    return Reports(tuple(reports), pasted.kind, pasted.without)


def read_report(text: str) -> UsageReport:
    """Read a response with a usage, or the usage alone, as JSON. Raises UnreadableReport.

    The report counts or names every number of the usage, and what is billed elsewhere in the
    response, such as searches.
    """
    return read_reports(text).reports[0]


def _reports(answer: ApiAnswer) -> Iterator[UsageReport]:
    report, usage = _report(answer)
    yield report
    # Anthropic leaves out of the usage what compactions and advisors used: requests of their own.
    iterations = usage.get("iterations")
    for iteration in iterations if isinstance(iterations, list) else ():
        if isinstance(iteration, dict) and iteration.get("type") not in (None, "message"):
            inner = ApiAnswer(
                {"usage": iteration, "type": "message"}, (answer.fields, *answer.around)
            )
            own, _ = _report(inner)
            yield replace(
                own,
                model=first_text(iteration, "model") or report.model,
                shape=f"{own.shape}, {first_text(iteration, 'type').replace('_', ' ')}",
                cost=None,
                not_priced=tuple(p for p in own.not_priced if "inference_geo" not in p),
            )


def _report(answer: ApiAnswer) -> tuple[UsageReport, dict[str, Any]]:
    fields = answer.fields
    chain: list[Fields] = [fields, *_beside_of(fields), *answer.around]
    key, usage = _usage_of(fields)
    model = _first(chain, _MODELS)
    shape = shape_of(usage, fields, key=key, model=model.lower())
    own = {name: value for name, value in usage.items() if usage is not fields or _is_own(name)}
    searches, options = sum(map(_is_search, _output(fields))), _options(usage, chain)
    parts = parts_of(
        {**own, **_of_the_sdk(fields, own)}, shape, {"web_search": searches} if searches else {}
    )
    gateway = _gateway(usage, fields, model)
    provider = _first(chain, _PROVIDERS)
    report = UsageReport(
        parts.usage,
        shape.name,
        model,
        _tier(usage, chain, answer.around),
        (*parts.left, *_not_counted(usage, fields)),
        parts.repeated,
        gateway or provider or shape.provider,
        _made(chain),
        options,
        _stated_cost(usage, chain),
        tuple(sorted({_SELDOM[path] for path in parts.used & SELDOM_BILLED})),
        _is_unsplit(parts.used, parts.repeated, shape),
        provider if gateway else "",
    )
    return report, usage


_SELDOM = {"num_search_queries": "web_search", "prompt_audio_seconds": "audio_second_in"}


def _usage_of(fields: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    native = fields.get("response_metadata")
    if isinstance(native, dict):  # LangChain keeps the report as it came beside its own
        for name in ("token_usage", "usage"):
            if isinstance(native.get(name), dict) and native[name]:
                return name, native[name]
    return next(
        ((name, fields[name]) for name in USAGES if isinstance(fields.get(name), dict)),
        ("", fields),
    )


def _is_own(name: str) -> bool:
    """Whether a field of an answer that is its own usage may be a part of it."""
    return name not in _MADE and name not in ("done", "index", "message", "status_code")


def _of_the_sdk(fields: Fields, usage: Fields) -> dict[str, Any]:
    """What the AI SDK has in the provider's metadata and not in the usage."""
    metadata = fields.get("providerMetadata") or fields.get("experimental_providerMetadata")
    found: dict[str, Any] = {}
    if not isinstance(metadata, dict):
        return found
    for name in ("anthropic", "openai", "bedrock"):
        part = metadata.get(name)
        if name == "bedrock" and isinstance(part, dict):
            part = part.get("usage")
        if isinstance(part, dict) and name not in usage:
            numbers_of = {
                key: value
                for key, value in part.items()
                if plain_path(key).endswith("_tokens") and value is not None
            }
            found |= {name: numbers_of} if numbers_of else {}
    return found


def _beside_of(fields: Fields) -> Iterator[Fields]:
    for name in _BESIDE:
        if isinstance(inner := fields.get(name), dict):
            yield inner


def _first(chain: Sequence[Fields], names: Sequence[str]) -> str:
    return next(filter(None, (first_text(fields, *names) for fields in chain)), "")


def _is_unsplit(used: frozenset[str], repeated: Sequence[str], shape: ReportShape) -> bool:
    """Whether OpenAI's report states an output without a word of text, images or sound in it."""
    details = ("completion_tokens_details.", "output_tokens_details.")
    stated = (*used, *map(plain_path, repeated))
    media = [path for path in stated if path.startswith(details) and "reasoning" not in path]
    return shape.name.startswith("OpenAI") and not media


# What is beside the usage -------------------------------------------------------------------------


def _output(answer: Fields) -> list[Fields]:
    found = answer.get("output")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _is_search(item: Fields) -> bool:
    """Whether a call is billed: OpenAI bills searches, not opening a page or finding text in it."""
    action = item.get("action")
    kind = action.get("type", "search") if isinstance(action, dict) else "search"
    return item.get("type") == "web_search_call" and kind == "search"


def _options(usage: Fields, chain: Sequence[Fields]) -> Options:
    """The size of the context of a search, which its fee may depend on."""
    places: list[Any] = [usage, *chain]
    for fields in chain:
        tools = fields.get("tools")
        places += [fields.get("web_search_options"), *(tools if isinstance(tools, list) else ())]
    for place in places:
        size = first_text(place, "search_context_size") if isinstance(place, dict) else ""
        if size.lower() in _SIZES:
            return (("search_context", size.lower()),)
    return ()


def _not_counted(usage: Fields, answer: Fields) -> Iterator[str]:
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


def _gateway(usage: Fields, answer: Fields, model: str) -> str:
    """OpenRouter, where a response is one of its own: the provider that it names is behind it."""
    is_its = (
        "is_byok" in usage
        or "cost_details" in usage
        or first_text(answer, "id").startswith("gen-")
        or (bool(first_text(answer, "provider")) and "cost" in usage)
        or (model.endswith(":free") and "/" in model)
    )
    return "openrouter" if is_its else ""


def _stated_cost(usage: Fields, chain: Sequence[Fields]) -> StatedCost | None:
    """The first cost above zero, else the zero that is stated."""
    found: list[StatedCost] = []
    for fields in (usage, *chain):
        for field, each in STATED_COSTS.items():
            amount = _money(_at(fields, field))
            if amount is not None:
                name = f"usage.{field}" if fields is usage else field
                found.append(StatedCost(amount / each, name))
    if usage.get("is_byok") is True:
        upstream = _money(_at(usage, UPSTREAM_COST))
        if upstream is not None:
            return StatedCost(upstream, f"usage.{UPSTREAM_COST}", own_key=True)
    return next((cost for cost in found if cost.amount), next(iter(found), None))


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


def _made(chain: Sequence[Fields]) -> datetime | None:
    for fields in chain:
        stated = next((fields[name] for name in _MADE if fields.get(name) is not None), None)
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


def _tier(usage: Fields, chain: Sequence[Fields], around: Sequence[Fields]) -> str:
    """The service tier: Anthropic's fast mode is one, and Google names it traffic type.

    What stands in a line of a batch is of the batch tier, though its response is of the default.
    """
    speed = first_text(usage, "speed")
    stated = _first((usage, *chain), ("service_tier", "serviceTier"))
    traffic = (
        first_text(usage, "trafficType", "traffic_type").removeprefix("ON_DEMAND").removeprefix("_")
    )
    tier = ((speed if speed != "standard" else "") or stated or traffic).lower()
    if tier in (*STANDARD, "auto", "on_demand", "traffic_type_unspecified"):
        return "batch" if any(map(_is_batch_line, around)) else ""
    return tier


def _is_batch_line(fields: Fields) -> bool:
    return "custom_id" in fields and bool({"response", "result"} & {*fields})
