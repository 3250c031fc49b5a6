"""OpenRouter's API: what its fields and words mean. Tables only."""

# Prices of one token, search or request.
METERS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "internal_reasoning": "reasoning",
    "audio": "input_audio",
    "audio_output": "output_audio",
    "input_audio_cache": "cache_read_audio",
    "image_token": "input_image",
    "request": "request",
    "web_search": "web_search",
}
# Prices of images, that of a token of the same direction, and the meters of a token and an image.
IMAGES = {
    "image": ("prompt", "input_image", "image_in"),
    "image_output": ("completion", "output_image", "image"),
}
# The price of an image is that of more tokens than this: the smallest picture has 85.
TOKENS_OF_AN_IMAGE = 64

# The prices are those after the discount: 0.00000005726 with a discount of 0.591 is 0.00000014 less
# 59.1 % (22 August 2026), though the schema describes the discount as still to be taken.
PRICING_FIELDS = {*METERS, *IMAGES, "overrides", "discount"}
CONDITIONS = {"min_prompt_tokens", "utc_start", "utc_end", "utc_days"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MODALITIES_IN = {"file": "pdf"}
# What comes out, and the mode that it means; text beside it is a chat.
MODES = {
    "embeddings": "embedding",
    "image": "image",
    "video": "video",
    "rerank": "rerank",
    "decisions": "evaluation",
    "speech": "speech",
    "transcription": "transcription",
}
# What of these comes out is no modality: vectors, scores and verdicts.
NO_MODALITIES = {"embeddings", "rerank", "decisions"}
SAME_MODALITY = {"speech": "audio", "transcription": "text"}

CAPABILITIES = {
    "tools": "tool-use",
    "structured_outputs": "structured-output",
    "reasoning": "reasoning",
}
TAKES = {"image": "vision", "audio": "audio-input", "video": "video-input", "file": "file-input"}
MAKES = {"image": "image-generation", "audio": "audio-output", "video": "video-generation"}

# Service tiers as the last part of a route's name.
TIERS = ("flex", "priority", "ultrafast")

# No day of removal: 2098-12-31.
NO_END = "2090"

MODEL_FIELDS = {
    *("id", "name", "created", "context_length", "architecture", "pricing", "top_provider"),
    *("supported_parameters", "knowledge_cutoff", "expiration_date", "alias_target", "links"),
}
ROUTE_FIELDS = {
    *("name", "model_id", "model_name", "provider_name", "tag", "pricing", "quantization"),
    *("max_prompt_tokens", "supports_implicit_caching", "latency_last_30m", "service_tier"),
    *("throughput_last_30m", "perf_last_30m_by_workload", "uptime_last_5m", "uptime_last_30m"),
    "uptime_last_1d",
}
PROVIDER_FIELDS = {
    *("name", "slug", "privacy_policy_url", "terms_of_service_url", "status_page_url"),
    "headquarters",
}

TTFT = "until the answer starts to stream"
TOKENS_PER_SECOND = "output tokens per second, end to end"
UPTIME = (
    "minutes in which 80 % of the attempts succeeded, without rate limits, of those with 10 or more"
)
UPTIMES = {"uptime_last_5m": "5m", "uptime_last_30m": "30m", "uptime_last_1d": "1d"}
