"""The shapes of usage logs that are known: which column means what. Pure tables, and how they are
read.

Column names are compared without case, spaces, `_` and `-`. A dot leads into a column that holds
JSON. A field is one of `at`, `model`, `variant` (a serving word that belongs to the model's id, as
OpenRouter's `free`), `provider`, `tier`, `batch` (whether the tier is batch),
`from_cache` (whether a gateway answered out of its own cache, which is not billed), `request` (how
many requests a row adds up), a meter, or `input_rest` and `output_rest`: what of the input or
output no other column of the row counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pricing.meters import METERS


@dataclass(frozen=True, slots=True)
class Shape:
    """A known log: its distinctive columns, and for each field its columns, the best first."""

    name: str
    marks: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]
    provider: str = ""


def plain(column: str) -> str:
    return column.strip().lower().translate(dict.fromkeys(map(ord, " _-")))


_LITELLM = "metadata.usage_object"
SHAPES = (
    # The table LiteLLM_SpendLogs of its proxy. Prompt tokens are all of the prompt.
    Shape(
        "LiteLLM spend logs",
        frozenset({"starttime", "prompttokens", "completiontokens", "spend"}),
        {
            "at": ("startTime",),
            "model": ("model",),
            "provider": ("custom_llm_provider",),
            "from_cache": ("cache_hit",),
            "tier": (f"{_LITELLM}.service_tier", "service_tier"),
            "input": ("prompt_tokens",),
            "output": ("completion_tokens",),
            "cache_read": (
                "cache_read_input_tokens",
                f"{_LITELLM}.cache_read_input_tokens",
                f"{_LITELLM}.prompt_tokens_details.cached_tokens",
            ),
            "cache_write": (
                "cache_creation_input_tokens",
                f"{_LITELLM}.cache_creation_input_tokens",
            ),
            "reasoning": (f"{_LITELLM}.completion_tokens_details.reasoning_tokens",),
        },
    ),
    # Its tables of daily sums.
    Shape(
        "LiteLLM daily spend",
        frozenset({"date", "prompttokens", "completiontokens", "apirequests", "spend"}),
        {
            "at": ("date",),
            "model": ("model",),
            "provider": ("custom_llm_provider",),
            "request": ("api_requests",),
            "input": ("prompt_tokens",),
            "output": ("completion_tokens",),
            "cache_read": ("cache_read_input_tokens",),
            "cache_write": ("cache_creation_input_tokens",),
        },
    ),
    # A row for each generation, as its page exports them. OpenRouter is the one that bills.
    Shape(
        "OpenRouter activity",
        frozenset({"modelpermaslug", "tokensprompt", "tokenscompletion"}),
        {
            "at": ("created_at",),
            "model": ("model_permaslug",),
            "variant": ("variant",),
            "input": ("tokens_prompt",),
            "output": ("tokens_completion",),
            "cache_read": ("tokens_cached",),
            "reasoning": ("tokens_reasoning",),
        },
        provider="openrouter",
    ),
    # The daily sums of its API.
    Shape(
        "OpenRouter daily activity",
        frozenset({"modelpermaslug", "prompttokens", "completiontokens", "requests"}),
        {
            "at": ("date",),
            "model": ("model_permaslug",),
            "variant": ("variant",),
            "request": ("requests",),
            "input": ("prompt_tokens",),
            "output": ("completion_tokens",),
            "reasoning": ("reasoning_tokens",),
        },
        provider="openrouter",
    ),
    # Observations. In its usage details each token counts once, under one name.
    Shape(
        "Langfuse observations",
        frozenset({"traceid", "starttime"}),
        {
            "at": ("startTime",),
            "model": ("providedModelName", "model", "internalModelName"),
            "input_rest": ("usageDetails.input",),
            "output_rest": ("usageDetails.output",),
            "input": ("inputUsage", "promptTokens", "inputTokens", "usage.input"),
            "output": ("outputUsage", "completionTokens", "outputTokens", "usage.output"),
            "cache_read": (
                "usageDetails.input_cached_tokens",
                "usageDetails.cache_read_input_tokens",
                "usageDetails.input_cache_read",
            ),
            "cache_write": (
                "usageDetails.cache_creation_input_tokens",
                "usageDetails.input_cache_creation",
            ),
            "reasoning": ("usageDetails.output_reasoning_tokens", "usageDetails.output_reasoning"),
            "input_audio": ("usageDetails.input_audio_tokens", "usageDetails.input_audio"),
            "output_audio": ("usageDetails.output_audio_tokens", "usageDetails.output_audio"),
        },
    ),
    # Its prompt tokens are those that no other column counts.
    Shape(
        "Helicone requests",
        frozenset({"requestcreatedat", "prompttokens", "completiontokens"}),
        {
            "at": ("request_created_at",),
            "model": ("model", "response_model", "request_model"),
            "provider": ("provider",),
            "from_cache": ("cache_hit",),
            "input_rest": ("prompt_tokens",),
            "output_rest": ("completion_tokens",),
            "cache_read": ("prompt_cache_read_tokens",),
            "cache_write": ("prompt_cache_write_tokens",),
            "input_audio": ("prompt_audio_tokens",),
            "output_audio": ("completion_audio_tokens",),
            "reasoning": ("reasoning_tokens",),
        },
    ),
    # Sums by hour or day, as its page and its usage API give them.
    Shape(
        "OpenAI usage",
        frozenset({"nummodelrequests", "inputtokens", "outputtokens"}),
        {
            "at": ("start_time", "start_time_iso"),
            "model": ("model",),
            "tier": ("service_tier",),
            "batch": ("batch",),
            "request": ("num_model_requests",),
            "input": ("input_tokens",),
            "output": ("output_tokens",),
            "cache_read": ("input_cached_tokens",),
            "input_audio": ("input_audio_tokens",),
            "output_audio": ("output_audio_tokens",),
        },
        provider="openai",
    ),
    # Its reports count uncached input.
    Shape(
        "Anthropic usage",
        frozenset({"uncachedinputtokens", "outputtokens"}),
        {
            "at": ("starting_at", "usage_date_utc", "date"),
            "model": ("model", "model_version"),
            "tier": ("service_tier", "usage_type"),
            "input_rest": ("uncached_input_tokens",),
            "output": ("output_tokens",),
            "cache_read": ("cache_read_input_tokens",),
            "cache_write": (
                "cache_creation_5m_input_tokens",
                "cache_creation.ephemeral_5m_input_tokens",
            ),
            "cache_write_1h": (
                "cache_creation_1h_input_tokens",
                "cache_creation.ephemeral_1h_input_tokens",
            ),
            "web_search": ("server_tool_use.web_search_requests",),
        },
        provider="anthropic",
    ),
    # The usage of each response of its API, a line for each.
    Shape(
        "Anthropic responses",
        frozenset({"inputtokens", "outputtokens", "cachereadinputtokens"}),
        {
            "at": ("timestamp", "created_at", "date", "time"),
            "model": ("model",),
            "provider": ("provider",),
            "tier": ("service_tier",),
            "input_rest": ("input_tokens",),
            "output": ("output_tokens",),
            "cache_read": ("cache_read_input_tokens",),
            "cache_write": ("cache_creation_input_tokens",),
        },
    ),
)
GENERIC = Shape(
    "",
    frozenset(),
    {
        "at": (
            *("at", "timestamp", "time", "created_at", "datetime", "date", "ts", "created"),
            *("start_time", "request_time", "day"),
        ),
        "model": ("model", "model_name", "model_id", "model_slug", "deployment"),
        "provider": ("provider", "provider_name", "provider_slug", "vendor", "platform"),
        "tier": ("tier", "service_tier"),
        "request": ("request", "requests", "request_count", "num_requests"),
        "input": ("input", "input_tokens", "prompt_tokens", "tokens_in", "total_input_tokens"),
        "output": (
            "output",
            "output_tokens",
            "completion_tokens",
            "tokens_out",
            "total_output_tokens",
        ),
        "cache_read": (
            *("cache_read", "cached", "cached_tokens", "cache_read_tokens", "cached_input_tokens"),
            *("input_cached_tokens", "prompt_cached_tokens"),
        ),
        "cache_write": ("cache_write", "cache_write_tokens", "cache_creation_tokens"),
        "reasoning": ("reasoning", "reasoning_tokens", "output_reasoning_tokens"),
        "web_search": ("web_search", "web_searches", "web_search_requests"),
        **{
            slug: (slug, f"{slug}_tokens", f"{slug}s")
            for slug in METERS
            if slug
            not in (
                "request",
                "input",
                "output",
                "cache_read",
                "cache_write",
                "reasoning",
                "web_search",
            )
        },
    },
)

# What a log calls the standard tier.
STANDARD_TIERS = (
    "",
    "auto",
    "default",
    "standard",
    "on_demand",
    "on-demand",
    "none",
    "null",
    "false",
)


def shape_of(columns: Iterable[str]) -> Shape:
    """The first shape with all of its marks among the columns, else the generic one."""
    there = {plain(column) for column in columns}
    return next((shape for shape in SHAPES if shape.marks <= there), GENERIC)


def mapping_of(shape: Shape, columns: Iterable[str]) -> dict[str, str]:
    """For each field of the shape the best column present; a total gives way to its rest."""
    there = {plain(column): column for column in columns}
    found: dict[str, str] = {}
    for field, candidates in shape.fields.items():
        for candidate in candidates:
            if plain(candidate) in there:
                found[field] = there[plain(candidate)]
                break
    for whole in ("input", "output"):
        if f"{whole}_rest" in found:
            found.pop(whole, None)
    return found
