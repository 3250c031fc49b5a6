from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from pricing.terms import Terms
from tests.factories import make_endpoint, make_model, make_rate
from web.reads.endpoints import endpoints_of_model
from web.reads.prices import AnnouncedPrice, Price
from web.reads.rates import announced_anywhere, current_rates, with_announced

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FIRST = datetime(2026, 12, 1, tzinfo=UTC)
SECOND = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    now = [NOW]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def announced(now, meter="input"):
    return {
        rate.terms: rate.price.announced
        for rates in current_rates([endpoint.id for endpoint in ENDPOINTS], now).values()
        for rate in rates
        if rate.price.meter == meter
    }


ENDPOINTS = []


@pytest.fixture
def endpoint():
    ENDPOINTS[:] = [make_endpoint(make_model())]
    return ENDPOINTS[0]


def test_a_rate_has_the_next_that_is_announced_under_its_terms(endpoint):
    batch = Terms(tier="batch")
    make_rate(endpoint, "input", "2", valid_to=FIRST)
    make_rate(endpoint, "input", "4", valid_from=FIRST, valid_to=SECOND, announced=True)
    make_rate(endpoint, "input", "5", valid_from=SECOND, announced=True)
    make_rate(endpoint, "input", "1", terms=batch)
    make_rate(endpoint, "output", "9")
    assert announced(NOW) == {
        Terms(): AnnouncedPrice("2026-12-01", "priced", Decimal(4)),
        batch: None,
    }
    assert announced(FIRST - timedelta(microseconds=1))[Terms()].amount == 4
    assert announced(FIRST)[Terms()].amount == 5
    assert announced(SECOND)[Terms()] is None
    assert announced(NOW, "output") == {Terms(): None}


def test_a_held_price_and_one_that_is_the_same_are_not_announced(endpoint):
    make_rate(endpoint, "input", "2", valid_to=FIRST)
    make_rate(endpoint, "input", "2", valid_from=FIRST, valid_to=SECOND)
    make_rate(endpoint, "input", "9", valid_from=SECOND, held=True)
    assert announced(NOW) == {Terms(): None}


def test_a_price_of_a_day_to_come_is_announced_where_none_holds_yet(endpoint):
    make_rate(endpoint, "input", "4", valid_from=FIRST, announced=True)
    make_rate(endpoint, "input", "2", valid_from=FIRST, terms=Terms(tier="batch"))
    (record,) = endpoints_of_model(endpoint.model_id, NOW)
    price = record.price("input")
    assert (price.state, price.amount) == ("unknown", None)
    assert price.announced == AnnouncedPrice("2026-12-01", "priced", Decimal(4))
    assert len(record.rates) == 1


def test_a_list_attaches_what_is_announced_until_the_clock_reaches_it(endpoint, clock):
    make_rate(endpoint, "input", "2", valid_to=FIRST)
    make_rate(endpoint, "input", "0", state="free", valid_from=FIRST)
    price = Price("input", "priced", Decimal(2))
    assert with_announced(price, endpoint.id, announced_anywhere()).announced == AnnouncedPrice(
        "2026-12-01", "free", Decimal(0)
    )
    assert with_announced(price, endpoint.id + 1, announced_anywhere()) is price
    clock[0] = FIRST
    assert with_announced(price, endpoint.id, announced_anywhere()) is price
