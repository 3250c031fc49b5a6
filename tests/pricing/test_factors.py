from decimal import Decimal

import pytest

from pricing.factors import factor_between, factor_words, is_unit_slip


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        ("1000", "1,000 ×"),
        ("0.000001", "1/1,000,000 of"),
        ("0.3333", "1/3 of"),
        ("0.6", "0.6 ×"),
        ("1.25", "1.25 ×"),
    ],
)
def test_a_factor_is_written_as_people_do(factor, words):
    assert factor_words(Decimal(factor)) == words


@pytest.mark.parametrize(
    ("before", "after", "factor", "slip"),
    [
        ("1.1", "1100", "1000", True),
        ("1.1", "0.0011", "0.001", True),
        ("0.275", "2.75", "10", True),
        ("1.1", "1.1", "1", False),
        ("3", "1", "0.3333", False),
        ("1", "20", "20", False),
        ("1", "0", "0", False),
    ],
)
def test_a_power_of_ten_is_a_slip_of_units(before, after, factor, slip):
    found = factor_between(Decimal(before), Decimal(after))
    assert (found, is_unit_slip(found)) == (Decimal(factor), slip)
