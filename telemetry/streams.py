"""Cumulative streams of metrics: their last states, and what is new in their points.

Part of the fold's transaction: a point is counted and its state kept, or neither.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from django.db import connection

from telemetry.models import CumulativePoint
from telemetry.points import MetricPoint, StreamState, news, state_of
from telemetry.samples import Samples

# Beyond it, streams that were not renewed for longest are forgotten, and begin anew.
MOST_STREAMS = 20_000
_FIELDS = ("started", "at", "count", "sum", "scale", "histogram", "renewed_at")
_FORGET = """
DELETE FROM telemetry_cumulativepoint WHERE digest IN (
    SELECT digest FROM telemetry_cumulativepoint ORDER BY renewed_at DESC, digest OFFSET %s
)
"""
_buckets = msgspec.msgpack.Decoder(dict[int, int])


def news_of(points: Iterable[MetricPoint], now: datetime) -> list[tuple[MetricPoint, Samples]]:
    """What each point adds to what is counted; points in the order in which they came."""
    points = list(points)
    wanted = {point.stream for point in points if point.stream}
    kept = CumulativePoint.objects.in_bulk(wanted) if wanted else {}
    states = {bytes(digest): _state(row) for digest, row in kept.items()}
    added = []
    for point in points:
        last = states.get(point.stream)
        if point.stream and (last is None or point.at > last.at):
            states[point.stream] = state_of(point)
        samples = news(point, last)
        if samples is not None:
            added.append((point, samples))
    if wanted:
        _keep(states, now)
    return added


def _state(row: CumulativePoint) -> StreamState:
    buckets = _buckets.decode(row.histogram) if row.histogram else {}
    return StreamState(row.started / 1e9, row.at, row.count, row.sum, row.scale, buckets)


def _keep(states: dict[bytes, StreamState], now: datetime) -> None:
    CumulativePoint.objects.bulk_create(
        [
            CumulativePoint(
                digest=digest,
                started=round(state.started * 1e9),
                at=state.at,
                count=state.count,
                sum=state.total,
                scale=state.scale,
                histogram=msgspec.msgpack.encode(state.buckets) if state.buckets else None,
                renewed_at=now,
            )
            for digest, state in states.items()
        ],
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=_FIELDS,
    )
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [MOST_STREAMS])
