"""Which zeros say that an endpoint is free of charge."""

from decimal import Decimal

import pytest

from pricing.rates import StatedRate, stated
from pricing.terms import Terms
from sources.base import Listing
from sources.stated_zeros import without_unstated_zeros

NOTHING = (stated("input", 0), stated("output", 0))
PRICE = (stated("input", 1), stated("output", 2))


def states(
    provider: str,
    upstream_id: str,
    *others: Listing,
    trust: bool = True,
    rates: tuple[StatedRate, ...] = NOTHING,
) -> set[str]:
    """The states of an endpoint's rates, read with others from one source."""
    listings = [Listing(provider, upstream_id, rates=rates), *others]
    first, *_ = without_unstated_zeros(listings, trust_direct=trust)
    return {rate.state for rate in first.rates}


def priced(provider: str, number: int) -> list[Listing]:
    return [Listing(provider, f"sold-{n}", rates=PRICE) for n in range(number)]


def zero(provider: str, number: int) -> list[Listing]:
    return [Listing(provider, f"trial-{n}", rates=NOTHING) for n in range(number)]


@pytest.mark.parametrize("trust", [True, False])
@pytest.mark.parametrize(
    ("provider", "upstream_id", "state"),
    [
        ("kilo", "qwen/qwen3.8-27b:free", "free"),
        ("kilo", "kilo-auto/free", "free"),
        ("opencode", "glm-5-free", "free"),
        ("bothub", "Gemma-4-31B:FREE", "free"),
        ("openrouter", "stealth/space-bunny-alpha", "free"),
        ("kilo", "stealth/space-bunny-alpha", "unknown"),
        ("vercel", "liquid/d1", "unknown"),
        ("nvidia", "moonshotai/kimi-k3", "unknown"),
        ("google", "freeform-1", "unknown"),
    ],
)
def test_an_id_that_says_free_and_openrouters_zero_are_free(provider, upstream_id, state, trust):
    assert states(provider, upstream_id, trust=trust) == {state}


@pytest.mark.parametrize(
    ("provider", "sold", "tried", "state"),
    [
        ("zai", 2, 0, "free"),
        ("zai", 1, 0, "unknown"),
        ("zai", 3, 1, "free"),
        ("nvidia", 4, 82, "unknown"),
        ("modelscope", 0, 6, "unknown"),
        ("requesty", 150, 11, "unknown"),
        ("jiekou", 60, 0, "unknown"),
    ],
)
def test_a_direct_provider_that_sells_most_of_what_it_lists_may_give_the_rest(
    provider, sold, tried, state
):
    others = [*priced(provider, sold), *zero(provider, tried)]
    assert states(provider, "glm-4.7-flash", *others) == {state}
    assert states(provider, "glm-4.7-flash", *others, trust=False) == {"unknown"}


def test_a_zero_beside_a_price_is_a_price():
    card = (stated("input", Decimal("0.14")), stated("cache_write", 0))
    assert states("deepseek", "deepseek-chat", rates=card, trust=False) == {"priced", "free"}
    banded = (*NOTHING, stated("input", 1, terms=Terms(tier="priority")))
    assert states("google", "gemini", rates=banded, trust=False) == {"priced", "free"}


def test_what_a_plan_includes_and_what_is_not_offered_stay():
    card = (StatedRate("input", None, "included"), StatedRate("output", None, "not_offered"))
    assert states("zai-coding-plan", "glm-5.1", rates=card) == {"included", "not_offered"}
