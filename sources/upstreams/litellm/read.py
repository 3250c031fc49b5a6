"""LiteLLM's cost map: one JSON object, keyed by what a LiteLLM user writes.

Prices are US dollars per single token, image, second, ...; a field's name carries its terms:

    <base>[_above_1hr|_above_12hr][_above_<N>k_tokens][_batches|_flex|_priority|...]

`_above_<N>k_tokens` is strictly greater, counts all input tokens, and re-prices the whole request.
So do the ranges of `tiered_pricing`; past the end of the last range its prices go on.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from catalog.known_providers import LITELLM, kind_of, slug_of
from pricing.meters import meter as meter_of
from pricing.rates import State, StatedRate, rounded
from pricing.terms import BASE, Band, Schedule, Terms
from sources.base import Listing, Parsed, WrongShape
from sources.reading import (
    Reading,
    is_provider_slug,
    is_router,
    is_upstream_id,
    read_json,
    routed,
    without_blanks,
    without_odd_zeros,
)

Row = Mapping[str, Any]
Options = tuple[tuple[str, str], ...]
RateKey = tuple[str, Terms]
Rates = dict[RateKey, StatedRate]

# The map has thousands; a file below this is another file, or a broken one. LiteLLM refuses it too.
FEWEST_MODELS: Final = 50

_RESERVED = {"sample_spec", "fallback_generalizations"}

_PRICES = {
    "annotation_cost_per_page": "annotation_page",
    "cache_creation_input_audio_token_cost": "cache_write_audio",
    "cache_creation_input_token_cost": "cache_write",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "cache_read_input_image_token_cost": "cache_read_image",
    "cache_read_input_token_cost": "cache_read",
    "citation_cost_per_token": "citation",
    "code_interpreter_cost_per_session": "session",
    "cost_per_second": "runtime_second",
    "explicit_cache_read_input_token_cost": "cache_read",
    "input_cost_per_audio_per_second": "audio_second_in",
    "input_cost_per_audio_token": "input_audio",
    "input_cost_per_character": "input_character",
    "input_cost_per_image": "image_in",
    "input_cost_per_image_token": "input_image",
    "input_cost_per_pixel": "input_pixel",
    "input_cost_per_query": "query",
    "input_cost_per_request": "request",
    "input_cost_per_second": "input_second",
    "input_cost_per_text_message": "message",
    "input_cost_per_token": "input",
    "input_cost_per_token_cache_hit": "cache_read",
    "input_cost_per_video_per_second": "video_second_in",
    "input_cost_per_video_token": "input_video",
    "ocr_cost_per_credit": "credit",
    "ocr_cost_per_page": "page",
    "output_cost_per_audio_token": "output_audio",
    "output_cost_per_character": "output_character",
    "output_cost_per_image": "image",
    "output_cost_per_image_token": "output_image",
    "output_cost_per_pixel": "output_pixel",
    "output_cost_per_reasoning_token": "reasoning",
    "output_cost_per_second": "output_second",
    "output_cost_per_token": "output",
    "output_cost_per_video_per_second": "video_second",
    "output_cost_per_video_token": "output_video",
}

# Some providers price a cache that the caller marks apart from the one that works by itself.
_OPTIONS: dict[str, Options] = {"explicit_cache_read_input_token_cost": (("caching", "explicit"),)}

# Older names of a price; where the newer name says something else, the newer one is believed.
_LEGACY = {"cost_per_second", "input_cost_per_token_cache_hit"}

_CACHE_LIFE = {"1hr": "cache_write_1h", "12hr": "cache_write_12h"}

_MODIFIED = re.compile(
    r"(?P<base>\w+?)"
    r"(?:_above_(?P<life>1hr|12hr))?"
    r"(?:_above_(?P<kilo>\d{1,5})k_tokens)?"
    r"(?:_(?P<tier>batches|flex|priority|ultrafast|balanced|decisions))?"
)
_SIZED = re.compile(
    r"(?P<base>output_cost_per_second|output_cost_per_image|input_cost_per_video_per_second)_"
    r"(?P<size>\d+(?:\.\d+)?(?:p|k|K)?|above_\d+s_interval)"
)
_SIZE_OPTION = {
    "output_cost_per_second": "resolution",
    "output_cost_per_image": "size",
    "input_cost_per_video_per_second": "interval",
}

# What is no fact about a model or its price: LiteLLM's own plumbing, its rate limits, how it builds
# a request, and notes on where a row came from.
_IGNORED = {
    "aliases",
    "audio_transcription_config",
    "bedrock_converse_supports_strict_tools",
    "bedrock_output_config_effort_ceiling",
    "comment",
    "gemini_audio_only_live",
    "gemini_native_audio",
    "litellm_provider",
    "max_tokens",  # the output limit on some rows, the context window on others
    "metadata",
    "rpm",
    "source",
    "supports_anthropic_compaction",
    "supports_anthropic_thinking_payload",
    "supports_bedrock_converse_tool_result_images",
    "supports_bedrock_native_structured_output",
    "supports_bedrock_runtime_chat_completions_inline_reasoning",
    "supports_bedrock_runtime_chat_completions_response_format",
    "supports_bedrock_runtime_chat_completions_tools_with_reasoning",
    "supports_legacy_thinking",
    "supports_mid_conversation_system",
    "supports_native_streaming",
    "supports_nova_canvas_image_edit",
    "supports_output_config",
    "supports_parallel_tool_use_config",
    "supports_regex_lookaround",
    "supports_system_messages",
    "supports_thinking_cache_preservation",
    "token_count_framing",
    "token_count_model",
    "token_count_tokenizer",
    "tpm",
    "use_openai_responses_path",
    "uses_embed_content",
    "vertex_ai_audio_api",
}

# Stated, understood, and not a rate. A multiplier is not spelled out into prices: the map does not
# say which meters and tiers it covers, so the amounts would be ours. A free allowance is not a
# price of one unit. A DBU is Databricks' own unit; the same rows give the price in dollars.
_NOT_A_RATE = {
    "input_dbu_cost_per_token": "price in Databricks units",
    "output_dbu_cost_per_token": "price in Databricks units",
    "regional_endpoint_uplift_multiplier": "multiplier: regional endpoint",
    "regional_processing_uplift_multiplier_eu": "multiplier: processing in the EU",
    "regional_processing_uplift_multiplier_us": "multiplier: processing in the US",
    "search_free_requests": "free allowance: searches",
}
_ENTRIES_NOT_A_RATE = {
    "fast": "multiplier: fast mode",
    "minimax_free_input_images": "free allowance: input images",
    "us": "multiplier: US inference",
}
_ENTRIES_IGNORED = {
    "bedrock_invocation_schema",
    "dashscope_video_reference_input",
    "volcengine_video_frames",
}

_LIMITS = {"max_input_tokens": "max_input", "max_output_tokens": "max_output"}

_MODALITIES = {
    "supported_modalities": "modalities_in",
    "supported_output_modalities": "modalities_out",
}

_CAPABILITIES = {
    "supports_audio_input": "audio-input",
    "supports_audio_output": "audio-output",
    "supports_computer_use": "computer-use",
    "supports_embedding_image_input": "vision",
    "supports_function_calling": "tool-use",
    "supports_image_input": "vision",
    "supports_pdf_input": "file-input",
    "supports_reasoning": "reasoning",
    "supports_response_schema": "structured-output",
    "supports_url_context": "url-context",
    "supports_video_input": "video-input",
    "supports_vision": "vision",
    "supports_web_search": "web-search",
}

_PARAMETERS = {
    **{
        f"supports_{level}_reasoning_effort": ("reasoning_effort",)
        for level in ("low", "max", "minimal", "none", "xhigh")
    },
    "supports_parallel_function_calling": ("parallel_tool_calls",),
    "supports_sampling_params": ("temperature", "top_p"),
    "supports_tool_choice": ("tool_choice",),
}

_MODES = {
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "completion": "chat",
    "decisions": "evaluation",
    "image_edit": "image",
    "image_generation": "image",
    "responses": "chat",
    "video_generation": "video",
}

_NOT_MODELS = {"guardrail", "search", "vector_store"}

# Prices by the instance, in roubles and in yuan: a card of zeros stands for a price that is not in
# dollars.
_NO_DOLLAR_PRICE = {"amazon-sagemaker", "gigachat", "volcengine"}

# Several doors to one endpoint with prices of their own. These give way: Bedrock's mantle lists a
# region's surcharge where the plain id lists the worldwide price, and the other two quote some
# prices of Beijing's.
_SIDE_DOORS = {"bedrock_mantle", "dashscope", "qwen_ai_platform"}

# In these modes a bare "per second" or "per image" is of a certain thing.
_SENSES = {
    "chat": {"input_second": "runtime_second", "output_second": "runtime_second"},
    "realtime": {"input_second": "audio_second_in", "output_second": "audio_second"},
    "speech": {"image": "clip", "output_second": "audio_second"},
    "transcription": {"input_second": "audio_second_in", "output_second": "audio_second_in"},
    "video": {"input_second": "video_second_in", "output_second": "video_second"},
}

# What these make is no text.
_NO_TEXT_OUT = {
    *("embedding", "evaluation", "extraction", "image", "moderation", "ocr", "rerank", "speech"),
    *("transcription", "video"),
}

_OWN_UNITS = {
    "audio_second",
    "audio_second_in",
    "clip",
    "credit",
    "image",
    "input_character",
    "output_pixel",
    "page",
    "query",
    "request",
    "runtime_second",
    "video_second",
}


class LiteLLM:
    """The cost map that LiteLLM publishes and ships."""

    slug = "litellm"
    name = "LiteLLM"
    url = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
    licence = "MIT"

    def parse(self, body: bytes, *, as_of: datetime) -> Parsed:
        """Read the map. Pure. Raises WrongShape when the body is not a cost map."""
        reading = Reading()
        endpoints: dict[tuple[str, str], list[_Card]] = {}
        for key, row in _rows(body).items():
            if card := _card(key, row, reading):
                endpoints.setdefault((card.provider, card.upstream_id), []).append(card)
        listings = without_odd_zeros(
            [_listing(cards, reading) for cards in endpoints.values()], reading
        )
        return Parsed(self.slug, as_of, listings, not_expressed=reading.not_expressed)


SOURCE = LiteLLM()


@dataclass(slots=True)
class _Card:
    """What one key of the map says."""

    provider: str
    upstream_id: str
    facts: dict[str, Any]
    rates: Rates
    is_side_door: bool

    @property
    def rank(self) -> tuple[bool, int]:
        """Which of several is believed first: the higher one."""
        said = len(self.rates) + len(self.facts) + len(self.facts.get("capabilities", ()))
        return not self.is_side_door, said


class _Quote(NamedTuple):
    """A price as the map writes it: not checked, per single unit."""

    meter: str
    terms: Terms
    amount: Any
    field: str


class _Name(NamedTuple):
    """A key of the map, taken apart."""

    provider: str
    upstream_id: str
    options: Options
    region: str


def _rows(body: bytes) -> dict[str, Any]:
    rows = read_json(body, LiteLLM.name)
    if not isinstance(rows, dict):
        raise WrongShape("LiteLLM gave JSON that is not one object of models.")
    rows = {key: row for key, row in rows.items() if key not in _RESERVED}
    models = sum(1 for row in rows.values() if isinstance(row, dict) and "litellm_provider" in row)
    if models < FEWEST_MODELS:
        raise WrongShape(f"LiteLLM gave {models} models, and its cost map has thousands.")
    return rows


def _card(key: str, row: Any, reading: Reading) -> _Card | None:
    name = _identify(key, row["litellm_provider"]) if _is_row(row) else None
    if not name or not is_provider_slug(name.provider) or not is_upstream_id(name.upstream_id):
        reading.odd("model")
        return None
    if other := _not_a_model(key, row):
        reading.miss(f"not a model: {other}")
        return None
    row = {field: value for field, value in row.items() if value is not None}
    mode = _mode(row, reading)
    rates = _rates(row, mode, name, reading)
    facts = _facts(row, name, mode, rates, reading)
    _count_unheld(row, reading)
    return _Card(
        name.provider, name.upstream_id, facts, rates, row["litellm_provider"] in _SIDE_DOORS
    )


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and isinstance(row.get("litellm_provider"), str)


def _not_a_model(key: str, row: Row) -> str:
    """What a row is when it is no model: "" for a model."""
    mode = str(row.get("mode"))
    if mode in _NOT_MODELS:
        return mode.replace("_", " ")
    if key.endswith("/container"):
        return "container"
    if re.match(r"(fireworks|together)-ai-", key):
        return "price of a size of model"
    return ""


# --- Who it is ---------------------------------------------------------------------------------------

_IMAGE_SIZE = re.compile(r"(\d+|max)-x-(\d+|max)")
_STEPS = re.compile(r"(\d+|max)-steps")
_COMMITMENT = re.compile(r"(\d+-month)-commitment")
_QUALITIES = {"auto", "hd", "high", "low", "max", "medium", "standard"}
_AWS_REGION = re.compile(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d")
_AZURE_AREAS = {
    "apac": "apac",
    "eu": "eu",
    "global": "global",
    "global-standard": "global",
    "us": "us",
    "us-gov": "us-gov",
}
# Ways into Bedrock that LiteLLM tells apart, and the mark of a price that is the same everywhere.
_BEDROCK_ROUTES = {"*", "claude_platform", "converse", "invoke"}
# An inference profile: `us.` is part of the id that Bedrock's API takes.
_BEDROCK_AREA = re.compile(r"(us-gov|global|apac|us|eu|au|ca|in|jp)\.")


def _identify(key: str, provider_name: str) -> _Name:
    """Take a key apart: `azure/hd/1024-x-1024/dall-e-3` is Azure's dall-e-3 under two options.

    A region stays part of the id, since an endpoint has one region; size and quality are terms.
    """
    provider = slug_of(provider_name, LITELLM)
    *front, last = key.split("/")
    sized = any(_IMAGE_SIZE.fullmatch(segment) for segment in front)
    options = tuple(sorted(option for segment in front if (option := _option(segment, sized))))
    path = [segment for segment in front if not _option(segment, sized)]
    if path and _is_prefix(path[0], provider_name):
        del path[0]
    if provider == "amazon-bedrock":
        path = [segment for segment in path if segment not in _BEDROCK_ROUTES]
    if provider == "perplexity" and path:
        provider = "perplexity-agent"  # other creators' models are sold through another of its APIs
    return _Name(provider, "/".join([*path, last]), options, _region(provider, path, last))


def _option(segment: str, sized: bool) -> tuple[str, str] | None:
    """A path segment that is a term: a quality counts as one only beside a size."""
    if size := _IMAGE_SIZE.fullmatch(segment):
        return "size", f"{size[1]}x{size[2]}"
    if steps := _STEPS.fullmatch(segment):
        return "steps", steps[1]
    if commitment := _COMMITMENT.fullmatch(segment):
        return "commitment", commitment[1]
    return ("quality", segment) if sized and segment in _QUALITIES else None


def _is_prefix(segment: str, provider_name: str) -> bool:
    """Whether a first segment is LiteLLM's name of the provider:

    `vertex_ai` of `vertex_ai-llama_models`.
    """
    words = segment.replace("-", "_")
    return f"{provider_name}_".replace("-", "_").startswith(f"{words}_")


def _region(provider: str, path: list[str], last: str) -> str:
    first = path[0] if path else ""
    if provider == "azure":
        return _AZURE_AREAS.get(first, "")
    if provider != "amazon-bedrock":
        return ""
    area = _BEDROCK_AREA.match(last)
    return first if _AWS_REGION.fullmatch(first) else area[1] if area else ""


# --- What it costs -----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _price(field: str) -> tuple[str, Terms] | None:
    """The meter and the terms that a field's name states; None when it is no price that we know."""
    if sized := _SIZED.fullmatch(field):
        base, size = sized["base"], sized["size"].replace("_", " ").removesuffix(" interval")
        return _PRICES[base], Terms(options=((_SIZE_OPTION[base], size),))
    found = _MODIFIED.fullmatch(field)
    if not found or found["base"] not in _PRICES:
        return None
    meter = _PRICES[found["base"]]
    if found["life"]:
        if meter != "cache_write":
            return None
        meter = _CACHE_LIFE[found["life"]]
    tier = {"batches": "batch"}.get(found["tier"] or "", found["tier"] or "")
    band = Band(int(found["kilo"]) * 1000) if found["kilo"] else None
    return meter, Terms(tier=tier, band=band, options=_OPTIONS.get(found["base"], ()))


