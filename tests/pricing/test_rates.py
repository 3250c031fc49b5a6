"""Amounts. Pure."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricing.rates import StatedRate, rounded, stated
from pricing.terms import Band, Schedule, Terms

EVERYTHING = Terms(
    tier="batch",
    band=Band(200_000, "gte", applies="marginal"),
    region="eu-west-1",
    schedules=(Schedule((("22:00", "00:30"),), weekdays=(6, 7), timezone="Asia/Shanghai"),),
    options=(("quality", "hd"),),
)


def test_a_positive_amount_is_a_price():
    assert stated("input", Decimal("1.10")) == StatedRate("input", Decimal("1.1"), "priced")


def test_a_stated_zero_is_free_and_an_absent_amount_is_unknown():
    assert stated("input", 0) == StatedRate("input", Decimal(0), "free")
    assert stated("input", Decimal("-0.00")).state == "free"
    assert stated("input", None) == StatedRate("input", None, "unknown")


def test_a_negative_amount_depends_on_the_request():
    assert stated("input", -1) == StatedRate("input", None, "dynamic")


def test_a_stated_rate_keeps_its_terms_and_dates():
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    for amount in (None, 0, 1, -1):
        rate = stated("input", amount, terms=EVERYTHING, valid_from=since, valid_to=until)
        assert (rate.terms, rate.valid_from, rate.valid_to) == (EVERYTHING, since, until)


@pytest.mark.parametrize(
    "rate",
    [
        stated("input", Decimal("0.275")),
        stated("input", 0),
        stated("input", None),
        stated("input", -1),
        StatedRate("input", None, "included"),
        StatedRate("input", None, "not_offered"),
        StatedRate("page", Decimal("1e-12"), currency="EUR"),
        stated("output", 2, terms=EVERYTHING, valid_from=datetime(2026, 1, 1, 16, tzinfo=UTC)),
        stated("output", 2, valid_to=datetime(2026, 1, 1, tzinfo=UTC)),
        StatedRate("web_search", Decimal(10), content_billed_as_input=True),
        StatedRate("web_search", Decimal(25), content_billed_as_input=False),
    ],
)
def test_a_stated_rate_reads_back_as_it_was_written(rate):
    assert StatedRate.from_json(rate.to_json()) == rate


def test_what_is_usual_is_left_out_of_a_written_rate():
    assert stated("input", Decimal("1.10")).to_json() == {"meter": "input", "amount": "1.1"}


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        ("1.10", "1.1"),
        ("100", "100"),
        ("1E+2", "100"),
        ("2.7500000000000004e-07", "0.000000275"),
        ("0.30000000000000004", "0.3"),
        ("1.7999999999999998", "1.8"),
        ("4.3999999999999995", "4.4"),
        ("9.999999999999999", "10"),
        ("0.123456789012345", "0.123456789012"),
        ("123456.123456789012", "123456.123456789"),
        ("1e-12", "0.000000000001"),
        ("5.1e-13", "0.000000000001"),
        ("999999999999", "999999999999"),
        ("-1", "-1"),
        ("0", "0"),
        ("-0.000", "0"),
        ("0e99", "0"),
    ],
)
def test_an_amount_is_kept_at_the_precision_that_is_stored(published, kept):
    assert format(rounded(Decimal(published)), "f") == kept


@pytest.mark.parametrize(
    "published", ["1.1", "2.7500000000000004e-07", "1e-12", "123456.123456789012"]
)
def test_rounding_twice_is_rounding_once(published):
    once = rounded(Decimal(published))
    assert rounded(once) == once


@pytest.mark.parametrize(
    "odd",
    [
        "NaN",
        "sNaN",
        "-NaN",
        "Infinity",
        "-Infinity",
        "1e12",
        "-1e12",
        "999999999999.99999",
        "1e999999",
    ],
)
def test_what_is_no_price_is_refused(odd):
    with pytest.raises(ValueError, match="not a price"):
        rounded(Decimal(odd))


@pytest.mark.parametrize("tiny", ["4e-13", "-4e-13", "1e-999999"])
def test_a_price_too_small_to_keep_is_refused_and_never_becomes_free(tiny):
    with pytest.raises(ValueError, match="not a price"):
        stated("input", Decimal(tiny))
