"""What explains an estimate, and a request with and without a price of its cache."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricing.estimate import (
    CostShare,
    NextBand,
    OtherHours,
    cost_shares,
    next_band,
    other_hours,
)
from pricing.rates import RateCard, StatedRate
from pricing.request import Request
from pricing.terms import Band, Schedule, Terms
from pricing.usage import OddUsage, Usage

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)
PEAK = Schedule((("01:00", "04:00"),))


def rate(slug, amount, terms=None):
    return StatedRate(slug, Decimal(amount), terms=terms or Terms())


def request(at=NOW, *, uncached=False, **usage):
    return Request(Usage.of(**usage), at, uncached=uncached)


def test_the_shares_of_a_cost_are_percentages_of_all_of_it():
    card = RateCard((rate("input", "1"), rate("output", "4"), rate("cache_read", "1")))
    cost = request(input=100, output=100).cost(card)
    assert cost_shares(cost) == (CostShare("input", 20, 0), CostShare("output", 80, 20))
    assert cost_shares(request(input=100, web_search=1).cost(card)) == ()
    assert cost_shares(request(input=0, output=0).cost(card)) == ()


@pytest.mark.parametrize(
    ("prices", "percents"),
    [((1, 1, 1), [34, 33, 33]), ((4, 1, 395), [1, 99]), ((1, 0, 2), [33, 67]), ((0, 0, 5), [100])],
)
def test_shares_are_rounded_so_that_they_make_100(prices, percents):
    own, cached, answer = map(str, prices)
    card = RateCard((rate("input", own), rate("cache_read", cached), rate("output", answer)))
    shares = cost_shares(request(input=2, cache_read=1, output=1).cost(card))
    assert [share.percent for share in shares] == percents
    assert [share.begin for share in shares] == [sum(percents[:n]) for n in range(len(percents))]


def test_cache_searches_and_fees_are_shares_of_their_own():
    prices = {"input": "2.5", "output": "15", "cache_read": "0.25", "web_search": "10"}
    card = RateCard(tuple(rate(slug, amount) for slug, amount in prices.items()))

    def named(card=card, **usage):
        cost = request(**usage).cost(card)
        return {share.name: share.percent for share in cost_shares(cost)}

    assert named(input=1000, output=10) == {"input": 94, "output": 6}
    assert named(input=100_000, cache_read=99_999) == {"cache": 100}
    assert named(input=1, web_search=1) == {"search": 100}
    assert named(RateCard((rate("request", "5"),))) == {"fees": 100}


def test_other_hours_are_those_of_the_dearest_rate():
    card = RateCard((rate("input", "1"), rate("input", "2", Terms(schedules=(PEAK,)))))
    cost = request(input=9).cost(card)
    assert other_hours(card, cost, NOW) == OtherHours("input", Decimal(2), (PEAK,))
    at_peak = NOW.replace(hour=2)
    cost = request(at_peak, input=9).cost(card)
    assert other_hours(card, cost, at_peak) == OtherHours("input", Decimal("0.5"), ())


@pytest.mark.parametrize(
    ("operator", "sent", "near"),
    [
        *(("gt", 749, False), ("gt", 751, True), ("gt", 1000, True), ("gt", 1001, False)),
        *(("gte", 749, False), ("gte", 750, True), ("gte", 999, True), ("gte", 1000, False)),
    ],
)
def test_a_band_is_next_from_a_quarter_below_it_until_it_is_passed(operator, sent, near):
    over = Terms(band=Band(1000, operator))
    card = RateCard((rate("input", "1"), rate("input", "3", over)))
    found = next_band(card, request(input=sent))
    assert (found is not None) == near
    if found:
        assert (found.meter, found.times, found.threshold) == ("input", 3, 1000)
        assert isinstance(found, NextBand) and 0 <= found.headroom <= Decimal("0.25")


def test_a_cache_of_no_stated_price_is_billed_as_input_only_if_asked():
    card = RateCard((rate("input", "1"), rate("output", "4")))
    usage = {"input": 1_000_000, "cache_read": 400_000}
    assert request(**usage).cost(card).total is None
    assert request(**usage, uncached=True).cost(card).total == 1
    kept = RateCard((*card.rates, rate("cache_read", "0.5")))
    assert request(**usage, uncached=True).cost(kept).total == Decimal("0.8")


def test_an_unknown_price_beside_that_of_the_cache_stays_unknown():
    card = RateCard((rate("input", "1"),))
    cost = request(input=9, cache_read=4, output=1, uncached=True).cost(card)
    assert cost.total is None


def test_a_request_with_more_of_a_meter():
    more = request(input=10, output=2).adding(output=3, reasoning=3)
    assert more.usage.counted == {"request": 1, "input": 10, "output": 5, "reasoning": 3}
    with pytest.raises(OddUsage):
        more.adding(reasoning=3)
