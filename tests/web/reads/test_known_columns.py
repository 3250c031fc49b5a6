import pytest
from django.http import QueryDict

from tests.factories import make_endpoint, make_model, make_rate
from web.params.models import ModelFilters
from web.reads.known_columns import by_known_column, is_offered, known_columns

pytestmark = pytest.mark.django_db(transaction=True)

LIVE = ("latency", "throughput", "uptime")


def test_a_column_appears_with_its_first_value():
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "cache_read", None, state="unknown")
    assert not known_columns() & {"zdr", "no_training", "cache_read", "released", *LIVE}
    assert {"input", "output", "providers"} <= known_columns()
    endpoint.zdr = "no"
    endpoint.save()
    make_rate(endpoint, "cache_write", "0.50")
    assert {"zdr", "cache_write"} <= known_columns()
    assert not known_columns() & {"no_training", "cache_read", *LIVE}


def test_what_cannot_be_unknown_for_the_whole_catalog_is_always_offered():
    assert is_offered("relevance") and is_offered("top") and is_offered("name")
    assert not any(map(is_offered, LIVE))


def test_a_sort_by_an_unknown_column_falls_back_with_a_sentence():
    asked = ModelFilters.from_query(QueryDict("sort=-latency&q=mini"))
    shown = by_known_column(asked, "-released")
    assert (shown.sort, shown.q) == ("-released", "mini")
    assert shown.complaints == ("nothing is known of latency yet to sort by",)
    known = ModelFilters.from_query(QueryDict("sort=-providers"))
    assert by_known_column(known, "-released") is known