def _rates(row: Row, mode: str, name: _Name, reading: Reading) -> Rates:
    amounts: dict[RateKey, Decimal] = {}
    for quote in sorted(_quotes(row, name, reading), key=lambda quote: quote.field in _LEGACY):
        try:
            meter = _sense(quote, mode, row)
            amount = _dollars(quote.amount, meter)
        except (ValueError, ArithmeticError):
            reading.odd(quote.field)
            continue
        key = meter, _with_options(quote.terms, name.options)
        if amounts.setdefault(key, amount) != amount:
            reading.miss(f"second price: {quote.field}")
    if name.upstream_id.replace("_", "-") == "model-router":
        return _routed(amounts, reading)
    sells = kind_of(name.provider) not in ("plan", "local")
    if sells and not any(amounts.values()) and is_router(name.upstream_id):
        return {(rate.meter, rate.terms): rate for rate in routed(())}
    return _with_states(amounts, mode, name.provider)


def _quotes(row: Row, name: _Name, reading: Reading) -> Iterator[_Quote]:
    for field, value in row.items():
        if price := _price(field):
            yield _Quote(*price, value, field)
        elif read := _BLOCKS.get(field):
            try:
                yield from list(read(value, row, name, reading))
            except (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, OSError):
                reading.odd(field)


