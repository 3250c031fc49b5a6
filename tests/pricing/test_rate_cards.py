from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pricing.models import Rate
from pricing.price import price
from pricing.rate_cards import all_cards
from pricing.rates import RateCard, StatedRate
from pricing.terms import Band, Schedule, Terms
from pricing.usage import Usage
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell

pytestmark = pytest.mark.django_db

SINCE, UNTIL = datetime(2026, 8, 16, 16, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)


def test_a_card_holds_every_rate_with_its_terms_and_times():
    endpoint = make_endpoint(make_model())
    peak = Terms(schedules=(Schedule((("01:00", "04:00"), ("06:00", "10:00")), (1, 2, 3, 4, 5)),))
    band = Terms("flex", Band(200_000, "gte", applies="marginal"), "eu", (), (("size", "1024"),))
    make_rate(endpoint, "input", "1.10", valid_to=SINCE)
    make_rate(endpoint, "input", "0.000000000001", valid_from=SINCE, valid_to=UNTIL)
    make_rate(endpoint, "input", "2.20", terms=peak)
    make_rate(endpoint, "output", "3", terms=band, currency="EUR")
    make_rate(endpoint, "cache_read", None, state="dynamic")
    make_rate(endpoint, "image", "0", state="free")
    make_rate(endpoint, "web_search", "10", content_billed_as_input=True)
    assert all_cards() == {
        endpoint.id: RateCard(
            (
                StatedRate("input", Decimal("1.10"), valid_to=SINCE),
                StatedRate("input", Decimal("0.000000000001"), valid_from=SINCE, valid_to=UNTIL),
                StatedRate("input", Decimal("2.20"), terms=peak),
                StatedRate("output", Decimal(3), "priced", band, "EUR"),
                StatedRate("cache_read", None, "dynamic"),
                StatedRate("image", Decimal(0), "free"),
                StatedRate("web_search", Decimal(10), content_billed_as_input=True),
            )
        )
    }


def test_a_price_that_is_held_back_is_not_on_the_card():
    sell(make_model(), input="1.10")
    Rate.objects.update(held=True)
    assert all_cards() == {}


def test_an_amount_per_another_number_of_units_is_turned_into_the_meters_own_exactly():
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "input", "0.0011", per=1000)
    make_rate(endpoint, "web_search", "0.01", per=1)
    (card,) = all_cards().values()
    assert [(rate.meter, rate.amount) for rate in card.rates] == [
        ("input", Decimal("1.1")),
        ("web_search", Decimal(10)),
    ]


def test_what_is_known_not_to_be_sold_is_on_the_card():
    vectors = make_endpoint(make_model("a/vectors"), mode="embedding")
    silent = make_endpoint(make_model("a/silent"), mode="chat", lacks=["web-search", "reasoning"])
    for endpoint in (vectors, silent):
        make_rate(endpoint, "input", "1")
    make_rate(silent, "reasoning", "2")
    cards = all_cards()
    gone = {
        endpoint.model.slug: [
            rate.meter for rate in cards[endpoint.id].rates if rate.state == "not_offered"
        ]
        for endpoint in (vectors, silent)
    }
    assert gone == {
        "a/vectors": ["output", "cache_read", "cache_write", "web_search"],
        "a/silent": ["web_search"],
    }
    cost = price(cards[vectors.id], Usage.of(input=1, output=1), at=SINCE)
    assert (cost.total, cost.state) == (None, "not_offered")


def test_cards_cost_two_queries_however_many_there_are():
    counts = []
    for size in (3, 6):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), make_provider(f"p{n}"), input="1", output="2")
        with CaptureQueriesContext(connection) as queries:
            all_cards()
        counts.append(len(queries))
    assert counts == [2, 2]
