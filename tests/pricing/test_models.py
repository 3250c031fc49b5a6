"""What PostgreSQL itself refuses, and what the querysets give."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Endpoint
from pricing.models import Rate
from pricing.rates import STATES
from pricing.terms import Band, Terms
from tests.factories import current_rates, make_endpoint, make_model, make_provider, make_rate

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = (datetime(2026, month, 1, tzinfo=UTC) for month in (6, 7, 8))
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint(make_model())


def refused(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


@pytest.mark.parametrize(
    ("state", "amount"),
    [("priced", "0.000000000001"), ("free", "0"), *((state, None) for state in STATES[2:])],
)
def test_an_amount_that_fits_its_state_is_kept(endpoint, state, amount):
    make_rate(endpoint, amount=amount, state=state)


@pytest.mark.parametrize(
    ("state", "amount"),
    [
        ("priced", None),
        ("priced", "0"),
        ("priced", "-1"),
        ("free", None),
        ("free", "1"),
        *((state, amount) for state in STATES[2:] for amount in ("0", "1")),
    ],
)
def test_an_amount_that_does_not_fit_its_state_is_refused(endpoint, state, amount):
    with refused("rate_amount_fits_its_state"):
        make_rate(endpoint, amount=amount, state=state)


def test_a_state_that_nobody_knows_is_refused(endpoint):
    with refused("rate_state_is_known"):
        make_rate(endpoint, amount=None, state="cheap")


def test_a_price_is_per_something(endpoint):
    with refused("rate_is_per_something"):
        make_rate(endpoint, per=0)


def test_a_rate_does_not_end_before_it_begins(endpoint):
    for held in (False, True):
        with refused("rate_ends_after_it_begins"), transaction.atomic():
            make_rate(endpoint, valid_from=JULY, valid_to=JULY - MOMENT, held=held)


def test_a_rate_that_was_corrected_at_once_is_empty_and_overlaps_nothing(endpoint):
    make_rate(endpoint, amount="1", valid_from=JULY, valid_to=JULY)
    make_rate(endpoint, amount="2", valid_from=JULY, valid_to=JULY)
    make_rate(endpoint, amount="3", valid_from=JUNE)


def test_rates_may_touch_because_their_intervals_are_half_open(endpoint):
    make_rate(endpoint, amount="1", valid_to=JULY)
    make_rate(endpoint, amount="2", valid_from=JULY, valid_to=AUGUST)
    make_rate(endpoint, amount="3", valid_from=AUGUST)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (None, None),
        (None, JUNE + MOMENT),
        (JUNE, JULY),
        (JUNE + MOMENT, JULY - MOMENT),
        (JULY - MOMENT, None),
    ],
)
def test_two_published_rates_of_one_series_do_not_overlap(endpoint, begin, end):
    make_rate(endpoint, valid_from=JUNE, valid_to=JULY)
    with refused("rates_do_not_overlap"):
        make_rate(endpoint, amount="2", valid_from=begin, valid_to=end)


@pytest.mark.parametrize(("begin", "end"), [(None, JUNE), (JULY, None)])
def test_two_published_rates_of_one_series_may_follow_each_other(endpoint, begin, end):
    make_rate(endpoint, valid_from=JUNE, valid_to=JULY)
    make_rate(endpoint, amount="2", valid_from=begin, valid_to=end)


def test_a_rate_in_another_currency_is_of_the_same_series(endpoint):
    make_rate(endpoint)
    with refused("rates_do_not_overlap"):
        make_rate(endpoint, currency="EUR")


def test_other_meters_terms_and_endpoints_may_overlap(endpoint):
    make_rate(endpoint)
    make_rate(endpoint, "output")
    make_rate(endpoint, terms=Terms(tier="batch"))
    make_rate(endpoint, terms=Terms(band=Band(200_000)))
    make_rate(endpoint, terms=Terms(band=Band(200_000, "gte")))
    make_rate(make_endpoint(endpoint.model, make_provider("azure")))


def test_the_same_terms_written_in_another_order_are_the_same_terms(endpoint):
    make_rate(endpoint, terms=Terms(tier="batch", region="eu"))
    with refused("rates_do_not_overlap"):
        Rate.objects.create(
            endpoint=endpoint,
            meter="input",
            amount=1,
            state="priced",
            terms={"region": "eu", "tier": "batch"},
            observed_at=JUNE,
            source=Rate.objects.get().source,
        )


def test_a_meters_name_and_its_terms_do_not_run_into_each_other(endpoint):
    make_rate(endpoint, "input")
    make_rate(endpoint, "input{}")


def test_held_rates_may_overlap_anything(endpoint):
    make_rate(endpoint)
    make_rate(endpoint, amount="1000", held=True)
    make_rate(endpoint, amount="1000", held=True)


def test_publishing_a_held_rate_that_overlaps_is_refused(endpoint):
    make_rate(endpoint)
    held = make_rate(endpoint, amount="1000", held=True)
    held.held = False
    with refused("rates_do_not_overlap"):
        held.save()


def test_a_rate_holds_from_its_first_instant_to_just_before_its_last(endpoint):
    rate = make_rate(endpoint, valid_from=JUNE, valid_to=JULY)
    held = {at: rate in current_rates(at) for at in (JUNE - MOMENT, JUNE, JULY - MOMENT, JULY)}
    assert held == {JUNE - MOMENT: False, JUNE: True, JULY - MOMENT: True, JULY: False}


def test_an_undated_rate_holds_always_unless_it_is_held_back(endpoint):
    rate = make_rate(endpoint)
    make_rate(endpoint, amount="1000", held=True)
    assert list(current_rates(JUNE)) == [rate]


def test_the_base_card_has_no_tiers_and_no_bands(endpoint):
    base = make_rate(endpoint)
    make_rate(endpoint, terms=Terms(tier="batch"))
    make_rate(endpoint, terms=Terms(band=Band(200_000)))
    assert list(Rate.objects.base()) == [base]
    assert list(Rate.objects.for_endpoints([endpoint.id + 1])) == []


def test_a_rate_knows_its_unit_and_its_terms(endpoint):
    rate = make_rate(endpoint, terms=Terms(tier="batch"))
    assert (rate.unit, Terms.from_json(rate.terms)) == ("token", Terms(tier="batch"))
