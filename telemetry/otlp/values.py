"""Spans and values as the dialects see them, whether they came as protobuf or as JSON. Pure."""

from __future__ import annotations

from typing import Protocol


class Value(Protocol):
    """An attribute's value: fields that it does not have are empty or zero.

    Protobuf gives bytes, JSON text; in JSON any number may be written as text.
    """

    @property
    def string_value(self) -> bytes | str: ...
    @property
    def bool_value(self) -> bool: ...
    @property
    def int_value(self) -> int | str: ...
    @property
    def double_value(self) -> float | str: ...


class Attributes(Protocol):
    def get(self, key: str, /) -> Value | None: ...


class SpanStatus(Protocol):
    @property
    def code(self) -> int | str: ...


class OtlpSpan(Protocol):
    @property
    def span_id(self) -> bytes | str: ...
    @property
    def parent_span_id(self) -> bytes | str | None: ...
    @property
    def name(self) -> bytes | str: ...
    @property
    def kind(self) -> int | str: ...
    @property
    def start_time_unix_nano(self) -> int | str: ...
    @property
    def end_time_unix_nano(self) -> int | str: ...
    @property
    def attributes(self) -> Attributes: ...
    @property
    def status(self) -> SpanStatus: ...


def text(raw: bytes | str) -> str:
    return raw.decode(errors="replace") if isinstance(raw, bytes) else raw


def number(value: Value) -> float:
    """The number of a value, written in any way. Raises ValueError where it is none."""
    numeric = value.int_value or value.double_value
    if numeric:
        return float(numeric)
    return float(text(value.string_value)) if value.string_value else 0.0


def first_text(attributes: Attributes, keys: tuple[str, ...]) -> bytes | str:
    """The first text of these keys that is there, as it came; empty without any."""
    for key in keys:
        value = attributes.get(key)
        if value is not None and value.string_value:
            return value.string_value
    return ""
