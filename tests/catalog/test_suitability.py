import pytest

from catalog.suitability import aside, own_tier, writes


@pytest.mark.parametrize(
    "slug",
    [
        "amazon/titan-embed-text-v2",
        "mistral/codestral-embed-2505",
        "alibaba/qwen3-vl-embedding-8b",
        "gigachat/embeddings-2",
        "nvidia/llama-3.2-nv-embedqa-1b",
        "nvidia/nv-embedcode-7b",
        "baai/bge-large-en-v1.5",
        "intfloat/e5-large-v2",
        "nvidia/rerank-qa-mistral-4b",
        "baai/bge-reranker-base",
        "nvidia/nv-rerankqa-mistral-4b-v3",
        "google/gemini-2.5-flash-lite-preview-tts",
        "fish-audio/transcribe-1",
        "kblab/kb-whisper-large",
        "alibaba/qwen3-asr-flash",
        "xai/grok-stt",
        "fastino/gliner2.5-base",
        "meta/llama-guard-4-12b",
        "togetherai/gpt-jt-moderation-6b",
    ],
)
@pytest.mark.parametrize("mode", ["", "chat"])
def test_a_name_tells_what_nobody_asks_for_tokens_even_where_a_source_calls_everything_chat(
    slug, mode
):
    assert not writes(slug, mode, ["text"])


@pytest.mark.parametrize(
    "slug",
    [
        "openai/gpt-oss-safeguard-20b",
        "mistral/codestral",
        "whisper/story-8b",
        "xai/grok-voice-2.0",
        "nvidia/nemotron-voicechat",
        "unknown/embedded-coder-7b",
        "unknown/mottse5-8b",
    ],
)
def test_part_of_a_word_or_a_creators_name_tells_nothing(slug):
    assert writes(slug, "", ["text"]) and writes(slug, "", [])


@pytest.mark.parametrize(
    ("mode", "out", "does"),
    [
        ("chat", ["text"], True),
        ("", [], True),
        ("responses", ["text"], True),
        ("completion", [], True),
        ("realtime", ["audio", "text"], True),
        ("", ["audio"], False),
        ("chat", ["audio"], False),
        ("embedding", ["text"], False),
        ("transcription", [], False),
        ("evaluation", ["text"], True),
        ("evaluation", [], False),
    ],
)
def test_mode_and_modalities_tell_of_the_rest(mode, out, does):
    assert writes("openai/gpt-5", mode, out) is does


@pytest.mark.parametrize(
    ("kind", "variant", "reason"),
    [
        ("gateway", [], ""),
        ("gateway", ["fp8", "fast"], ""),
        ("plan", ["flex"], "plan"),
        ("local", [], "local"),
        ("inference-host", ["fast", "flex"], "deferred"),
        ("gateway", ["batch"], "deferred"),
        ("first-party", ["contributor"], "conditional"),
        ("gateway", ["coding", "free"], "conditional"),
    ],
)
def test_what_is_not_sold_at_once_to_everybody_is_ranked_for_no_workload(kind, variant, reason):
    assert aside(kind, variant) == reason


def test_an_ids_own_tier_is_the_one_that_it_names():
    assert [own_tier(words) for words in ([], [""], ["flex", "us"], ["batch"])] == [
        *("", "", "flex", "batch")
    ]
