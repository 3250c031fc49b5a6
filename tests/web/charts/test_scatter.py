import re
from itertools import product
from random import Random
from xml.etree import ElementTree

import pytest

from web.charts.scatter import (
    GROUPS,
    NARROW,
    WIDE,
    Axis,
    Point,
    dollars,
    draw,
    frontier,
    outline,
    thousands_of_tokens,
)

AXES = (
    Axis("cost per 1,000 requests", "cost", dollars),
    Axis("tokens of context", "context", thousands_of_tokens),
)
RATINGS = (AXES[0], Axis("rating", "rating", "{:.0f}".format, logarithmic=False))


def point(slug, x, y, **stated):
    return Point(slug, slug.upper(), x, y, **stated)


def drawn(points, axes=AXES, geometry=WIDE, **stated):
    return draw(points, frontier(points), axes, geometry, title="Cost against context", **stated)


def elements(svg, tag):
    return [element for element in ElementTree.fromstring(svg).iter() if element.tag == tag]


def test_the_frontier_is_what_nothing_is_both_cheaper_and_better_than():
    random = Random(1)
    # Coarse places, so that many are equal in one or both.
    points = [
        point(f"a/m{n}", random.randint(1, 30) / 10, random.randint(1, 30)) for n in range(300)
    ]
    beaten = {
        one.slug
        for one, other in product(points, points)
        if other.x <= one.x and other.y >= one.y and (other.x, other.y) != (one.x, one.y)
    }
    best = frontier(points)
    assert {one.slug for one in best} == {one.slug for one in points} - beaten
    assert [one.x for one in best] == sorted(one.x for one in best)
    assert [one.y for one in best] == sorted(one.y for one in best)


def test_of_equals_all_are_on_the_frontier_or_none():
    same = [point("a/x", 1, 10), point("a/y", 1, 10)]
    assert frontier(same) == same
    assert frontier([*same, point("a/z", 1, 11)]) == [point("a/z", 1, 11)]
    assert frontier([*same, point("a/z", 0.9, 10)]) == [point("a/z", 0.9, 10)]


def test_the_least_may_be_the_best():
    points = [point("a/slow", 1, 9), point("a/fast", 2, 0.5), point("a/beaten", 3, 0.6)]
    assert [one.slug for one in frontier(points, low_is_better=True)] == ["a/slow", "a/fast"]
    assert frontier([]) == []


def test_every_point_is_drawn_once_and_links_are_named():
    points = [point(f"a/m{n}", n + 1, 1_000 * (9 - n), lines=("$1.00", "9K")) for n in range(9)]
    svg = drawn(points, linked=points[:3])
    links = [element.get("href") for element in elements(svg, "a")]
    assert sorted(links) == ["/models/a/m0/", "/models/a/m1/", "/models/a/m2/"]
    dots = next(one.get("d") for one in elements(svg, "path") if one.get("class") == "dots")
    assert dots.count("M") == 6
    titles = [element.text for element in elements(svg, "title")]
    assert sorted(titles) == [f"A/M{n}\n$1.00\n9K" for n in range(3)]
    assert len(elements(drawn(points), "a")) == 9


def places(svg):
    return {
        link.get("href"): tuple(map(float, re.match(r"M(\S+) (\S+?)[aL]", path.get("d")).groups()))
        for link in elements(svg, "a")
        for path in link
        if "point" in path.get("class", "")
    }


@pytest.mark.parametrize("geometry", [WIDE, NARROW])
@pytest.mark.parametrize("axes", [AXES, RATINGS])
def test_cheaper_is_further_left_and_better_is_higher_and_all_is_within_the_axes(geometry, axes):
    worse, better = point("a/cheap", 0.001, 1_000), point("a/dear", 100, 2_000_000)
    at = places(drawn([worse, better], axes, geometry))
    (x1, y1), (x2, y2) = at["/models/a/cheap/"], at["/models/a/dear/"]
    room = geometry.plot
    assert room.left <= x1 < x2 <= room.right
    assert room.top <= y2 < y1 <= room.bottom


def test_better_is_higher_where_the_least_is_the_best():
    latency = Axis("seconds", "s", "{:g}".format, low_is_better=True)
    at = places(drawn([point("a/slow", 1, 9), point("a/fast", 2, 0.5)], (AXES[0], latency)))
    assert at["/models/a/fast/"][1] < at["/models/a/slow/"][1]


@pytest.mark.parametrize(
    "points",
    [
        [point("a/x", 1, 10)],
        [point("a/x", 1, 10), point("a/y", 1, 10)],
        [point("a/x", 3, 10), point("a/y", 3, 20), point("a/z", 3, 30)],
    ],
)
@pytest.mark.parametrize("axes", [AXES, RATINGS])
def test_one_place_and_one_price_are_drawn_too(points, axes):
    svg = drawn(points, axes)
    assert "nan" not in svg.lower()
    assert len(elements(svg, "a")) == len(points)
    assert [text for text in elements(svg, "text") if (text.text or "").startswith("$")]


def test_nothing_to_draw_is_nothing():
    assert drawn([]) == ""


def test_names_are_escaped():
    svg = drawn([Point("a/x", '"><script>alert(1)</script>', 1, 10, ("<b>",))])
    assert "<script>" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)


def test_the_frontier_is_named_before_others_and_no_more_than_the_drawing_has_room_for():
    random = Random(3)
    points = [
        point(f"a/m{n}", random.uniform(0.01, 90), random.uniform(1000, 1500)) for n in range(250)
    ]
    for geometry in (WIDE, NARROW):
        svg = drawn(points, RATINGS, geometry)
        names = [text for text in elements(svg, "text") if text.get("aria-hidden")]
        assert len(names) <= geometry.names
        best = {one.name for one in frontier(points)}
        assert best & {text.text for text in names}
        assert {text.text for text in names if "best" in text.get("class")} <= best
    assert drawn(points, RATINGS) == drawn(points, RATINGS)


def test_no_two_groups_look_alike():
    assert len({outline(group, 0, 0, 10) for group in range(GROUPS)}) == GROUPS


def test_amounts_on_an_axis_are_short():
    assert [dollars(value) for value in (0.00001, 0.05, 0.2, 1, 20, 1000)] == [
        *("$0.00001", "$0.05", "$0.2", "$1", "$20", "$1,000")
    ]
