"""Spellings of the fields of a reported usage, and the shapes that decide what contains what. Pure.

The shapes are those that providers, gateways and SDKs document. They differ in two things: whether
the input counts what was read from or written to a cache, and whether the output counts the
reasoning. Where a report states a total, it decides between the two (`usage.response_parts`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


class UnreadableReport(ValueError):
    """What was pasted is no report of a usage.

    The message is a sentence for the person who pasted it.
    """


Fields = Mapping[str, Any]


def plain_path(path: str) -> str:
    """A path as the tables spell it: snake_case, and `..._tokens_details` in the plural."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path).lower()
    return snake.replace("_token_details", "_tokens_details")


def first_text(fields: Fields, *names: str) -> str:
    found = next((fields[name] for name in names if isinstance(fields.get(name), str)), "")
    return found if found.isprintable() and len(found) <= 300 else ""


# The fields of each meter ---------------------------------------------------------------------

_INS = ("prompt_tokens_details", "input_tokens_details")
_OUTS = ("completion_tokens_details", "output_tokens_details")
_MEDIA = ("audio", "image", "video")
# Google counts and bills the pages of a document like pictures.
_GOOGLES = {"audio": ("audio",), "image": ("image", "document"), "video": ("video",)}


def _in(folders: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}.{name}" for name in names for folder in folders)


def _modality(kind: str, *fields: str) -> str:
    """The sum of a modality's counts in Google's lists of tokens by modality."""
    return " + ".join(f"{field}[{name}].token_count" for field in fields for name in _GOOGLES[kind])


