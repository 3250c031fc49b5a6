"""The curated prices: of searches with their unit, and of writing to a cache."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pricing.price import price
from pricing.rates import RateCard, StatedRate
from pricing.usage import Usage
from sources.base import EndpointRule
from sources.rules import covering_rules, joined_rules
from sources.upstreams.curated.read import Curated, read_facts
from tests.sources.upstreams.test_curated import facts, parsed

NOW = datetime(2026, 11, 30, tzinfo=UTC)
AT = {"source": "https://xai.example/pricing", "checked": "2026-10-14"}
SEARCH = {
    "provider": "xai",
    "pattern": "^grok",
    "meter": "web_search",
    "price": "5",
    "unit": "call",
    **AT,
}


def rate_of(**fields: Any) -> StatedRate:
    (rule,) = parsed(search_prices=[SEARCH | fields]).rules
    (rate,) = rule.rates
    assert rule.evidence == {f"rate.{rate.meter}": ("https://xai.example/pricing", "2026-10-14")}
    return rate


def stated(provider: str, upstream_id: str) -> dict[tuple[str, str], StatedRate]:
    """What the files of this repository state, by meter and options."""
    rules = [
        row
        for row in read_facts(Curated().answer(now=NOW).pages).stated.values()
        if isinstance(row, EndpointRule) and row.provider == provider
    ]
    covering = covering_rules(rules, [upstream_id])
    rates = joined_rules(covering[upstream_id]).rates if covering else ()
    return {(rate.meter, " ".join(map(":".join, rate.terms.options))): rate for rate in rates}


def test_a_price_is_per_thousand_of_its_unit() -> None:
    assert (rate_of().amount, rate_of().terms.options) == (5, ())
    assert rate_of(unit="query").terms.options == (("billed_by", "query"),)
    assert rate_of(meter="social_search").amount == Decimal("0.005")
    assert rate_of(price="0").state == "free"


@pytest.mark.parametrize(
    ("content", "billed"), [("billed", True), ("not billed", False), (None, None)]
)
def test_whether_content_is_billed_is_stated_or_left_open(content, billed) -> None:
    fields = {"content": content} if content else {}
    assert rate_of(**fields).content_billed_as_input is billed


def test_an_allowance_a_fixed_block_and_an_engine_are_terms() -> None:
    terms = {"free_allowance": "5,000 a month", "content_tokens": 8000, "engine": "exa"}
    assert rate_of(**terms).terms.options == (
        ("content", "8,000 tokens a call"),
        ("engine", "exa"),
        ("free_allowance", "5,000 a month"),
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"meter": "web"}, "meter is “web”, and not one of web_search, social_search"),
        ({"price": "ten"}, "price is “ten”, and no amount such as 2.50"),
        ({"price": "-1"}, "price is “-1”, and no amount such as 2.50"),
        ({"price": "NaN"}, "price is “NaN”, and no amount such as 2.50"),
        ({"price": ""}, "price is missing"),
        ({"unit": ""}, "unit is missing"),
        ({"content": "maybe"}, "content is “maybe”, and neither billed nor not billed"),
        ({"content_tokens": "8000"}, "content_tokens is no number of tokens"),
        ({"until": "yesterday"}, "until is “yesterday”, and no date"),
        ({"until": "2026-10"}, "until is “2026-10”, and no day such as 2026-10-23"),
        ({"per": "call"}, "there is no field per"),
        ({"pattern": "("}, "pattern is no regular expression"),
    ],
)
def test_a_mistake_is_named_with_file_and_row(fields, reason) -> None:
    (complaint, *_) = facts(search_prices=[SEARCH | fields]).complaints
    assert complaint.startswith("search_prices.json, row 1 (xai): ")
    assert reason in complaint


def test_a_cache_write_without_a_price_is_a_mistake() -> None:
    row = {"provider": "alibaba", "ids": ["qwen-plus"], **AT}
    assert facts(cache_writes=[row]).complaints == (
        "cache_writes.json, row 1 (alibaba): it has no price.",
    )
    (rule,) = parsed(cache_writes=[{**row, "cache_write": "0.5", "cache_write_1h": "1"}]).rules
    assert [(rate.meter, rate.amount) for rate in rule.rates] == [
        ("cache_write", Decimal("0.5")),
        ("cache_write_1h", Decimal(1)),
    ]


def test_searches_of_the_files_have_price_unit_and_content() -> None:
    claude = stated("anthropic", "claude-sonnet-5")["web_search", ""]
    assert (claude.amount, claude.content_billed_as_input) == (10, True)
    assert not stated("anthropic", "claude-3-opus-latest")
    mini = stated("openai", "gpt-4.1-mini")
    assert mini["web_search", "content:8,000 tokens a call"].content_billed_as_input
    assert mini["web_search", ""].amount == 10
    preview = stated("openai", "gpt-4o-search-preview")["web_search", ""]
    assert (preview.amount, preview.content_billed_as_input) == (25, False)
    query = "billed_by:query free_allowance:5,000 queries a month, shared by Gemini 3 and later"
    gemini = stated("google", "gemini-3-flash-preview")["web_search", query]
    assert (gemini.amount, gemini.content_billed_as_input) == (14, False)
    grok = stated("xai", "grok-4.7")
    assert (grok["web_search", ""].amount, grok["social_search", ""].amount) == (
        5,
        Decimal("0.005"),
    )
    assert not stated("xai", "grok-imagine-image")
    assert not stated("openrouter", "black-forest-labs/flux.2-pro")


def test_an_estimate_bills_what_a_search_finds_where_that_is_stated() -> None:
    usage = Usage.of(input=11_000, web_search=2, search_content=10_000)
    plain = [StatedRate("input", Decimal(3))]
    for upstream_id, total in {"claude-sonnet-5": "0.053", "claude-opus-5": "0.053"}.items():
        card = RateCard((*plain, *stated("anthropic", upstream_id).values()))
        assert price(card, usage, at=NOW).total == Decimal(total)
    card = RateCard((*plain, *stated("google", "gemini-3-flash-preview").values()))
    assert price(card, usage, at=NOW).total == Decimal("0.031")


def test_sonars_fee_of_a_request_ended() -> None:
    fees = [rate for key, rate in stated("perplexity", "sonar").items() if key[0] == "request"]
    assert {rate.amount for rate in fees} == {5, 8, 12}
    assert {rate.valid_to for rate in fees} == {datetime(2026, 10, 23, tzinfo=UTC)}


def test_a_cache_write_is_of_a_model_that_a_source_names() -> None:
    opus = stated("google-vertex", "claude-opus-4-1@20250805")
    assert opus["cache_write_1h", ""].amount == 30
    assert not stated("google", "gemini-3.5-flash").keys() & {("cache_write", "")}
