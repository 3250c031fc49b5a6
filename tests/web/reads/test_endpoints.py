from datetime import UTC, datetime

import pytest

from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell
from web.reads.endpoints import endpoints_at, endpoints_by_id, endpoints_of_model

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_an_endpoint_has_the_rates_that_hold_and_its_columns_prices():
    endpoint = sell(make_model(), input="1.10")
    make_rate(endpoint, "output", "9", valid_to=NOW)
    make_rate(endpoint, "output", "4.40", valid_from=NOW)
    (record,) = endpoints_of_model(endpoint.model_id, NOW)
    assert [str(rate.price.amount.normalize()) for rate in record.rates] == ["1.1", "4.4"]
    assert record.price("output").amount == record.rates[1].price.amount
    assert record.price("cache_read").state == "unknown"


def test_a_price_for_searches_is_a_statement_that_the_endpoint_searches():
    endpoint = make_endpoint(make_model(), capabilities=["vision"])
    make_rate(endpoint, "web_search", "10")
    (record,) = endpoints_of_model(endpoint.model_id, NOW)
    assert record.has("vision")
    assert record.has("web-search")


def test_a_stage_is_that_of_the_day_and_what_is_gone_is_not_in_use():
    model = make_model()
    make_endpoint(model, make_provider("a"), retired_on="2026-11-22")
    make_endpoint(model, make_provider("b"), retired_on="2026-11-23")
    make_endpoint(model, make_provider("c"), missing_since=NOW)
    found = {record.provider_slug: record for record in endpoints_of_model(model.pk, NOW)}
    assert {slug: record.in_use for slug, record in found.items()} == {
        "a": False,
        "b": True,
        "c": False,
    }
    assert (found["a"].stage, found["c"].missing_since) == ("retired", "2026-11-22")


def test_the_usual_order_is_direct_in_use_the_creators_own_then_by_name():
    model = make_model()
    make_endpoint(model, make_provider("gate", kind="gateway"))
    make_endpoint(model, make_provider("b"))
    make_endpoint(model, make_provider("a"), missing_since=NOW)
    own = make_provider("z", creator=model.creator)
    make_endpoint(model, own, upstream_id="x", snapshot="2026-01-01")
    make_endpoint(model, own, upstream_id="y")
    found = endpoints_of_model(model.pk, NOW)
    order = [(record.provider_slug, record.upstream_id) for record in found]
    assert order == [
        ("z", "y"),
        ("z", "x"),
        ("b", "o4-mini"),
        ("a", "o4-mini"),
        ("gate", "o4-mini"),
    ]


def test_endpoints_are_read_by_id_in_that_order_and_by_their_provider():
    model = make_model()
    one, other = (make_endpoint(model, make_provider(slug)) for slug in ("one", "other"))
    assert list(endpoints_by_id([other.pk, 0, one.pk])) == [other.pk, one.pk]
    assert [record.id for record in endpoints_at(model.slug, "other", NOW)] == [other.pk]
    assert endpoints_at(model.slug, "nobody", NOW) == []
