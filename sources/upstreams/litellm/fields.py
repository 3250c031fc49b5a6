"""LiteLLM's cost map: what its keys, fields and words mean. Tables only."""

import re
from typing import Final

Options = tuple[tuple[str, str], ...]

# The map has thousands; a file below this is another file, or a broken one. LiteLLM refuses it too.
FEWEST_MODELS: Final = 50

RESERVED = {"sample_spec", "fallback_generalizations"}

PRICES = {
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
OPTIONS: dict[str, Options] = {"explicit_cache_read_input_token_cost": (("caching", "explicit"),)}

# Older names of a price; where the newer name has another price, that one counts.
LEGACY = {"cost_per_second", "input_cost_per_token_cache_hit"}

# Parts that many rows price as their whole, and name on the base card alone.
PARTS = {"input": ("input_audio", "input_image", "input_video"), "output": ("reasoning",)}

# Tokens that a batch's prices may leave out.
LEFT_OUT = {
    *("cache_write", "cache_write_12h", "cache_write_1h", "input", "input_audio", "input_image"),
    *("input_video", "output", "output_audio", "output_image", "output_video", "reasoning"),
}

CACHE_LIFE = {"1hr": "cache_write_1h", "12hr": "cache_write_12h"}

MODIFIED = re.compile(
    r"(?P<base>\w+?)"
    r"(?:_above_(?P<life>1hr|12hr))?"
    r"(?:_above_(?P<kilo>\d{1,5})k_tokens)?"
    r"(?:_(?P<tier>batches|flex|priority|ultrafast|balanced|decisions))?"
)
SIZED = re.compile(
    r"(?P<base>output_cost_per_second|output_cost_per_image|input_cost_per_video_per_second)_"
    r"(?P<size>\d+(?:\.\d+)?(?:p|k|K)?|above_\d+s_interval)"
)
SIZE_OPTION = {
    "output_cost_per_second": "resolution",
    "output_cost_per_image": "size",
    "input_cost_per_video_per_second": "interval",
}

# What is no fact about a model or its price: LiteLLM's own plumbing, its rate limits, how it builds
# a request, and notes on where a row came from.
IGNORED = {
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
    "supports_bedrock_native_structured_output_by_default",
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
    "token_count_responses_framing",
    "token_count_responses_tool_framing",
    "token_count_tokenizer",
    "token_count_tool_framing",
    "tpm",
    "use_openai_responses_path",
    "uses_embed_content",
    "vertex_ai_audio_api",
}

# Stated, understood, and not a rate. A multiplier is not spelled out into prices: the map does not
# state which meters and tiers it covers, so the amounts would be ours. A free allowance is not a
# price of one unit. A DBU is Databricks' own unit; the same rows give the price in dollars.
NOT_A_RATE = {
    "fedramp_uplift_multiplier": "multiplier: FedRAMP",
    "input_dbu_cost_per_token": "price in Databricks units",
    "output_dbu_cost_per_token": "price in Databricks units",
    "regional_endpoint_uplift_multiplier": "multiplier: regional endpoint",
    "regional_processing_uplift_multiplier_eu": "multiplier: processing in the EU",
    "regional_processing_uplift_multiplier_us": "multiplier: processing in the US",
    "search_free_requests": "free allowance: searches",
}
ENTRIES_NOT_A_RATE = {
    "fedramp_uplift_multiplier": "multiplier: FedRAMP",
    "fast": "multiplier: fast mode",
    "minimax_free_input_images": "free allowance: input images",
    "us": "multiplier: US inference",
}
ENTRIES_IGNORED = {
    "bedrock_invocation_schema",
    "dashscope_video_reference_input",
    "realtime_ga_only",
    "transcription_json_or_text_only",
    "transcription_usage_duration",
    "volcengine_video_frames",
}

LIMITS = {"max_input_tokens": "max_input", "max_output_tokens": "max_output"}

MODALITIES = {
    "supported_modalities": "modalities_in",
    "supported_output_modalities": "modalities_out",
}

CAPABILITIES = {
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

# Callers mark what Claude caches, at every provider: in ids of these models.
MARKED_CACHES = "claude"

PARAMETERS = {
    **{
        f"supports_{level}_reasoning_effort": ("reasoning_effort",)
        for level in ("low", "max", "minimal", "none", "xhigh")
    },
    "supports_parallel_function_calling": ("parallel_tool_calls",),
    "supports_sampling_params": ("temperature", "top_p"),
    "supports_tool_choice": ("tool_choice",),
}

MODES = {
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "completion": "chat",
    "decisions": "evaluation",
    "image_edit": "image",
    "image_generation": "image",
    "responses": "chat",
    "video_generation": "video",
}

NOT_MODELS = {"guardrail", "search", "vector_store"}

# Prices by the instance, in roubles and in yuan: a card of zeros is a price in other units.
NO_DOLLAR_PRICE = {"amazon-sagemaker", "gigachat", "volcengine"}

# Other keys of an endpoint, with prices of their own, that give way: Bedrock's mantle lists a
# region's surcharge where the plain id lists the worldwide price, and the other two quote some
# prices of Beijing's.
SECONDARY = {"bedrock_mantle", "dashscope", "qwen_ai_platform"}

# In these modes a bare "per second" or "per image" is of a certain thing.
SENSES = {
    "chat": {"input_second": "runtime_second", "output_second": "runtime_second"},
    "realtime": {"input_second": "audio_second_in", "output_second": "audio_second"},
    "speech": {"image": "clip", "output_second": "audio_second"},
    "transcription": {"input_second": "audio_second_in", "output_second": "audio_second_in"},
    "video": {"input_second": "video_second_in", "output_second": "video_second"},
}

# What these make is no text.
NO_TEXT_OUT = {
    *("embedding", "evaluation", "extraction", "image", "moderation", "ocr", "rerank", "speech"),
    *("transcription", "video"),
}

OWN_UNITS = {
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

# Path segments of a key.
QUALITIES = {"auto", "hd", "high", "low", "max", "medium", "standard"}
AZURE_AREAS = {
    "apac": "apac",
    "eu": "eu",
    "global": "global",
    "global-standard": "global",
    "us": "us",
    "us-gov": "us-gov",
}
# Ways into Bedrock that LiteLLM tells apart, and the mark of a price that is the same everywhere.
BEDROCK_ROUTES = {"*", "claude_platform", "converse", "invoke"}

FLAGS = {
    "supports_prompt_caching",
    "supports_prompt_cache_breakpoint",
    *CAPABILITIES,
    *PARAMETERS,
}
