from django.http import QueryDict

from web.params.changes import ChangesQuery


def read(query: str) -> ChangesQuery:
    return ChangesQuery.from_query(QueryDict(query))


def test_a_query_is_read_and_written_back():
    query = (
        "creator=openai&provider=azure&model=openai%2Fo4-mini&kind=price&kind=model"
        "&since=2026-03-01&until=2026-04-01&all=1&page=3"
    )
    filters = read(query)
    assert filters.kind == ("price", "model")
    assert filters.query(page=filters.page) == query
    assert not filters.complaints
    assert filters.of_feed.query() == query.removesuffix("&page=3")


def test_odd_values_are_named_and_left_out():
    filters = read("model=x&kind=nope&since=2026-02-30&until=20260301&creator=%21&all=maybe")
    assert not filters.pairs()
    assert filters.complaints == (
        "“!” is no creator",
        "“x” is no model",
        "“nope” is no kind of change",
        "“2026-02-30” is no day such as 2026-03-01",
        "“20260301” is no day such as 2026-03-01",
        "all is 1 or left out, not “maybe”",
    )


def test_corrections_are_no_changes_unless_they_are_chosen():
    assert not read("").of_kind("correction")
    assert read("").of_kind("price")
    assert read("kind=correction").of_kind("correction")
    assert not read("kind=correction").of_kind("price")


def test_a_day_of_one_provider_is_one_group():
    assert read("provider=azure&since=2026-03-01&until=2026-03-01").one_group
    assert not read("provider=azure&since=2026-03-01&until=2026-03-02").one_group
    assert not read("since=2026-03-01&until=2026-03-01").one_group
