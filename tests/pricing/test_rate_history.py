"""How the rates on record follow what sources state, refresh by refresh."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from catalog.models import Endpoint
from pricing.edit import close_rates, publish_held, reject_held, state_rate
from pricing.models import Rate
from pricing.observed import Observed
from pricing.rate_history import record_rates
from pricing.rates import StatedRate, stated
from pricing.terms import BASE, Band, Terms
from tests.factories import (
    current_rates,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
)

pytestmark = pytest.mark.django_db

T0 = datetime(2026, 6, 1, tzinfo=UTC)
BATCH = Terms(tier="batch")
LONG = Terms(band=Band(200_000))


def day(number: int) -> datetime:
    return T0 + timedelta(days=number)


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint(make_model())


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("ada")


def price(amount: str, meter: str = "input", **more: Any) -> StatedRate:
    return stated(meter, Decimal(amount), **more)


def refresh(
    endpoint: Endpoint, *rates: StatedRate, on: int, source: str = "models-dev"
) -> Counter[str]:
    """What a refresh does whose source states this card in the data of a day."""
    card = [Observed(rate, make_source(source).id, day(on)) for rate in rates]
    return +record_rates({endpoint.id: card}, as_of={endpoint.id: day(on)})


def series(
    meter: str = "input", terms: Terms = BASE, *, held: bool = False
) -> list[tuple[Any, ...]]:
    """The rows of a series in time: amount, days from and to, origin."""
    rows = Rate.objects.filter(meter=meter, terms=terms.to_json(), held=held)
    return [
        (f"{row.amount.normalize():f}", _number(row.valid_from), _number(row.valid_to), row.origin)
        for row in rows.order_by(
            F("valid_from").asc(nulls_first=True), F("valid_to").asc(nulls_last=True)
        )
    ]


def _number(instant: datetime | None) -> int | None:
    return None if instant is None else (instant - T0).days


def amount_on(number: int, meter: str = "input", terms: Terms = BASE) -> Decimal | None:
    """What the meter costs on a day by the record; None where nothing is on record."""
    rows = current_rates(day(number)).filter(meter=meter, terms=terms.to_json())
    return next((row.amount for row in rows), None)


def snapshot() -> list[dict[str, Any]]:
    return list(Rate.objects.order_by("id").values())


def test_the_first_load_writes_every_rate_as_first_seen(endpoint):
    counts = refresh(
        endpoint, price("1.1"), price("4.4", "output"), price("0.55", terms=BATCH), on=0
    )
    assert counts == {"first": 3}
    assert series() == [("1.1", 0, None, "first")]
    assert series(terms=BATCH) == [("0.55", 0, None, "first")]
    row = Rate.objects.get(meter="output")
    assert (row.per, row.currency, row.state) == (1_000_000, "USD", "priced")
    assert (row.source.slug, row.observed_at) == ("models-dev", day(0))
    assert (row.announced, row.held, row.by, row.why) == (False, False, None, "")


def test_a_free_and_an_unknown_price_are_kept_apart(endpoint):
    refresh(endpoint, stated("input", 0), stated("output", None), stated("request", -1), on=0)
    states = dict(Rate.objects.values_list("meter", "state"))
    assert states == {"input": "free", "output": "unknown", "request": "dynamic"}
    assert Rate.objects.get(meter="input").amount == 0
    assert Rate.objects.get(meter="output").amount is None


def test_nothing_changed_writes_nothing(endpoint):
    card = (
        price("1.1"),
        price("4.4", "output"),
        price("0.55", terms=BATCH),
        stated("cache_read", None),
    )
    refresh(endpoint, *card, on=0)
    before = snapshot()
    with CaptureQueriesContext(connection) as queries:
        assert refresh(endpoint, *card, on=1) == {}
    assert snapshot() == before
    assert [
        sql for sql in map(str, queries) if re.search("INSERT|UPDATE|DELETE|COPY|CREATE", sql)
    ] == []


def test_the_queries_do_not_grow_with_the_endpoints(django_assert_num_queries):
    model, source = make_model(), make_source()

    def load(count: int, amount: str) -> int:
        endpoints = [make_endpoint(model, upstream_id=f"{amount}-{n}") for n in range(count)]
        cards = {one.id: [Observed(price(amount), source.id, day(0))] for one in endpoints}
        with CaptureQueriesContext(connection) as queries:
            record_rates(cards, as_of=dict.fromkeys(cards, day(0)))
        return len(queries)

    assert load(20, "1.2") == load(2, "1.1")


def test_a_changed_price_closes_the_old_row_and_opens_a_new_one(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    assert refresh(endpoint, price("0.9"), on=5) == {"change": 1}
    assert series() == [("1.1", 0, 5, "first"), ("0.9", 5, None, "change")]
    assert (amount_on(4), amount_on(5)) == (Decimal("1.1"), Decimal("0.9"))


def search(content: bool | None, amount: str = "10") -> StatedRate:
    return StatedRate("web_search", Decimal(amount), content_billed_as_input=content)


def contents() -> list[tuple[bool | None, str]]:
    rows = Rate.objects.filter(meter="web_search").order_by("valid_from")
    return list(rows.values_list("content_billed_as_input", "origin"))


def test_what_a_search_finds_may_begin_to_be_billed(endpoint):
    refresh(endpoint, search(False), on=0)
    assert refresh(endpoint, search(False), on=3) == {}
    assert refresh(endpoint, search(True), on=5) == {"change": 1}
    assert series("web_search") == [("10", 0, 5, "first"), ("10", 5, None, "change")]
    assert contents() == [(False, "first"), (True, "change")]


@pytest.mark.parametrize(("before", "now"), [(None, True), (None, False), (True, None)])
def test_to_say_what_was_not_known_of_a_search_is_no_change_of_the_providers(endpoint, before, now):
    refresh(endpoint, search(before), on=0)
    assert refresh(endpoint, search(now), on=5) == {"correction": 1}
    assert contents() == [(before, "first"), (now, "correction")]
    assert refresh(endpoint, search(now, "12"), on=6) == {"change": 1}


@pytest.mark.parametrize(("days", "origin"), [(30, "correction"), (31, "change")])
def test_a_price_that_is_back_within_thirty_days_was_never_another_one(endpoint, days, origin):
    for on, amount in ((0, "1"), (5, "2"), (5 + days, "1")):
        refresh(endpoint, price(amount), on=on)
    assert series() == [
        ("1", 0, 5, "first"),
        ("2", 5, 5 + days, origin),
        ("1", 5 + days, None, origin),
    ]


def test_an_offer_that_its_source_dates_is_no_correction(endpoint):
    steps = (
        price("2", valid_to=day(3)),
        price("1", valid_from=day(3), valid_to=day(9)),
        price("2", valid_from=day(9)),
    )
    refresh(endpoint, *steps, on=0)
    assert [row[3] for row in series()] == ["first", "change", "change"]


@pytest.mark.parametrize(("amount", "origin"), [("11", "correction"), ("12.1", "change")])
def test_a_power_of_ten_is_a_slip_of_units_and_no_change(endpoint, amount, origin):
    make_rate(make_endpoint(endpoint.model, make_provider("azure")), amount=amount)
    refresh(endpoint, price("1.1"), on=0)
    assert refresh(endpoint, price(amount), on=5) == {origin: 1}


def test_a_change_of_state_is_a_change_of_price(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    refresh(endpoint, stated("input", 0), on=1)
    refresh(endpoint, stated("input", None), on=2)
    rows = Rate.objects.order_by("valid_from").values_list("state", "amount", "origin")
    assert list(rows) == [
        ("priced", Decimal("1.1"), "first"),
        ("free", 0, "change"),
        ("unknown", None, "change"),
    ]


def test_an_undated_price_that_is_seen_again_later_keeps_its_first_date(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    refresh(endpoint, price("1.1"), on=30)
    assert series() == [("1.1", 0, None, "first")]
    assert Rate.objects.get().observed_at == day(0)


# Dated prices


PAST = (
    price("3", valid_to=day(-60)),
    price("2", valid_from=day(-60), valid_to=day(-10)),
    price("1", valid_from=day(-10)),
)


def test_dated_rates_become_history(endpoint):
    assert refresh(endpoint, *PAST, on=0) == {"first": 1, "change": 2}
    assert series() == [
        ("3", None, -60, "first"),
        ("2", -60, -10, "change"),
        ("1", -10, None, "change"),
    ]
    assert (amount_on(-500), amount_on(-60), amount_on(0)) == (3, 2, 1)
    assert not Rate.objects.filter(announced=True).exists()


def test_history_that_is_on_record_is_not_written_again(endpoint):
    refresh(endpoint, *PAST, on=0)
    before = snapshot()
    assert refresh(endpoint, *PAST, on=1) == {}
    assert snapshot() == before


def test_history_that_has_ended_is_not_written_again(endpoint):
    ended = (price("3", valid_to=day(-60)), price("2", valid_from=day(-60), valid_to=day(-10)))
    refresh(endpoint, *ended, price("9", "output"), on=0)
    before = snapshot()
    assert refresh(endpoint, *ended, price("9", "output"), on=1) == {}
    assert snapshot() == before


def test_the_order_in_which_rates_are_stated_does_not_matter(endpoint):
    refresh(endpoint, *reversed(PAST), on=0)
    assert [row[0] for row in series()] == ["3", "2", "1"]


def test_a_price_on_record_keeps_its_date_when_its_source_begins_to_date_it(endpoint):
    refresh(endpoint, price("1"), on=0)
    assert refresh(endpoint, *PAST, on=1) == {"first": 2}
    assert series()[-1] == ("1", 0, None, "first")


def test_a_source_that_dates_its_prices_adds_the_history_before_our_record(endpoint):
    refresh(endpoint, price("1"), on=0)
    refresh(endpoint, *PAST, on=1, source="genai-prices")
    assert [(row[0], row[1], row[2]) for row in series()] == [
        ("3", None, -60),
        ("2", -60, -10),
        ("1", 0, None),
    ]
    before = snapshot()
    assert refresh(endpoint, *PAST, on=2, source="genai-prices") == {}
    assert snapshot() == before


def test_a_price_that_is_stated_to_have_ended_ends(endpoint):
    refresh(endpoint, price("1"), on=0)
    refresh(endpoint, price("1", valid_to=day(4)), on=5)
    assert series() == [("1", 0, 4, "first")]
    assert amount_on(4) is None


def test_several_changes_between_two_refreshes_are_all_kept(endpoint):
    refresh(endpoint, price("3"), on=0)
    steps = (
        price("3", valid_to=day(2)),
        price("2", valid_from=day(2), valid_to=day(4)),
        price("1", valid_from=day(4)),
    )
    refresh(endpoint, *steps, on=6)
    assert series() == [("3", 0, 2, "first"), ("2", 2, 4, "change"), ("1", 4, None, "change")]


def test_the_beginning_of_one_rate_ends_the_one_before_where_the_source_does_not_say_so(endpoint):
    card = (price("2"), price("1", valid_from=day(-10)))
    refresh(endpoint, *card, on=0)
    assert series() == [("2", None, -10, "first"), ("1", -10, None, "change")]
    assert refresh(endpoint, *card, on=1) == {}


def test_two_rates_of_one_series_in_one_card_leave_one_and_stay_still(endpoint):
    assert refresh(endpoint, price("2"), price("1"), on=0) == {"first": 1}
    assert series() == [("1", 0, None, "first")]
    assert refresh(endpoint, price("2"), price("1"), on=1) == {}


# Announced prices


ANNOUNCED = (price("2", valid_to=day(10)), price("4", valid_from=day(10)))


def test_an_announced_price_waits_for_its_day(endpoint):
    refresh(endpoint, price("2"), on=0)
    refresh(endpoint, *ANNOUNCED, on=5)
    assert series() == [("2", 0, 10, "first"), ("4", 10, None, "change")]
    assert list(Rate.objects.filter(announced=True).values_list("amount", flat=True)) == [4]
    assert (amount_on(9), amount_on(10)) == (2, 4)
    assert refresh(endpoint, *ANNOUNCED, on=9) == {}
    assert Rate.objects.filter(announced=True).exists()


@pytest.mark.parametrize("on", [10, 11])
def test_an_announced_price_is_confirmed_once_it_is_seen_to_hold(endpoint, on):
    refresh(endpoint, *ANNOUNCED, on=5)
    refresh(endpoint, *ANNOUNCED, on=on)
    assert not Rate.objects.filter(announced=True).exists()
    assert series() == [("2", None, 10, "first"), ("4", 10, None, "change")]


def test_an_announced_price_that_is_seen_undated_is_confirmed_too(endpoint):
    refresh(endpoint, *ANNOUNCED, on=5)
    assert refresh(endpoint, price("4"), on=12) == {}
    assert not Rate.objects.filter(announced=True).exists()


def test_an_announcement_that_is_taken_back_never_held(endpoint):
    refresh(endpoint, price("2"), on=0)
    refresh(endpoint, *ANNOUNCED, on=5)
    refresh(endpoint, price("2"), on=7)
    assert [amount_on(number) for number in (6, 7, 9, 10, 20)] == [2, 2, 2, 2, 2]
    assert ("4", 10, 10, "change") in series()
    before = snapshot()
    assert refresh(endpoint, price("2"), on=8) == {}
    assert snapshot() == before


@pytest.mark.parametrize(("moved", "on"), [(8, 7), (6, 7), (14, 7), (14, 9)])
def test_an_announced_price_may_move_to_another_day(endpoint, moved, on):
    refresh(endpoint, price("2"), on=0)
    refresh(endpoint, *ANNOUNCED, on=5)
    again = (price("2", valid_to=day(moved)), price("4", valid_from=day(moved)))
    refresh(endpoint, *again, on=on)
    assert (amount_on(moved - 1), amount_on(moved), amount_on(20)) == (2, 4, 4)
    before = snapshot()
    assert refresh(endpoint, *again, on=on) == {}
    assert snapshot() == before


def test_an_offer_that_ends_early_gives_way_at_once(endpoint):
    refresh(endpoint, price("1", valid_from=day(0), valid_to=day(20)), on=0)
    refresh(endpoint, price("2"), on=5)
    assert series() == [("1", 0, 5, "first"), ("2", 5, None, "change")]


# What is no longer stated


def test_a_meter_that_is_no_longer_stated_is_closed_at_the_date_of_the_data(endpoint):
    refresh(endpoint, price("1"), price("9", "web_search"), on=0)
    assert refresh(endpoint, price("1"), on=4) == {"closed": 1}
    assert series("web_search") == [("9", 0, 4, "first")]
    assert refresh(endpoint, price("1"), on=5) == {}


def test_a_band_that_disappears_is_closed_and_the_base_stays(endpoint):
    refresh(endpoint, price("1"), price("2", terms=LONG), on=0)
    assert refresh(endpoint, price("1"), on=4) == {"closed": 1}
    assert series(terms=LONG) == [("2", 0, 4, "first")]
    assert series() == [("1", 0, None, "first")]


def test_a_band_with_another_threshold_is_another_series(endpoint):
    refresh(endpoint, price("2", terms=LONG), on=0)
    moved = Terms(band=Band(272_000))
    assert refresh(endpoint, price("2", terms=moved), on=4) == {"first": 1, "closed": 1}
    assert series(terms=LONG) == [("2", 0, 4, "first")]
    assert series(terms=moved) == [("2", 4, None, "first")]


def test_what_comes_back_after_a_while_leaves_the_gap(endpoint):
    refresh(endpoint, price("1"), price("9", "page"), on=0)
    refresh(endpoint, price("1"), on=4)
    refresh(endpoint, price("1"), price("9", "page"), on=7)
    assert [row[:3] for row in series("page")] == [("9", 0, 4), ("9", 7, None)]


def test_a_whole_card_that_is_withdrawn_leaves_its_history(endpoint):
    refresh(endpoint, price("1"), price("4", "output"), on=0)
    assert refresh(endpoint, on=3) == {"closed": 2}
    assert series() == [("1", 0, 3, "first")]


def test_a_withdrawn_series_loses_what_was_announced_for_it(endpoint):
    refresh(endpoint, *ANNOUNCED, price("9", "output"), on=5)
    refresh(endpoint, price("9", "output"), on=7)
    assert [amount_on(number) for number in (6, 7, 9, 10, 20)] == [2, None, None, None, None]
    before = snapshot()
    assert refresh(endpoint, price("9", "output"), on=8) == {}
    assert snapshot() == before


def test_other_endpoints_are_left_alone(endpoint):
    other = sell(endpoint.model, make_provider("azure"), input="1.21")
    refresh(endpoint, price("1.1"), on=0)
    refresh(endpoint, on=1)
    assert other.rates.get().valid_to is None


# Change or correction


def test_another_source_that_takes_over_corrects(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    assert refresh(endpoint, price("1.2"), on=5, source="genai-prices") == {"correction": 1}
    assert series() == [("1.1", 0, 5, "first"), ("1.2", 5, None, "correction")]


def test_another_source_of_the_same_price_changes_the_source_alone(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    before = Rate.objects.values().get()
    assert refresh(endpoint, price("1.1"), on=5, source="genai-prices") == {}
    assert Rate.objects.get().source.slug == "genai-prices"
    assert Rate.objects.values().get() == before | {"source_id": Rate.objects.get().source_id}


def test_another_source_with_older_data_corrects_from_where_the_record_begins(endpoint):
    refresh(endpoint, price("1.1"), on=5)
    assert refresh(endpoint, price("1.2"), on=0, source="genai-prices") == {"correction": 1}
    assert series() == [("1.1", 5, 5, "first"), ("1.2", 5, None, "correction")]


def test_another_price_in_data_of_the_same_day_corrects_and_leaves_an_empty_interval(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    assert refresh(endpoint, price("1.2"), on=0) == {"correction": 1}
    assert series() == [("1.1", 0, 0, "first"), ("1.2", 0, None, "correction")]
    assert refresh(endpoint, price("1.3"), on=0) == {"correction": 1}
    assert amount_on(0) == Decimal("1.3")
    assert refresh(endpoint, price("1.3"), on=0) == {}


def test_a_price_restated_for_the_same_start_corrects_from_when_it_was_seen(endpoint):
    refresh(endpoint, price("1.1", valid_from=day(-10)), on=0)
    assert refresh(endpoint, price("1.2", valid_from=day(-10)), on=5) == {"correction": 1}
    assert series() == [("1.1", -10, 5, "first"), ("1.2", 5, None, "correction")]


# Editors


def edit(endpoint: Endpoint, editor: User, rate: StatedRate, *, on: int) -> Rate:
    return state_rate(endpoint, rate, by=editor, why="As on the provider's page.", at=day(on))


def test_no_refresh_touches_an_editors_rate(endpoint, editor):
    refresh(endpoint, price("1.1"), on=0)
    edit(endpoint, editor, price("1"), on=2)
    before = snapshot()
    for on, card in enumerate([(price("1.1"),), (price("0.5"),), (), PAST, ANNOUNCED], start=3):
        assert refresh(endpoint, *card, on=on) == {}
        assert snapshot() == before


def test_an_editors_rate_leaves_the_other_meters_to_the_sources(endpoint, editor):
    refresh(endpoint, price("1.1"), price("4.4", "output"), on=0)
    edit(endpoint, editor, price("1"), on=2)
    assert refresh(endpoint, price("1.1"), price("4", "output"), on=3) == {"change": 1}
    assert series("output")[-1] == ("4", 3, None, "change")


@pytest.mark.parametrize("data_of", [0, 3, 6])
def test_a_withdrawn_editors_rate_gives_way_where_it_ended(endpoint, editor, data_of):
    refresh(endpoint, price("1.1"), on=0)
    row = edit(endpoint, editor, price("1"), on=2)
    close_rates([row], at=day(4))
    refresh(endpoint, price("1.1"), on=data_of)
    begin = max(4, data_of)
    assert series() == [
        ("1.1", 0, 2, "first"),
        ("1", 2, 4, "correction"),
        ("1.1", begin, None, "correction"),
    ]
    assert not Rate.objects.filter(announced=True).exists()
    assert refresh(endpoint, price("1.1"), on=7) == {}


def test_a_withdrawn_editors_rate_is_not_reopened_by_a_source_that_agrees(endpoint, editor):
    row = edit(endpoint, editor, price("1"), on=2)
    close_rates([row], at=day(4))
    refresh(endpoint, price("1"), on=5)
    assert [row[:3] for row in series()] == [("1", 2, 4), ("1", 5, None)]


# Slips


def make_peers(endpoint: Endpoint) -> None:
    """Three other providers of the same model that take a dollar."""
    for slug in ("azure", "groq", "together"):
        sell(endpoint.model, make_provider(slug), input="1")


def test_a_slip_is_held_and_what_held_before_holds_on(endpoint):
    refresh(endpoint, price("1.1"), on=0)
    make_peers(endpoint)
    assert refresh(endpoint, price("1100"), on=3) == {"held": 1}
    ours = Rate.objects.filter(endpoint=endpoint)
    assert [row.amount for row in current_rates(day(4), ours)] == [Decimal("1.1")]
    held = ours.get(held=True)
    assert (held.amount, held.valid_from, held.valid_to) == (1100, day(3), None)


def test_a_dated_slip_is_held_and_what_held_before_holds_on(endpoint):
    make_peers(endpoint)
    card = (price("1.1", valid_to=day(-3)), price("1100", valid_from=day(-3)))
    assert refresh(endpoint, *card, on=0) == {"first": 1, "held": 1}
    ours = Rate.objects.filter(endpoint=endpoint)
    assert [row.amount for row in current_rates(day(0), ours)] == [Decimal("1.1")]
    assert refresh(endpoint, *card, on=1) == {}


def test_a_held_slip_is_not_held_again_on_the_next_refresh(endpoint):
    make_peers(endpoint)
    assert refresh(endpoint, price("1100"), on=0) == {"held": 1}
    assert refresh(endpoint, price("1100"), on=1) == {}
    assert refresh(endpoint, price("1200"), on=2) == {"held": 1}


def test_a_sane_price_after_a_slip_is_published(endpoint):
    make_peers(endpoint)
    refresh(endpoint, price("1100"), on=0)
    assert refresh(endpoint, price("1.1"), on=1) == {"first": 1}
    ours = Rate.objects.filter(endpoint=endpoint)
    assert [row.amount for row in current_rates(day(1), ours)] == [Decimal("1.1")]


def test_a_held_price_that_is_no_slip_any_more_is_published(endpoint):
    make_peers(endpoint)
    refresh(endpoint, price("60"), on=0)
    Rate.objects.filter(amount=1).update(amount=2)
    assert refresh(endpoint, price("60"), on=1) == {"first": 1}


def test_a_held_price_is_not_closed_when_it_is_no_longer_stated(endpoint):
    make_peers(endpoint)
    refresh(endpoint, price("1100"), on=0)
    assert refresh(endpoint, on=1) == {}
    assert Rate.objects.get(held=True).valid_to is None


def test_a_published_slip_stays_when_its_source_repeats_it(endpoint, editor):
    refresh(endpoint, price("1.1"), on=0)
    make_peers(endpoint)
    refresh(endpoint, price("1100"), on=3)
    publish_held(Rate.objects.filter(held=True), by=editor, why="Seen.", at=day(4))
    assert refresh(endpoint, price("1100"), on=5) == {}
    ours = Rate.objects.filter(endpoint=endpoint)
    assert [row.amount for row in current_rates(day(5), ours)] == [1100]


def test_a_rejected_price_is_neither_held_again_nor_published(endpoint, editor):
    make_peers(endpoint)
    refresh(endpoint, price("60"), on=0)
    reject_held(Rate.objects.waiting(), by=editor, why="A slip.", at=day(1))
    Rate.objects.filter(amount=1).update(amount=2)  # then 60 is no slip any more
    assert refresh(endpoint, price("60"), on=2) == {}
    assert not Rate.objects.waiting().exists()
    assert refresh(endpoint, price("2"), on=3) == {"first": 1}
    assert refresh(endpoint, price("60"), on=4) == {}
    ours = Rate.objects.filter(endpoint=endpoint)
    assert [row.amount for row in current_rates(day(4), ours)] == [2]


def test_an_announced_price_that_looks_like_a_slip_by_now_stays_announced(endpoint):
    card = (price("2", valid_to=day(10)), price("400", valid_from=day(10)))
    refresh(endpoint, *card, on=5)
    make_peers(endpoint)
    before = snapshot()
    assert refresh(endpoint, *card, on=6) == {}
    assert snapshot() == before


def test_a_slip_that_was_asked_about_takes_no_announcement_back(endpoint):
    make_peers(endpoint)
    refresh(endpoint, price("900"), on=4)
    refresh(endpoint, *ANNOUNCED, on=5)
    before = snapshot()
    assert refresh(endpoint, price("900"), on=6) == {}
    assert snapshot() == before
