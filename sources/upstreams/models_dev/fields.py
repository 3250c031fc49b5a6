"""models.dev's api.json: what its fields and words mean. Tables only."""

FLAGS = {
    "attachment": "file-input",
    "reasoning": "reasoning",
    "tool_call": "tool-use",
    "structured_output": "structured-output",
}
MODALITIES_IN = {"image": "vision", "audio": "audio-input", "video": "video-input"}
MODALITIES_OUT = {
    "image": "image-generation",
    "audio": "audio-output",
    "video": "video-generation",
}
LIFECYCLE = {"alpha": "preview", "beta": "preview", "deprecated": "deprecated"}
REASONING_PARAMETERS = {
    "toggle": "reasoning",
    "effort": "reasoning_effort",
    "budget_tokens": "reasoning_budget",
}
METERS = (
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write",
    "input_audio",
    "output_audio",
)
LEGACY_THRESHOLD = 200_000

PROVIDER_FIELDS = {"id", "name", "doc", "env", "api", "npm", "models"}
MODEL_FIELDS = {
    *("id", "name", "family", "status", "limit", "modalities", "temperature"),
    *("reasoning_options", *FLAGS),
    *("release_date", "last_updated", "knowledge", "open_weights", "cost", "experimental"),
}
# The legacy band repeats one of the tiers.
COST_FIELDS = {*METERS, "tiers", "context_over_200k"}