def _dollars(amount: Any, meter: str) -> Decimal:
    """Dollars per the meter's unit. Raises ValueError or ArithmeticError for what is no price."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise ValueError(f"{amount!r} is not a number")
    exact = rounded(Decimal(amount) * meter_of(meter).per)
    if exact < 0:
        raise ValueError(f"{amount} is below zero")
    return exact


def _sense(quote: _Quote, mode: str, row: Row) -> str:
    """The meter that is meant."""
    meter = quote.meter
    if mode == "image":
        return _sense_of_image(meter, row)
    if meter == "image" and row.get("supported_output_modalities") == ["audio"]:
        return "clip"
    if mode == "transcription" and meter in ("input_second", "output_second") and not quote.amount:
        # Sound is charged once, by either field; a zero in the other one is no second price.
        once = row.get("input_cost_per_second") or row.get("output_cost_per_second")
        return "audio_second" if once else "audio_second_in"
    return _SENSES.get(mode, {}).get(meter, meter)


def _sense_of_image(meter: str, row: Row) -> str:
    """Older rows of image models write the price of what is made as the price of an input."""
    if meter == "image_in" and "output_cost_per_image" not in row:
        return "image"
    if not row.get("output_cost_per_pixel"):
        return {"input_pixel": "output_pixel", "output_pixel": "input_pixel"}.get(meter, meter)
    return meter


def _with_options(terms: Terms, options: Options) -> Terms:
    return replace(terms, options=tuple(sorted(terms.options + options))) if options else terms


def _routed(amounts: Mapping[RateKey, Decimal], reading: Reading) -> Rates:
    """A router bills what the model behind it costs; what the map gives is the router's fee on top."""
    for _ in filter(None, amounts.values()):
        reading.miss("a router's fee")
    return {(meter, terms): StatedRate(meter, None, "dynamic", terms) for meter, terms in amounts}


