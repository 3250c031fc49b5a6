"""Exponential histograms as OpenTelemetry defines them, at scale 6. Pure.

Bucket i holds b**i < x <= b**(i + 1), with b = 2**(1/64). A quantile is the nearest rank's bucket,
within 0.542 % of the value at that rank. Merging adds counts: any order gives the same bytes.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import ceil, log2

SCALE = 6
PER_DOUBLING: int = 2**SCALE
_BASE: float = 2.0 ** (1 / PER_DOUBLING)
_HEADER = struct.Struct("<BhH")  # bytes of a count, first index, number of buckets
_LONGEST_GAP = 255
_CODES = ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))


def bucket(value: float) -> int:
    """The index of a positive value."""
    return ceil(log2(value) * PER_DOUBLING) - 1


def estimate(index: int) -> float:
    """The value with the least relative error to any of a bucket: at most 0.542 %."""
    upper: float = 2.0 ** ((index + 1) / PER_DOUBLING)
    return 2 * upper / (_BASE + 1)


class Histogram:
    """Counts of positive values by bucket."""

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: dict[int, int] = dict(counts or {})

    @classmethod
    def of(cls, values: Iterable[float]) -> Histogram:
        histogram = cls()
        for value in values:
            histogram.add(value)
        return histogram

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return bool(self.counts)

    def add(self, value: float) -> None:
        index = ceil(log2(value) * PER_DOUBLING) - 1
        self.counts[index] = self.counts.get(index, 0) + 1

    def merge(self, other: Histogram) -> None:
        counts = self.counts
        for index, count in other.counts.items():
            counts[index] = counts.get(index, 0) + count

    @property
    def samples(self) -> int:
        return sum(self.counts.values())

    def quantile(self, percent: int) -> float | None:
        """The nearest rank: the smallest value that `percent` in a hundred do not exceed."""
        return self.quantiles(percent)[0]

    def quantiles(self, *percents: int) -> list[float | None]:
        """Several quantiles in one pass; percents ascending."""
        ranks = [max(1, -(-self.samples * percent // 100)) for percent in percents]
        values: list[float | None] = []
        passed = 0
        for index in sorted(self.counts):
            passed += self.counts[index]
            while len(values) < len(ranks) and passed >= ranks[len(values)]:
                values.append(estimate(index))
        return values + [None] * (len(ranks) - len(values))

    def to_bytes(self) -> bytes:
        if not self.counts:
            return b""
        indexes = sorted(self.counts)
        counts = [self.counts[index] for index in indexes]
        width, code = next(each for each in _CODES if max(counts) < 256 ** each[0])
        gaps = bytearray()
        for before, index in pairwise(indexes):
            longest, rest = divmod(index - before - 1, _LONGEST_GAP)
            gaps += b"\xff" * longest
            gaps.append(rest)
        header = _HEADER.pack(width, indexes[0], len(indexes))
        return b"".join((header, gaps, array(code, counts).tobytes()))

    @classmethod
    def from_bytes(cls, packed: bytes | memoryview | None) -> Histogram:
        """The histogram of its bytes; an empty one of none. Raises ValueError for others."""
        histogram = cls()
        if not packed:
            return histogram
        packed = bytes(packed)
        try:
            width, index, buckets = _HEADER.unpack_from(packed)
            counts = array(dict(_CODES)[width], packed[len(packed) - width * buckets :])
        except (struct.error, KeyError, ValueError) as error:
            raise ValueError("These bytes are no histogram") from error
        gaps = packed[_HEADER.size : len(packed) - width * buckets]
        if gaps.count(_LONGEST_GAP) + buckets - 1 != len(gaps):
            raise ValueError("These bytes are no histogram")
        indexes = [index]
        for gap in gaps:
            index += gap
            if gap != _LONGEST_GAP:
                index += 1
                indexes.append(index)
        histogram.counts = dict(zip(indexes, counts, strict=True))
        return histogram


def at_scale_6(counts: Iterable[tuple[int, int]], scale: int) -> Histogram:
    """A histogram of another scale. A finer one is exact.

    The counts of a coarser bucket go to that of its estimate: its own error stays.
    """
    histogram = Histogram()
    merged = histogram.counts
    base = 2.0 ** (2.0**-scale)
    finer, middle = max(0, SCALE - scale), bucket(2 * base / (base + 1)) if scale < SCALE else 0
    for index, count in counts:
        own = (index << finer) + middle if finer else index >> (scale - SCALE)
        if count:
            merged[own] = merged.get(own, 0) + count
    return histogram
