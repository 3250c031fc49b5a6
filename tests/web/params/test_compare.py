from django.http import QueryDict

from web.params.compare import CompareQuery

QUERY = "m=openai/o4-mini&m=openai/gpt-5@azure&q=gpt&only=differences&mix=4:1"


def read(query):
    return CompareQuery.from_query(QueryDict(query))


def test_a_comparison_is_written_back_as_it_was_read():
    assert read(QUERY).query() == QUERY
    assert read("").query() == ""


def test_a_model_comes_last_and_goes_by_its_spelling():
    asked = read(QUERY)
    rest = "&only=differences&mix=4:1"
    assert asked.query(adding="meta/llama", q="") == (
        f"m=openai/o4-mini&m=openai/gpt-5@azure&m=meta/llama{rest}"
    )
    assert asked.query(removing="openai/gpt-5@azure", q="") == f"m=openai/o4-mini{rest}"
    assert asked.query(removing="openai/gpt-5") == QUERY
    assert asked.query(asked=(), adding="meta/llama", q="") == f"m=meta/llama{rest}"
