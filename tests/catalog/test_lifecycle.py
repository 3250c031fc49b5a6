"""The stage of a day: Python and SQL give the same for every combination of facts."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from catalog.lifecycle import Lifecycle, in_use_sql, stage_on, stage_sql
from catalog.sql import rows

TODAY = date(2026, 11, 22)
# Unknown, a day before, of and after; a year and a month count from their first day.
DATES = ("", "2026-11-21", "2026-11-22", "2026-11-23", "2026", "2026-11", "2026-12", "2027")
# 30 days before today: the last moment of the day before, and the first of that day.
MISSING = (
    None,
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 10, 23, 23, 59, tzinfo=UTC),
    datetime(2026, 10, 24, tzinfo=UTC),
)
FACTS = list(product(Lifecycle, DATES, DATES, MISSING))

_TWINS = f"""
SELECT {stage_sql("fact")} AS stage, {in_use_sql("fact")} AS in_use
FROM unnest(%(lifecycles)s::text[], %(deprecated)s::text[], %(retired)s::text[],
            %(missing)s::timestamptz[]) WITH ORDINALITY
     AS fact (lifecycle, deprecated_on, retired_on, missing_since, place)
ORDER BY place
"""


@pytest.mark.django_db
def test_sql_and_python_agree_on_every_combination() -> None:
    lifecycles, deprecated, retired, missing = map(list, zip(*FACTS, strict=True))
    found = rows(
        dict,
        _TWINS,
        lifecycles=[str(word) for word in lifecycles],
        deprecated=deprecated,
        retired=retired,
        missing=missing,
        today=TODAY.isoformat(),
    )
    for (lifecycle, deprecated_on, retired_on, missing_since), row in zip(
        FACTS, found, strict=True
    ):
        stage = stage_on(TODAY, lifecycle, deprecated_on, retired_on, missing_since)
        assert row["stage"] == stage, (lifecycle, deprecated_on, retired_on, missing_since)
        assert row["in_use"] == (missing_since is None and stage != Lifecycle.RETIRED)


@pytest.mark.parametrize(
    ("lifecycle", "deprecated_on", "retired_on", "stage"),
    [
        ("active", "", "", "active"),
        ("preview", "2026-11-23", "", "preview"),
        ("preview", "2026-11-22", "", "deprecated"),
        ("active", "2026-11-01", "2026-11-22", "retired"),
        ("retired", "2026-11-01", "2026-12-01", "retired"),
        ("active", "2026", "", "deprecated"),
        ("active", "", "2026-12", "active"),
    ],
)
def test_a_date_that_has_passed_outweighs_the_stated_stage(
    lifecycle: str, deprecated_on: str, retired_on: str, stage: str
) -> None:
    assert stage_on(TODAY, lifecycle, deprecated_on, retired_on) == stage


@pytest.mark.parametrize(
    ("missing_since", "stage"),
    [
        (datetime(2026, 10, 22, 23, 59, tzinfo=UTC), "retired"),
        (datetime(2026, 10, 23, tzinfo=UTC), "retired"),
        (datetime(2026, 10, 23, 23, 59, tzinfo=UTC), "retired"),
        (datetime(2026, 10, 24, tzinfo=UTC), "active"),
        (None, "active"),
    ],
)
def test_what_no_source_lists_for_30_days_is_retired(
    missing_since: datetime | None, stage: str
) -> None:
    assert stage_on(TODAY, "active", "", "", missing_since) == stage
