"""Hugging Face's router: what its fields and words mean. Tables only."""

# Prices in US dollars per million tokens.
METERS = {"input": "input", "output": "output"}
CAPABILITIES = {
    "supports_tools": "tool-use",
    "supports_structured_output": "structured-output",
}
TAKES = {"image": "vision", "audio": "audio-input", "video": "video-input"}
MAKES = {"image": "image-generation", "audio": "audio-output", "video": "video-generation"}
# The status of a route that serves.
LIVE = "live"

MODEL_FIELDS = {"id", "object", "created", "owned_by", "architecture", "providers"}
ROUTE_FIELDS = {
    *("provider", "status", "context_length", "pricing", "is_free", "is_model_author"),
    *("first_token_latency_ms", "throughput", *CAPABILITIES),
}

TTFT = "first token, current value"
TOKENS_PER_SECOND = "throughput, current value"
