import pytest
from django.http import QueryDict

from web.params.columns import Column
from web.params.lists import page_count
from web.params.tables import Table, TableFilters

TABLE = Table(
    columns=(Column("Name", "name"), Column("Models", "-models", numeric=True), Column("Links")),
    default_sort="name",
    kinds=("cloud", "local"),
)


def read(query):
    return TableFilters.from_query(QueryDict(query), TABLE)


def test_an_empty_query_is_the_whole_table_and_writes_nothing():
    assert read("") == TableFilters(TABLE, sort="name")
    assert read("").query() == ""


def test_a_query_is_read_and_written_back_in_its_shortest_form():
    filters = read("page=3&unheard=of&sort=-models&q=ai++hub&kind=cloud")
    assert (filters.q, filters.kind, filters.sort, filters.page) == (
        "ai hub",
        "cloud",
        "-models",
        3,
    )
    assert filters.query(page=3) == "q=ai+hub&kind=cloud&sort=-models&page=3"
    assert filters.query(kind="") == "q=ai+hub&sort=-models"
    assert read("sort=name").query() == ""


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("kind=nope", "“nope” is no kind of provider"),
        ("kind=%00", "“�” is no kind of provider"),
        ("sort=links", "“links” is no column to sort by"),
        ("sort=--name", "“--name” is no column to sort by"),
        ("sort=-", "“-” is no column to sort by"),
        ("page=0", "“0” is no page number"),
        ("q=a%00b", "the search held characters that are no text"),
    ],
)
def test_a_bad_value_falls_back_and_is_complained_of(query, complaint):
    filters = read(query)
    assert filters.complaints == (complaint,)
    assert (filters.kind, filters.sort, filters.page) == ("", "name", 1)


def test_a_table_without_kinds_knows_no_such_parameter():
    filters = TableFilters.from_query(QueryDict("kind=cloud"), Table(TABLE.columns, "name"))
    assert (filters.kind, filters.complaints) == ("", ())


def test_a_page_past_the_last_is_the_last_and_a_complaint_says_so():
    assert read("page=3").within(101) == read("page=3")
    assert read("from=2&page=9").within(101).query(page=3, first=2) == "from=2&page=3"
    filters = read("page=1000").within(101)
    assert (filters.page, filters.start) == (3, 100)
    assert filters.complaints == ("there is no page 1,000, this is the last",)
    assert read("page=2").within(0).page == 1


def test_pages_that_show_as_one_are_an_address_too():
    filters = read("from=2&page=4")
    assert (filters.first, filters.page, filters.start, filters.shown) == (2, 4, 50, 150)
    assert filters.query(page=4, first=2) == "from=2&page=4"
    assert filters.query(page=5) == "page=5"
    assert read("page=4").first == 4


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("from=5&page=4", "pages 5 to 4 do not show as one, page 4 does"),
        ("from=1&page=11", "pages 1 to 11 do not show as one, page 11 does"),
        ("from=x&page=11", "“x” is no page number"),
    ],
)
def test_pages_that_do_not_show_as_one_are_complained_of(query, complaint):
    filters = read(query)
    assert complaint in filters.complaints
    assert filters.shown == 50


@pytest.mark.parametrize(("total", "count"), [(0, 1), (1, 1), (50, 1), (51, 2), (100, 2), (101, 3)])
def test_a_page_holds_fifty(total, count):
    assert page_count(total) == count
