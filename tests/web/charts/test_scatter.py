import re
from random import Random
from xml.etree import ElementTree

import pytest

from web.charts.scatter import BOTTOM, LEFT, RIGHT, TOP, Point, draw, frontier


def point(slug, cost, context, price="$1.00"):
    return Point(slug, slug.upper(), cost, context, price)


def test_the_frontier_is_what_nothing_is_both_cheaper_and_larger_than():
    random = Random(1)
    points = [
        point(f"a/m{n}", random.uniform(0.001, 9), random.randint(1_000, 2_000_000))
        for n in range(300)
    ]
    beaten = [
        any(
            other.cost <= each.cost and other.context >= each.context and other is not each
            for other in points
        )
        for each in points
    ]
    best = frontier(points)
    assert {each.slug for each in best} == {
        each.slug for each, by in zip(points, beaten, strict=True) if not by
    }
    assert best == sorted(best, key=lambda each: each.cost)
    assert [each.context for each in best] == sorted(each.context for each in best)


def test_of_equals_one_is_on_the_frontier():
    assert [each.slug for each in frontier([point("a/x", 1, 10), point("a/y", 1, 10)])] == ["a/x"]
    assert [each.slug for each in frontier([point("a/x", 1, 10), point("a/y", 1, 20)])] == ["a/y"]


def drawn(points, linked=()):
    return draw(points, frontier(points), linked)


def test_every_point_is_drawn_once_and_links_are_named():
    points = [point(f"a/m{n}", n + 1, 1_000 * (9 - n)) for n in range(9)]
    svg = drawn(points, points[:3])
    tree = ElementTree.fromstring(svg)
    links = [element.get("href") for element in tree.iter() if element.tag == "a"]
    assert links == ["/models/a/m1/", "/models/a/m2/", "/models/a/m0/"]
    dots = next(element.get("d") for element in tree.iter() if element.get("class") == "dots")
    assert dots.count("M") == 6
    assert svg.count("<circle") == 3
    assert 'aria-label="A/M0: $1.00 per 1,000 requests, 9K context"' in svg


def test_cheaper_is_further_left_and_larger_is_higher_and_all_is_within_the_axes():
    small, large = point("a/cheap", 0.001, 1_000), point("a/dear", 100, 2_000_000)
    svg = drawn([small, large], [small, large])
    result = re.findall(r'cx="(\d+)" cy="(\d+)"', svg)
    (x1, y1), (x2, y2) = sorted((int(x), int(y)) for x, y in result)
    assert LEFT <= x1 < x2 <= RIGHT
    assert TOP <= y2 < y1 <= BOTTOM


@pytest.mark.parametrize(
    "points", [[point("a/x", 1, 10)], [point("a/x", 1, 10), point("a/y", 1, 10)]]
)
def test_one_place_is_drawn_too(points):
    assert "NaN" not in drawn(points)
    ElementTree.fromstring(drawn(points))


def test_nothing_to_draw_is_nothing():
    assert drawn([]) == ""


def test_names_are_escaped():
    hostile = Point("a/x", '"><script>alert(1)</script>', 1, 10, "$1")
    svg = drawn([hostile], [hostile])
    assert "<script>" not in svg
    ElementTree.fromstring(svg)