# Of each meter or part, the spellings in order: the first with a number other than zero counts. A
# spelling with “ + ” is a sum. Not meters of the catalog are: `total`, `written` (to the cache, of
# any life), `written_5m` and `uncached` (the rest of the input).
SPELLINGS: dict[str, tuple[str, ...]] = {
    "input": (
        *("prompt_tokens", "input_tokens", "input_tokens.total", "input_token_count"),
        *("prompt_token_count + tool_use_prompt_token_count", "prompt_eval_count"),
        *("billed_units.input_tokens", "tokens.input_tokens", "input_text_token_count"),
    ),
    "output": (
        *("completion_tokens", "output_tokens", "output_tokens.total", "output_token_count"),
        *("candidates_token_count", "response_token_count", "eval_count"),
        *("billed_units.output_tokens", "tokens.output_tokens", "generation_token_count"),
    ),
    "total": ("total_tokens", "total_token_count", "total_tokens.total"),
    "uncached": (
        *_in(_INS, "no_cache_tokens"),
        "input_tokens.no_cache",
        "prompt_cache_miss_tokens",
    ),
    "cache_read": (
        *_in(_INS, "cached_tokens", "cache_read_tokens", "cache_read", "cache_read_input_tokens"),
        *("input_tokens.cache_read", "cache_read_input_tokens", "cached_input_tokens"),
        *("cached_content_token_count", "prompt_cache_hit_tokens", "cached_tokens"),
        *("cached_prompt_text_tokens", "cache_read_tokens", "cache_read_input_token_count"),
        *("anthropic.cache_read_input_tokens", "openai.cached_prompt_tokens"),
    ),
    "written": (
        *_in(_INS, "cache_write_tokens", "cache_creation_tokens", "cache_creation"),
        *_in(_INS, "cache_creation_input_tokens"),
        *("input_tokens.cache_write", "cache_creation_input_tokens", "cache_write_input_tokens"),
        *("cache_write_tokens", "cache_creation_tokens", "cache_write_input_token_count"),
        *("anthropic.cache_creation_input_tokens", "bedrock.cache_write_input_tokens"),
    ),
    **{
        slug: (
            f"cache_creation.ephemeral_{life}_input_tokens",
            *_in(_INS, f"ephemeral_{life}_input_tokens"),
            *_in(_INS, f"cache_creation_tokens_details.ephemeral_{life}_input_tokens"),
            f"cache_details[{life}].input_tokens",
        )
        for slug, life in (
            ("written_5m", "5m"),
            ("cache_write_1h", "1h"),
            ("cache_write_12h", "12h"),
        )
    },
    "reasoning": (
        *_in(_OUTS, "reasoning_tokens", "thinking_tokens", "reasoning"),
        *("output_tokens.reasoning", "thoughts_token_count", "reasoning_tokens"),
        "openai.reasoning_tokens",
    ),
    "citation": ("citation_tokens",),
    **{
        f"input_{kind}": (
            *_in(_INS, f"{kind}_tokens", kind),
            f"billed_units.{kind}_tokens",
            _modality(kind, "prompt_tokens_details", "tool_use_prompt_tokens_details"),
        )
        for kind in _MEDIA
    },
    **{
        f"cache_read_{kind}": (
            *_in(_INS, f"cached_tokens_details.{kind}_tokens"),
            _modality(kind, "cache_tokens_details"),
        )
        for kind in _MEDIA
    },
    **{
        f"output_{kind}": (
            *_in(_OUTS, f"{kind}_tokens", kind),
            _modality(kind, "candidates_tokens_details"),
            _modality(kind, "response_tokens_details"),
        )
        for kind in _MEDIA
    },
    "web_search": (
        *("server_tool_use.web_search_requests", *_in(_INS, "web_search_requests")),
        *("server_side_tool_usage_details.web_search_calls", "num_search_queries"),
        *("tool_calls_details.search_web.invocation", "web_search_requests"),
    ),
    "social_search": ("server_side_tool_usage_details.x_search_calls",),
    "code_execution": ("server_side_tool_usage_details.code_interpreter_calls",),
    "maps_search": _in(_INS, "google_maps_grounding_requests"),
    "query": ("billed_units.search_units", *_in(_INS, "query_count")),
    "page": ("pages_processed",),
    "annotation_page": ("pages_processed_annotation",),
    "audio_second_in": (
        *("seconds", "duration_seconds", "prompt_audio_seconds", "billable_audio_seconds"),
        *_in(_INS, "audio_length_seconds"),
    ),
    "video_second_in": _in(_INS, "video_length_seconds"),
    "input_character": (
        *_in(_INS, "character_count"),
        *("characters", "input_characters", "character_count"),
    ),
    "image_in": ("billed_units.images", *_in(_INS, "image_count")),
    "input_pixel": ("image_pixels",),
    # Counted by the reader in the pictures and the film of a response, where it has no usage.
    "image": ("images",),
    "video_second": ("video_seconds",),
    "message": ("input_text_messages",),
}
# Meters that may have a fraction, and those that not every price list charges for.
IN_FRACTIONS = frozenset({"audio_second_in", "video_second_in", "video_second", "query"})
SELDOM_BILLED = {
    "num_search_queries": "web_search",
    "prompt_audio_seconds": "audio_second_in",
    "billed_units.images": "image_in",
    "image_pixels": "input_pixel",
}

_TEXTS = ("text_tokens", "text", "cached_tokens_details.text_tokens")
_PREDICTED = ("accepted_prediction_tokens", "rejected_prediction_tokens")
# Parts without a price of their own, and totals.
REPEATED = frozenset(
    (
        *("text_tokens", "output_tokens.text", "num_server_side_tools_used"),
        *_in(_INS, *_TEXTS, "tool_use_tokens", "initial_prompt_tokens"),
        *_in(_OUTS, *_TEXTS, *_PREDICTED),
        *(
            f"{kind}_tokens_details[text].token_count"
            for kind in ("prompt", "cache", "candidates", "response", "tool_use_prompt")
        ),
    )
)
# Times and sizes that are billed nowhere, and objects that repeat the usage as it came.
UNBILLED = frozenset(
    (
        *("queue_time", "prompt_time", "completion_time", "total_time", "total_latency"),
        *("total_duration", "load_duration", "prompt_eval_duration", "eval_duration"),
        *("doc_size_bytes", "invocation_latency", "first_byte_latency", "latency_ms"),
        *("context_window", "max_output_tokens"),
    )
)
PASSED_OVER = frozenset(
    (
        *("iterations", "raw", "context", "time_info", "cost", "cost_details"),
        *("embedding", "embeddings", "embeddings_by_type"),
    )
)

