"""The series of names that senders use, and the bound on those without an endpoint."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from catalog.known_names import known_names
from telemetry.models import CallOrigin, FoldState, Series
from telemetry.naming import endpoint_of
from telemetry.rollups import TABLES

MOST_UNMAPPED = 10_000
# How often `last_seen` is noted.
SEEN_ONCE_IN = timedelta(minutes=1)

Name = tuple[str, str, str]  # origin, provider, model

# Their rows stay while the fold counts into them.
_KNOWN = """
SELECT origin, provider_name, model_name, series.id, last_seen,
       endpoint_id IS NULL AND NOT is_chosen
FROM telemetry_series series
JOIN unnest(%s::text[], %s::text[], %s::text[]) AS wanted (origin, provider_name, model_name)
    USING (origin, provider_name, model_name)
FOR KEY SHARE OF series
"""
_WITH_CALLS = """
SELECT origin, provider_name, model_name FROM telemetry_series series
JOIN unnest(%s::text[], %s::text[], %s::text[]) AS wanted (origin, provider_name, model_name)
    USING (origin, provider_name, model_name)
WHERE EXISTS (
    SELECT FROM telemetry_slot slot
    WHERE slot.series_id = series.id AND slot.succeeded + slot.failed + slot.refused > 0
)
"""
_UNMAPPED = """
SELECT id FROM telemetry_series
WHERE origin = %s AND endpoint_id IS NULL AND NOT is_chosen AND id <> ALL(%s)
ORDER BY last_seen DESC, id DESC OFFSET %s FOR UPDATE
"""
_CALLS = "coalesce(sum(succeeded + failed + refused), 0)"


def series_of(calls: Mapping[Name, int], now: datetime) -> dict[Name, int]:
    """The ids of the series of these names, each with its number of calls; new ones are made.

    Names without an endpoint beyond the bound have none: they are counted as dropped, as are the
    series seen least recently that they displace, of which none is among these.
    """
    ids, stale = {}, []
    known_unmapped: dict[str, list[int]] = {origin: [] for origin in CallOrigin.values}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(column) for column in zip(*calls, strict=True)])
        for *name, id_, last_seen, is_unmapped in cursor.fetchall():
            origin, provider_name, model_name = name
            ids[origin, provider_name, model_name] = id_
            if is_unmapped:
                known_unmapped[origin].append(id_)
            if last_seen < now - SEEN_ONCE_IN:
                stale.append(id_)
    Series.objects.filter(pk__in=stale).update(last_seen=now)
    new = [name for name in calls if name not in ids]
    if new:
        ids |= _made(new, calls, known_unmapped, now)
    return ids


def names_with_calls(names: set[Name]) -> set[Name]:
    """Those of these names under which calls were counted, and not only metrics."""
    if not names:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_WITH_CALLS, [list(column) for column in zip(*names, strict=True)])
        return set(cursor.fetchall())


def _made(
    new: list[Name],
    calls: Mapping[Name, int],
    known_unmapped: Mapping[str, list[int]],
    now: datetime,
) -> dict[Name, int]:
    """New series; `known_unmapped` are those without an endpoint that stay beside them."""
    names = known_names()
    mapped: list[Series] = []
    unmapped: dict[str, list[Series]] = {origin: [] for origin in CallOrigin.values}
    for origin, provider_name, model_name in new:
        series = Series(
            origin=origin,
            provider_name=provider_name,
            model_name=model_name,
            endpoint_id=endpoint_of(names, provider_name, model_name),
            first_seen=now,
            last_seen=now,
        )
        (mapped if series.endpoint_id else unmapped[origin]).append(series)
    kept = list(mapped)
    for origin, of_origin in unmapped.items():
        counted = known_unmapped[origin]
        room = max(MOST_UNMAPPED - len(counted), 0)
        beyond = of_origin[room:]
        note_dropped(len(beyond), sum(calls[_name(series)] for series in beyond), now)
        if of_origin:
            kept += of_origin[:room]
            _make_room(origin, room - len(of_origin[:room]), counted, now)
    return {_name(series): series.pk for series in Series.objects.bulk_create(kept)}


def _name(series: Series) -> Name:
    return series.origin, series.provider_name, series.model_name


def _make_room(origin: str, room: int, counted: list[int], now: datetime) -> None:
    """Drop series of an origin without an endpoint, least recently seen first, until few remain.

    Those that are counted into stay, beside `room` of the others.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNMAPPED, [origin, counted, room])
        dropped = [id_ for (id_,) in cursor.fetchall()]
    if dropped:
        note_dropped(len(dropped), drop_series(dropped), now)


def drop_series(ids: list[int]) -> int:
    """Delete series with all that was counted of them; how many calls the days had."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_CALLS} FROM telemetry_day WHERE series_id = ANY(%s)",  # noqa: S608
            [ids],
        )
        (calls,) = cursor.fetchone() or (0,)
        for table in (*TABLES.values(), "telemetry_series"):
            column = "id" if table == "telemetry_series" else "series_id"
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [ids])  # noqa: S608
    return int(calls)


def note_dropped(series: int, calls: int, now: datetime) -> None:
    if series:
        FoldState.objects.update(
            dropped_series=F("dropped_series") + series,
            dropped_calls=F("dropped_calls") + calls,
            dropped_at=now,
        )
