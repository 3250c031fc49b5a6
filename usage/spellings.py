"""How logs and usage objects spell a field, whatever tool wrote them. Pure tables, and how they are
read.

A spelling is compared without case, spaces, `_` and `-`; a dot leads into a value that holds
others, and `[word]` to the entry of a list with that kind. What leads to a usage object, as
`response.body.usage.`, is left out.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from pricing.meters import METERS
from usage.money import parts_of_a_dollar
from usage.response_shapes import SELDOM_BILLED
from usage.response_shapes import SPELLINGS as REPORTED

_SEPARATORS = str.maketrans("", "", " _-")


def plain(name: str) -> str:
    return name.strip().lower().translate(_SEPARATORS)


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(plain, text.split()))


# Names of objects that hold the counts; what leads to them has no meaning of its own.
_USAGES = frozenset(
    _words(
        "additionalusagevalues billedunits generationusage llmusage tokens tokenusage usage"
        " usagedetails usageinfo usagemetadata usageobject"
    )
)
# Columns that hold counts in every tool that has them.
HOLDERS = _USAGES | {"metadata"}
_OUTER = frozenset(_words("attributes body data log meta metrics message response result span"))

WORDS = (
    *("at", "model", "variant", "provider", "tier", "batch", "from_cache"),
    *("window", "request_id", "owner", "currency", "speed", "geo", "search_size"),
    *("status", "error", "own_key"),
)
# Money as the log states it: all of it, what searches are of it, and what another bills beside it.
MONEY = ("billed", "billed_searches", "billed_elsewhere")
# What a row states of itself beside its counts: money, and all of its tokens.
STATED = (*MONEY, "total")
# What of the input or output no other column counts, and all cache writes, whatever their life.
RESTS = ("input_rest", "output_rest")
WRITES = "cache_write_all"
# Input that the column of input leaves out: what tools of Google's put into the prompt.
OF_TOOLS = "input_of_tools"
FIELDS = (*WORDS, *STATED, *RESTS, WRITES, OF_TOOLS, *METERS)
_MEDIA = ("audio", "image", "video")


def _media(field: str, *patterns: str) -> dict[str, tuple[str, ...]]:
    return {
        field.format(kind): tuple(plain(pattern.format(kind)) for pattern in patterns)
        for kind in _MEDIA
    }


_DETAILS_IN = ("prompt_tokens_details", "input_tokens_details", "input_token_details")
_DETAILS_OUT = ("completion_tokens_details", "output_tokens_details", "output_token_details")


def _each(holders: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(plain(f"{holder}.{name}") for name in names for holder in holders)


# For each field its spellings, the best first: of those in a row, the first with a value is read.
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "at": _words(
        "startTime start_time_iso starting_at request_created_at created_at at timestamp time"
        " datetime date ts created request_time usage_date_utc day completed_at start_time"
        " startTimeUnixNano @timestamp aggregation_timestamp TimeGenerated createTime"
    ),
    "model": _words(
        "model_permaslug providedModelName model model_version gen_ai.response.model"
        " gen_ai.request.model ai.response.model ai.model.id llm.response.model llm.request.model"
        " response_model request_model model_name model_id model_slug modelId modelVersion"
        " internalModelName deployment snapshot_id llm.model_name embedding.model_name"
        " ls_model_name ai_model llm_model llm engine"
    ),
    "variant": _words("variant"),
    "provider": _words(
        "custom_llm_provider provider provider_name provider_slug vendor platform gen_ai.system"
        " gen_ai.provider.name llm.vendor llm.provider llm.system ls_provider ai_provider"
        " llm_provider ai.model.provider"
    ),
    "tier": _words("service_tier tier gen_ai.openai.response.service_tier"),
    "batch": _words("batch"),
    "from_cache": _words("cache_hit"),
    "window": _words("context_window"),
    "request_id": _words(
        "request_id generation_id gen_ai.response.id response_id litellm_call_id completion_id"
    ),
    "billed": _words(
        "cost_total spend total_cost calculatedTotalCost cost_usd cost response_cost cost_in_usd"
        " usage_cost cost($) spend($) cost_usd($) gen_ai.usage.cost total_price llm.cost.total"
    ),
    "billed_searches": _words("cost_web_search web_search_cost"),
    "billed_elsewhere": _words("byok_usage_inference"),
    "speed": _words("speed"),
    "geo": _words("inference_geo"),
    "search_size": _words("search_context_size"),
    "status": _words(
        "status status_code http_status http_status_code response_status response_status_code"
        " response.status_code finish_reason_normalized level"
    ),
    "error": _words(
        "error error.message error.code error.type error_message error_code error_type"
        " exception error_information.error_message error_information.error_code"
    ),
    "own_key": _words("is_byok byok"),
    "currency": _words("currency currency_code cost_currency billing_currency amount.currency"),
    "total": _words(
        "total_tokens totalTokenCount tokens_total total_token_count llm.token_count.total"
    ),
    "request": _words(
        "num_model_requests api_requests requests request request_count num_requests calls"
        " call_count api_calls n n_requests total_requests number_of_requests #_requests num_calls"
        " number_of_calls total_calls num_api_calls successful_requests count count(*) count(1)"
    ),
    "input": (
        *_words(
            "native_tokens_prompt prompt_tokens prompt_token_count tokens_prompt promptTokenCount"
            " llm.token_count.prompt prompt_eval_count input_tokens inputTokenCount"
            " total_input_tokens total_prompt_tokens input_token_count tokens_in inputUsage"
            " tokens_input n_context_tokens_total input.inputTokenCount processed_prompt_tokens"
            " input"
        ),
    ),
    "input_rest": _words(
        "uncached_input_tokens usage_input_tokens_no_cache input_tokens_no_cache"
        " input_tokens_uncached"
    ),
    OF_TOOLS: _words("tool_use_prompt_token_count"),
    "output": _words(
        "native_tokens_completion completion_tokens completion_token_count tokens_completion"
        " llm.token_count.completion eval_count candidates_token_count response_token_count"
        " output_tokens usage_output_tokens outputTokenCount total_output_tokens"
        " total_completion_tokens output_token_count tokens_out outputUsage tokens_output"
        " n_generated_tokens_total generated_tokens output.outputTokenCount output"
    ),
    "cache_read": (
        *_words(
            "native_tokens_cached cache_read_input_tokens input_cached_tokens input_cache_read"
            " cached_input_tokens cached_content_token_count prompt_cache_hit_tokens tokens_cached"
            " cached_tokens cache_read_tokens prompt_cache_read_tokens prompt_cached_tokens cached"
            " input_cached input.cacheReadInputTokenCount usage_input_tokens_cache_read"
            " cache_read cache_read.input_tokens"
            " input_tokens.cached llm.token_count.prompt_details.cache_read"
            " n_cached_context_tokens_total total_cached_tokens"
        ),
        *_each(_DETAILS_IN, "cached_tokens", "cache_read", "cache_read_tokens"),
    ),
    WRITES: (
        *_words(
            "cache_creation_input_tokens cache_write_input_tokens cache_creation_tokens"
            " input_cache_creation input_cache_write prompt_cache_write_tokens cache_write_tokens"
            " cache_creation.input_tokens cache_creation llm.token_count.prompt_details.cache_write"
            " input_tokens.cache_write input.cacheWriteInputTokenCount"
        ),
        *_each(_DETAILS_IN, "cache_creation_tokens", "cache_creation", "cache_write_tokens"),
    ),
    "cache_write": _words(
        "cache_write cache_creation_5m cache_creation_5m_input_tokens"
        " usage_input_tokens_cache_write_5m"
        " input_cache_creation_5m cache_write_5m cache_write_5m_tokens input_cache_write_5m"
        " cache_details[5m].input_tokens"
    ),
    "cache_write_1h": _words(
        "cache_write_1h cache_creation_1h cache_creation_1h_input_tokens"
        " usage_input_tokens_cache_write_1h"
        " input_cache_creation_1h cache_write_1h_tokens input_cache_write_1h"
        " cache_details[1h].input_tokens"
    ),
    "reasoning": (
        *_words(
            "native_tokens_reasoning reasoning_tokens tokens_reasoning thoughts_token_count"
            " output_reasoning_tokens output_reasoning reasoning thinking_tokens"
            " llm.token_count.completion_details.reasoning"
        ),
        *_each(_DETAILS_OUT, "reasoning_tokens", "reasoning", "thinking_tokens"),
    ),
    **_media(
        "input_{}",
        *(f"{holder}.{{}}_tokens" for holder in _DETAILS_IN),
        *(f"{holder}.{{}}" for holder in _DETAILS_IN),
        "prompt_tokens_details[{}].token_count",
        "tool_use_prompt_tokens_details[{}].token_count",
        *("input_{}_tokens", "input_{}", "prompt_{}_tokens", "{}_input_tokens"),
        "llm.token_count.prompt_details.{}",
    ),
    **_media(
        "output_{}",
        *(f"{holder}.{{}}_tokens" for holder in _DETAILS_OUT),
        *(f"{holder}.{{}}" for holder in _DETAILS_OUT),
        "candidates_tokens_details[{}].token_count",
        "response_tokens_details[{}].token_count",
        *("output_{}_tokens", "output_{}", "completion_{}_tokens", "{}_output_tokens"),
        "llm.token_count.completion_details.{}",
    ),
    **_media(
        "cache_read_{}",
        *(f"{holder}.cached_tokens_details.{{}}_tokens" for holder in _DETAILS_IN),
        "cache_tokens_details[{}].token_count",
        *("cache_read_{}", "cache_read_{}_tokens", "input_cached_{}_tokens", "cached_{}_tokens"),
    ),
    "web_search": (
        *_words(
            "server_tool_use.web_search_requests web_search_requests web_search_count"
            " num_web_searches web_search web_searches web_search_calls"
            " server_tool_use_details.web_search_requests"
        ),
        *_each(_DETAILS_IN, "web_search_requests"),
    ),
    "query": _words("query queries search_units num_search_units query_count"),
    "audio_second_in": _words("audio_second_in audio_seconds_in seconds audio_seconds"),
    "input_character": _words(
        "input_character input_characters characters num_characters character_count"
    ),
    "image": _words("image images num_images image_count images_generated"),
    "page": _words("page pages num_pages pages_processed page_count"),
}
SPELLINGS = {
    **SPELLINGS,
    **{slug: _words(f"{slug} {slug}_tokens {slug}s") for slug in METERS if slug not in SPELLINGS},
}
# Counts of OpenRouter's by one tokenizer for all, beside the model's own.
NORMALISED = frozenset(_words("tokens_prompt tokens_completion"))
# Beside tokens these are no meter, but a duration, the size of a prompt, or what it shows.
# A column of these names is all of the tokens only where its numbers are.
LOOSE_TOTALS = frozenset(_words("total tokens.total usage.total tokens usage_total"))
LOOSE_UNITS = frozenset(_words("seconds characters image images page pages"))
# What is something else in a log than in a pasted usage: the rest of an input, how long it took.
NOT_OF_LOGS = frozenset({"uncached", "duration_seconds"})
_OF_REPORTS = {"written": WRITES, "written_5m": "cache_write"}
_BY_SPELLING: dict[str, tuple[str, int]] = {}
for _field, _spellings in SPELLINGS.items():
    for _rank, _spelling in enumerate(_spellings):
        _BY_SPELLING.setdefault(_spelling, (_field, _rank))
# The usage of a response means the same in a log as where it is pasted.
for _field, _spellings in REPORTED.items():
    if _field not in NOT_OF_LOGS:
        for _rank, _spelling in enumerate(_spellings, 50):
            if " + " not in _spelling and _spelling not in NOT_OF_LOGS:
                _BY_SPELLING.setdefault(
                    ".".join(map(plain, _spelling.split("."))),
                    (_OF_REPORTS.get(_field, _field), _rank),
                )
_SELDOM = frozenset(".".join(map(plain, path.split("."))) for path in SELDOM_BILLED)
# Names of money of which the unit is another one, or not known.
_MONEY_WORDS = frozenset(_words("amount charge charged cost costs price spend"))
_UNKNOWN_UNITS = frozenset(
    _words("cents credits micros milli millis minor nanos points ticks tokens unit units")
)
# Last names that mean the same wherever they are.
_ANYWHERE = {
    "ephemeral5minputtokens": "cache_write",
    "ephemeral1hinputtokens": "cache_write_1h",
    "lsmodelname": "model",
    "lsprovider": "provider",
}
# In a row with one of these, `input_tokens` is what none of them counts: so Anthropic and Bedrock.
_BESIDE_INPUT = frozenset(
    _words("cache_read_input_tokens cache_creation_input_tokens cache_write_input_tokens")
)
_LOOSE_INPUT = frozenset(_words("input_tokens"))
# Names of models and providers that count cached tokens within the input, and of those that do not.
CACHED_WITHIN = r"openai|azure|google|gemini|(^|[/.:])(chatgpt|codex|gpt|o[1345]|text-embedding-)\b"
CACHED_BESIDE = r"anthropic|claude|nova"
# Google counts thoughts beside the candidates.
_WITHOUT_REASONING = frozenset(_words("candidates_token_count response_token_count"))

# Parts of a name that is a setting, a speed, a time or money, whatever else is in it.
_NEVER = frozenset(
    _words(
        "average avg budget confidence cost costs elapsed latency limit max mean median"
        " milliseconds min ms nano ns p50 p95 p99 penalty per percent rate ratio remaining"
        " rpm rps spend temperature threshold time tpm tps ttft usd tools failed first kind context"
    )
)
# Parts of a name that counts nothing, unless a quantity is named in it too.
_NO_USE = frozenset(
    _words(
        "age attempt attempts batch byok code created date day days dur duration end expires flags"
        " hash hour id ids index ip key length level line minute month number offset order parent"
        " pid port position priority probability rank rating retries retry row score seed sequence"
        " shard size start status step timestamp times top turn updated uuid version weight year"
        " zone"
    )
)
_QUANTITIES = frozenset(
    _words(
        "audio calls characters credits images pages queries requests searches sessions tokens"
        " video videos"
    )
)
# Money in these is not compared with ours.
_CURRENCIES = frozenset(_words("aud brl cad chf cny eur gbp inr jpy krw"))
# Of these, the parts are money or ratios too.
_NO_USE_HOLDERS = frozenset(_words("cost_details costs prices pricing"))
# What other columns count already: parts without a price of their own, and sums.
_REPEATS = frozenset(
    _words(
        "prompt_cache_miss_tokens input_uncached_tokens input_text_tokens output_text_tokens"
        " input_cached_text_tokens no_cache_tokens text_tokens text accepted_prediction_tokens"
        " rejected_prediction_tokens total totalTokens token_count total_tokens totalUsage"
        " tokens_total failed_requests successful_requests web_fetch_requests"
    )
)
# Values that hold prompts and answers, not quantities.
CONTENT = frozenset(
    _words(
        "content contents messages prompt prompts choices completion text texts tools tool_calls"
        " request proxy_server_request query arguments functions function_call body_text html"
        " embedding embeddings documents parts instructions delta toolUseResult results_text"
        " model_map_information guardrail_information headers metadata_json"
    )
)

# How a query or a pivot table calls the sum of a column.
_SUM = re.compile(r"^sum(?:of)?\(?([^()]+)\)?$")


def is_sum(path: str) -> bool:
    """Whether a column is the sum of another by its name: `sum(input_tokens)`."""
    name = plain(path)
    return name not in _BY_SPELLING and bool(_SUM.match(name)) and meaning(path) is not None


@lru_cache(maxsize=20_000)
def canonical(path: str) -> str:
    """A path without what leads to its usage object: `response.usage.total` is `total`."""
    parts = [plain(part) for part in path.split(".")]
    last = max((place for place, part in enumerate(parts[:-1]) if part in _USAGES), default=-1)
    if last < 0:
        while len(parts) > 1 and parts[0] in _OUTER:
            parts = parts[1:]
        return ".".join(parts)
    return ".".join(parts[last + 1 :])


def _held(plain_path: str) -> str:
    """A path with the usage object that holds it, and without what leads to that."""
    return "".join(plain_path.rpartition("billedunits.")[1:])


def meaning(path: str) -> tuple[str, int] | None:
    """The field that a column or path is, and the rank of its spelling; None for no field."""
    plain_path = ".".join(plain(part) for part in path.split("."))
    for spelt in (plain_path, _held(plain_path), canonical(path), _SUM.sub(r"\1", plain_path)):
        if found := _BY_SPELLING.get(spelt):
            return found
    if parts_of_a_dollar(canonical(path)) > 1:
        return "billed", 100
    field = _ANYWHERE.get(plain_path.rpartition(".")[2])
    return (field, 100) if field else None


def is_seldom_billed(path: str) -> bool:
    """Whether it counts what few providers bill apart: searches within a fee, seconds as tokens."""
    plain_path = ".".join(map(plain, path.split(".")))
    return any(spelt in _SELDOM for spelt in (plain_path, _held(plain_path), canonical(path)))


def is_loose_input(path: str) -> bool:
    """Whether it is a spelling of input that some count without the cached tokens.

    OpenTelemetry's attribute of that name is all of the input.
    """
    return canonical(path) in _LOOSE_INPUT and "gen_ai.usage." not in path


def is_beside_input(path: str) -> bool:
    found = canonical(path)
    return found in _BESIDE_INPUT or found.startswith(("cachecreation.eph", "cachedetails["))


def lacks_reasoning(path: str) -> bool:
    return canonical(path) in _WITHOUT_REASONING


@lru_cache(maxsize=20_000)
def is_no_use(path: str) -> bool:
    """Whether a number under this path is known to count nothing that is billed apart."""
    last = path.rpartition(".")[2]
    if canonical(path).rpartition(".")[2] in _REPEATS:
        return True
    if any(plain(part) in _NO_USE_HOLDERS for part in path.split(".")):
        return True
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", last)
    words = set(re.split(r"[^a-z0-9]+", spaced.lower()))
    if words & _CURRENCIES or (words & _MONEY_WORDS and words & _UNKNOWN_UNITS):
        return False
    return bool(words & _NEVER) or bool(words & _NO_USE and not words & _QUANTITIES)
