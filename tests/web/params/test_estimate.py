import pytest
from django.http import QueryDict

from web.params.estimate import MOST_PINS, EstimateQuery


def read(query):
    return EstimateQuery.from_query(QueryDict(query))


def test_nothing_stated_is_the_usual_workload_per_model():
    asked = read("")
    assert (asked.per, asked.pins, asked.opened, asked.complaints) == ("model", (), "", ())
    assert asked.query() == "requests=30000&input=3000&output=600"


def test_everything_is_read_and_written_back():
    query = (
        "requests=5&input=100&cached=10&output=7&tier=batch&at=2026-08-22&per=endpoint"
        "&model=a%2Fb&typical_reasoning=1.5&free=1&q=gpt&creator=openai"
        "&provider=azure&capability=vision&input_max=2&context_min=1000&zdr=1&pin=openai%2Fgpt-5&pin=a%2Fb"
        "&open=azure%2Fgpt-5"
    )
    asked = read(query)
    assert asked.complaints == ()
    assert sorted(asked.query().split("&")) == sorted(query.split("&"))


def test_any_change_goes_back_to_the_first_page_unless_a_page_is_stated():
    asked = read("input=5&page=3&from=2")
    assert "page" not in asked.query(per="endpoint")
    assert asked.query(page=4).endswith("page=4")
    assert asked.query(page=4, first=2).endswith("from=2&page=4")


def test_an_estimate_without_its_filters_or_with_an_assumption_keeps_the_rest():
    asked = read("input=5&per=endpoint&zdr=1&pin=a%2Fb&open=azure%2Fx")
    assert asked.cleared.query() == read("input=5&per=endpoint&pin=a%2Fb").query()
    assert asked.with_free.query() == read(f"{asked.query()}&free=1").query()
    assert asked.with_free.query() == read(f"{asked.query()}&plans=1").query()
    assert asked.as_uncached.query() == read(f"{asked.query()}&uncached=1").query()


def test_another_way_to_count_is_complained_of():
    asked = read("per=token")
    assert asked.per == "model"
    assert asked.complaints == ("“token” is no way to count, model or endpoint is",)


def test_a_filter_that_is_not_understood_is_complained_of_once():
    assert read("modality=smell").complaints == ("“smell” is no modality",)
    assert read("modality=smell").filters.complaints == ()


def test_what_orders_or_hides_columns_of_the_list_is_nothing_to_an_estimate():
    assert read("input=5&sort=-input&columns=input").query() == "requests=30000&input=5"
    assert read("input=5&sort=nope").complaints == ()


def test_pins_are_kept_once_each_in_their_order_and_not_endlessly():
    assert read("pin=b/b&pin=A/a&pin=b/b&pin=").pins == ("b/b", "a/a")
    assert len(read("&".join(f"pin=a/m{n}" for n in range(50))).pins) == MOST_PINS


def test_a_pin_is_set_by_one_click_and_taken_off_by_the_next():
    asked = read("input=5&pin=a/a")
    assert asked.links.pinning("b/b") == "requests=30000&input=5&pin=a%2Fa&pin=b%2Fb"
    assert asked.links.pinning("a/a") == "requests=30000&input=5"


def test_an_endpoint_opens_by_one_click_and_folds_by_the_next_with_the_pages_in_sight_as_they_are():
    asked = read("input=5&pin=a/a&open=x/y&from=1&page=2")
    rest = "requests=30000&input=5&from=1&page=2&pin=a%2Fa"
    assert asked.links.opening("x/z") == f"{rest}&open=x%2Fz"
    assert asked.links.opening("x/y") == rest
    assert asked.links.pinning("a/a") == "requests=30000&input=5&from=1&page=2&open=x%2Fy"


def test_one_pin_more_than_there_is_room_for_replaces_the_oldest():
    asked = read("&".join(f"pin=a/m{n}" for n in range(MOST_PINS)))
    assert read(asked.links.pinning("b/b")).pins == (
        *(f"a/m{n}" for n in range(1, MOST_PINS)),
        "b/b",
    )


@pytest.mark.parametrize(
    "query", ["open=%00", "pin=%00", "pin=" + "x" * 10_000, "open=" + "x" * 10_000, "%00=1"]
)
def test_odd_characters_and_lengths_break_nothing(query):
    asked = read(query)
    assert "\0" not in asked.opened + "".join(asked.pins)
    assert len(asked.query()) < 2_000


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("", ""),
        ("input=5&sort=-input&columns=input&from=1&all=1&plans=1&cache_write_1h=1&size=1k", ""),
        (
            "input=5&seconds=3",
            "The address has a parameter that is not known here, and ignored: “seconds”.",
        ),
        (
            "a=1&b=2&c=3&d=4&e=5",
            "The address has parameters that are not known here, and ignored: "
            "“a”, “b”, “c” and 2 more.",
        ),
    ],
)
def test_parameters_that_are_not_understood_are_named(query, unknown):
    asked = read(query)
    assert asked.unknown == unknown
    assert asked.complaints == ()


def test_an_unknown_parameter_of_any_length_is_named_in_short():
    assert len(read("x" * 5000 + "=1&%00=1").unknown) < 160