def _with_states(amounts: Mapping[RateKey, Decimal], mode: str, provider: str) -> Rates:
    priced = {meter for (meter, _), amount in amounts.items() if amount}
    rates: Rates = {}
    for (meter, terms), amount in amounts.items():
        state = "priced" if amount else _meaning_of_zero(meter, mode, priced, provider)
        rates[meter, terms] = StatedRate(
            meter, amount if state in ("priced", "free") else None, state, terms
        )
    return rates


def _meaning_of_zero(meter: str, mode: str, priced: set[str], provider: str) -> State:
    """What a stated zero says.

    A card of zeros from a plan or a local server is paid for elsewhere. The map writes 0 as well
    for a meter that an endpoint has not got: text out of an embedding, an answer where the question
    alone is charged, or tokens where pages are what is counted. Any other zero is a price: writing
    to DeepSeek's cache costs nothing.
    """
    if not priced and kind_of(provider) in ("plan", "local"):
        return "included"
    if meter == "output" and (mode in _NO_TEXT_OUT or priced & {"input", "output"} == {"input"}):
        return "not_offered"
    if not priced:
        return "unknown" if provider in _NO_DOLLAR_PRICE else "free"
    if meter in ("input", "output") and priced & _OWN_UNITS and not priced & {"input", "output"}:
        return "not_offered"
    if meter in ("input_pixel", "image_in") or (meter, mode) == ("audio_second", "transcription"):
        return "not_offered"
    return "free"


