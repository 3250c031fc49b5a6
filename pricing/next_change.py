"""When pages change by the clock alone: rates begin and end, scheduled hours turn, days begin."""

import json
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from django.utils import timezone

from catalog.freshness import OVERDUE_AFTER, UNREFRESHED_AFTER
from catalog.sql import rows
from pricing.terms import Schedule, Terms, next_turn

# Of rates, of what sources claim of them, and of sources that become overdue.
_INSTANTS = """
SELECT valid_from AS instant FROM pricing_rate WHERE valid_from > %(now)s
UNION
SELECT valid_to FROM pricing_rate WHERE valid_to > %(now)s
UNION
SELECT (stated #>> '{}')::timestamptz
FROM catalog_endpointclaims, jsonb_path_query(rates, '$[*].from') AS stated
WHERE (stated #>> '{}')::timestamptz > %(now)s
UNION
SELECT (stated #>> '{}')::timestamptz
FROM catalog_endpointclaims, jsonb_path_query(rates, '$[*].to') AS stated
WHERE (stated #>> '{}')::timestamptz > %(now)s
UNION
SELECT fetched_at + %(overdue_after)s FROM catalog_source
WHERE fetched_at + %(overdue_after)s > %(now)s
UNION
SELECT read_at + %(unrefreshed_after)s FROM catalog_source
WHERE fetched_at IS NULL AND read_at + %(unrefreshed_after)s > %(now)s
"""
_SCHEDULED = """
SELECT DISTINCT jsonb_build_object('schedules', terms -> 'schedules')::text AS terms
FROM pricing_rate WHERE terms ? 'schedules'
"""

# The newest answer, by version: since when it holds, and until when.
_answers: dict[str, tuple[datetime, datetime]] = {}


def next_change_at(version: str, now: datetime) -> datetime:
    """The first instant after `now` at which pages may differ although nothing is written.

    `version` is a catalog's version, not "".
    """
    since, until = _answers.get(version, (now, now))
    if since <= now < until:
        return until
    instants, schedules = _timetable(version)
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    first = min((instant for instant in instants if now < instant), default=midnight)
    until = next_turn(schedules, after=now, until=min(first, midnight))
    _answers.clear()
    _answers[version] = now, until
    return until


@lru_cache(maxsize=2)
def _timetable(version: str) -> tuple[tuple[datetime, ...], tuple[Schedule, ...]]:
    instants: list[dict[str, datetime]] = rows(
        dict,
        _INSTANTS,
        now=timezone.now(),
        overdue_after=OVERDUE_AFTER,
        unrefreshed_after=UNREFRESHED_AFTER,
    )
    scheduled: list[dict[str, str]] = rows(dict, _SCHEDULED)
    terms = (Terms.from_json(json.loads(row["terms"])) for row in scheduled)
    schedules = {schedule for one in terms for schedule in one.schedules}
    return tuple(row["instant"] for row in instants), tuple(schedules)
