"""Rating classes, and the intervals that they are read off."""

from datetime import date
from decimal import Decimal

import pytest

from catalog.rating_class import RatingInterval, is_at_least
from catalog.rating_intervals import rating_intervals
from catalog.ratings import Rating
from tests.factories import make_model, make_source


def interval(low, high):
    return RatingInterval(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("model", "other", "expected"),
    [
        ({"text": interval(1400, 1410)}, {"text": interval(1405, 1420)}, True),
        ({"text": interval(1400, 1405)}, {"text": interval(1405, 1420)}, True),
        ({"text": interval(1400, 1404)}, {"text": interval(1405, 1420)}, False),
        ({"text": interval(1500, 1510)}, {"text": interval(1405, 1420)}, True),
        ({"vision": interval(1500, 1510)}, {"text": interval(1405, 1420)}, False),
        ({}, {"text": interval(1405, 1420)}, False),
        ({"text": interval(1500, 1510)}, {}, False),
        ({}, {}, False),
    ],
)
def test_a_class_is_reached_where_the_intervals_overlap_or_the_other_lies_below(
    model, other, expected
):
    assert is_at_least(model, other) is expected


def test_only_the_first_board_of_the_other_counts():
    other = {"text": interval(1400, 1410), "vision": interval(1200, 1210)}
    assert not is_at_least({"text": interval(1300, 1310), "vision": interval(1300, 1310)}, other)


def rate(model, board, rating, name, category="overall"):
    Rating.objects.create(
        model=model,
        board=board,
        category=category,
        name=name,
        votes=1,
        rating=rating,
        low=rating - 5,
        high=rating + 5,
        rank=1,
        as_of=date(2026, 11, 1),
        source=make_source("arena"),
    )


@pytest.mark.django_db
def test_a_model_has_the_interval_of_its_best_overall_rating_on_each_board():
    model = make_model("a/m")
    for board, rating, name in (("document", 1100, "m"), ("text", 1400, "m"), ("text", 1450, "n")):
        rate(model, board, rating, name)
    rate(model, "text", 1900, "m", category="coding")
    (found,) = rating_intervals().values()
    assert list(found.items()) == [
        ("text", interval(1445, 1455)),
        ("document", interval(1095, 1105)),
    ]
