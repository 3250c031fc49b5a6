"""What a search finds first, in the bundled catalog."""

from datetime import date
from fnmatch import fnmatch

import pytest
from django.http import QueryDict

from catalog.models import Model
from web.params.models import ModelFilters
from web.reads.found_models import find_models

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

TODAY = date(2026, 11, 30)
# The search, the model that comes first, and what is not among the first five, as patterns.
SEARCHES = {
    "opus": ("anthropic/claude-opus-*", "community/*"),
    "claude opus 4.8": ("anthropic/claude-opus-4.8", ""),
    "opus 4.8": ("anthropic/claude-opus-4.8", ""),
    "claude": ("anthropic/claude-*", "anthropic/claude"),
    "sonnet": ("anthropic/claude-sonnet-*", "anthropic/claude-3*"),
    "claude sonnet 4": ("anthropic/claude-sonnet-4", ""),
    "sonnet45": ("anthropic/claude-sonnet-4.5", ""),
    "haiku": ("anthropic/claude-haiku-4.5", "community/*"),
    "gpt-5": ("openai/gpt-5", "openai/gpt-4*"),
    "gpt-5 mini azure": ("openai/gpt-5-mini", ""),
    "gpt 5.5": ("openai/gpt-5.5", ""),
    "gpt-6": ("openai/gpt-6*", "openai/gpt-5*"),
    "gpt": ("openai/gpt-*", "nano-gpt/*"),
    "gpt4.1": ("openai/gpt-4.1", ""),
    "gpt-4o": ("openai/gpt-4o", "openai/gpt-4.1*"),
    "gpt oss": ("openai/gpt-oss-120b", ""),
    "o3": ("openai/o3", ""),
    "gemini": ("google/gemini-*", "google/gemini-[12]*"),
    "gemini flash": ("google/gemini-3.8-flash", "*experimental"),
    "llama": ("meta/llama-*", "nvidia/*"),
    "llama 70b": ("meta/llama-3.3-70b-instruct", "sao10k/*"),
    "mistral": ("mistral/mistral-*", "mistral/mistral"),
    "mistral large": ("mistral/mistral-large", "mistral/pixtral*"),
    "deepseek": ("deepseek/deepseek-v4*", "*distill*"),
    "deepseek v3": ("deepseek/deepseek-v3", ""),
    "r1": ("deepseek/deepseek-r1*", "skywork/*"),
    "kimi": ("moonshotai/kimi-k3", ""),
    "qwen coder": ("alibaba/qwen3-coder-480b-a35b-instruct", ""),
    "grok": ("xai/grok-4*", "xai/grok-[23]*"),
    "glm": ("zhipuai/glm-5*", "zhipuai/glm-4.5*"),
    "mini": ("openai/gpt-5.4-mini", "minimax/*"),
    "minimax": ("minimax/minimax-m3", ""),
    "gemma": ("google/gemma-*", "community/*"),
    "nova": ("amazon/nova-*", "deepgram/*"),
    "command": ("cohere/command-*", "cohere/command"),
    "embedding": ("*embedding*", "gigachat/*"),
    "text-embedding-3-small": ("openai/text-embedding-3-small", ""),
    "whisper": ("openai/whisper-*", "kblab/*"),
    "rerank": ("*/rerank-*", "amazon/rerank"),
    "image": ("*-image*", "google/imagen*"),
    "codex": ("openai/gpt-5.3-codex", ""),
}


def test_the_model_that_a_search_means_comes_first():
    slugs = dict(Model.objects.values_list("id", "slug"))
    missed = {}
    for search, (first, absent) in SEARCHES.items():
        filters = ModelFilters.from_query(QueryDict.fromkeys(["q"], search, mutable=True))
        found = [slugs[model] for model in find_models(filters, TODAY, 0, 5).ids]
        if not fnmatch(found[0], first) or any(fnmatch(slug, absent) for slug in found):
            missed[search] = found
    assert missed == {}
