"""The part of OTLP's protobuf messages that is read here, as descriptors. Pure.

Trimmed: what has no field here, such as events and prompts in lists, is skipped by the parser.
Attributes are declared as a map, which on the wire is the same as a repeated pair of key and value:
they then become a hash map in C, from which only the wanted keys are made Python objects. Strings
of values are bytes, so that broken UTF-8 in a prompt does not fail the request.

Numbers of fields are those of opentelemetry-proto 1.x.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# A name with "*" is repeated, with "%" a map from strings.
_MESSAGES: dict[str, dict[str, tuple[str, int]]] = {
    "AnyValue": {
        "string_value": ("bytes", 1),
        "bool_value": ("bool", 2),
        "int_value": ("int64", 3),
        "double_value": ("double", 4),
    },
    "Resource": {"attributes": ("%AnyValue", 1)},
    "InstrumentationScope": {"name": ("bytes", 1)},
    "Status": {"code": ("int32", 3)},
    "Span": {
        "span_id": ("bytes", 2),
        "parent_span_id": ("bytes", 4),
        "name": ("bytes", 5),
        "kind": ("int32", 6),
        "start_time_unix_nano": ("fixed64", 7),
        "end_time_unix_nano": ("fixed64", 8),
        "attributes": ("%AnyValue", 9),
        "status": ("Status", 15),
    },
    "ScopeSpans": {"scope": ("InstrumentationScope", 1), "spans": ("*Span", 2)},
    "ResourceSpans": {"resource": ("Resource", 1), "scope_spans": ("*ScopeSpans", 2)},
    "TracesRequest": {"resource_spans": ("*ResourceSpans", 1)},
    "HistogramDataPoint": {
        "start_time_unix_nano": ("fixed64", 2),
        "time_unix_nano": ("fixed64", 3),
        "count": ("fixed64", 4),
        "sum": ("double", 5),
        "attributes": ("%AnyValue", 9),
    },
    "Histogram": {
        "data_points": ("*HistogramDataPoint", 1),
        "aggregation_temporality": ("int32", 2),
    },
    "Buckets": {"offset": ("sint32", 1), "bucket_counts": ("*uint64", 2)},
    "ExponentialHistogramDataPoint": {
        "attributes": ("%AnyValue", 1),
        "start_time_unix_nano": ("fixed64", 2),
        "time_unix_nano": ("fixed64", 3),
        "count": ("fixed64", 4),
        "sum": ("double", 5),
        "scale": ("sint32", 6),
        "positive": ("Buckets", 8),
    },
    "ExponentialHistogram": {
        "data_points": ("*ExponentialHistogramDataPoint", 1),
        "aggregation_temporality": ("int32", 2),
    },
    "Metric": {
        "name": ("bytes", 1),
        "unit": ("bytes", 3),
        "histogram": ("Histogram", 9),
        "exponential_histogram": ("ExponentialHistogram", 10),
    },
    "ScopeMetrics": {"metrics": ("*Metric", 2)},
    "ResourceMetrics": {"resource": ("Resource", 1), "scope_metrics": ("*ScopeMetrics", 2)},
    "MetricsRequest": {"resource_metrics": ("*ResourceMetrics", 1)},
    # Answers: the number of a partial success has the same place for all signals.
    "PartialSuccess": {"rejected": ("int64", 1), "error_message": ("string", 2)},
    "ExportResponse": {"partial_success": ("PartialSuccess", 1)},
    "RpcStatus": {"code": ("int32", 1), "message": ("string", 2)},
}
_PACKAGE = "ratecard.otlp"
_Field = descriptor_pb2.FieldDescriptorProto


def _add_field(message: Any, name: str, kind: str, number: int) -> None:
    field = message.field.add(name=name, number=number, label=_Field.LABEL_OPTIONAL)
    if kind[0] in "*%":
        field.label = _Field.LABEL_REPEATED
    if kind[0] == "%":
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "key", "string", 1)
        _add_field(entry, "value", kind[1:], 2)
        field.type = _Field.TYPE_MESSAGE
        field.type_name = f".{_PACKAGE}.{message.name}.{entry.name}"
    elif kind.lstrip("*") in _MESSAGES:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind.lstrip('*')}"
    else:
        field.type = getattr(_Field, f"TYPE_{kind.lstrip('*').upper()}")


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="ratecard/otlp.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (kind, number) in fields.items():
            _add_field(message, field, kind, number)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
        for name in _MESSAGES
    }


_made = _classes()
TracesRequest, MetricsRequest = _made["TracesRequest"], _made["MetricsRequest"]
PartialSuccess, ExportResponse = _made["PartialSuccess"], _made["ExportResponse"]
RpcStatus = _made["RpcStatus"]
