from itertools import combinations, pairwise
from random import Random

import pytest

from web.charts.labels import (
    LONGEST,
    Box,
    NamedPlace,
    cut_apart,
    place_labels,
    short_name,
    spread,
    text_width,
)

ROOM = Box(0, 0, 400, 300)


def named(x, y, name="Model", distances=(6,), **stated):
    return NamedPlace(x, y, name, distances, **stated)


def placed(places, taken=(), within=ROOM, size=12, most=99):
    return place_labels(places, taken, within, size, most)


def crowd(count, seed=1):
    random = Random(seed)
    return [
        named(random.uniform(0, 400), random.uniform(0, 300), f"Model {n} {'x' * (n % 9)}")
        for n in range(count)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_no_name_is_over_another_over_what_is_taken_or_outside(seed):
    places = crowd(120, seed)
    points = [Box(place.x - 4, place.y - 4, place.x + 4, place.y + 4) for place in places]
    boxes = [label.box for label in placed(places, points) if label]
    assert len(boxes) > 10
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert not any(box.overlaps(point) for box in boxes for point in points)
    assert all(box.is_within(ROOM) for box in boxes)


def test_the_same_places_always_get_the_same_labels():
    assert placed(crowd(80)) == placed(crowd(80))


def test_the_first_of_two_that_want_the_same_room_gets_it():
    tight = Box(90, 80, 150, 120)
    assert [bool(label) for label in placed([named(100, 100), named(101, 100)], (), tight)] == [
        *(True, False)
    ]


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_no_more_than_so_many_get_a_name(most):
    labels = placed([named(50, 50), named(200, 150), named(350, 250)], most=most)
    assert [bool(label) for label in labels] == [place < most for place in range(3)]


def test_a_name_fits_exactly_or_not_at_all():
    width, height = text_width("Model", 10), 12
    exact = Box(0, 0, width, height)
    place = named(width + 6, height / 2)
    assert placed([place], within=exact, size=10)[0].box == exact
    for less in (Box(0.1, 0, width, height), Box(0, 0.1, width, height)):
        assert placed([place], within=less, size=10) == [None]


def test_edges_may_touch():
    left, right = Box(0, 0, 10, 10), Box(10, 0, 20, 10)
    assert not left.overlaps(right)
    assert left.overlaps(Box(9.9, 9.9, 20, 20))
    assert not left.overlaps(Box(0, 10, 10, 20))


def test_a_name_farther_away_needs_a_line():
    around = [Box(80, 80, 94, 120), Box(106, 80, 120, 120), Box(94, 80, 106, 94)]
    around.append(Box(94, 106, 106, 120))
    (label,) = placed([named(100, 100, distances=(6, 40))], around)
    assert label.away
    assert not placed([named(100, 100)])[0].away


def test_a_bold_name_takes_more_room():
    plain, bold = placed([named(100, 100), named(300, 200, bold=True)])
    assert bold.box.right - bold.box.left > plain.box.right - plain.box.left


def test_long_names_are_cut_and_wide_characters_take_more_room():
    assert short_name("x" * LONGEST) == "x" * LONGEST
    assert short_name("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"
    assert text_width("模型", 10) > text_width("ab", 10) > text_width("il", 10)
    assert text_width("", 10) == 0


def test_nothing_to_name_is_nothing():
    assert placed([]) == []


@pytest.mark.parametrize("heights", [[], [50.0], [10, 11, 12, 160, 161, 163], [164] * 8, [12] * 8])
def test_labels_below_each_other_never_overlap(heights):
    placed = spread(heights, 11, 164)
    assert sorted(range(len(placed)), key=lambda n: placed[n]) == sorted(
        range(len(heights)), key=lambda n: (heights[n], n)
    )
    assert all(low - high >= 10.99 for high, low in pairwise(sorted(placed)))
    assert all(height <= 164 for height in placed)


def test_a_name_is_cut_at_the_width_that_it_may_have():
    names = ["Azure", "Weights & Biases Inference"]
    short, cut = cut_apart(names, 11, 80)
    assert short == "Azure"
    assert cut.endswith("…")
    assert text_width(cut, 11) <= 80 < text_width(f"{cut[:-1]}xx…", 11)
    assert cut_apart(["WWW"], 11, 1) == ["…"]


def test_names_that_would_be_cut_to_the_same_are_cut_in_the_middle():
    names = ["Llama Prompt Guard 2 86M", "Llama Prompt Guard 2 22M", "Llama Scout"]
    first, second, third = cut_apart(names, 11, 80)
    assert first.startswith("Llama")
    assert first.endswith("86M")
    assert second.endswith("22M")
    assert max(text_width(name, 11) for name in (first, second)) <= 80
    assert third == "Llama Scout"