def _tiers(tiers: Any, row: Row, name: _Name, reading: Reading) -> Iterator[_Quote]:
    """`range` is [low, high]: past low, up to high. The first starts at 0 and is the base card."""
    for tier in tiers:
        low, _ = tier["range"]
        if low < 0 or low != int(low):
            raise ValueError(f"{low} is no number of tokens")
        for field, amount in tier.items():
            if price := _price(field):
                meter, terms = price
                yield _Quote(
                    meter, replace(terms, band=Band(int(low))) if low else terms, amount, field
                )
            elif field != "range":
                reading.miss(f"field tiered_pricing.{field}")


def _off_peak(block: Any, row: Row, name: _Name, reading: Reading) -> Iterator[_Quote]:
    """Prices within recurring hours; the row's own prices hold for the rest of the week."""
    zone = block.get("weekday_timezone") or "UTC"
    rules = [*block.get("windows", ())]
    if "hours_utc" in block:
        rules.append({"hours_utc": block["hours_utc"]})
    schedules = tuple(_schedule(rule, zone) for rule in rules)
    if not schedules:
        raise ValueError("off-peak prices without hours")
    for field, amount in block.items():
        if price := _price(field):
            meter, terms = price
            yield _Quote(meter, replace(terms, schedules=schedules), amount, field)
        elif field not in ("windows", "hours_utc", "weekday_timezone"):
            reading.miss(f"field off_peak_pricing.{field}")


