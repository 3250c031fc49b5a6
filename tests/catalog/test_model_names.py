import pytest

from catalog.model_names import model_name


def named(slug: str, *stated: str) -> str:
    return model_name(stated, slug)[0]


@pytest.mark.parametrize(
    ("stated", "slug", "name"),
    [
        (
            "Groq-Llama-4-Maverick-17B-128E-Instruct",
            "llama-4-maverick-17b-128e-instruct",
            "Llama 4 Maverick 17B 128E Instruct",
        ),
        ("x-AI/Grok-4-Fast", "grok-4-fast", "Grok 4 Fast"),
        ("Qwen/Qwen3-VL-8B-Instruct", "qwen3-vl-8b-instruct", "Qwen3-VL 8B Instruct"),
        ("anthropic--claude-3-sonnet", "claude-3-sonnet", "Claude Sonnet 3"),
        ("Baidu: CoBuddy (free)", "cobuddy", "CoBuddy"),
        ("Cohere Rerank 4 Fast", "rerank-v4.0-fast", "Rerank 4 Fast"),
        ("TheDrummer/Artemis v1.1", "artemis-v1.1", "Artemis v1.1"),
        ("GLM-4.5 X (Z AI)", "glm-4.5-x", "GLM-4.5-X"),
        ("Ring 2.6 1T Free", "ring-2.6-1t", "Ring 2.6 1T"),
        ("OrcaRouter Free", "free", "OrcaRouter Free"),
        ("Claude Haiku 4.5 (latest)", "claude-haiku-4.5", "Claude Haiku 4.5"),
        ("Mi:dm K 3.0 Pro", "midm-k-3.0-pro", "Mi:dm K 3.0 Pro"),
        ("o4-mini", "o4-mini", "o4-mini"),
    ],
)
def test_an_organisation_or_terms_are_no_part_of_a_name(stated: str, slug: str, name: str):
    assert named(slug, stated) == name


@pytest.mark.parametrize(
    ("stated", "slug", "name"),
    [
        ("GPT 6.1 Sol Pro", "gpt-6.1-sol-pro", "GPT-6.1 Sol Pro"),
        ("GPT-6.1 Sol", "gpt-6.1-sol", "GPT-6.1 Sol"),
        ("GPT-5 Mini", "gpt-5-mini", "GPT-5 mini"),
        ("GPT-5-Codex", "gpt-5-codex", "GPT-5 Codex"),
        ("Claude 3.5 Haiku", "claude-3.5-haiku", "Claude Haiku 3.5"),
        ("Gemini 3.5 Flash Lite", "gemini-3.5-flash-lite", "Gemini 3.5 Flash-Lite"),
        ("Qwen 3.8 27B", "qwen3.8-27b", "Qwen3.8 27B"),
        ("Qwen3 235B A22B", "qwen3-235b-a22b", "Qwen3 235B-A22B"),
        ("Qwen3 Coder Plus", "qwen3-coder-plus", "Qwen3-Coder Plus"),
        ("GLM 5.3 Prime", "glm-5.3-prime", "GLM-5.3-Prime"),
        ("Deepseek R1", "deepseek-r1", "DeepSeek R1"),
        ("MiniMax M1", "minimax-m1", "MiniMax-M1"),
        ("Llama-3.3-70B-Instruct", "llama-3.3-70b-instruct", "Llama 3.3 70B Instruct"),
        (
            "Grok 4.1 Fast (Non-Reasoning)",
            "grok-4.1-fast-non-reasoning",
            "Grok 4.1 Fast Non-Reasoning",
        ),
        ("GPT OSS 120B", "gpt-oss-120b", "gpt-oss-120b"),
        ("Command R+", "command-r-plus", "Command R+"),
    ],
)
def test_names_of_one_family_are_spelt_alike(stated: str, slug: str, name: str):
    assert named(slug, stated) == name


@pytest.mark.parametrize(
    ("slug", "stated", "name"),
    [
        ("qwen3-max-2026-01-23", ["Qwen3 Max"], "Qwen3 Max (2026-01-23)"),
        (
            "claude-3.5-sonnet-20240620",
            ["Claude Sonnet 3.5 June"],
            "Claude Sonnet 3.5 (2024-06-20)",
        ),
        ("gpt-4-32k", ["gpt 4"], "GPT-4 32K"),
        (
            "gemini-3-pro-image-preview",
            ["Nano Banana Pro"],
            "Gemini 3 Pro Image Preview (Nano Banana Pro)",
        ),
        ("kimi-k2-0711", ["Kimi K2 Instruct", "Kimi K2 0711"], "Kimi K2 0711"),
        ("gpt-5.1-chat", ["GPT-5.1"], "GPT-5.1 Chat"),
        ("gemma-4-26b-a4b-it-darksoul", ["Dark Soul"], "Gemma 4 26B-A4B IT Darksoul"),
        ("aion-rp-llama-3.1-8b", ["Llama 3.1 8b (uncensored)"], "Aion RP Llama 3.1 8B"),
        ("mistral-large-2512", ["Mistral Large 3"], "Mistral Large 3"),
        ("devstral-small-2507", ["Devstral Small"], "Devstral Small 2507"),
        ("wan2.7-t2v", ["wan2.7-t2v"], "Wan2.7 T2V"),
        ("gte-large-en-v1.5", [], "GTE Large EN v1.5"),
    ],
)
def test_a_name_tells_its_model_from_others_of_the_family(slug: str, stated: list[str], name: str):
    assert named(slug, *stated) == name


def test_the_stated_name_that_is_used_is_given_too():
    assert model_name(["gpt-7", "OpenAI: GPT 7"], "gpt-7") == ("GPT-7", "OpenAI: GPT 7")
    assert model_name(["gpt-7"], "gpt-7") == ("GPT-7", "")
