from decimal import Decimal

import pytest

from web.format.figures import money, money_exact, partial_date, plain, rate, thousands, tokens


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "$0.00"),
        ("1.1", "$1.10"),
        ("4.4", "$4.40"),
        ("0.275", "$0.275"),
        ("0.0375", "$0.0375"),
        ("0.4", "$0.40"),
        ("0.07", "$0.07"),
        ("0.28", "$0.28"),
        ("150", "$150.00"),
        ("1150", "$1,150.00"),
        ("1234567.891", "$1,234,567.89"),
        ("0.123456", "$0.123"),
        ("0.000001234", "$0.00000123"),
        ("0.000000000001", "$0.000000000001"),
        ("1.375", "$1.38"),
        ("1.365", "$1.36"),
        ("0.99949", "$0.999"),
        ("0.99951", "$1.00"),
        ("0.09996", "$0.10"),
        ("9.995", "$10.00"),
        ("1E+2", "$100.00"),
        ("1E-7", "$0.0000001"),
    ],
)
def test_a_price_has_three_figures_and_never_fewer_than_cents(amount, shown):
    assert money(Decimal(amount)) == shown


@pytest.mark.parametrize("exponent", range(-12, 12))
def test_no_price_above_zero_is_shown_as_nothing(exponent):
    assert money(Decimal(1).scaleb(exponent)).strip("$0.,") != ""


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("2.6875", "$2.6875"),
        ("0.4", "$0.40"),
        ("3", "$3.00"),
        ("0.123456789012", "$0.123456789012"),
    ],
)
def test_the_exact_price_keeps_every_digit(amount, shown):
    assert money_exact(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        # Dust: less than 0.1 % of the price, and less than a twentieth of the last digit.
        ("1.99997", "≈ $2.00"),
        ("19.99998", "≈ $20.00"),
        ("2.49998", "≈ $2.50"),
        ("0.62503", "≈ $0.625"),
        ("0.04998", "≈ $0.05"),
        ("0.02001", "≈ $0.02"),
        ("2499.99998", "≈ $2,500.00"),
        ("1.0009999", "≈ $1.00"),
        ("0.12504999", "≈ $0.125"),
        # Exact, or rounded as prices are.
        ("2", "$2.00"),
        ("0.275", "$0.275"),
        ("2.6875", "$2.69"),
        ("1.0010011", "$1.00"),
        ("0.12505", "$0.125"),
        ("1.095896", "$1.10"),
        ("0.738075", "$0.738"),
        ("0.0833333333", "$0.0833"),
        ("0", "$0.00"),
    ],
)
def test_a_price_with_conversion_dust_is_about_the_short_one(amount, shown):
    assert rate(Decimal(amount)) == shown


def test_another_currency_goes_by_its_code():
    assert money(Decimal("8"), "CNY") == "CNY 8.00"
    assert rate(Decimal("7.99999"), "CNY") == "≈ CNY 8.00"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("1.100000000000", "1.1"),
        ("0", "0"),
        ("0.000000000000", "0"),
        ("150", "150"),
        ("1E+3", "1000"),
        ("2E-7", "0.0000002"),
    ],
)
def test_programs_get_plain_decimals(amount, written):
    assert plain(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "1"),
        (512, "512"),
        (999, "999"),
        (1000, "1K"),
        (4096, "4.1K"),
        (8192, "8.2K"),
        (9949, "9.9K"),
        (9950, "10K"),
        (16384, "16K"),
        (100_000, "100K"),
        (131_072, "131K"),
        (200_000, "200K"),
        (999_499, "999K"),
        (999_500, "1M"),
        (1_000_000, "1M"),
        (1_048_576, "1.05M"),
        (2_097_152, "2.1M"),
        (10_000_000, "10M"),
        (2_000_000_000, "2,000M"),
    ],
)
def test_tokens_are_counted_in_thousands_of_a_thousand(count, shown):
    assert tokens(count) == shown


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2025-04-16", "Apr 16, 2025"),
        ("2025-12-01", "Dec 1, 2025"),
        ("2024-05", "May 2024"),
        ("2024", "2024"),
        ("", ""),
    ],
)
def test_a_date_is_as_precise_as_it_is_known(iso, shown):
    assert partial_date(iso) == shown


def test_a_date_that_no_calendar_has_is_shown_as_stated():
    assert partial_date("2024-02-31") == "Feb 31, 2024"


def test_thousands_are_grouped():
    assert (thousands(999), thousands(2184), thousands(0)) == ("999", "2,184", "0")
