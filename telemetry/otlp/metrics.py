"""Histograms of generative AI's metrics as points. Pure.

Exponential histograms give quantiles, explicit buckets the mean of the latency alone: the default
buckets of an SDK put everything below five seconds into one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from telemetry.calls import FARTHEST, MOST_DURATION, OLDEST
from telemetry.otlp.dialects import CALLS, GENAI, OPERATION
from telemetry.otlp.spans import UNREADABLE, model_of
from telemetry.otlp.values import Attributes, first_text, text
from telemetry.points import LATENCY, THROUGHPUT, MetricPoint, at_most_scale_6, inverse

# Seconds to the first token, and seconds a token after it.
METRICS = {
    "gen_ai.client.operation.time_to_first_chunk": LATENCY,
    "gen_ai.server.time_to_first_token": LATENCY,
    "gen_ai.server.time_per_output_token": THROUGHPUT,
}
_SECONDS = {"s", ""}
_DELTA = (1, "AGGREGATION_TEMPORALITY_DELTA")
_CUMULATIVE = (2, "AGGREGATION_TEMPORALITY_CUMULATIVE")
_MOST_COUNTED, _MOST_BUCKETS = 10**9, 10_000
# The offset of buckets has 32 bits in protobuf, and any number in JSON.
_FARTHEST_BUCKET = 2**31 + _MOST_BUCKETS


class DataPoint(Protocol):
    @property
    def attributes(self) -> Attributes: ...
    @property
    def start_time_unix_nano(self) -> int | str: ...
    @property
    def time_unix_nano(self) -> int | str: ...
    @property
    def count(self) -> int | str: ...
    @property
    def sum(self) -> float | str: ...


@dataclass(slots=True)
class Points:
    """Points of a request, and how many were refused for which reason."""

    points: list[MetricPoint] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


class PointReader:
    def __init__(self, now: float) -> None:
        self._now = now
        self.result = Points()

    def refuse(self, why: str) -> None:
        self.result.refused[why] += 1

    def read(
        self,
        name: str,
        unit: str,
        temporality: int | str,
        points: Iterable[tuple[DataPoint, bytes, tuple[int, Mapping[int, int]] | None]],
    ) -> None:
        """Points of one metric, each with the identity of its stream, and scale and buckets."""
        metric = METRICS.get(name)
        if metric is None or unit not in _SECONDS or temporality not in (*_DELTA, *_CUMULATIVE):
            return
        for data, identity, exponential in points:
            if metric == THROUGHPUT and exponential is None:
                continue  # a mean of seconds a token is no mean of tokens a second
            is_stream = temporality in _CUMULATIVE
            digest = hashlib.sha256(name.encode() + identity).digest() if is_stream else b""
            try:
                self._read(data, metric, digest, exponential)
            except (ValueError, TypeError, OverflowError):
                self.refuse(UNREADABLE)

    def _read(
        self,
        data: DataPoint,
        metric: str,
        stream: bytes,
        exponential: tuple[int, Mapping[int, int]] | None,
    ) -> None:
        attributes = data.attributes
        operation = attributes.get(OPERATION)
        if operation is not None and text(operation.string_value).lower() not in CALLS:
            return None
        count, total = int(data.count), float(data.sum)
        at, started = int(data.time_unix_nano) / 1e9, int(data.start_time_unix_nano) / 1e9
        model_name = model_of(attributes)
        if not model_name:
            return self.refuse("no model name")
        if not self._now - OLDEST <= at <= self._now + FARTHEST:
            return self.refuse("not of the last 48 hours")
        if not 0 <= started <= at:
            return self.refuse("begins after its end")
        if not (0 <= count <= _MOST_COUNTED and 0 <= total <= count * MOST_DURATION):
            return self.refuse("a count or sum that is not possible")
        scale: int | None = None
        buckets: dict[int, int] = {}
        if exponential is not None:
            stated_scale, stated = exponential
            farthest = max(map(abs, stated), default=0)
            if (
                not -10 <= stated_scale <= 20
                or len(stated) > _MOST_BUCKETS
                or farthest > _FARTHEST_BUCKET
            ):
                return self.refuse("a scale or number of buckets that is not possible")
            if sum(stated.values()) > count or min(stated.values(), default=0) < 0:
                return self.refuse("buckets that are not of their count")
            scale, buckets = at_most_scale_6(stated, stated_scale)
        if metric == THROUGHPUT:
            buckets = inverse(buckets)
        self.result.points.append(
            MetricPoint(
                text(first_text(attributes, GENAI.providers)).strip(),
                model_name,
                metric,
                stream,
                started,
                at,
                count,
                total,
                scale,
                buckets,
            )
        )
        return None
