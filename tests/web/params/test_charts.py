import pytest
from django.http import QueryDict

from web.params.charts import ChartQuery


def read(query):
    return ChartQuery.from_query(QueryDict(query))


@pytest.mark.parametrize(
    "query",
    ["", "window=7d", "percentile=95", "window=30d&percentile=95&live=probe", "live=demo"],
)
def test_a_query_is_written_back_as_short_as_it_may_be(query):
    asked = read(query)
    assert asked.query() == query
    assert asked.complaints == ()


def test_usual_values_are_left_out_and_odd_ones_fall_back_with_a_complaint():
    assert read("window=24H&percentile=P50").query() == ""
    odd = read("window=1y&percentile=99&live=nope")
    assert (odd.window, odd.percentile, odd.live) == ("24h", 50, "")
    assert odd.complaints == (
        "“1y” is no window of 24h, 7d or 30d",
        "“99” is no percentile that is kept: 50 or 95",
    )
    assert odd.query(window="7d") == "window=7d"
