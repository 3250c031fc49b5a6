import pytest
from django.http import QueryDict

from web.params.explore import ExploreQuery


def read(query):
    return ExploreQuery.from_query(QueryDict(query))


def test_nothing_stated_is_the_blend_against_the_rating_of_texts():
    asked = read("")
    assert (asked.x, asked.y, asked.board, asked.sort) == ("blend", "rating", "text", "frontier")
    assert asked.query() == ""
    assert asked.complaints == ()


def test_everything_is_read_and_written_back():
    query = (
        "x=input&y=throughput&board=coding&sort=-price&q=gpt&creator=openai&capability=vision"
        "&capability=reasoning&input_max=2&zdr=1"
    )
    asked = read(query)
    assert asked.complaints == ()
    assert sorted(asked.query().split("&")) == sorted(query.split("&"))
    assert asked.query(x="blend") == asked.query().replace("x=input&", "")
    assert asked.cleared.query() == "x=input&y=throughput&sort=-price&board=coding"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("x=cache", "“cache” is no price to draw"),
        ("y=smell", "“smell” is no measure to draw"),
        ("sort=released", "“released” is no column to sort by"),
        ("board=smell", "“smell” is no board or category of ratings"),
        ("modality=smell", "“smell” is no modality"),
    ],
)
def test_what_is_not_understood_is_ignored_and_complained_of_once(query, complaint):
    asked = read(query)
    assert asked.complaints == (complaint,)
    assert asked.filters.complaints == ()
    assert asked.query() == ""


def test_a_board_is_written_only_where_it_is_another_than_the_filters_lead_to():
    assert read("board=text").query() == ""
    assert read("board=text&capability=vision").query() == "capability=vision&board=text"
    assert read("board=vision&capability=vision").query() == "capability=vision"
    assert read("capability=vision").board == "vision"


def test_the_lists_own_order_pages_and_columns_are_not_the_drawings():
    assert read("page=3&from=2&columns=input&q=gpt").query() == "q=gpt"
