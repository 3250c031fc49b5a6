"""Points of metrics: histograms that a sender has added up itself. Pure.

A cumulative stream is sent again with each interval; what is new in it is the difference from its
last state, as long as it has not begun anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from telemetry.calls import LEAST_LATENCY, MOST_LATENCY, MOST_THROUGHPUT
from telemetry.histograms import SCALE, Histogram, at_scale_6, bucket
from telemetry.samples import Samples

LATENCY, THROUGHPUT = "latency", "throughput"
# Coarser buckets than that (4.3 % of error) give means alone.
COARSEST = 3
# Of a stream that is seen for the first time all counts, if it began so many seconds ago.
NEW_FOR = 600.0
_BOUNDS = {
    LATENCY: (bucket(LEAST_LATENCY) + 1, bucket(MOST_LATENCY)),
    THROUGHPUT: (bucket(0.01), bucket(MOST_THROUGHPUT)),
}


class MetricPoint(msgspec.Struct, array_like=True, frozen=True):
    """Values of a metric of one model, in seconds or tokens a second.

    `stream` is the digest of a cumulative stream, empty for what is sent once; `started` and `at`
    are in seconds since 1970. Without `scale` there are no buckets.
    """

    provider_name: str
    model_name: str
    metric: str
    stream: bytes
    started: float
    at: float
    count: int
    total: float
    scale: int | None
    buckets: dict[int, int]


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a stream had added up to when it was last seen."""

    started: float
    at: float
    count: int
    total: float
    scale: int | None
    buckets: Mapping[int, int]


def state_of(point: MetricPoint) -> StreamState:
    return StreamState(
        point.started, point.at, point.count, point.total, point.scale, point.buckets
    )


def news(point: MetricPoint, last: StreamState | None) -> Samples | None:
    """What a point adds to what is counted; None where that cannot be told, or is nothing."""
    if last is None:
        is_new = not point.stream or 0 <= point.at - point.started <= NEW_FOR
        return _whole(point) if is_new else None
    if point.started > last.started:  # begun anew
        return _whole(point)
    count = point.count - last.count
    if point.started != last.started or point.at <= last.at or count <= 0:
        return None
    scale, buckets = _difference(point, last)
    return _samples(point.metric, count, max(0.0, point.total - last.total), scale, buckets)


def _whole(point: MetricPoint) -> Samples | None:
    return _samples(point.metric, point.count, point.total, point.scale, point.buckets)


def _difference(point: MetricPoint, last: StreamState) -> tuple[int | None, dict[int, int]]:
    """The buckets that are new, in the coarser scale of the two."""
    if point.scale is None or last.scale is None:
        return None, {}
    scale = min(point.scale, last.scale)
    buckets = coarser(point.buckets, point.scale - scale)
    for index, count in coarser(last.buckets, last.scale - scale).items():
        buckets[index] = buckets.get(index, 0) - count
    return scale, {index: count for index, count in buckets.items() if count > 0}


def coarser(buckets: Mapping[int, int], steps: int) -> dict[int, int]:
    merged: dict[int, int] = {}
    for index, count in buckets.items():
        merged[index >> steps] = merged.get(index >> steps, 0) + count
    return merged


def _samples(
    metric: str, count: int, total: float, scale: int | None, buckets: Mapping[int, int]
) -> Samples | None:
    if count <= 0:
        return None
    samples = Samples()
    if scale is not None and scale >= COARSEST:
        least, most = _BOUNDS[metric]
        whole = at_scale_6(buckets.items(), scale).counts
        samples.histogram = Histogram(
            {index: number for index, number in whole.items() if least <= index <= most}
        )
    unplaced = count - samples.histogram.samples
    if unplaced > 0 and metric != THROUGHPUT:  # of inverse values no sum is stated
        samples.unplaced = unplaced
        samples.unplaced_sum = max(0.0, total - samples.histogram.total)
    return samples


def inverse(buckets: Mapping[int, int]) -> dict[int, int]:
    """The buckets of 1/x: of tokens a second, out of seconds a token."""
    return {-index - 1: count for index, count in buckets.items()}


def at_most_scale_6(buckets: Mapping[int, int], scale: int) -> tuple[int, dict[int, int]]:
    """Buckets as they are kept between two points: no finer than they are ever used."""
    return min(scale, SCALE), coarser(buckets, max(0, scale - SCALE))
