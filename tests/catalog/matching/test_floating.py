import pytest

from catalog.matching.floating import is_floating


@pytest.mark.parametrize(
    "upstream_id",
    [
        "mistral-large-latest",
        "chat-latest",
        "codestral@latest",
        "devstral-latest@eu",
        "~anthropic/claude-opus-latest",
        "~openai/gpt-mini",
        "accounts/fireworks/routers/glm-latest",
        "grok-4.20-beta-latest-reasoning",
        "claude-3-5-haiku-Latest",
        "cohere.command-latest",
        "model:latest",
    ],
)
def test_an_id_that_names_no_version_floats(upstream_id: str) -> None:
    assert is_floating(upstream_id)


@pytest.mark.parametrize(
    "upstream_id",
    [
        "o4-mini",
        "o4-mini-2025-04-16",
        "gpt-5.1-chat",
        "openrouter/auto",
        "latest-lab/model-1",
        "translatest",
        "gemini-3-pro-preview",
        "x~latestish",
    ],
)
def test_other_ids_are_pinned(upstream_id: str) -> None:
    assert not is_floating(upstream_id)