def _schedule(rule: Any, zone: str) -> Schedule:
    """One rule of LiteLLM's: hours are UTC, weekdays are those of `zone`, both of the instant
    itself.

    Our windows belong to the weekday they start on, in the schedule's own zone: so they are moved
    there and cut at midnight. Raises ValueError where the zone's clock changes with the season.
    """
    hours = rule["hours_utc"]
    weekdays = tuple(sorted(int(day) for day in rule.get("weekdays", range(1, 8))))
    if not weekdays or any(day not in range(1, 8) for day in weekdays):
        raise ValueError(f"{weekdays} are no weekdays")
    shift = _minutes_ahead(zone)
    windows = sorted(
        window
        for span in ([hours] if isinstance(hours, str) else hours)
        for window in _windows(span, shift)
    )
    return Schedule(tuple(windows), weekdays, zone)


def _minutes_ahead(zone: str) -> int:
    offsets = {ZoneInfo(zone).utcoffset(datetime(2026, month, 1)) for month in range(1, 13)}
    (offset,) = offsets  # more than one is a ValueError, as promised
    return int(offset.total_seconds()) // 60 if offset else 0


def _windows(span: str, shift: int) -> list[tuple[str, str]]:
    """`10:00-00:00`, moved by `shift` minutes, cut at midnight; equal ends are the whole day."""
    start, end = ((_minute(clock) + shift) % 1440 for clock in span.split("-"))
    if start == end:
        return [("00:00", "00:00")]
    if start < end or end == 0:
        return [(_clock(start), _clock(end))]
    return [(_clock(start), "00:00"), ("00:00", _clock(end))]


