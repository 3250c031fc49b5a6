from decimal import Decimal

import pytest

from web.reads.prices import Price
from web.text.changes import change_in_full, models_in_words, percent, percent_exact


def price(amount: str | None, state: str = "priced", currency: str = "USD") -> Price:
    return Price("input", state, Decimal(amount) if amount else None, currency=currency)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("3", "2.5", "−16.7 %"),
        ("2", "4", "+100 %"),
        ("0.4", "0.5", "+25 %"),
        ("0.08", "1", "+1,150 %"),
        ("3200", "3.2", "−99.9 %"),
        ("9710", "0.971", "−>99.9 %"),
        ("1", "1.0004", "+<0.1 %"),
        ("1.5", "4.2", "+180 %"),
        ("8", "8.004", "+<0.1 %"),
        ("8", "8.0048", "+0.1 %"),
    ],
)
def test_percentages_are_rounded_to_tenths_and_never_hide_a_change(before, after, words):
    assert percent(percent_exact(price(before), price(after))) == words


def test_a_percentage_is_exact():
    assert percent_exact(price("0.3"), price("0.275")) == Decimal(-25) / 3
    assert percent_exact(price("0.000001"), price("0.000003")) == 200


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (price(None, "unknown"), price("1")),
        (price(None, "free"), price("1")),
        (price("0", "free"), price("1")),
        (price("1"), price(None, "dynamic")),
        (price("1"), price("1", currency="EUR")),
    ],
)
def test_there_is_no_percentage_without_two_amounts_of_one_currency(before, after):
    assert percent_exact(before, after) is None


def test_a_price_that_becomes_free_fell_by_all_of_it():
    free = price("0", "free")
    assert percent(percent_exact(price("1"), free)) == "−100 %"


def test_a_change_is_in_full():
    words = change_in_full(price("0.3"), price("0.75"), "Batch")
    assert words == (
        "Input, batch: $0.75 per million tokens, before $0.30 per million tokens, +150 %"
    )
    unknown = change_in_full(price(None, "unknown"), price("0.75"), "")
    assert unknown == "Input: $0.75 per million tokens, before not known"


def test_many_models_are_counted():
    assert models_in_words(["A"]) == "A"
    assert models_in_words(["A", "B", "A"]) == "A and B"
    assert models_in_words(["A", "B", "C"]) == "A, B and C"
    assert models_in_words(["A", "B", "C", "D"]) == "A, B and 2 more models"
