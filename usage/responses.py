"""A usage as a provider's API, a gateway or an SDK reports it, read into a Usage. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pricing.price import Options
from pricing.usage import Usage
from usage.pasted_text import USAGES, ApiAnswer, Pasted, answers_of
from usage.response_context import (
    MADE_AT,
    StatedCost,
    first_of,
    gateway_of,
    made_at,
    media_made,
    not_counted,
    options_of,
    searches_of,
    stated_cost,
    tier_of,
)
from usage.response_parts import parts_of
from usage.response_shapes import (
    SELDOM_BILLED,
    Fields,
    ReportShape,
    UnreadableReport,
    first_text,
    plain_path,
    report_shape,
)

_MODELS = ("model", "modelVersion", "model_version", "model_name", "modelName", "modelId")
_PROVIDERS = ("provider", "custom_llm_provider", "ls_provider")
# Objects beside a usage that say more about it.
_BESIDE = ("response_metadata", "_hidden_params", "response", "llm_output", "metadata", "message")


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
    model = first_of(chain, _MODELS)
    if not key or not any("token" in name.lower() for name in usage):
        made = media_made(fields)
        usage = {**(usage if key else {}), **made} if made else usage
    shape = report_shape(usage, fields, key=key, model=model.lower())
    own = {name: value for name, value in usage.items() if usage is not fields or _is_own(name)}
    gateway = gateway_of(usage, fields, model)
    searches = 0 if gateway else searches_of(fields, model)
    parts = parts_of(
        {**own, **_of_the_sdk(fields, own)}, shape, {"web_search": searches} if searches else {}
    )
    provider = first_of(chain, _PROVIDERS)
    report = UsageReport(
        parts.usage,
        shape.name,
        model,
        tier_of(usage, chain, answer.around),
        (*parts.left, *not_counted(usage, fields)),
        parts.repeated,
        gateway or provider or shape.provider,
        made_at(chain),
        options_of(usage, chain),
        stated_cost(usage, chain),
        tuple(sorted({SELDOM_BILLED[path] for path in parts.used if path in SELDOM_BILLED})),
        _is_unsplit(parts.used, parts.repeated, shape),
        provider if gateway else "",
    )
    return report, usage


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
    return name not in MADE_AT and name not in ("done", "index", "message", "status_code")


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


def _is_unsplit(used: frozenset[str], repeated: Sequence[str], shape: ReportShape) -> bool:
    """Whether OpenAI's report states an output without a word of text, images or sound in it."""
    details = ("completion_tokens_details.", "output_tokens_details.")
    stated = (*used, *map(plain_path, repeated))
    media = [path for path in stated if path.startswith(details) and "reasoning" not in path]
    return shape.name.startswith("OpenAI") and not media
