"""`make bench ARGS=…` runs the named parts."""

from importlib import import_module

import pytest

from bench.__main__ import PARTS, chosen_parts
from bench.report import at_least, at_most


def test_all_parts_run_without_a_name():
    assert chosen_parts([]) == list(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_each_part_measures(part):
    assert callable(import_module(f"bench.{part}").measure)


def test_named_parts_run_in_their_own_order():
    assert chosen_parts(["growth", "pages"]) == ["pages", "growth"]


def test_an_unknown_part_is_refused_in_one_sentence_with_the_known_names():
    with pytest.raises(SystemExit) as refused:
        chosen_parts(["pages", "page"])
    assert str(refused.value) == (f"bench: unknown part page; the parts are {', '.join(PARTS)}.")


@pytest.mark.parametrize(("ours", "held"), [(11.9, True), (12.0, True), (12.1, False)])
def test_a_small_figure_is_held_up_to_its_limit(ours, held):
    assert at_most("a page", ours, 2.0, 6, name="floor").held is held


@pytest.mark.parametrize(("ours", "held"), [(15.9, False), (16.0, True), (16.1, True)])
def test_a_rate_is_held_from_its_least_on(ours, held):
    assert at_least("a page", ours, 2.0, 8, name="peer").held is held


@pytest.mark.parametrize(
    ("number", "shown"), [(2.31, "2.31"), (999, "999"), (1000, "1 k"), (8.89e9, "8.89 G")]
)
def test_large_numbers_are_shortened(number, shown):
    assert at_least("a rate", number, 1, 1, name="peer").ours == f"{shown} /s"
