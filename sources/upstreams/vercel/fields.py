"""Vercel's AI Gateway: what its fields and words mean. Tables only."""

# Prices of one token, search, character or second.
METERS = {
    "input": "input",
    "output": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "web_search": "web_search",
    "maps_search": "maps_search",
    "image": "image",
    "speech_input_character_cost": "input_character",
    "transcription_duration_cost_per_second": "audio_second_in",
}
# Lists of prices by context: {cost, min, max}, from `min` tokens of input on.
TIERED = {
    f"{field}_tiers": METERS[field]
    for field in ("input", "output", "input_cache_read", "input_cache_write")
}
# Lists of prices by options: the field of the price, its meter, and the fields that are options.
BY_OPTIONS = {
    "image_dimension_quality_pricing": ("cost", "image", ("size", "quality", "operation", "style")),
    "video_duration_pricing": (
        *("cost_per_second", "video_second"),
        ("resolution", "mode", "audio", "voice_control"),
    ),
}
PRICING_FIELDS = {*METERS, *TIERED, *BY_OPTIONS, "service_tiers", "regional"}

MODES = {
    "embedding": "embedding",
    "image": "image",
    "realtime": "realtime",
    "reranking": "rerank",
    "speech": "speech",
    "transcription": "transcription",
    "video": "video",
}
# In these modes what comes out is no modality: vectors and scores.
NO_MODALITIES = {"embedding", "reranking"}
TAGS = {
    *("explicit-caching", "file-input", "image-generation", "implicit-caching", "reasoning"),
    *("tool-use", "vision", "web-search"),
}
TAKES = {"image": "vision", "audio": "audio-input", "video": "video-input", "pdf": "file-input"}
MAKES = {"image": "image-generation", "audio": "audio-output", "video": "video-generation"}
REASONING_PARAMETERS = {
    "toggle": "reasoning",
    "effort": "reasoning_effort",
    "budget_tokens": "reasoning_budget",
}

MODEL_FIELDS = {
    *("id", "object", "created", "released", "owned_by", "name", "type", "modalities", "pricing"),
    *("context_window", "max_tokens", "tags", "supported_parameters", "temperature", "knowledge"),
    *("reasoning_options", "regions", "deprecated_at", "no_training", "zdr"),
}
# Of a route; what it states of capabilities and limits, the model does too.
ROUTE_FIELDS = {
    *("name", "model_name", "provider_name", "context_length", "max_completion_tokens"),
    *("max_prompt_tokens", "quantization", "tags", "supported_parameters", "pricing", "status"),
    *("supports_implicit_caching", "uptime_last_15m", "uptime_last_1h", "uptime_last_1d"),
    *("latency_last_1h", "throughput_last_1h"),
}
# The prices of a route have OpenRouter's names; a zero states that there is none.
ROUTE_METERS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
}
ROUTE_TIERS = {"prompt_tiers": "input", "completion_tiers": "output"}

UPTIMES = {"uptime_last_15m": "15m", "uptime_last_1h": "1h", "uptime_last_1d": "1d"}
TTFT = "from the request reaching the provider to the first token"
TOKENS_PER_SECOND = "rate at which the provider returns output tokens"
UPTIME = "attempts that succeeded, without 4xx and without customers' own keys"
