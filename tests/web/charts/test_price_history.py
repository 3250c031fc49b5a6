import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from web.charts.price_history import (
    BOTTOM,
    LEFT,
    RIGHT,
    SHORTEST,
    TOP,
    PriceChart,
    PriceLine,
    PriceStep,
    described,
    draw,
    span,
)
from web.charts.scales import amount_ticks, date_ticks

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MAY, AUGUST = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 8, 21, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)


def step(start, end, amount, announced=False, corrected=False):
    return PriceStep(start, end, None if amount is None else Decimal(amount), announced, corrected)


def chart(*lines):
    return PriceChart("history-input", "Input prices over time", "per million tokens", lines)


def paths(svg):
    """(class of the line, path, whether it is dashed) of everything that is no grid."""
    root = ElementTree.fromstring(svg)
    return [
        (group.get("class"), path.get("d"), "stroke-dasharray" in path.attrib)
        for group in root.iter("g")
        for path in group.iter("path")
    ]


def points(path):
    """The corners of a path made of M, H and V."""
    x = y = 0.0
    result = []
    for command, numbers in re.findall(r"([MHV])([\d. ]+)", path):
        values = [float(number) for number in numbers.split()]
        x, y = values if command == "M" else (values[0], y) if command == "H" else (x, values[0])
        result.append((x, y))
    return result


def test_a_price_is_a_step_that_ends_today():
    svg = draw(chart(PriceLine("OpenAI", (step(MAY, AUGUST, "5"), step(AUGUST, None, "4")))), NOW)
    ((name, path, dashed),) = paths(svg)
    assert (name, dashed) == ("l0", False)
    corners = points(path)
    assert corners[0] == (LEFT, pytest.approx(BOTTOM - 5 / 6 * (BOTTOM - TOP), abs=0.1))
    assert corners[-1] == (RIGHT, pytest.approx(BOTTOM - 4 / 6 * (BOTTOM - TOP), abs=0.1))
    at = LEFT + (AUGUST - MAY) / (NOW - MAY) * (RIGHT - LEFT)
    assert [round(x) for x, _ in corners] == [LEFT, round(at), round(at), round(at), RIGHT]


def test_an_open_start_begins_at_the_edge_with_an_arrow():
    svg = draw(chart(PriceLine("A", (step(None, AUGUST, "5"), step(AUGUST, None, "4")))), NOW)
    line, arrow = paths(svg)
    assert line[1].startswith(f"M{float(LEFT)} ")
    assert f"L{LEFT} " in arrow[1]
    assert "open" not in draw(chart(PriceLine("A", (step(MAY, None, "5"),))), NOW)


def test_what_is_announced_is_dashed_and_begins_after_today():
    svg = draw(
        chart(PriceLine("A", (step(MAY, JANUARY, "4"), step(JANUARY, None, "5", True)))), NOW
    )
    (_, held, solid), (_, coming, dashed) = paths(svg)
    assert (solid, dashed) == (False, True)
    today = points(held)[-1][0]
    assert LEFT < today < RIGHT
    assert points(coming)[0][0] == today
    assert points(coming)[-1][0] == RIGHT
    assert ">today</text>" in svg
    assert ">today</text>" not in draw(chart(PriceLine("A", (step(MAY, None, "4"),))), NOW)


def test_a_correction_has_a_ring_and_a_word_and_a_change_has_not():
    first = step(MAY, AUGUST, "5")
    moved = draw(chart(PriceLine("A", (first, step(AUGUST, None, "4")))), NOW)
    corrected = draw(chart(PriceLine("A", (first, step(AUGUST, None, "4", corrected=True)))), NOW)
    assert "<circle" not in moved
    (ring,) = ElementTree.fromstring(corrected).iter("circle")
    ((_, path, _),) = paths(corrected)
    assert (float(ring.get("cx")), float(ring.get("cy"))) == points(path)[-2]
    assert "correction" not in moved
    assert "A: $5.00 until Aug 21, 2026, then $4.00 (a correction)." in corrected
    assert "<circle" not in draw(
        chart(PriceLine("A", (first, step(AUGUST, None, None, corrected=True)))), NOW
    )


def test_no_amount_is_a_gap_and_no_zero():
    between = MAY + timedelta(days=30)
    steps = (step(MAY, between, "4"), step(between, AUGUST, None), step(AUGUST, None, "5"))
    ((_, path, _),) = paths(draw(chart(PriceLine("A", steps)), NOW))
    assert path.count("M") == 2
    assert "V" not in path
    assert max(y for _, y in points(path)) < BOTTOM


