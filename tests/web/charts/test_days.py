"""A column a day, whole or with a part for each owner. Pure."""

from datetime import date, timedelta
from decimal import Decimal

from web.charts.days import HEIGHT, MOST_DAYS, WIDTH, DayCost, day_columns


def cost(day: str, owner: str | None, amount: str, requests: int = 1) -> DayCost:
    return DayCost(day, Decimal(amount), requests, owner)


def test_owners_are_stacked_in_their_order_with_the_others_above() -> None:
    drawing = day_columns(
        [
            *(cost("2026-11-20", "b", "1"), cost("2026-11-20", "rest", "1")),
            *(cost("2026-11-20", "a", "2"), cost("2026-11-21", "a", "2")),
        ],
        ["a", "b"],
    )
    assert drawing
    assert (drawing.series, drawing.most) == (("a", "b", "rest"), Decimal(4))
    places = [(part.series, float(part.y), float(part.height)) for part in drawing.parts]
    half, quarter = HEIGHT / 2, HEIGHT / 4
    assert places == [(0, half, half), (1, quarter, quarter), (2, 0, quarter), (0, half, half)]
    assert drawing.parts[0].title == "2026-11-20, a: $2.00, 1 request"


def test_where_nothing_cost_anything_nothing_is_drawn() -> None:
    assert day_columns([], []) is None
    assert day_columns([cost("2026-11-20", "a", "0")], ["a"]) is None


def test_a_days_column_is_as_high_as_it_cost_and_a_day_without_requests_leaves_a_gap() -> None:
    days = ("2026-11-20", "1"), ("2026-11-21", "4"), ("2026-11-22", "0"), ("2026-11-30", "1")
    drawing = day_columns([cost(day, None, amount, 1200) for day, amount in days])
    assert drawing and drawing.series == (None,)
    assert [float(part.height) for part in drawing.parts] == [HEIGHT / 4, HEIGHT, HEIGHT / 4]
    first, *others = (float(part.x) for part in drawing.parts)
    assert [round((x - first) / (others[0] - first)) for x in others] == [1, 10]
    assert drawing.parts[0].title == "2026-11-20: $1.00, 1,200 requests"


def test_owners_that_cost_nothing_are_not_in_the_legend() -> None:
    drawing = day_columns([cost("2026-11-20", "a", "1"), cost("2026-11-20", "rest", "0")], ["a"])
    assert drawing and drawing.series == ("a",)


def test_the_last_days_are_drawn_within_the_width() -> None:
    first = date(2026, 1, 1)
    days = [first + timedelta(days=number) for number in range(MOST_DAYS + 5)]
    drawing = day_columns([cost(day.isoformat(), "a", "1") for day in days], ["a"])
    assert drawing
    assert (len(drawing.parts), drawing.first) == (MOST_DAYS, days[5].isoformat())
    assert all(0 <= float(part.x) <= WIDTH - float(part.width) for part in drawing.parts)
    apart = day_columns([cost("2016-11-20", "a", "1"), cost("2026-11-21", "a", "1")], ["a"])
    assert apart and float(apart.parts[1].x) < WIDTH