# What was billed, as the report states it: spelling, and how many of it are one US dollar.
STATED_COSTS: dict[str, int] = {
    "cost": 1,
    "cost.total_cost": 1,
    "total_cost": 1,
    "estimated_cost": 1,
    "cost_usd": 1,
    "total_cost_usd": 1,
    "response_cost": 1,
    "_hidden_params.response_cost": 1,
    "provider_metadata.gateway.cost": 1,
    "provider_metadata.openrouter.usage.cost": 1,
    "total_cents": 100,
    "cost_in_usd_ticks": 10**10,
}
UPSTREAM_COST = "cost_details.upstream_inference_cost"


# The shapes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportShape:
    """What contains what in a kind of report.

    `cached_apart`: the input leaves out what was read from and written to a cache;
    `reasoning_apart`: the output leaves out the reasoning. `loose_total`: its total may leave out
    what is counted apart, so it decides nothing. What a total has beyond its parts is reasoning
    with `hidden_reasoning`. `passed` are counts that are not billed.
    """

    name: str
    cached_apart: bool = False
    reasoning_apart: bool = False
    loose_total: bool = False
    hidden_reasoning: bool = False
    provider: str = ""
    passed: frozenset[str] = frozenset()


_CHAT = ReportShape("OpenAI chat completions")
_RESPONSES = ReportShape("OpenAI Responses")
_IMAGES = ReportShape("OpenAI Images")
_TRANSCRIPTION = ReportShape("OpenAI transcription")
_ANTHROPIC = ReportShape("Anthropic Messages", cached_apart=True)
_GOOGLE = ReportShape("Google generateContent", reasoning_apart=True, loose_total=True)
_CONVERSE = ReportShape(
    "Amazon Bedrock Converse", cached_apart=True, loose_total=True, provider="amazon-bedrock"
)
_AI_SDK = ReportShape("Vercel AI SDK")
# Before version 6 the SDK passed on what the provider counts: Anthropic leaves out what was cached.
_AI_SDK_CLAUDE = ReportShape("Vercel AI SDK, Anthropic", cached_apart=True, loose_total=True)
_LANGCHAIN = ReportShape("LangChain usage_metadata")
_LITELLM = ReportShape("LiteLLM")
_PERPLEXITY = ReportShape("Perplexity", reasoning_apart=True, loose_total=True)
_COHERE = ReportShape(
    "Cohere", passed=frozenset({"tokens.input_tokens", "tokens.output_tokens", "cached_tokens"})
)
# Google's API in OpenAI's words has the thoughts in the total alone.
_GEMINI_CHAT = ReportShape("OpenAI chat completions, Google", hidden_reasoning=True)
_LLAMA = ReportShape("Llama on Amazon Bedrock", provider="amazon-bedrock")
_TITAN = ReportShape("Titan on Amazon Bedrock", provider="amazon-bedrock")
_CHARACTERS = ReportShape("Characters")
_IMAGES_MADE = ReportShape("Images")
_VIDEO_MADE = ReportShape("Video")
_COHERE_TOKENS = ReportShape("Cohere")
_CURSOR = ReportShape("Cursor", cached_apart=True)
_OLLAMA = ReportShape("Ollama", provider="ollama")
_PAGES = ReportShape("Mistral OCR")
_SECONDS = ReportShape("Seconds of audio")
_TOTAL = ReportShape("Total tokens")

# Reports that count no prompt, by their fields.
_WITHOUT_TOKENS = (
    (_OLLAMA, {"prompt_eval_count", "eval_count"}),
    (_PAGES, {"pages_processed"}),
    (_TITAN, {"input_text_token_count"}),
    (_CHARACTERS, {"characters", "input_characters", "character_count"}),
    (_IMAGES_MADE, {"images"}),
    (_VIDEO_MADE, {"video_seconds"}),
    (_SECONDS, {"seconds", "duration_seconds", "billable_audio_seconds"}),
)
_CAMEL = {"inputTokens", "outputTokens", "promptTokens", "completionTokens"}
_ONLY_ANTHROPIC = {
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cache_creation",
    "server_tool_use",
}
_ONLY_OPENAI = {"total_tokens", "input_tokens_details"}
# What LiteLLM has beside the fields of OpenAI.
_BOTH = {"cache_creation_input_tokens", "cache_read_input_tokens"}
_ONLY_CONVERSE = {"cache_details", "cache_write_input_tokens", "server_tool_usage"}
_ONLY_GOOGLE = {
    *("prompt_token_count", "candidates_token_count", "response_token_count"),
    *("total_token_count", "cached_content_token_count"),
}


