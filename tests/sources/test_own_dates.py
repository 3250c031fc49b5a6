"""The date of data, and since when it is known: what the content states, never simply now."""

from datetime import UTC, datetime, timedelta

import pytest

from sources.own_dates import is_before, own_date, since_when, went_on

NOW = datetime(2026, 11, 30, 12, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = datetime(2026, 11, 20, tzinfo=UTC)
SEEN = NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("stated", "modified", "own"),
    [
        (DAY, None, DAY),
        # The content comes before the page's Last-Modified, be that newer or older.
        (DAY, NOW - HOUR, DAY),
        (DAY, DAY - HOUR, DAY),
        (NOW, NOW - HOUR, NOW - HOUR),
        (NOW, NOW + HOUR, SEEN),
        (NOW, None, SEEN),
    ],
)
def test_the_content_comes_first_then_last_modified_then_the_first_sight(stated, modified, own):
    assert own_date(stated, fetched_at=NOW, modified_at=modified, seen_at=SEEN) == own


@pytest.mark.parametrize(
    ("own", "held", "older"),
    [
        (DAY, DAY, False),
        (DAY, DAY + 14 * HOUR, False),
        (DAY + 14 * HOUR, DAY, False),
        (DAY - 24 * HOUR, DAY, True),
        (DAY - HOUR, DAY, True),
        (DAY + 13 * HOUR, DAY + 14 * HOUR, True),
        (DAY + 15 * HOUR, DAY + 14 * HOUR, False),
        (DAY, None, False),
        # A date of the future, from a clock that was ahead, counts as none.
        (DAY, NOW + 24 * HOUR, False),
    ],
)
def test_of_the_same_day_nothing_is_older(own, held, older):
    assert is_before(own, held, now=NOW) is older


@pytest.mark.parametrize(
    ("own", "known_until", "modified", "since"),
    [
        (DAY, None, None, DAY),
        (DAY, DAY - HOUR, None, DAY),
        # What was still there later cannot have changed before.
        (DAY, NOW - HOUR, None, NOW),
        (DAY, NOW - HOUR, NOW - HOUR / 2, NOW - HOUR / 2),
        (DAY, NOW - HOUR, NOW + HOUR, NOW),
        (DAY, DAY, None, NOW),
        (NOW + HOUR, None, None, NOW),
        (DAY, NOW + HOUR, None, DAY),
    ],
)
def test_a_change_began_after_what_was_known_before(own, known_until, modified, since):
    at = since_when(own, known_until=known_until, modified_at=modified, now=NOW)
    assert at == since


@pytest.mark.parametrize(
    ("after", "went", "went_if_same"),
    [
        ({}, False, True),
        ({"a": 0}, False, True),
        ({"a": 1}, True, True),
        ({"a": 1, "b": -1}, False, False),
        ({"b": -1}, False, False),
        # An entry that only one of the two has is no sign of which is newer.
        ({"a": 0, "z": 9}, False, True),
    ],
)
def test_data_goes_on_where_no_entry_went_back_and_one_is_newer(after, went, went_if_same):
    before = {("host", name): DAY for name in "abc"}
    dates = {("host", name): DAY + days * 24 * HOUR for name, days in after.items()}
    assert went_on(before, dates, is_same=False) is went
    assert went_on(before, dates, is_same=True) is went_if_same
