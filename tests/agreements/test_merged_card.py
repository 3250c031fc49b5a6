"""A contract replaces the list price of its meter and terms, for its time alone."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agreements.merged_card import merged_card
from pricing.rates import RateCard, StatedRate
from pricing.terms import Band, Terms

LIST = StatedRate("input", Decimal("1.00"))
ABOVE = StatedRate("input", Decimal("2.00"), terms=Terms(band=Band(200_000)))
BATCH = StatedRate("input", Decimal("0.50"), terms=Terms(tier="batch"))


def on(day):
    return datetime(2026, 12, day, tzinfo=UTC)


def agreed(amount="0.70", begin=None, end=None, **more):
    return StatedRate(
        "input", Decimal(amount), valid_from=begin and on(begin), valid_to=end and on(end), **more
    )


def amounts(card, day, terms=LIST.terms):
    rates = card.at(on(day)).rates
    return [rate.amount for rate in rates if rate.terms == terms]


def test_before_and_after_the_contract_the_list_price_holds():
    card = merged_card(RateCard((LIST,)), [agreed(begin=10, end=20)])
    assert amounts(card, 9) == [Decimal("1.00")]
    assert amounts(card, 10) == [Decimal("0.70")]
    assert amounts(card, 19) == [Decimal("0.70")]
    assert amounts(card, 20) == [Decimal("1.00")]


def test_other_terms_and_meters_stay_at_list_price():
    output = StatedRate("output", Decimal("4.00"))
    card = merged_card(RateCard((LIST, ABOVE, BATCH, output)), [agreed()])
    assert amounts(card, 1) == [Decimal("4.00"), Decimal("0.70")]
    assert amounts(card, 1, ABOVE.terms) == [Decimal("2.00")]
    assert amounts(card, 1, BATCH.terms) == [Decimal("0.50")]


def test_a_contract_without_dates_replaces_every_dated_list_price():
    dated = RateCard((agreed("1.00", end=5), agreed("0.90", begin=5)))
    assert merged_card(dated, [agreed()]).rates == (agreed(),)


days = st.none() | st.integers(1, 28)
spans = st.tuples(days, days).filter(lambda span: None in span or span[0] < span[1])


@given(st.lists(spans, max_size=3), spans, st.integers(1, 28))
def test_at_any_instant_one_price_holds_of_a_series(contracts, listed, day):
    apart = [
        span for n, span in enumerate(contracts) if not any(map(overlaps(span), contracts[:n]))
    ]
    rates = [agreed(begin=begin, end=end) for begin, end in apart]
    card = merged_card(RateCard((agreed("1.00", *listed),)), rates)
    held = [rate for rate in card.rates if rate.holds_at(on(day))]
    expected = [rate for rate in rates if rate.holds_at(on(day))]
    if not expected and agreed("1.00", *listed).holds_at(on(day)):
        expected = [agreed("1.00", *listed)]
    assert [rate.amount for rate in held] == [rate.amount for rate in expected]


def overlaps(span):
    begin, end = span[0] or 0, span[1] or 99
    return lambda other: begin < (other[1] or 99) and (other[0] or 0) < end
