"""Pasted usages of every kind of model, priced by the bundled catalog."""

import json
import re
from pathlib import Path

import pytest
from django.utils import timezone

from tests.conftest import BUNDLED_AT
from tests.web.page import price, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

USAGE = "/estimate/usage-json/"
CONVERSE = {
    "inputTokens": 300,
    "outputTokens": 412,
    "totalTokens": 60_712,
    "cacheReadInputTokens": 50_000,
    "cacheWriteInputTokens": 10_000,
    "cacheDetails": [{"ttl": "1h", "inputTokens": 2000}, {"ttl": "5m", "inputTokens": 8000}],
}
PRICED = {
    "an image of no stated parts": (
        {
            "created": 1795392000,
            "data": [{"b64_json": "x"}],
            "model": "gpt-image-1.5",
            "usage": {
                "input_tokens": 50,
                "output_tokens": 4160,
                "total_tokens": 4210,
                "input_tokens_details": {"text_tokens": 50, "image_tokens": 0},
            },
        },
        ("openai", "0.13337"),
    ),
    "a picture that is edited": (
        {
            "model": "gpt-image-1.5",
            "usage": {
                "input_tokens": 820,
                "output_tokens": 1000,
                "total_tokens": 1820,
                "input_tokens_details": {"text_tokens": 120, "image_tokens": 700},
                "output_tokens_details": {"text_tokens": 100, "image_tokens": 900},
            },
        },
        ("openai", "0.036"),
    ),
    "embeddings of many texts": (
        {"model": "text-embedding-3-large", "usage": {"prompt_tokens": 5e5, "total_tokens": 5e5}},
        ("openai", "0.065"),
    ),
    "search units of a reranker": (
        {"model": "rerank-v3.5", "meta": {"billed_units": {"search_units": 12}}},
        ("cohere", "0.024"),
    ),
    "tokens of a reranker": (
        {"model": "rerank-2.5", "usage": {"total_tokens": 40_000}},
        ("voyage", "0.002"),
    ),
    "seconds of sound": (
        {"model": "whisper-1", "usage": {"type": "duration", "seconds": 610}},
        ("openai", "0.061"),
    ),
    "pages of documents": (
        {"model": "mistral-ocr-2512", "usage_info": {"pages_processed": 7, "doc_size_bytes": 9}},
        ("mistral", "0.014"),
    ),
    "Bedrock's own words for a cache of two lives": (
        {"model": "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "usage": CONVERSE},
        ("amazon-bedrock", "0.070488"),
    ),
    "more than the stated context": (
        {
            "model": "claude-sonnet-4-5-20250929",
            "usage": {
                "input_tokens": 210_000,
                "cache_read_input_tokens": 0,
                "output_tokens": 1000,
            },
        },
        ("anthropic", "1.2825"),
    ),
    "pictures by their size and quality": (
        {
            "created": 1795392000,
            "model": "gpt-image-1",
            "data": [{"url": "x"}, {"url": "y"}],
            "size": "1024x1536",
            "quality": "medium",
        },
        ("openai", "0.126"),
    ),
    "seconds of film": (
        {"object": "video", "model": "sora-2", "seconds": "12", "size": "720x1280"},
        ("openai", "1.2"),
    ),
    "sound that is sold by the time alone": (
        {
            "model": "voxtral-mini-2602",
            "usage": {
                "prompt_audio_seconds": 120,
                "prompt_tokens": 4,
                "completion_tokens": 200,
                "total_tokens": 1700,
            },
        },
        ("mistral", "0.006"),
    ),
    "an id that most know from one host": (
        {"model": "llama-3.1-8b-instant", "usage": {"prompt_tokens": 1e6, "completion_tokens": 0}},
        ("groq", "0.05"),
    ),
    "a free variant at a gateway": (
        {
            "model": "meta-llama/llama-3.3-70b-instruct:free",
            "provider": "Venice",
            "usage": {"prompt_tokens": 5000, "completion_tokens": 10, "cost": 0},
        },
        ("openrouter", "0"),
    ),
    "a key of LiteLLM's with its region": (
        {"model": "azure/eu/gpt-4.1-mini", "usage": {"prompt_tokens": 1e5, "completion_tokens": 0}},
        ("azure", "0.044"),
    ),
    "a fee by the size of a search": (
        {
            "model": "sonar-pro",
            "usage": {
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "total_tokens": 1100,
                "num_search_queries": 3,
                "search_context_size": "low",
            },
        },
        ("perplexity", "0.0105"),
    ),
}


@pytest.fixture(autouse=True)
def at_the_time_of_the_catalog(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: BUNDLED_AT)


def paste(client, answer):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return client.post(USAGE, {"usage": text})


def main(response):
    row = next(row for row in rows(response, "costs") if "main" in row.get("class", ""))
    return row["data-provider"], price(row, "total")[1]


@pytest.mark.parametrize("kind", PRICED)
def test_each_kind_is_priced_where_it_was_most_likely_made(client, kind):
    answer, expected = PRICED[kind]
    assert main(paste(client, answer)) == expected


def test_what_ran_on_a_machine_of_ones_own_has_no_price_but_others_have(client):
    answer = {"model": "llama3.2:3b", "done": True, "prompt_eval_count": 26, "eval_count": 298}
    response = paste(client, answer)
    assert "Ollama runs on a machine of your own" in response.content.decode()
    found = rows(response, "costs")
    assert found
    assert not [row for row in found if "main" in row.get("class", "")]


# Stated costs -------------------------------------------------------------------------------------


def billed(response):
    """Whether the page finds a stated cost to be the same as ours, and its sentence."""
    _, found, rest = response.content.decode().partition('id="billed"')
    tag, _, text = rest.partition(">")
    return 'data-same="1"' in tag, " ".join(text.partition("</p>")[0].split()) if found else ""


FIVE = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}


