from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict

from web.params.filter_words import filter_words
from web.params.models import ModelFilters

CAPABILITIES = {
    "vision": "Vision",
    "tool-use": "Tool use",
    "reasoning": "Reasoning",
    "file-input": "File input",
    "web-search": "Web search",
    "structured-output": "Structured output",
    "image-generation": "Image generation",
    "audio-input": "Audio input",
    "explicit-caching": "Explicit caching",
}


def read(search, onto=""):
    filters = filter_words(search, CAPABILITIES, ModelFilters.from_query(QueryDict(onto)))
    return None if filters is None else sorted(parse_qsl(filters.query()))


@pytest.mark.parametrize(
    ("search", "query"),
    [
        ("vision", "capability=vision"),
        ("vision tools", "capability=vision&capability=tool-use"),
        ("Tool-Use, function calling", "capability=tool-use"),
        ("tool_use and web search", "capability=tool-use&capability=web-search"),
        ("image input", "capability=vision"),
        ("image generation", "capability=image-generation"),
        ("images", "modality=image"),
        ("pdf", "modality=pdf"),
        ("json mode", "capability=structured-output"),
        ("zdr", "zdr=1"),
        ("zero-data-retention no training", "zdr=1&no_training=1"),
        ("open weights", "open_weights=1"),
        ("open source models", "open_weights=1"),
        ("eu", "region=eu"),
        ("in the EU", "region=eu"),
        ("vision in Europe", "capability=vision&region=eu"),
        ("gateway", "kind=gateway"),
        ("direct", "kind=first-party&kind=cloud&kind=inference-host"),
        ("not a reseller", "kind=first-party&kind=cloud&kind=inference-host&kind=gateway"),
        ("no resellers, zdr", "zdr=1&kind=first-party&kind=cloud&kind=inference-host&kind=gateway"),
        ("first-party", "kind=first-party"),
        # prices
        ("$1", "input_max=1"),
        ("<$1", "input_max=1"),
        ("< $1", "input_max=1"),
        ("≤ $1/M", "input_max=1"),
        ("under $0.50", "input_max=0.5"),
        ("$.5", "input_max=0.5"),
        ("up to $1 per million tokens", "input_max=1"),
        ("input <$1 output <$4", "input_max=1&output_max=4"),
        ("$1 input $4 output", "input_max=1&output_max=4"),
        ("output under 4", "output_max=4"),
        ("in < 1", "input_max=1"),
        ("＜＄１", "input_max=1"),
        # contexts
        ("200k", "context_min=200000"),
        (">= 200k", "context_min=200000"),
        ("≥200K context", "context_min=200000"),
        ("1m context", "context_min=1000000"),
        ("context window 1.5m", "context_min=1500000"),
        ("200k+", "context_min=200000"),
        ("1,000,000 tokens", "context_min=1000000"),
        ("128k tokens of context", "context_min=128000"),
        # beside other words
        ("vision <$1 200k", "capability=vision&input_max=1&context_min=200000"),
        (
            "vision + tools, ≤ $1/M, ≥ 200K context, EU, not a reseller",
            "capability=vision&capability=tool-use&input_max=1&context_min=200000&region=eu"
            "&kind=first-party&kind=cloud&kind=inference-host&kind=gateway",
        ),
        ("qwen with vision", "q=qwen&capability=vision"),
        ("models with vision and tools", "capability=vision&capability=tool-use"),
        ("gpt-5 mini vision", "q=gpt-5+mini&capability=vision"),
        ("phi 128k", "q=phi&context_min=128000"),
        ("kimi + vision, 200k", "q=kimi&capability=vision&context_min=200000"),
        ("vision at azure", "q=azure&capability=vision"),
    ],
)  # fmt: skip
def test_words_that_are_filters_are_read_as_such(search, query):
    assert read(search) == sorted(parse_qsl(query))


@pytest.mark.parametrize(
    "search",
    [
        *("", " ", "\0", "gpt-5 mini", "gemini flash", "phi-3-mini-128k-instruct", "llama 70b"),
        *(
            "o200k",
            "visionary",
            "gpt-4-vision-preview",
            "8x22b",
            "1",
            "200000",
            "$",
            "$x",
            "<",
            "m",
        ),
        *("$1234567890", "0k", "toolsmith", "input", "context", "and with", "k", "💸"),
    ],
)
def test_words_of_names_are_left_alone(search):
    assert read(search) is None


def test_filters_are_added_to_those_that_are_set():
    set_already = "q=old&creator=meta&capability=reasoning&input_max=9&page=3"
    assert read("vision <$1 llama", onto=set_already) == sorted(
        parse_qsl("q=llama&creator=meta&capability=reasoning&capability=vision&input_max=1")
    )


def test_the_last_of_two_values_counts():
    assert read("$1 $2") == [("input_max", "2")]


def test_a_capability_is_read_only_where_the_catalog_has_it():
    assert filter_words("vision", {}, ModelFilters()) is None


def test_a_search_of_the_greatest_length_is_read():
    assert read("$1 200k vision " * 13) is not None
    assert read("<" * 200) is None
    assert read("1" * 200) is None
    assert read("under " * 33) is None
