"""Requests of OTLP for tests, in JSON and in protobuf."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from telemetry.otlp.schema import TracesRequest
from tests.telemetry.calls import NOON

NOW = NOON.timestamp()
USUAL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.time_to_first_chunk": 0.5,
    "gen_ai.usage.input_tokens": 120,
    "gen_ai.usage.output_tokens": 100,
}


def as_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}


def make_span(
    changed: Mapping[str, Any] | None = None,
    *,
    at: float = NOW - 10,
    seconds: float = 2.5,
    usual: Mapping[str, Any] = USUAL,
    **fields: Any,
) -> dict[str, Any]:
    """A span of a call; attributes that are None are left out, dicts are values as they are."""
    attributes = {**usual, **(changed or {})}
    start = int(at * 1e9)
    return {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat gpt-4o-mini",
        "kind": 3,
        "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(start + int(seconds * 1e9)),
        "attributes": [
            {"key": key, "value": value if isinstance(value, dict) else as_value(value)}
            for key, value in attributes.items()
            if value is not None
        ],
        "status": {},
        **fields,
    }


def make_traces(*spans: Mapping[str, Any], scope: str = "my.app") -> dict[str, Any]:
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}]}]}


def as_json(traces: Any) -> bytes:
    return json.dumps(traces).encode()


def as_protobuf(traces: Mapping[str, Any]) -> bytes:
    request = TracesRequest()
    for of_resource in traces["resourceSpans"]:
        resource = request.resource_spans.add()
        for of_scope in of_resource["scopeSpans"]:
            scope = resource.scope_spans.add()
            scope.scope.name = of_scope["scope"]["name"].encode()
            _fill(scope.spans, of_scope["spans"])
    return bytes(request.SerializeToString())


def _fill(into: Any, spans: Iterable[Mapping[str, Any]]) -> None:
    for span in spans:
        own = into.add(
            span_id=bytes.fromhex(span["spanId"]),
            parent_span_id=bytes.fromhex(span.get("parentSpanId", "")),
            name=span["name"].encode(),
            kind=span.get("kind", 0),
            start_time_unix_nano=int(span["startTimeUnixNano"]),
            end_time_unix_nano=int(span["endTimeUnixNano"]),
        )
        if span.get("status"):
            own.status.code = span["status"].get("code", 0)
        for attribute in span["attributes"]:
            value = own.attributes[attribute["key"]]
            for kind, stated in attribute["value"].items():
                if kind == "stringValue":
                    value.string_value = stated.encode()
                elif kind == "intValue":
                    value.int_value = int(stated)
                elif kind == "doubleValue":
                    value.double_value = float(stated)
                elif kind == "boolValue":
                    value.bool_value = stated
