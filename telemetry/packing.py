"""Calls as bytes, for the seconds until they are counted: names once, then arrays of numbers. Pure.

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

from telemetry.calls import Call, Outcome

OUTCOMES: tuple[Outcome, ...] = ("ok", "failed", "refused")
MOST_OF_A_PROVIDER, MOST_OF_A_MODEL = 200, 300  # characters, as of the columns of Series
_VERSION = 1
_HEADER = struct.Struct("=BII")  # version, bytes of the names, number of calls
_CODES = "IIBffII"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_OUTCOME_NUMBERS = {outcome: number for number, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True, slots=True)
class PackedCalls:
    """Parallel arrays; `names` holds provider and model by number, NaN is an unknown figure."""

    names: Sequence[tuple[str, str]]
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


def clean(name: str, longest: int) -> str:
    """A name without control characters, cut to a length."""
    return _CONTROL.sub(" ", name)[:longest].strip()


def pack(calls: Iterable[Call]) -> bytes:
    """The bytes of calls, which must be possible ones (`telemetry.calls.flaw`)."""
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
    names = "\0".join(
        f"{clean(provider_name, MOST_OF_A_PROVIDER)}\0{clean(model_name, MOST_OF_A_MODEL)}"
        for provider_name, model_name in numbers
    ).encode()
    columns = zip(*rows, strict=True) if rows else ((),) * len(_CODES)
    arrays = [array(code, column) for code, column in zip(_CODES, columns, strict=True)]
    return b"".join((_HEADER.pack(_VERSION, len(names), len(rows)), names, *arrays))


def unpack(packed: bytes | memoryview) -> PackedCalls:
    """The calls of these bytes. Raises ValueError for others."""
    packed = bytes(packed)
    try:
        version, length, calls = _HEADER.unpack_from(packed)
    except struct.error as error:
        raise ValueError("These bytes are no calls") from error
    at = _HEADER.size + length
    if version != _VERSION or len(packed) != at + calls * struct.calcsize(f"={_CODES}"):
        raise ValueError("These bytes are no calls")
    parts = iter(packed[_HEADER.size : at].decode().split("\0") if length else ())
    arrays: list[array[Any]] = []
    for code in _CODES:
        column: array[Any] = array(code)
        column.frombytes(packed[at : at + calls * column.itemsize])
        at += calls * column.itemsize
        arrays.append(column)
    return PackedCalls(tuple(zip(parts, parts, strict=True)), *arrays)
