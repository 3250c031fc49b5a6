"""The instants at which pages change by the clock alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import EndpointClaims
from catalog.version import catalog_version
from pricing.models import Rate
from pricing.next_change import next_change_at
from pricing.rates import StatedRate
from pricing.terms import Schedule, Terms, next_turn
from tests.factories import OBSERVED, make_endpoint, make_model, make_rate, make_source

NOW = datetime(2030, 3, 5, 9, 41, 7, tzinfo=UTC)  # a Tuesday
MIDNIGHT = datetime(2030, 3, 6, tzinfo=UTC)


def at(hours, minutes=0, seconds=0, *, days=0):
    midnight = NOW.replace(hour=0, minute=0, second=0)
    return midnight + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


@pytest.fixture
def endpoint():
    return make_endpoint(make_model())


def changes(endpoint, **fields):
    make_rate(endpoint, **fields)
    return next_change_at(catalog_version(), NOW)


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_day_begins(endpoint):
    assert changes(endpoint) == MIDNIGHT
    last = MIDNIGHT - timedelta(microseconds=1)
    assert next_change_at(catalog_version(), last) == MIDNIGHT
    assert next_change_at(catalog_version(), MIDNIGHT) == MIDNIGHT + timedelta(days=1)


def test_a_rate_begins_or_ends(endpoint):
    begins = at(9, 41, 8)
    assert changes(endpoint, valid_from=begins) == begins
    assert next_change_at(catalog_version(), begins) == MIDNIGHT
    ends = at(9, 41, 7) + timedelta(microseconds=1)
    assert changes(endpoint, meter="output", valid_to=ends) == ends
    assert changes(endpoint, meter="cache_read", valid_to=NOW) == ends


def test_what_is_written_counts_at_once(endpoint):
    assert changes(endpoint) == MIDNIGHT
    Rate.objects.update(valid_to=at(12))
    assert next_change_at(catalog_version(), NOW) == at(12)


@pytest.mark.parametrize("bound", ["valid_from", "valid_to"])
def test_a_claim_begins_or_ends(endpoint, bound):
    claimed = StatedRate("input", None, "unknown", **{bound: at(11)})
    EndpointClaims.objects.create(
        endpoint=endpoint, source=make_source(), rates=[claimed.to_json()], stated_at=OBSERVED
    )
    assert changes(endpoint) == at(11)


def test_a_source_becomes_overdue(endpoint):
    make_source("litellm", fetched_at=at(8), read_at=at(8))
    assert changes(endpoint) == at(11)


def test_a_snapshot_that_was_never_refreshed_becomes_overdue_later(endpoint):
    make_source("litellm", read_at=at(11, days=-2))
    assert changes(endpoint) == at(11)


def test_scheduled_hours_turn(endpoint):
    peak = Terms(schedules=(Schedule((("08:00", "10:30"), ("16:00", "00:00"))),))
    assert changes(endpoint, terms=peak) == at(10, 30)
    version = catalog_version()
    assert next_change_at(version, at(10, 29, 59)) == at(10, 30)
    assert next_change_at(version, at(10, 30)) == at(16)
    assert next_change_at(version, at(16)) == MIDNIGHT


def test_an_answer_is_kept_until_it_has_passed(endpoint):
    version = catalog_version()
    assert next_change_at(version, NOW) == MIDNIGHT
    with CaptureQueriesContext(connection) as queries:
        assert next_change_at(version, NOW + timedelta(hours=1)) == MIDNIGHT
        assert next_change_at(version, MIDNIGHT) == MIDNIGHT + timedelta(days=1)
    assert not len(queries)


@pytest.mark.parametrize(
    ("schedule", "turns"),
    [
        (Schedule((("00:00", "00:00"),)), []),
        (Schedule((("09:41", "09:42"),)), [at(9, 42), at(9, 41, days=1), at(9, 42, days=1)]),
        (Schedule((("22:00", "02:00"),), weekdays=(2,)), [at(22), at(2, days=1)]),
        (
            Schedule((("00:00", "00:00"),), weekdays=(3,), timezone="Asia/Shanghai"),
            [at(16), at(40)],
        ),
        (Schedule((("01:07", "01:13"),), timezone="Asia/Kathmandu"), [at(19, 22), at(19, 28)]),
    ],
)
def test_a_schedule_turns_where_it_begins_or_ceases_to_hold(schedule, turns):
    until, found, after = at(47), [], NOW
    while (after := next_turn([schedule], after=after, until=until)) < until:
        found.append(after)
    assert found[: len(turns)] == turns
    for turn in found:
        assert schedule.holds(turn) is not schedule.holds(turn - timedelta(seconds=1))


@pytest.mark.parametrize(
    "day", [datetime(2030, 3, 31, tzinfo=UTC), datetime(2030, 10, 27, tzinfo=UTC)]
)
def test_turns_are_found_where_clocks_change(day):
    schedules = [
        Schedule((("02:30", "03:30"),), timezone="Europe/Berlin"),
        Schedule((("01:15", "02:20"),), timezone="Europe/London"),
    ]
    minutes = [day + timedelta(minutes=n) for n in range(1, 24 * 60)]
    held = [[schedule.holds(minute) for schedule in schedules] for minute in [day, *minutes]]
    expected = [m for n, m in enumerate(minutes) if held[n] != held[n + 1]]
    until, found, after = day + timedelta(days=1), [], day
    while (after := next_turn(schedules, after=after, until=until)) < until:
        found.append(after)
    assert found == expected


def test_without_schedules_nothing_turns():
    assert next_turn([], after=NOW, until=MIDNIGHT) == MIDNIGHT
