"""Fold the inbox into slots, hours and days: each accepted call is counted exactly once.

One transaction deletes rows of the inbox and adds what they hold, so that a process that is killed
leaves both as they were.
"""

import logging
from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from telemetry.inbox import SEEN_FOR
from telemetry.packing import PackedCalls, cleaned, unpack
from telemetry.points import MetricPoint
from telemetry.rollups import merge_into
from telemetry.series import Name, names_with_calls, series_of
from telemetry.streams import news_of
from telemetry.sums import DAY, HOUR, SLOT, Sums, add_calls, add_samples, by_step

log = logging.getLogger("ratecard.telemetry")

# The number is arbitrary, and this program's own.
LOCK = 7_283_115
# Rows and bytes of one transaction: its memory is some times of the bytes.
MOST_ROWS, MOST_BYTES = 1000, 32 * 1024 * 1024
# Of one run: more comes in meanwhile, and the next run is due.
MOST_TRANSACTIONS = 20

_TAKE = """
WITH waiting AS (
    SELECT id, length(packed) AS bytes FROM telemetry_inboxrow ORDER BY id LIMIT %s
), taken AS (
    SELECT id, sum(bytes) OVER (ORDER BY id) - bytes AS before FROM waiting
)
DELETE FROM telemetry_inboxrow WHERE id IN (SELECT id FROM taken WHERE before < %s)
RETURNING id, origin, packed
"""


def fold(now: datetime) -> int:
    """Count everything in the inbox; how many calls. Does nothing while another fold runs."""
    calls = 0
    for _ in range(MOST_TRANSACTIONS):
        counted = _fold_some(now)
        if counted is None:
            break
        calls += counted
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM telemetry_seenbody WHERE at < now() - %s::interval", [SEEN_FOR])
    return calls


def _fold_some(now: datetime) -> int | None:
    """Count rows of the inbox in one transaction. None where there are none to count."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(_TAKE, [MOST_ROWS, MOST_BYTES])
        rows = sorted(cursor.fetchall())
        if not rows:
            return None
        return _count(cursor, [(origin, packed) for _, origin, packed in rows], now)


def _count(cursor: CursorWrapper, rows: list[tuple[str, bytes]], now: datetime) -> int:
    sums: dict[tuple[Name, int], Sums] = {}
    points: list[tuple[str, MetricPoint]] = []
    for origin, packed in rows:
        calls = _unpacked(packed)
        if calls:
            add_calls(sums, [(origin, *name) for name in calls.names], calls)
            points += [(origin, point) for point in calls.points]
    totals: Counter[Name] = Counter()
    for (name, _), own in sums.items():
        totals[name] += own.calls
    if points:
        _add_points(sums, totals, points, now)
    ids = series_of(totals, now) if totals else {}
    kept = [((ids[name], slot), own) for (name, slot), own in sums.items() if name in ids]
    for seconds in (SLOT, HOUR, DAY):
        merge_into(cursor, seconds, by_step(kept, seconds))
    return totals.total()


def _add_points(
    sums: dict[tuple[Name, int], Sums],
    totals: Counter[Name],
    points: list[tuple[str, MetricPoint]],
    now: datetime,
) -> None:
    """Add points of metrics. Where a series has spans too, they add to its means alone.

    Spans and metrics of one sender are of the same calls, which would be samples twice.
    """
    names: dict[int, Name] = {
        id(point): (origin, *cleaned(point.provider_name, point.model_name))
        for origin, point in points
    }
    with_spans = {name for name, calls in totals.items() if calls}
    with_spans |= names_with_calls(set(names.values()) - with_spans)
    for point, samples in news_of((point for _, point in points), now):
        name = names[id(point)]
        if name in with_spans:
            samples.unplace()
        totals[name] += 0
        add_samples(sums, name, point.at, point.metric, samples)


def _unpacked(packed: bytes) -> PackedCalls | None:
    """The calls of a row. Bytes of another version go, lest they hold up everything after them."""
    try:
        return unpack(packed)
    except ValueError as error:
        log.error("A row of the inbox is dropped: %s.", error)
        return None
