"""Prices that an editor states, withdraws, or publishes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from catalog.models import Endpoint
from pricing.edit import close_rates, publish_held, state_rate
from pricing.models import PriceRow, Rate
from pricing.rates import stated
from pricing.terms import Terms
from tests.factories import make_endpoint, make_model, make_rate

pytestmark = pytest.mark.django_db

T0 = datetime(2024, 6, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return T0 + timedelta(days=number)


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint(make_model())


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("ada")


def rows(*, held: bool = False) -> list[tuple[str, int | None, int | None]]:
    """The rows in time: amount, days from and to."""
    ordered = Rate.objects.filter(held=held).order_by(
        F("valid_from").asc(nulls_first=True), F("valid_to").asc(nulls_last=True)
    )
    return [
        (f"{row.amount:.0f}", _number(row.valid_from), _number(row.valid_to)) for row in ordered
    ]


def _number(instant: datetime | None) -> int | None:
    return None if instant is None else (instant - T0).days


def state(endpoint: Endpoint, editor: User, amount: Any, *, on: int, **more: Any) -> Rate:
    terms = more.pop("terms", Terms())
    rate = stated("input", amount, terms=terms)
    return state_rate(endpoint, rate, by=editor, why="On their page.", at=day(on), **more)


def test_an_editors_price_says_who_when_and_why(endpoint, editor):
    row = state(endpoint, editor, Decimal("1.5"), on=3)
    row.refresh_from_db()
    assert (row.amount, row.per, row.state) == (Decimal("1.5"), 1_000_000, "priced")
    assert (row.by, row.why, row.source.slug) == (editor, "On their page.", "editor")
    assert (row.valid_from, row.valid_to, row.observed_at) == (day(3), None, day(3))
    assert (row.held, row.announced) == (False, False)


def test_what_held_before_is_closed_and_stays(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0))
    assert state(endpoint, editor, 2, on=3).origin == "correction"
    assert rows() == [("1", 0, 3), ("2", 3, None)]


def test_an_editor_may_say_that_the_provider_changed_it(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0))
    assert state(endpoint, editor, 2, on=3, origin=Rate.Origin.CHANGE).origin == "change"


def test_a_price_that_nobody_stated_before_is_the_first(endpoint, editor):
    assert state(endpoint, editor, 2, on=3).origin == "first"


def test_an_editor_may_correct_an_editor(endpoint, editor):
    state(endpoint, editor, 1, on=3)
    state(endpoint, editor, 2, on=5)
    assert rows() == [("1", 3, 5), ("2", 5, None)]


def test_a_price_that_begins_later_than_the_edit_is_left_empty(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(5))
    state(endpoint, editor, 2, on=3)
    assert rows() == [("2", 3, None), ("1", 5, 5)]


def test_an_edit_overrides_what_was_announced(endpoint, editor):
    make_rate(endpoint, amount="1", valid_to=day(9))
    make_rate(endpoint, amount="4", valid_from=day(9), announced=True)
    state(endpoint, editor, 2, on=3)
    assert rows() == [("1", None, 3), ("2", 3, None), ("4", 9, 9)]


def test_an_edit_leaves_other_terms_alone(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0))
    state(endpoint, editor, 2, on=3, terms=Terms(tier="batch"))
    assert rows() == [("1", 0, None), ("2", 3, None)]


def test_free_and_unknown_are_stated_too(endpoint, editor):
    assert state(endpoint, editor, 0, on=3).state == "free"
    assert state(endpoint, editor, None, on=4).state == "unknown"


def test_a_meter_that_nobody_described_is_priced_singly(endpoint, editor):
    rate = stated("gpu_hour", Decimal("2.5"))
    assert state_rate(endpoint, rate, by=editor, why="New.", at=day(0)).per == 1


def test_the_row_of_an_endpoint_follows_an_edit(endpoint, editor):
    row = state(endpoint, editor, 2, on=-1000)
    assert PriceRow.objects.get().input == 2
    close_rates([row], at=day(-999))
    assert PriceRow.objects.get().input_state == "unknown"


def test_a_closed_price_ends_and_stays(endpoint, editor):
    close_rates([state(endpoint, editor, 2, on=3)], at=day(5))
    assert rows() == [("2", 3, 5)]


def test_a_price_is_not_closed_before_it_begins(endpoint, editor):
    close_rates([state(endpoint, editor, 2, on=3)], at=day(1))
    assert rows() == [("2", 3, 3)]


def hold(endpoint: Endpoint, amount: str, **fields: Any) -> Rate:
    return make_rate(endpoint, amount=amount, held=True, **fields)


def test_a_published_price_says_who_published_it(endpoint, editor):
    publish_held(
        [hold(endpoint, "900", valid_from=day(2))], by=editor, why="On their page.", at=day(5)
    )
    row = Rate.objects.get()
    assert (row.held, row.by, row.why) == (False, editor, "On their page")
    assert row.source.slug == "models-dev"
    assert PriceRow.objects.get().input == 900


def test_a_published_price_takes_over_from_when_it_was_stated_to_hold(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0))
    publish_held(
        [hold(endpoint, "900", valid_from=day(2))], by=editor, why="On their page.", at=day(5)
    )
    assert rows() == [("1", 0, 2), ("900", 2, None)]


def test_what_began_later_than_a_published_price_stays(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0), valid_to=day(4))
    make_rate(endpoint, amount="2", valid_from=day(4))
    publish_held(
        [hold(endpoint, "900", valid_from=day(2))], by=editor, why="On their page.", at=day(5)
    )
    assert rows() == [("1", 0, 2), ("900", 2, 4), ("2", 4, None)]


def test_a_published_price_replaces_one_that_began_with_it(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(2))
    publish_held(
        [hold(endpoint, "900", valid_from=day(2))], by=editor, why="On their page.", at=day(5)
    )
    assert rows() == [("1", 2, 2), ("900", 2, None)]


def test_a_published_price_keeps_its_own_end(endpoint, editor):
    publish_held(
        [hold(endpoint, "900", valid_from=day(2), valid_to=day(3))],
        by=editor,
        why="On their page.",
        at=day(5),
    )
    assert rows() == [("900", 2, 3)]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, [("1", None, 5), ("900", 5, None)]),
        ({"valid_to": day(3)}, [("1", None, 3), ("900", 3, None)]),
        ({"valid_from": day(2)}, [("900", None, 2), ("1", 2, None)]),
    ],
)
def test_a_published_price_without_a_start_follows_the_one_that_has_none_either(
    endpoint, editor, other, expected
):
    make_rate(endpoint, amount="1", **other)
    publish_held([hold(endpoint, "900")], by=editor, why="On their page.", at=day(5))
    assert rows() == expected


def test_two_held_prices_of_one_series_may_be_published_together(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0))
    held = [hold(endpoint, "900", valid_from=day(2)), hold(endpoint, "800", valid_from=day(4))]
    publish_held(held, by=editor, why="On their page.", at=day(5))
    assert rows() == [("1", 0, 2), ("900", 2, 4), ("800", 4, None)]


def test_the_same_held_price_published_twice_changes_nothing_more(endpoint, editor):
    make_rate(endpoint, amount="1", valid_from=day(0))
    row = hold(endpoint, "900", valid_from=day(2))
    for _ in range(2):
        publish_held([row], by=editor, why="On their page.", at=day(5))
    assert rows() == [("1", 0, 2), ("900", 2, None)]
