"""Calls and points of metrics as bytes, for the seconds until they are counted. Pure.

Of calls, names once, then arrays of numbers; of points, MessagePack.

Numbers are in the byte order of the machine.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import msgspec

from telemetry.calls import Call, Outcome
from telemetry.points import MetricPoint

OUTCOMES: tuple[Outcome, ...] = ("ok", "failed", "refused")
MOST_OF_A_PROVIDER, MOST_OF_A_MODEL = 200, 300  # characters, as of the columns of Series
_VERSION = 2
_HEADER = struct.Struct("=BIII")  # version, bytes of the names, number of calls, bytes of points
_CODES = "IIBffII"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_points = msgspec.msgpack.Decoder(list[MetricPoint])
_OUTCOME_NUMBERS = {outcome: number for number, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class PackedCalls:
    """Parallel arrays; `names` holds provider and model by number, NaN is an unknown figure."""

    names: Sequence[tuple[str, str]]
    points: Sequence[MetricPoint]
    name: array[int]
    at: array[int]
    outcome: array[int]
    latency: array[float]
    throughput: array[float]
    input_tokens: array[int]
    output_tokens: array[int]

    def rows(self) -> Iterator[tuple[int, int, int, float, float, int, int]]:
        return zip(
            self.name,
            self.at,
            self.outcome,
            self.latency,
            self.throughput,
            self.input_tokens,
            self.output_tokens,
            strict=True,
        )


def cleaned(provider_name: str, model_name: str) -> tuple[str, str]:
    """Names without control characters, cut to the lengths that are kept."""
    return (
        _CONTROL.sub(" ", provider_name)[:MOST_OF_A_PROVIDER].strip(),
        _CONTROL.sub(" ", model_name)[:MOST_OF_A_MODEL].strip(),
    )


def pack(calls: Iterable[Call], points: Sequence[MetricPoint] = ()) -> bytes:
    """The bytes of calls, which must be possible ones (`telemetry.calls.flaw`), and of points."""
    numbers: dict[tuple[str, str], int] = {}
    rows = [
        (
            numbers.setdefault((provider_name, model_name), len(numbers)),
            int(at),
            _OUTCOME_NUMBERS[outcome],
            nan if latency is None else latency,
            nan if throughput is None else throughput,
            input_tokens,
            output_tokens,
        )
        for (
            provider_name,
            model_name,
            at,
            outcome,
            latency,
            throughput,
            _,
            input_tokens,
            output_tokens,
        ) in calls
    ]
    names = "\0".join("\0".join(cleaned(*name)) for name in numbers).encode()
    columns = zip(*rows, strict=True) if rows else ((),) * len(_CODES)
    arrays = [array(code, column) for code, column in zip(_CODES, columns, strict=True)]
    metrics = msgspec.msgpack.encode(points) if points else b""
    header = _HEADER.pack(_VERSION, len(names), len(rows), len(metrics))
    return b"".join((header, names, *arrays, metrics))


def unpack(packed: bytes | memoryview) -> PackedCalls:
    """The calls of these bytes. Raises ValueError for others."""
    packed = bytes(packed)
    try:
        version, length, calls, metrics = _HEADER.unpack_from(packed)
    except struct.error as error:
        raise ValueError("These bytes are no calls") from error
    at = _HEADER.size + length
    size = at + calls * struct.calcsize(f"={_CODES}") + metrics
    if version != _VERSION or len(packed) != size:
        raise ValueError("These bytes are no calls")
    parts = iter(packed[_HEADER.size : at].decode().split("\0") if length else ())
    arrays: list[array[Any]] = []
    for code in _CODES:
        column: array[Any] = array(code)
        column.frombytes(packed[at : at + calls * column.itemsize])
        at += calls * column.itemsize
        arrays.append(column)
    try:
        points = _points.decode(packed[at:]) if metrics else []
    except msgspec.MsgspecError as error:
        raise ValueError("These bytes are no points") from error
    return PackedCalls(tuple(zip(parts, parts, strict=True)), points, *arrays)
