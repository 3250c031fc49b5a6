from dataclasses import dataclass

import pytest

from catalog.sql import rows

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class Pair:
    left: int
    right: str


def test_every_row_is_a_record_whatever_the_order_of_the_columns():
    statement = (
        "SELECT right_ AS right, left_ AS left "
        "FROM unnest(%(a)s::int[], %(b)s::text[]) t (left_, right_)"
    )
    assert rows(Pair, statement, a=[1, 2], b=["x", "y"]) == [Pair(1, "x"), Pair(2, "y")]
    assert rows(Pair, "SELECT 1 AS left, 'x' AS right WHERE false") == []


@pytest.mark.parametrize(
    "statement", ["SELECT 1 AS left", "SELECT 1 AS left, 'x' AS right, 2 AS more"]
)
def test_columns_that_are_not_the_record_s_fields_are_an_error(statement):
    with pytest.raises(TypeError):
        rows(Pair, statement)
