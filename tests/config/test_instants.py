"""Instants as the database backend reads them."""

from datetime import UTC, datetime

import pytest
from django.db import DataError, connection, transaction


def read(expression):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_instants_are_in_utc_to_the_microsecond():
    assert read("'2026-12-01 03:52:43.5+02'::timestamptz") == datetime(
        2026, 12, 1, 1, 52, 43, 500_000, tzinfo=UTC
    )
    midnight = read("'2026-12-01'::timestamptz")
    assert (midnight, midnight.tzinfo) == (datetime(2026, 12, 1, tzinfo=UTC), UTC)
    assert read("NULL::timestamptz") is None


@pytest.mark.django_db
def test_an_instant_that_python_cannot_hold_is_an_error():
    with pytest.raises(DataError, match="year 10K"), transaction.atomic():
        read("'10000-01-01'::timestamptz")