def _minute(clock: str) -> int:
    moment = datetime.strptime(clock.strip(), "%H:%M")
    return moment.hour * 60 + moment.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _web_search(costs: Any, row: Row, name: _Name, reading: Reading) -> Iterator[_Quote]:
    """A medium search context is what a request gets that does not ask for another: it is the base
    rate.

    But Perplexity's Sonar models search at every request, and what goes by the size is their fee
    for one. Deep research, at one price for every size, is charged for each search that it makes.
    """
    field = "search_context_cost_per_query"
    terms = _billed_by(row, name, reading)
    by_size = {size.removeprefix("search_context_size_"): cost for size, cost in costs.items()}
    if name.provider == "perplexity" and len(set(by_size.values())) > 1:
        for size, cost in by_size.items():
            yield _Quote("request", _with_options(BASE, (("search_context", size),)), cost, field)
        return
    medium = by_size.pop("medium", None)
    if medium is not None:
        yield _Quote("web_search", terms, medium, field)
    for size, cost in by_size.items():
        if cost is not None and cost != medium:
            yield _Quote(
                "web_search", _with_options(terms, (("search_context", size),)), cost, field
            )


def _maps_search(cost: Any, row: Row, name: _Name, reading: Reading) -> Iterator[_Quote]:
    yield _Quote(
        "maps_search", _billed_by(row, name, reading), cost, "google_maps_grounding_cost_per_query"
    )


def _billed_by(row: Row, name: _Name, reading: Reading) -> Terms:
    """What one search is.

    For Gemini the map names the unit, or means a grounded prompt by leaving it out.
    """
    unit = reading.text(row, "web_search_billing_unit", longest=40)
    if unit:
        return Terms(options=(("billed_by", unit.removeprefix("per_")),))
    return (
        Terms(options=(("billed_by", "prompt"),))
        if name.provider in ("google", "google-vertex")
        else BASE
    )


_BLOCKS: dict[str, Callable[[Any, Row, _Name, Reading], Iterator[_Quote]]] = {
    "google_maps_grounding_cost_per_query": _maps_search,
    "off_peak_pricing": _off_peak,
    "search_context_cost_per_query": _web_search,
    "tiered_pricing": _tiers,
}


# --- What it is --------------------------------------------------------------------------------------


def _mode(row: Row, reading: Reading) -> str:
    mode = reading.text(row, "mode", longest=30) or ""
    return _MODES.get(mode, mode.replace("_", "-"))


def _way_in(row: Row, mode: str, reading: Reading) -> str:
    """Chat, but for what takes no chat:

    `responses` and `completion` are asked through those APIs alone.
    """
    if mode != "chat":
        return mode
    paths = reading.words(row, "supported_endpoints")
    if "/v1/chat/completions" in paths:
        return "chat"
    return (
        "responses" if "/v1/responses" in paths or row["mode"] == "responses" else str(row["mode"])
    )


def _facts(row: Row, name: _Name, mode: str, rates: Rates, reading: Reading) -> dict[str, Any]:
    flags = {field: reading.flag(row, field) for field in row if field in _FLAGS}
    words = {
        ours: sorted(set(reading.words(row, theirs, 20))) for theirs, ours in _MODALITIES.items()
    }
    parameters = {
        word for field, named in _PARAMETERS.items() if flags.get(field) for word in named
    }
    capabilities = _capabilities(flags) | _caching(row, flags.get("supports_prompt_caching"), rates)
    if mode == "image" or "image" in words["modalities_out"]:
        capabilities["image-generation"] = True
    facts = {
        "mode": _way_in(row, mode, reading) or None,
        "region": name.region or _only_region(row, reading),
        **{ours: reading.tokens(row, theirs) for theirs, ours in _LIMITS.items()},
        **words,
        "capabilities": capabilities,
        "parameters": sorted(parameters),
        "deprecated_on": reading.day(row, "deprecation_date"),
    }
    return without_blanks(facts)


