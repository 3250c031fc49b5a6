"""A clock that is wrong, here or at a source: refused, recorded, and its dates repaired."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Model, Source
from pricing.edit import state_rate
from pricing.models import Rate
from pricing.rates import stated
from sources.base import FetchFailed, Listing, Parsed
from sources.clock import TOLERANCE, clock_sentence
from sources.clock_repair import repair_future
from sources.models import Refresh
from sources.reconcile import reconcile
from sources.refresh import Older, load, refresh
from sources.registry import SOURCES
from tests.factories import make_endpoint, make_model, make_rate, make_source
from tests.sources.server import CATALOG, Server

pytestmark = pytest.mark.django_db

# Later than the rows that the database dates itself.
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)
AHEAD = NOW + timedelta(days=400)
MODELS_DEV = SOURCES["models-dev"]


def run(now: datetime) -> Any:
    return refresh(MODELS_DEV, now=now)


def dates() -> tuple[datetime, datetime]:
    return Source.objects.values_list("as_of", "read_at").get(slug="models-dev")


# Content that states no date of its own.
UNDATED = json.dumps(CATALOG).replace('"last_updated": "2025-04-16", ', "")


def change_price(upstream: Server, amount: float) -> None:
    body = UNDATED.replace('"input": 1.1', f'"input": {amount}')
    upstream.pages["/api.json"].body = body.encode()


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(days=400), "400 days ahead of that of models.dev: check the clock"),
        (-timedelta(days=400), "400 days behind that of models.dev: check the clock"),
        (TOLERANCE + timedelta(minutes=1), "6 minutes ahead of"),
    ],
)
def test_a_refresh_by_a_wrong_clock_fails_and_names_the_clock(
    off: timedelta, words: str, upstream: Server
) -> None:
    run(timezone.now())
    before = dates()
    change_price(upstream, 2)
    with pytest.raises(FetchFailed, match=words):
        run(timezone.now() + off)
    record = Refresh.objects.first()
    assert record
    assert words in record.error
    assert record.clock_off
    assert abs(record.clock_off - off) < timedelta(minutes=1)
    assert dates() == before
    assert Rate.objects.get(meter="input").amount == Decimal("1.1")


@pytest.mark.parametrize("off", [timedelta(minutes=4), -timedelta(minutes=4), timedelta(0)])
def test_clocks_a_little_apart_do_no_harm(off: timedelta, upstream: Server) -> None:
    run(timezone.now() + off)
    assert Refresh.objects.get().error == ""


def test_sources_that_agree_show_that_the_clock_here_is_wrong(upstream: Server) -> None:
    ahead = timezone.now() + timedelta(days=400)
    litellm = Source.objects.create(slug="litellm", name="LiteLLM")
    Refresh.objects.create(source=litellm, started_at=ahead, clock_off=timedelta(days=400))
    with pytest.raises(FetchFailed, match=r"ahead of those of models\.dev and LiteLLM: set it\."):
        run(ahead)


def test_what_was_recorded_before_the_clock_jumped_is_no_witness(upstream: Server) -> None:
    litellm = Source.objects.create(slug="litellm", name="LiteLLM")
    Refresh.objects.create(source=litellm, started_at=timezone.now(), clock_off=timedelta(0))
    with pytest.raises(FetchFailed, match="check the clock of this machine first"):
        run(timezone.now() + timedelta(days=400))


def test_the_clock_of_a_source_is_suspected_where_another_agrees_with_the_one_here() -> None:
    sentence = clock_sentence("models.dev", timedelta(hours=-5), {"LiteLLM": timedelta(0)})
    assert "5 hours behind that of models.dev" in sentence
    assert sentence.endswith("check the clock of models.dev or its mirror first.")


@pytest.fixture
def undated(upstream: Server) -> Iterator[Server]:
    """models.dev from a mirror that sends no Date, and without dates of its own."""
    upstream.pages["/api.json"].headers["Date"] = ""
    upstream.pages["/api.json"].body = UNDATED.encode()
    yield upstream


def test_a_date_of_the_future_is_dropped_and_the_refresh_is_read(undated: Server) -> None:
    run(timezone.now() + timedelta(days=400))
    change_price(undated, 2)
    counts = run(timezone.now())
    assert counts["dates of the future dropped"] == 1
    assert dates()[0] <= timezone.now()
    assert Refresh.objects.first().counts["dates of the future dropped"] == 1
    assert Refresh.objects.first().error == ""


def test_an_older_answer_is_recorded_as_what_it_is(upstream: Server) -> None:
    run(timezone.now())
    body = json.dumps(CATALOG).replace('updated": "2025-04-16"', 'updated": "2025-04-15"')
    upstream.pages["/api.json"].body = body.encode()
    with pytest.raises(Older, match="gave data of 2025-04-15 00:00, which is older than what is"):
        run(timezone.now())
    assert "older than what is here" in Refresh.objects.first().error
    assert Refresh.objects.first().as_of is None


def test_a_snapshot_that_is_older_is_recorded_as_left_out() -> None:
    listing = Listing("openai", "o4-mini", {}, (stated("input", Decimal("1.1")),))
    load([Parsed("models-dev", NOW, (listing,))], now=NOW)
    counts = load([Parsed("models-dev", NOW - timedelta(days=1), (listing,))], now=NOW)
    assert counts["answers older than what is here"] == 1
    assert "older than what is here" in Refresh.objects.first().error


@pytest.mark.parametrize(
    ("ahead", "kept"), [(TOLERANCE, True), (TOLERANCE + timedelta(seconds=1), False)]
)
def test_a_date_of_the_future_is_never_stored(ahead: timedelta, kept: bool) -> None:
    listing = Listing("openai", "o4-mini", {}, (stated("input", Decimal("1.1")),))
    load([Parsed("models-dev", NOW + ahead, (listing,))], now=NOW)
    as_of = NOW + ahead if kept else NOW
    assert dates()[0] == as_of
    assert EndpointClaims.objects.get().stated_at == as_of
    assert Refresh.objects.get().as_of == as_of


def test_what_a_clock_ahead_has_dated_is_repaired_once_a_source_confirms_the_clock(
    upstream: Server,
) -> None:
    upstream.pages["/api.json"].body = UNDATED.encode()
    began = timezone.now()
    run(began)
    first = Rate.objects.get(meter="input").valid_from
    upstream.pages["/api.json"].headers["Date"] = ""
    change_price(upstream, 2)
    run(began + timedelta(days=400))
    change_price(upstream, 3)
    run(began + timedelta(days=410))
    del upstream.pages["/api.json"].headers["Date"]
    now = timezone.now()
    counts = run(now)
    assert counts["repaired: rates begun in the future"] == 3
    rates = Rate.objects.filter(meter="input").order_by("id")
    assert [(rate.amount, rate.valid_from, rate.valid_to) for rate in rates] == [
        (Decimal("1.1"), first, now),
        (Decimal(2), now, now),
        (Decimal(3), now, None),
    ]
    assert not Rate.objects.filter(observed_at__gt=now).exists()
    assert EndpointClaims.objects.get().stated_at <= now
    assert dates()[0] == now
    record = Refresh.objects.first()
    assert (record.error, record.counts["repaired: rates begun in the future"]) == ("", 3)
    assert "repaired" not in json.dumps([*run(timezone.now())])


def rates_of(endpoint: Endpoint) -> list[tuple[datetime | None, datetime | None, bool]]:
    rates = endpoint.rates.order_by("id")
    return [(rate.valid_from, rate.valid_to, rate.announced) for rate in rates]


PAST, TOMORROW = NOW - timedelta(days=90), NOW + timedelta(days=1)
LATER = AHEAD + timedelta(days=5)
# A series as it was written by a clock ahead, and as it is repaired: begin, end, announced.
SERIES = {
    "a changed price": (
        [(PAST, AHEAD, False), (AHEAD, None, False)],
        [(PAST, NOW, False), (NOW, None, False)],
    ),
    "a price without a start": (
        [(None, AHEAD, False), (AHEAD, None, False)],
        [(None, NOW, False), (NOW, None, False)],
    ),
    "a price that ended": ([(PAST, AHEAD, False)], [(PAST, NOW, False)]),
    "two changes": (
        [(PAST, AHEAD, False), (AHEAD, LATER, False), (LATER, None, False)],
        [(PAST, NOW, False), (NOW, NOW, False), (NOW, None, False)],
    ),
    "an announced price": (
        [(PAST, TOMORROW, False), (TOMORROW, None, True)],
        [(PAST, TOMORROW, False), (TOMORROW, None, True)],
    ),
    "an announced price that was seen to hold": (
        [(PAST, TOMORROW, False), (TOMORROW, AHEAD, False)],
        [(PAST, TOMORROW, False), (TOMORROW, TOMORROW, True)],
    ),
    "an announced price that changed": (
        [(PAST, TOMORROW, False), (TOMORROW, AHEAD, False), (AHEAD, None, False)],
        [(PAST, NOW, False), (TOMORROW, TOMORROW, True), (NOW, None, False)],
    ),
    "a price announced by the clock ahead": (
        [(PAST, LATER, False), (LATER + timedelta(days=9), None, True)],
        [(PAST, NOW, False), (LATER + timedelta(days=9), None, True)],
    ),
}


@pytest.mark.parametrize("what", SERIES)
def test_rates_begun_by_a_clock_ahead_begin_now_and_announced_ones_stay(what: str) -> None:
    written, repaired = SERIES[what]
    endpoint = make_endpoint(make_model())
    for begin, end, announced in written:
        wrong = begin in (AHEAD, LATER)
        make_rate(
            endpoint,
            valid_from=begin,
            valid_to=end,
            announced=announced,
            observed_at=begin if wrong else PAST,
        )
    source = make_source()
    for as_of in (PAST, AHEAD, LATER):
        Refresh.objects.create(source=source, started_at=as_of, as_of=as_of)
    repair_future(now=NOW)
    assert rates_of(endpoint) == repaired
    assert not Refresh.objects.filter(as_of__gt=NOW).exists()


def test_held_prices_and_editors_are_repaired_too() -> None:
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, valid_from=AHEAD, observed_at=AHEAD, held=True)
    make_rate(endpoint, valid_from=PAST)
    ada = User.objects.create_user("ada")
    state_rate(endpoint, stated("input", Decimal(2)), by=ada, why="seen", at=AHEAD)
    repair_future(now=NOW)
    assert rates_of(endpoint) == [
        (NOW, None, False),
        (PAST, NOW, False),
        (NOW, None, False),
    ]


def test_the_facts_of_a_clock_ahead_are_dated_today() -> None:
    listing = Listing("openai", "o4-mini", {"context_window": 1000})
    changed = Listing("openai", "o4-mini", {"context_window": 2000, "region": "eu"})
    again = Listing("openai", "o4-mini", {"context_window": 2000, "region": "us"})
    reconcile([Parsed("models-dev", PAST, (listing,))], now=PAST)
    reconcile([Parsed("models-dev", AHEAD, (changed, Listing("azure", "o3")))], now=AHEAD)
    reconcile([Parsed("models-dev", LATER, (again,))], now=LATER)
    repair_future(now=NOW)
    claims = EndpointClaims.objects.get(endpoint__provider__slug="openai")
    assert claims.dated("context_window") == claims.dated("region") == NOW
    endpoint = Endpoint.objects.get(provider__slug="openai")
    assert endpoint.provenance["region"] == ["models-dev", NOW.date().isoformat()]
    azure = Endpoint.objects.get(provider__slug="azure")
    assert (azure.first_seen, azure.missing_since) == (NOW, NOW)
    assert not Model.objects.filter(created_at__gt=NOW).exists()


def test_where_nothing_lies_in_the_future_nothing_is_repaired() -> None:
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, valid_from=PAST, valid_to=TOMORROW)
    make_rate(endpoint, valid_from=TOMORROW, announced=True)
    assert not repair_future(now=NOW)
