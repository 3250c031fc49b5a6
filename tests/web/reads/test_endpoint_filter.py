"""The filters of the list of models, for endpoints in memory."""

from datetime import timedelta
from decimal import Decimal

from pricing.ranking import Reason
from pricing.rates import StatedRate
from pricing.terms import Terms
from pricing.usage import Usage
from tests.pricing.test_ranking import NOW, endpoint, ranked, sold, why
from web.params.models import ModelFilters
from web.reads.endpoint_filter import endpoint_filter


def test_filters_that_leave_everything_are_no_filter():
    assert endpoint_filter(ModelFilters(), NOW.date()) is None
    assert endpoint_filter(ModelFilters(unfolded=True, sort="-input"), NOW.date()) is None


def test_equal_filters_are_equal_and_hashable():
    one, other = (endpoint_filter(ModelFilters(q="o4 mini"), NOW.date()) for _ in range(2))
    assert one == other and hash(one) == hash(other)


def test_a_price_filter_goes_by_the_base_price_of_that_day():
    free = StatedRate("input", Decimal(0), "free")
    moved = NOW - timedelta(days=9)
    dated = (
        StatedRate("input", Decimal(9), valid_to=moved),
        StatedRate("input", Decimal(3), valid_from=moved, valid_to=NOW + timedelta(days=9)),
        StatedRate("input", Decimal(1), valid_from=NOW + timedelta(days=9)),
    )
    endpoints = [
        endpoint("a/base", rates=sold(input="3")),
        endpoint(
            "a/batch",
            rates=(*sold(input="4"), StatedRate("input", Decimal(2), terms=Terms("batch"))),
        ),
        endpoint("a/dated", rates=dated),
        endpoint("a/free", rates=(free,)),
        endpoint("a/unknown"),
    ]
    one = Usage.of(input=1)
    for most, left in ((Decimal(3), ["base", "dated"]), (Decimal("2.99"), []), (Decimal(0), [])):
        ranking = ranked(
            endpoints, one, among=endpoint_filter(ModelFilters(input_max=most), NOW.date())
        )
        assert [each.upstream_id for each in ranking.ranked] == left
        assert why(ranking) == {Reason("free"): ["host/a/free"]}