@pytest.mark.parametrize(
    ("cost", "is_same", "sentence"),
    [
        (0.00325, True, "priced $0.00325: the same."),
        (0.003250000000001, True, ": the same."),
        (0.0065, False, "It is the price of the "),
        (0.001625, False, "tier."),
        (0.0034125, False, "It is 5.0 % more: a fee or a discount."),
        (9, False, "No tier, cache price or other endpoint of the model explains it."),
    ],
)
def test_a_stated_cost_is_compared_with_ours_with_the_likely_reason(
    client, cost, is_same, sentence
):
    found = billed(paste(client, {"model": "gpt-5", "response_cost": cost, "usage": FIVE}))
    assert found[0] == is_same
    assert sentence in found[1]
    assert billed(paste(client, {"model": "gpt-5", "usage": FIVE})) == (False, "")


def test_alike_usages_in_an_array_have_the_same_reason_each(client):
    answer = {"model": "gpt-5", "response_cost": 0.0065, "usage": FIVE}
    text = paste(client, [answer, answer, answer]).content.decode()
    (sentence,) = set(re.findall(r"It is the price of [^<]*", billed(paste(client, answer))[1]))
    assert text.count(sentence) == 3


def test_a_cache_that_was_not_billed_as_such_is_the_reason(client):
    usage = {**FIVE, "cost": 0.00325, "prompt_tokens_details": {"cached_tokens": 600}}
    found = paste(client, {"model": "gpt-5", "usage": usage})
    assert "with all cached tokens billed as input" in billed(found)[1]


LITELLM = json.loads(
    Path(__file__).parents[2].joinpath("payloads", "litellm", "usages.json").read_text()
)


# The catalog has prices by the hour of DeepSeek's, and another price of Mistral's newest.
OTHER_PRICES = {"deepseek/deepseek-chat", "mistral/mistral-large-latest"}


@pytest.mark.parametrize("response", LITELLM, ids=lambda response: response["model"])
def test_litellms_own_usages_cost_what_it_finds(client, response):
    """Made by LiteLLM 1.110.2 from made-up reports, and priced by its `completion_cost`."""
    found = billed(paste(client, response))
    assert found[0] == (response["model"] not in OTHER_PRICES), found[1]


# Several ------------------------------------------------------------------------------------------


def test_several_usages_are_priced_each_and_added_up_by_model(client):
    answers = [
        {"model": "gpt-5", "usage": FIVE},
        {"model": "gpt-5", "response_cost": 0.00325, "usage": FIVE},
        {"model": "no such model", "usage": FIVE},
        {"usage": FIVE},
        *(PRICED[kind][0] for kind in ("pages of documents", "seconds of sound")),
    ]
    response = paste(client, "\n".join(map(json.dumps, answers)))
    sums = {
        (row["data-model"], row["data-provider"]): price(row, "total")[:2]
        for row in rows(response, "sums")
    }
    assert sums == {
        ("openai/gpt-5", "openai"): ("priced", "0.0065"),
        ("openai/whisper-1", "openai"): ("priced", "0.061"),
        ("mistral/mistral-ocr-2512", "mistral"): ("priced", "0.014"),
        ("", ""): ("unknown", "0"),
    }
    html = " ".join(response.content.decode().split())
    assert 'data-amount="0.0815"' in html
    assert "2 of 6 have no price and are not in the total." in html
    assert "No model here goes by “no such model”" in html
    assert "It names no model" in html
    assert "1 state a cost: billed $0.00325, priced $0.00325: the same." in html
    assert len(rows(response, "usages")) == len(answers)


def test_at_most_two_hundred_are_shown_and_all_are_added_up(client):
    response = paste(client, json.dumps([{"model": "gpt-5", "usage": FIVE}] * 260))
    assert len(rows(response, "usages")) == 200
    html = " ".join(response.content.decode().split())
    assert "and 60 more, which are in the sums" in html
    assert 'data-amount="0.845"' in html


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        json.dumps([1] * 100_000),
        json.dumps([FIVE] * 1001),
        '{"a": ' * 5000,
        '{"model": "gpt-5", "usage": {"prompt_tokens": NaN}}',
        '{"model": "gpt-5", "usage": {"prompt_tokens": -5}}',
        '{"model": "gpt-5", "usage": {"prompt_tokens": 1, "prompt_tokens": 2}}',
        '{"model": "gpt-5", "usage": {"prompt_tokens": 1, "total_tokens": 7}}',
        "data: x",
    ],
)
def test_bad_input_gets_a_sentence_beside_the_field(client, text):
    response = paste(client, text)
    assert response.status_code == 200
    why = response.content.decode().partition('id="why-usage"')[2].partition("</p>")[0]
    assert why.endswith(".")


def test_a_trillion_tokens_are_priced(client):
    answer = {"model": "gpt-5", "usage": {"prompt_tokens": 10**12, "completion_tokens": 0}}
    assert main(paste(client, answer)) == ("openai", "1250000")
