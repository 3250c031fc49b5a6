from datetime import UTC, datetime, timedelta
from decimal import Decimal

from pricing.announced import CostChange, next_cost_change
from pricing.rates import RateCard, StatedRate, stated
from pricing.request import Request
from pricing.terms import BASE, Schedule, Terms
from pricing.usage import Usage

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
REQUEST = Request(Usage.of(input=1_000_000, output=500_000), NOW)
OUTPUT = stated("output", Decimal(10))


def steps(meter, first, second, *, at=DECEMBER, terms=BASE):
    return (
        stated(meter, Decimal(first), terms=terms, valid_to=at),
        stated(meter, Decimal(second), terms=terms, valid_from=at),
    )


def test_the_same_request_is_priced_before_and_after():
    card = RateCard((*steps("input", 2, 4), *steps("output", 10, 20)))
    assert next_cost_change(card, REQUEST, NOW) == CostChange(DECEMBER, Decimal(7), Decimal(14))
    assert next_cost_change(card, REQUEST, DECEMBER) is None
    later = Request(REQUEST.usage, DECEMBER - timedelta(microseconds=1))
    assert next_cost_change(card, later, NOW) == CostChange(DECEMBER, Decimal(7), Decimal(14))


def test_a_change_of_what_the_request_does_not_use_is_passed_over():
    card = RateCard(
        (
            *steps("cache_read", 1, 2),
            *steps("input", 1, 9, terms=Terms(tier="batch")),
            *steps("input", 2, 3, at=JANUARY),
            OUTPUT,
        )
    )
    assert next_cost_change(card, REQUEST, NOW) == CostChange(JANUARY, Decimal(7), Decimal(8))


def test_a_price_without_an_amount_before_or_after_is_no_change_of_a_total():
    ends = StatedRate("input", Decimal(2), valid_to=DECEMBER)
    begins = StatedRate("input", Decimal(2), valid_from=DECEMBER)
    assert next_cost_change(RateCard((ends, OUTPUT)), REQUEST, NOW) is None
    assert next_cost_change(RateCard((begins, OUTPUT)), REQUEST, NOW) is None
    tier = Request(REQUEST.usage, NOW, tier="flex")
    assert next_cost_change(RateCard((*steps("input", 2, 4), OUTPUT)), tier, NOW) is None


def test_the_hour_of_the_day_is_that_of_the_request():
    night = Terms(schedules=(Schedule(windows=(("00:00", "06:00"),)),))
    card = RateCard((*steps("input", 2, 3), stated("input", 1, terms=night), OUTPUT))
    assert next_cost_change(card, REQUEST, NOW) == CostChange(DECEMBER, Decimal(7), Decimal(8))
