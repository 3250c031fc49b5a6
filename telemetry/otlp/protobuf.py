"""Requests of OTLP in protobuf. Pure."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from telemetry.otlp.schema import TracesRequest
from telemetry.otlp.spans import Reading, SpanReader
from telemetry.otlp.values import text


class Unreadable(Exception):
    """A body that is not what its content type states; its text may be shown to the sender."""


def read_traces(body: bytes, now: float) -> Reading:
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
