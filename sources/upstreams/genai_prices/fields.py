"""genai-prices' v2 data.json: what its prices and fields mean. Tables only."""

# Our meter of each price, and by which power of ten its unit is larger than ours.
METERS = {
    "input_mtok": ("input", 0),
    "output_mtok": ("output", 0),
    "cache_read_mtok": ("cache_read", 0),
    "cache_write_mtok": ("cache_write", 0),
    "cache_write_5m_mtok": ("cache_write", 0),
    "cache_write_1h_mtok": ("cache_write_1h", 0),
    "output_reasoning_mtok": ("reasoning", 0),
    "output_citation_mtok": ("citation", 0),
    "input_mchars": ("input_character", 0),
    "input_gpixels": ("input_pixel", 3),
    "input_document_kpages": ("page", 0),
    "input_annotated_document_kpages": ("annotation_page", 0),
    "input_text_messages_kcount": ("message", 0),
    "requests_kcount": ("request", 0),
    "rerank_searches_kcount": ("query", 0),
    "web_searches_kcount": ("web_search", 0),
    "storage_searches_kcount": ("file_search", 0),
    "social_searches_kcount": ("social_search", 3),
    "code_executions_kcount": ("code_execution", 3),
    # Divided by 3,600 it would seldom be exact: it stays a price per hour.
    "audio_hours": ("audio_hour", 0),
    "input_audio_hours": ("audio_hour_in", 0),
    "output_audio_hours": ("audio_hour_out", 0),
    **{
        f"{theirs.format(kind)}_mtok": (ours.format(kind), 0)
        for kind in ("audio", "image", "video")
        for theirs, ours in (
            ("input_{}", "input_{}"),
            ("output_{}", "output_{}"),
            ("cache_{}_read", "cache_read_{}"),
            ("cache_{}_write", "cache_write_{}"),
        )
    },
}
# The words of a request's context that name its service tier.
TIER_WORDS = ("processing", "service_tier", "speed")

# Also prose and links, and the rules for addresses and usage reports, which are not read.
PROVIDER_FIELDS = {
    *("id", "name", "models", "api_pattern", "pricing_urls", "description", "price_comments"),
    *("model_match", "provider_match", "extractors"),
}
MODEL_FIELDS = {
    *("id", "name", "match", "context_window", "deprecated", "prices", "price_variants"),
    *("description", "price_comments"),
}
