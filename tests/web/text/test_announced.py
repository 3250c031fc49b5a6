from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pricing.announced import CostChange
from web.text.announced import change_in_words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("7", "14", "doubles on 1 December"),
        ("7", "21", "triples on 1 December"),
        ("7", "3.5", "halves on 1 December"),
        ("100", "112", "rises 12 % on 1 December"),
        ("100", "92", "falls 8 % on 1 December"),
        ("7", "13.99", "rises 100 % on 1 December"),
        ("1", "14", "rises 1,300 % on 1 December"),
        ("100", "100.4", "rises by less than 1 % on 1 December"),
        ("0", "1", "is no longer free on 1 December"),
        ("1", "0", "becomes free on 1 December"),
    ],
)
def test_a_change_is_a_verb_by_its_ratio(before, after, words):
    change = CostChange(datetime(2026, 12, 1, tzinfo=UTC), Decimal(before), Decimal(after))
    assert change_in_words(change, date(2026, 11, 30)) == words


def test_the_year_is_named_where_it_is_another():
    change = CostChange(datetime(2027, 1, 1, tzinfo=UTC), Decimal(1), Decimal(2))
    assert change_in_words(change, date(2026, 12, 31)) == "doubles on 1 January 2027"
    assert change_in_words(change, date(2027, 1, 1)) == "doubles on 1 January"
