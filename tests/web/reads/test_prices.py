from decimal import Decimal

import pytest

from pricing.terms import Terms
from web.reads.prices import Price, billed_by, unstated


@pytest.mark.parametrize(
    ("meter", "mode", "lacks", "state"),
    [
        ("input", "chat", (), "unknown"),
        ("output", "chat", (), "unknown"),
        ("output", "embedding", (), "not_offered"),
        ("cache_read", "embedding", (), "not_offered"),
        ("input", "embedding", (), "unknown"),
        ("output", "rerank", (), "not_offered"),
        ("output", "image", (), "unknown"),
        ("cache_read", "chat", ("implicit-caching",), "unknown"),
        ("cache_read", "chat", ("implicit-caching", "explicit-caching"), "not_offered"),
        ("cache_write", "chat", ("explicit-caching",), "not_offered"),
        ("cache_write", "chat", ("implicit-caching",), "unknown"),
        ("web_search", "chat", ("web-search", "vision"), "not_offered"),
        ("web_search", "chat", ("vision",), "unknown"),
        ("reasoning", "chat", ("reasoning",), "not_offered"),
        ("input", "chat", ("vision", "reasoning"), "unknown"),
    ],
)
def test_a_meter_that_nobody_states_is_unknown_unless_its_absence_is_stated(
    meter, mode, lacks, state
):
    assert unstated(meter, mode, lacks) == Price(meter, state)


def test_a_price_knows_its_unit():
    assert Price("web_search", "priced", Decimal(10)).unit.short_unit == "/K"


def test_terms_may_say_that_something_else_is_counted():
    price = billed_by(
        Price("web_search", "priced", Decimal(14)), Terms(options=(("billed_by", "query"),))
    )
    assert (price.unit.unit, price.unit.per, price.unit.units) == ("query", 1000, "queries")
    assert billed_by(Price("image", "priced", Decimal(1)), Terms()).unit.units == "images"
