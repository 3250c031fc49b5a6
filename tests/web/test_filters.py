import pytest
from django.http import QueryDict

from web.filters import DEFAULT_SORT, SORTS, ModelFilters


def read(query):
    return ModelFilters.from_query(QueryDict(query))


def test_an_empty_query_is_the_newest_models_and_writes_nothing():
    assert read("") == ModelFilters(q="", sort=DEFAULT_SORT, page=1, complaints=())
    assert read("").query() == ""


def test_a_query_is_read_and_written_back_in_its_shortest_form():
    filters = read("page=3&unheard=of&sort=input&q=gpt+4.1++mini&sort=-released")
    assert (filters.q, filters.sort, filters.page) == ("gpt 4.1 mini", "-released", 3)
    assert filters.query(page=3) == "q=gpt+4.1+mini&page=3"


def test_any_change_but_a_page_goes_back_to_the_first_page():
    filters = read("q=o4&page=3")
    assert filters.query(sort="input") == "q=o4&sort=input"
    assert filters.query(page=4) == "q=o4&page=4"
    assert filters.query(q="") == ""


@pytest.mark.parametrize("column", SORTS)
def test_every_column_sorts_both_ways(column):
    assert read(f"sort={column}").sort == column
    assert read(f"sort=-{column}").descending
    assert not read(f"sort=-{column}").complaints


def test_a_click_sorts_by_the_first_direction_and_the_next_click_by_the_other():
    assert read("sort=name").sort_after_click("input") == "input"
    assert read("sort=input").sort_after_click("input") == "-input"
    assert read("sort=-input").sort_after_click("input") == "input"
    assert read("sort=input").sort_after_click("released") == "-released"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("sort=nope", "“nope” is no column to sort by"),
        ("sort=--input", "“--input” is no column to sort by"),
        ("sort=-", "“-” is no column to sort by"),
        ("sort=%00", "“�” is no column to sort by"),
        ("sort=" + "x" * 10_000, "“" + "x" * 40 + "…” is no column to sort by"),
        ("page=abc", "“abc” is no page number"),
        ("page=0", "“0” is no page number"),
        ("page=-1", "“-1” is no page number"),
        ("page=1e3", "“1e3” is no page number"),
        ("page=1.5", "“1.5” is no page number"),
        ("page=%EF%BC%93", "“３” is no page number"),
        ("page=" + "9" * 10_000, "“" + "9" * 40 + "…” is no page number"),
        ("q=a%00b", "the search held characters that are no text"),
        ("q=%ff%fe", "the search held characters that are no text"),
        ("q=a%0Db", "the search held characters that are no text"),
        ("q=" + "x" * 10_000, "the search was cut to 200 characters"),
    ],
)
def test_a_bad_value_falls_back_and_is_complained_of(query, complaint):
    filters = read(query)
    assert filters.complaints == (complaint,)
    assert filters.sort == DEFAULT_SORT
    assert filters.page == 1
    assert len(filters.q) <= 200
    assert "\x00" not in filters.q


def test_each_bad_value_is_named_and_the_good_ones_hold():
    filters = read("q=claude&sort=nope&page=abc")
    assert filters.q == "claude"
    assert len(filters.complaints) == 2


def test_a_sort_that_is_spelled_out_though_it_is_the_default_is_left_out():
    assert read("sort=-released").query() == ""
