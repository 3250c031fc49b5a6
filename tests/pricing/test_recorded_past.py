"""The recorded past of prices joins what an install saw."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Endpoint, Source
from pricing.models import Rate
from pricing.observed import Observed
from pricing.past_rates import PastRate, PriceHistory
from pricing.rate_history import record_rates
from pricing.rates import stated
from pricing.recorded_past import add_past
from pricing.terms import Band, Terms
from tests.factories import make_endpoint, make_model, make_rate, make_source

pytestmark = pytest.mark.django_db

LISTED = datetime(2025, 1, 1, tzinfo=UTC)
MOVED = datetime(2025, 6, 1, tzinfo=UTC)
RECORDED = datetime(2026, 10, 21, tzinfo=UTC)
SEEN = datetime(2026, 11, 12, tzinfo=UTC)
LONG = Terms(band=Band(200_000))


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint(make_model())


def past(amount: str, begin: datetime, end: datetime | None = None, **more: Any) -> PastRate:
    fields = {"meter": "input", "origin": "first" if begin == LISTED else "change"} | more
    evidence = f"https://change.example/{begin:%Y-%m-%d}"
    return PastRate(amount=Decimal(amount), begin=begin, end=end, evidence=evidence, **fields)


CUT = (past("5", LISTED, MOVED), past("2", MOVED))


def add(endpoint: Endpoint, *rates: PastRate, moved: frozenset[str] = frozenset()) -> Counter[str]:
    listing = "https://change.example/listed"
    key = endpoint.provider.slug, endpoint.upstream_id
    history = PriceHistory(*key, rates, LISTED, listing, moved)
    source = make_source("litellm")
    return add_past({endpoint.id: history}, source_id=source.id, as_of=RECORDED)


def see(endpoint: Endpoint, amount: str, source: str = "litellm", **fields: Any) -> Rate:
    seen = {"source": make_source(source), "valid_from": SEEN, "observed_at": SEEN} | fields
    return make_rate(endpoint, amount=amount, **seen)


def rows(endpoint: Endpoint, **which: Any) -> list[tuple[Any, ...]]:
    found = Rate.objects.filter(endpoint=endpoint, **which).order_by("valid_from", "valid_to")
    return [
        (f"{rate.amount:f}".rstrip("0").rstrip("."), rate.valid_from, rate.valid_to, rate.origin)
        for rate in found
    ]


def test_a_known_price_holds_since_the_change_that_made_it(endpoint: Endpoint) -> None:
    see(endpoint, "2")
    counts = add(endpoint, *CUT)
    assert counts == {"past rates new": 1, "rates known since earlier": 1}
    assert rows(endpoint) == [("5", LISTED, MOVED, "first"), ("2", MOVED, None, "change")]
    evidence = Rate.objects.order_by("valid_from").values_list("evidence", flat=True)
    assert [url[-10:] for url in evidence] == ["2025-01-01", "2025-06-01"]


def test_a_price_that_changed_unrecorded_ends_where_the_new_one_was_seen(
    endpoint: Endpoint,
) -> None:
    see(endpoint, "1")
    add(endpoint, *CUT)
    assert rows(endpoint) == [
        ("5", LISTED, MOVED, "first"),
        ("2", MOVED, SEEN, "change"),
        ("1", SEEN, None, "change"),
    ]


def test_another_sources_equal_price_is_known_since_then_and_an_unequal_one_has_no_past(
    endpoint: Endpoint,
) -> None:
    see(endpoint, "2", "models-dev")
    other = make_endpoint(endpoint.model, upstream_id="other")
    see(other, "3", "models-dev")
    add(endpoint, *CUT)
    assert add(other, *CUT) == {"past left out: another source's price": 1}
    assert rows(endpoint, source__slug="models-dev") == [("2", MOVED, None, "change")]
    assert rows(other) == [("3", SEEN, None, "first")]


def test_a_second_time_adds_nothing_and_a_refresh_goes_on_from_there(endpoint: Endpoint) -> None:
    see(endpoint, "2")
    add(endpoint, *CUT)
    before = rows(endpoint)
    assert add(endpoint, *CUT) == {}
    source = Source.objects.get(slug="litellm")

    def refresh(amount: str, day: int) -> None:
        at = datetime(2026, 12, day, tzinfo=UTC)
        card = [Observed(stated("input", Decimal(amount)), source.id, at)]
        record_rates({endpoint.id: card}, as_of={endpoint.id: at})

    refresh("2", 1)
    assert rows(endpoint) == before
    refresh("1", 2)
    december = datetime(2026, 12, 2, tzinfo=UTC)
    assert rows(endpoint)[1:] == [
        ("2", MOVED, december, "change"),
        ("1", december, None, "change"),
    ]
    assert add(endpoint, *CUT) == {}


def test_what_an_install_saw_stays(endpoint: Endpoint) -> None:
    early, late = datetime(2025, 3, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    see(endpoint, "4", valid_from=early, valid_to=late)
    see(endpoint, "2", valid_from=late, origin="change")
    add(endpoint, *CUT)
    assert rows(endpoint) == [
        ("5", LISTED, early, "first"),
        ("4", early, late, "change"),
        ("2", late, None, "change"),
    ]


def test_a_slip_is_on_record_and_never_held(endpoint: Endpoint) -> None:
    see(endpoint, "2")
    slip = past("2000", LISTED, LISTED, origin="correction", why="Listed in another unit.")
    counts = add(endpoint, slip, past("2", LISTED, origin="correction"))
    assert counts == {"past slips new": 1, "rates known since earlier": 1}
    assert rows(endpoint) == [
        ("2000", LISTED, LISTED, "correction"),
        ("2", LISTED, None, "correction"),
    ]
    assert Rate.objects.get(amount=2000).why == "Listed in another unit."


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"source": "editor"}, "past left out: no price, or an editor's"),
        ({"state": "unknown", "amount": None}, "past left out: no price, or an editor's"),
        ({"valid_from": None, "amount": "3"}, "past left out: dated since ever by another source"),
    ],
)
def test_no_past_goes_before(endpoint: Endpoint, fields: dict[str, Any], reason: str) -> None:
    source = make_source(fields.pop("source", "litellm"))
    defaults = {"amount": "2", "valid_from": SEEN, "observed_at": SEEN}
    make_rate(endpoint, **{**defaults, **fields}, source=source)
    before = rows_of(endpoint)
    assert add(endpoint, *CUT) == {reason: 1}
    assert rows_of(endpoint) == before


def rows_of(endpoint: Endpoint) -> list[Any]:
    return list(Rate.objects.filter(endpoint=endpoint).values())


def test_a_price_without_a_start_begins_with_its_record(endpoint: Endpoint) -> None:
    see(endpoint, "2", "genai-prices", valid_from=None)
    other = make_endpoint(endpoint.model, upstream_id="other")
    see(other, "5", "genai-prices", valid_from=None, valid_to=MOVED)
    see(other, "1", "genai-prices", valid_from=MOVED, origin="change")
    for one in (endpoint, other):
        add(one, *CUT)
        assert add(one, *CUT) == {}
    assert rows(endpoint) == [("5", LISTED, MOVED, "first"), ("2", MOVED, None, "change")]
    assert rows(other) == [("5", LISTED, MOVED, "first"), ("1", MOVED, None, "change")]


def test_what_never_changed_holds_since_the_endpoint_is_listed(endpoint: Endpoint) -> None:
    see(endpoint, "2")
    see(endpoint, "4", terms=LONG)
    see(endpoint, "7", meter="image")
    see(endpoint, "8", "models-dev", meter="page")
    add(endpoint, *CUT)
    assert rows(endpoint, terms=LONG.to_json()) == [("4", LISTED, None, "first")]
    assert rows(endpoint, meter="image") == [("7", LISTED, None, "first")]
    assert rows(endpoint, meter="page") == [("8", SEEN, None, "first")]


def test_what_may_have_changed_holds_since_it_was_seen(endpoint: Endpoint) -> None:
    see(endpoint, "2")
    see(endpoint, "4", terms=LONG)
    see(endpoint, "7", meter="image")
    add(endpoint, *CUT, moved=frozenset({"input", "*"}))
    assert {row[1] for row in rows(endpoint, terms=LONG.to_json())} == {SEEN}
    assert {row[1] for row in rows(endpoint, meter="image")} == {SEEN}


def test_a_band_that_was_dropped_is_in_the_past_alone(endpoint: Endpoint) -> None:
    see(endpoint, "2")
    add(endpoint, *CUT, past("4", LISTED, MOVED, terms=LONG))
    assert rows(endpoint, terms=LONG.to_json()) == [("4", LISTED, MOVED, "first")]