def report_shape(usage: Fields, answer: Fields, *, key: str = "", model: str = "") -> ReportShape:
    """The shape of a usage, by the names in it, the field that holds it and what is beside it.

    Raises UnreadableReport.
    """
    names = {plain_path(name) for name, value in usage.items() if value is not None}
    is_camel = bool(_CAMEL & {*usage})
    metadata = answer.get("providerMetadata") or ()
    is_claude = ("claude" in model or "anthropic" in metadata) and "gateway" not in metadata
    if "billed_units" in names or isinstance(usage.get("tokens"), dict):
        return _COHERE if "billed_units" in names else _COHERE_TOKENS
    if names & _ONLY_GOOGLE:
        return _LLAMA if "generation_token_count" in names else _GOOGLE
    if names & {"prompt_tokens", "completion_tokens"}:
        shape = _of_prompt_tokens(names, is_camel=is_camel, is_claude=is_claude)
        return _GEMINI_CHAT if shape is _CHAT and "gemini" in model else shape
    if names & {"input_tokens", "output_tokens", "input_token_count", "output_token_count"}:
        return _of_input_tokens(usage, answer, names, key, is_camel=is_camel, is_claude=is_claude)
    for shape, fields in _WITHOUT_TOKENS:
        if names & fields:
            return shape
    if "total_tokens" in usage:
        return _TOTAL
    raise UnreadableReport(
        "This is JSON, but not a usage as OpenAI, Anthropic, Google, Amazon Bedrock or an SDK "
        "reports it: no count of tokens, seconds, pages or searches is in it."
    )


def _of_prompt_tokens(names: set[str], *, is_camel: bool, is_claude: bool) -> ReportShape:
    if is_camel:
        return _AI_SDK_CLAUDE if is_claude else _AI_SDK
    if names & {"citation_tokens", "num_search_queries"}:
        return _PERPLEXITY
    return _LITELLM if names & _BOTH else _CHAT


def _of_input_tokens(
    usage: Fields, answer: Fields, names: set[str], key: str, *, is_camel: bool, is_claude: bool
) -> ReportShape:
    details = usage.get("input_token_details") or usage.get("input_tokens_details")
    inner = {*details} if isinstance(details, dict) else set()
    if names & {"cache_read_tokens", "cache_write_tokens"}:
        return _CURSOR
    if names & _ONLY_CONVERSE or (is_camel and "cache_read_input_tokens" in names):
        return _ANTHROPIC if "cache_creation_input_tokens" in names else _CONVERSE
    if names & {"input_token_count", "output_token_count"}:
        return _CONVERSE
    if is_camel:
        is_sdk_6 = "input_tokens_details" in names or isinstance(usage.get("inputTokens"), dict)
        return _AI_SDK_CLAUDE if is_claude and not is_sdk_6 else _AI_SDK
    if key == "usage_metadata" or inner & {"cache_read", "cache_creation"}:
        return _LANGCHAIN
    if usage.get("type") == "tokens":
        return _TRANSCRIPTION
    if "image_tokens" in inner and not inner & {"cached_tokens", "audio_tokens"}:
        return _IMAGES
    return _ANTHROPIC if _is_anthropic(names, answer) else _RESPONSES


def _is_anthropic(names: set[str], answer: Fields) -> bool:
    """By fields beside input_tokens and output_tokens, which OpenAI's responses have too."""
    if names & _ONLY_ANTHROPIC or names & _ONLY_OPENAI:
        return bool(names & _ONLY_ANTHROPIC)
    is_message = answer.get("type") in ("message", "message_delta") or first_text(
        answer, "model"
    ).startswith("claude")
    return is_message or bool(names & {"service_tier", "inference_geo", "speed"})


def spellings(slug: str) -> Iterator[tuple[str, ...]]:
    """The spellings of a meter or part, each as the fields that add up to it."""
    for spelling in SPELLINGS[slug]:
        yield tuple(spelling.split(" + "))
