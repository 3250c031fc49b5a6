from django.http import QueryDict

from web.params.columns import Column, headings, sort_after_click, sortable
from web.params.tables import Table, TableFilters

COLUMNS = (Column("Name", "name"), Column("Models", "-models", numeric=True), Column("Links"))


def read(query):
    return TableFilters.from_query(QueryDict(query), Table(COLUMNS, "name"))


def test_columns_that_state_a_sort_may_be_sorted_by():
    assert sortable(COLUMNS) == {"name", "models"}


def test_a_click_sorts_by_the_first_direction_and_the_next_click_by_the_other():
    name, models, links = headings(COLUMNS, read("q=x&page=2"))
    assert (name.query, name.direction) == ("q=x&sort=-name", "ascending")
    assert (models.query, models.direction, models.numeric) == ("q=x&sort=-models", "", True)
    assert (links.key, links.query, links.direction) == ("", "", "")
    name, models, _ = headings(COLUMNS, read("sort=-models"))
    assert (name.query, name.direction) == ("", "")
    assert (models.query, models.direction) == ("sort=models", "descending")


def test_a_click_on_a_column_that_is_sorted_turns_it_around():
    price, released = Column("Input", "input"), Column("Released", "-released")
    assert sort_after_click(price, "name") == "input"
    assert sort_after_click(price, "input") == "-input"
    assert sort_after_click(price, "-input") == "input"
    assert sort_after_click(released, "input") == "-released"


def test_a_table_that_is_not_sorted_has_no_direction():
    assert [heading.direction for heading in headings(COLUMNS, read("sort=nope"))][1:] == ["", ""]