def _capabilities(flags: Mapping[str, bool | None]) -> dict[str, bool]:
    """What is stated. Several fields tell of vision, and one that says yes is enough."""
    found: dict[str, bool] = {}
    for field, capability in _CAPABILITIES.items():
        if (has := flags.get(field)) is not None:
            found[capability] = found.get(capability, False) or has
    return found


def _caching(row: Row, caches: bool | None, rates: Rates) -> dict[str, bool]:
    """The map says that prompts are cached, and its prices say how.

    Who pays for writing asked for the cache: explicit. Where only reading has a price, the provider
    caches by itself: implicit. Where neither has one nobody can tell.
    """
    if caches is None:
        return {}
    if not caches:
        return {"explicit-caching": False, "implicit-caching": False}
    priced = {meter for (meter, terms), rate in rates.items() if rate.amount and terms == BASE}
    if "cache_write" in priced or row.get("supports_prompt_cache_breakpoint") is True:
        return {"explicit-caching": True}
    both = "explicit_cache_read_input_token_cost" in row
    return ({"explicit-caching": True} if both else {}) | (
        {"implicit-caching": True} if "cache_read" in priced else {}
    )


def _only_region(row: Row, reading: Reading) -> str | None:
    """Where an endpoint is served from, when that is one place; several are no fact of one
    endpoint."""
    regions = reading.words(row, "supported_regions", longest=50)
    if len(regions) > 1:
        reading.miss("several regions of one endpoint")
    return regions[0] if len(regions) == 1 else None


def _count_unheld(row: Row, reading: Reading) -> None:
    """Count what nothing above has read."""
    for field in row:
        if field in _NOT_A_RATE:
            reading.miss(_NOT_A_RATE[field])
        elif field not in _READ and not _price(field):
            reading.miss(f"field {field}")
    for entry in reading.table(row, "provider_specific_entry"):
        if entry in _ENTRIES_NOT_A_RATE:
            reading.miss(_ENTRIES_NOT_A_RATE[entry])
        elif entry not in _ENTRIES_IGNORED:
            reading.miss(f"field provider_specific_entry.{entry}")


# --- Several keys of one endpoint ----------------------------------------------------------------------


def _listing(cards: list[_Card], reading: Reading) -> Listing:
    """One listing of all the keys of an endpoint: `gpt-4o` and `openai/gpt-4o`, or one key per
    image size.

    The fullest key is believed first, and the others add what it leaves open. The prices of a key
    that contradicts it are left out whole: two cards do not mix.
    """
    provider, upstream_id = cards[0].provider, cards[0].upstream_id
    facts: dict[str, Any] = {}
    rates: Rates = {}
    for card in sorted(cards, key=lambda card: card.rank, reverse=True):
        for fact in _LIMITS.values():
            if fact in card.facts and facts.get(fact, card.facts[fact]) != card.facts[fact]:
                reading.miss(f"{fact} of another key of {provider} {upstream_id}")
        if any(rates.get(key, rate) != rate for key, rate in card.rates.items()):
            reading.miss(f"prices of another key of {provider} {upstream_id}")
        else:
            rates = {**card.rates, **rates}
        abilities = {**card.facts.get("capabilities", {}), **facts.get("capabilities", {})}
        facts = {**card.facts, **facts} | ({"capabilities": abilities} if abilities else {})
    return Listing(provider, upstream_id, facts, tuple(rates.values()))


_FLAGS = {
    "supports_prompt_caching",
    "supports_prompt_cache_breakpoint",
    *_CAPABILITIES,
    *_PARAMETERS,
}

_READ = {
    *(
        "mode",
        "deprecation_date",
        "supported_regions",
        "provider_specific_entry",
        "web_search_billing_unit",
    ),
    "supported_endpoints",
    *_IGNORED,
    *_LIMITS,
    *_MODALITIES,
    *_FLAGS,
    *_BLOCKS,
}