def test_a_time_without_a_price_is_a_gap_too():
    later = AUGUST + timedelta(days=10)
    ((_, path, _),) = paths(
        draw(chart(PriceLine("A", (step(MAY, AUGUST, "4"), step(later, None, "5")))), NOW)
    )
    assert "V" not in path


def test_free_is_a_line_at_the_bottom():
    ((_, path, _),) = paths(draw(chart(PriceLine("A", (step(MAY, None, "0"),))), NOW))
    assert {y for _, y in points(path)} == {BOTTOM}


def test_the_first_line_is_drawn_above_the_others():
    svg = draw(chart(*(PriceLine(name, (step(MAY, None, "1"),)) for name in "ABC")), NOW)
    assert [name for name, _, _ in paths(svg)] == ["l2", "l1", "l0"]


def test_names_are_escaped_in_the_drawing_and_in_words():
    svg = draw(
        chart(PriceLine("<b>A & B</b>", (step(None, AUGUST, "5"), step(AUGUST, None, None)))), NOW
    )
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == ["history-input-title", "history-input-desc"]
    assert root.find("desc").text == (
        "Prices per million tokens. <b>A & B</b>: $5.00 until Aug 21, 2026, then no price."
    )
    assert "style" not in svg


def test_words_say_what_is_announced_from_when():
    line = PriceLine("A", (step(MAY, JANUARY, "0.275"), step(JANUARY, None, "0.5", True)))
    assert described(chart(line)) == (
        "Prices per million tokens. A: $0.275 until Jan 1, 2027, then $0.50 announced from Jan 1, "
        "2027."
    )


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        ("0", ["0", "1"]),
        ("1", ["0", "0.5", "1"]),
        ("4", ["0", "1", "2", "3", "4"]),
        ("4.4", ["0", "2", "4", "6"]),
        ("5", ["0", "2", "4", "6"]),
        ("11", ["0", "5", "10", "15"]),
        ("0.0375", ["0", "0.01", "0.02", "0.03", "0.04"]),
        ("1150", ["0", "500", "1000", "1500"]),
    ],
)
def test_prices_are_marked_at_round_amounts_up_to_the_highest(highest, ticks):
    assert amount_ticks(Decimal(highest)) == [Decimal(tick) for tick in ticks]


@pytest.mark.parametrize("exponent", range(-12, 7))
@pytest.mark.parametrize("digits", [1, 19, 25, 4999, 99])
def test_every_amount_fits_under_the_highest_mark(exponent, digits):
    amount = Decimal(digits).scaleb(exponent)
    ticks = amount_ticks(amount)
    assert 2 <= len(ticks) <= 5
    assert ticks[-1] >= amount > ticks[-2]


@pytest.mark.parametrize(
    ("first", "labels"),
    [
        ((2026, 11, 1), ["Nov 2", "Nov 9", "Nov 16"]),
        ((2026, 6, 1), ["Jul 2026", "Sep", "Nov"]),
        ((2025, 1, 1), ["Jul 2025", "2026", "Jul"]),
        ((2022, 1, 1), ["2023", "2024", "2025", "2026"]),
        ((2016, 1, 1), ["2019", "2022", "2025"]),
    ],
)
def test_dates_are_days_months_or_years_and_the_year_is_never_guessed(first, labels):
    assert [label for _, label in date_ticks(datetime(*first, tzinfo=UTC), NOW)] == labels


@pytest.mark.parametrize("days", [*range(30, 400, 7), 1000, 3000, 10_000, 20_000])
def test_there_are_a_few_dates_whatever_the_span(days):
    ticks = date_ticks(NOW - timedelta(days=days), NOW)
    assert 1 <= len(ticks) <= 6
    assert all(NOW - timedelta(days=days) <= at <= NOW for at, _ in ticks)


def test_a_plot_spans_a_month_at_least_and_has_room_for_open_ends():
    assert span([PriceLine("A", (step(NOW - timedelta(days=1), None, "1"),))], NOW) == (
        NOW - SHORTEST,
        NOW,
    )
    first, last = span([PriceLine("A", (step(None, MAY, "1"), step(MAY, None, "2")))], NOW)
    assert first < MAY
    assert last == NOW
    first, last = span(
        [PriceLine("A", (step(MAY, JANUARY, "1"), step(JANUARY, None, "2", True)))], NOW
    )
    assert (first, last > JANUARY) == (MAY, True)
    assert span([], NOW) == (NOW - SHORTEST, NOW)
