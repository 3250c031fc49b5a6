"""Requests of OTLP in JSON. Pure.

OTLP's JSON is not protobuf's: ids are hexadecimal, enumerations numbers, and what is not known is
skipped. The typed reading is fast and skips prompts. It refuses the whole body for one value of
another type: the body is then read again without types, span by span.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import msgspec

from telemetry.otlp.metrics import METRICS, PointReader, Points
from telemetry.otlp.protobuf import Unreadable
from telemetry.otlp.spans import UNREADABLE, SpanCalls, SpanReader


class JsonObject(msgspec.Struct, rename="camel", gc=False):
    pass


class JsonValue(JsonObject):
    string_value: str = ""
    bool_value: bool = False
    int_value: int | str = 0
    double_value: float | str = 0.0


class JsonAttribute(JsonObject):
    key: str = ""
    value: JsonValue = msgspec.field(default_factory=JsonValue)


class JsonStatus(JsonObject):
    code: int | str = 0


class JsonSpan(JsonObject):
    span_id: str = ""
    parent_span_id: str | None = ""
    name: str = ""
    kind: int | str = 0
    start_time_unix_nano: int | str = 0
    end_time_unix_nano: int | str = 0
    listed: list[JsonAttribute] = msgspec.field(default_factory=list, name="attributes")
    status: JsonStatus = msgspec.field(default_factory=JsonStatus)

    @property
    def attributes(self) -> dict[str, JsonValue]:
        return {attribute.key: attribute.value for attribute in self.listed}


class JsonScope(JsonObject):
    name: str = ""


class JsonScopeSpans(JsonObject):
    scope: JsonScope = msgspec.field(default_factory=JsonScope)
    spans: list[JsonSpan] = msgspec.field(default_factory=list)


class JsonResourceSpans(JsonObject):
    scope_spans: list[JsonScopeSpans] = msgspec.field(default_factory=list)


class JsonTraces(JsonObject):
    resource_spans: list[JsonResourceSpans] = msgspec.field(default_factory=list)


class JsonBuckets(JsonObject):
    offset: int = 0
    bucket_counts: list[int | str] = msgspec.field(default_factory=list)


class JsonDataPoint(JsonObject):
    start_time_unix_nano: int | str = 0
    time_unix_nano: int | str = 0
    count: int | str = 0
    sum: float | str = 0.0
    listed: list[JsonAttribute] = msgspec.field(default_factory=list, name="attributes")
    scale: int = 0
    positive: JsonBuckets = msgspec.field(default_factory=JsonBuckets)

    @property
    def attributes(self) -> dict[str, JsonValue]:
        return {attribute.key: attribute.value for attribute in self.listed}


class JsonHistogram(JsonObject):
    data_points: list[JsonDataPoint] = msgspec.field(default_factory=list)
    aggregation_temporality: int | str = 0


class JsonMetric(JsonObject):
    name: str = ""
    unit: str = ""
    histogram: JsonHistogram | None = None
    exponential_histogram: JsonHistogram | None = None


_traces = msgspec.json.Decoder(JsonTraces)


def read_traces(body: bytes, now: float) -> SpanCalls:
    """The calls of a request. Raises Unreadable."""
    reader = SpanReader(now)
    try:
        for of_resource in _traces.decode(body).resource_spans:
            for of_scope in of_resource.scope_spans:
                reader.read(of_scope.scope.name, of_scope.spans)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_each(untyped(body), now)
    return reader.result()


def untyped(body: bytes) -> Any:
    """The body as JSON of any shape. Broken UTF-8 is replaced. Raises Unreadable."""
    try:
        return msgspec.json.decode(body.decode(errors="replace"))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable("The body is no JSON.") from error


def _read_each(body: Any, now: float) -> SpanCalls:
    reader = SpanReader(now)
    for of_resource in objects(body, "resourceSpans"):
        for of_scope in objects(of_resource, "scopeSpans"):
            scope = of_scope.get("scope")
            name = scope.get("name") if isinstance(scope, dict) else ""
            spans = []
            for span in objects(of_scope, "spans"):
                try:
                    spans.append(msgspec.convert(span, JsonSpan))
                except (msgspec.ValidationError, RecursionError):
                    reader.refuse(UNREADABLE)
            reader.read(str(name), spans)
    return reader.result()


def objects(parent: Any, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list. Raises Unreadable where the parent is no object or it no list."""
    children = parent.get(name, []) if isinstance(parent, dict) else None
    if children is None or not isinstance(children, list):
        raise Unreadable(f"The body has no list “{name}” where OTLP has one.")
    yield from (child for child in children if isinstance(child, dict))


def read_metrics(body: bytes, now: float) -> Points:
    """The points of a request that are counted. Raises Unreadable."""
    reader = PointReader(now)
    for of_resource in objects(untyped(body), "resourceMetrics"):
        resource = msgspec.json.encode(of_resource.get("resource"), order="sorted")
        for of_scope in objects(of_resource, "scopeMetrics"):
            for stated in objects(of_scope, "metrics"):
                name = stated.get("name")
                if isinstance(name, str) and name in METRICS:
                    _read_metric(reader, stated, resource)
    return reader.result


def _read_metric(reader: PointReader, stated: dict[str, Any], resource: bytes) -> None:
    try:
        metric = msgspec.convert(stated, JsonMetric)
        for histogram in (metric.histogram, metric.exponential_histogram):
            if histogram is None:
                continue
            is_exponential = histogram is metric.exponential_histogram
            points = [
                (point, resource + _identity(point), _buckets(point) if is_exponential else None)
                for point in histogram.data_points
            ]
            reader.read(metric.name, metric.unit, histogram.aggregation_temporality, points)
    except (msgspec.ValidationError, ValueError, RecursionError):
        reader.refuse(UNREADABLE)


def _identity(point: JsonDataPoint) -> bytes:
    return msgspec.json.encode(sorted(point.listed, key=attrgetter("key")))


def _buckets(point: JsonDataPoint) -> tuple[int, dict[int, int]]:
    counts = enumerate(map(int, point.positive.bucket_counts), point.positive.offset)
    return point.scale, {index: count for index, count in counts if count}
