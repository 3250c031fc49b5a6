from django.http import QueryDict
from django.template import Context, Template

from web.params.models import ModelFilters


def draw(tag, query):
    filters = ModelFilters.from_query(QueryDict(query))
    template = Template("{% load query %}" + tag)
    return template.render(Context({"filters": filters}))


def test_a_link_is_the_shortest_query_with_changes():
    assert (
        draw("{% query filters page=2 %}", "q=gpt&sort=input") == "q=gpt&amp;sort=input&amp;page=2"
    )
    assert draw("{% query filters %}", "page=3") == ""
    assert draw("{% query filters page=filters.page first=filters.first %}", "from=1&page=3") == (
        "from=1&amp;page=3"
    )


def test_parameters_are_left_out_by_name():
    query = "q=gpt&capability=vision&zdr=1&sort=input"
    assert draw('{% query filters without="q sort" %}', query) == "capability=vision&amp;zdr=1"
    assert draw('{% query filters without="capability" zdr=False %}', query) == (
        "q=gpt&amp;sort=input"
    )


def test_a_form_carries_what_it_does_not_ask_for():
    drawn = draw(
        '{% hidden_fields filters without="q" form="search" %}', "q=a&creator=meta&sort=name"
    )
    assert drawn == (
        '<input type="hidden" name="creator" value="meta" form="search">'
        '<input type="hidden" name="sort" value="name" form="search">'
    )
    assert draw("{% hidden_fields filters %}", "q=%22<") == (
        '<input type="hidden" name="q" value="&quot;&lt;">'
    )
    assert draw('{% hidden_fields filters without="q" %}', "q=gpt") == ""
