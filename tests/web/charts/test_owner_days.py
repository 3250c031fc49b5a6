"""A column a day, with a part for each owner. Pure."""

from datetime import date, timedelta
from decimal import Decimal

from web.charts.owner_days import HEIGHT, MOST_DAYS, WIDTH, OwnerDay, stack


def cost(day: str, owner: str, amount: str) -> OwnerDay:
    return OwnerDay(day, owner, Decimal(amount))


def test_owners_are_stacked_in_their_order_with_the_others_above() -> None:
    drawing = stack(
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
    assert drawing.parts[0].title == "2026-11-20, a: $2.00"


def test_where_nothing_cost_anything_nothing_is_drawn() -> None:
    assert stack([], []) is None
    assert stack([cost("2026-11-20", "a", "0")], ["a"]) is None


def test_the_last_days_are_drawn_within_the_width() -> None:
    first = date(2026, 1, 1)
    days = [first + timedelta(days=number) for number in range(MOST_DAYS + 5)]
    drawing = stack([cost(day.isoformat(), "a", "1") for day in days], ["a"])
    assert drawing
    assert (len(drawing.parts), drawing.first) == (MOST_DAYS, days[5].isoformat())
    assert all(0 <= float(part.x) <= WIDTH - float(part.width) for part in drawing.parts)
    apart = stack([cost("2016-11-20", "a", "1"), cost("2026-11-21", "a", "1")], ["a"])
    assert apart and float(apart.parts[1].x) < WIDTH
