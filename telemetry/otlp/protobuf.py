"""Requests of OTLP in protobuf. Pure."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from telemetry.otlp.metrics import PointReader, Points
from telemetry.otlp.schema import MetricsRequest, TracesRequest
from telemetry.otlp.spans import SpanCalls, SpanReader
from telemetry.otlp.values import text


class Unreadable(Exception):
    """A body that is not what its content type states; its text may be shown to the sender."""


def read_traces(body: bytes, now: float) -> SpanCalls:
    """The calls of a request. Raises Unreadable."""
    try:
        request = TracesRequest.FromString(body)
    except DecodeError as error:
        raise Unreadable("The body is no ExportTraceServiceRequest in protobuf.") from error
    reader = SpanReader(now)
    for of_resource in request.resource_spans:
        for of_scope in of_resource.scope_spans:
            reader.read(text(of_scope.scope.name), of_scope.spans)
    return reader.result()


def read_metrics(body: bytes, now: float) -> Points:
    """The points of a request that are counted. Raises Unreadable."""
    try:
        request = MetricsRequest.FromString(body)
    except DecodeError as error:
        raise Unreadable("The body is no ExportMetricsServiceRequest in protobuf.") from error
    reader = PointReader(now)
    for of_resource in request.resource_metrics:
        sender = _identity(of_resource.resource.attributes)
        for metric in (each for scope in of_resource.scope_metrics for each in scope.metrics):
            for histogram in (metric.histogram, metric.exponential_histogram):
                points = [
                    (point, sender + _identity(point.attributes), _buckets(point))
                    for point in histogram.data_points
                ]
                temporality = histogram.aggregation_temporality
                reader.read(text(metric.name), text(metric.unit), temporality, points)
    return reader.result


def _identity(attributes: Any) -> bytes:
    pairs = ((key, attributes[key].SerializeToString()) for key in sorted(attributes))
    return b"".join(key.encode() + b"\0" + value + b"\0" for key, value in pairs)


def _buckets(point: Any) -> tuple[int, dict[int, int]] | None:
    """Scale and counts by index of an exponential histogram; None of explicit buckets."""
    if not hasattr(point, "scale"):
        return None
    offset, counts = point.positive.offset, point.positive.bucket_counts
    return point.scale, {offset + n: count for n, count in enumerate(counts) if count}
