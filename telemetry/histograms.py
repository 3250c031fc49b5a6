"""Exponential histograms as OpenTelemetry defines them, at scale 6. Pure.

Bucket i holds b**i < x <= b**(i + 1), with b = 2**(1/64). A quantile is the nearest rank's bucket,
within 0.542 % of the value at that rank. Merging adds counts: any order gives the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import ceil, log2

SCALE = 6
PER_DOUBLING: int = 2**SCALE
_BASE: float = 2.0 ** (1 / PER_DOUBLING)
_HEADER = struct.Struct("<BhH")  # bytes of a count, first index, number of buckets
_LONGEST_GAP = 255
_DEFLATED = b"\0"  # in place of the bytes of a count
# More than a histogram of every bucket of a double takes: nothing else is inflated.
_MOST_BYTES = 2**22
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

    @property
    def total(self) -> float:
        """The sum of all values, each taken for its bucket's estimate."""
        return sum(estimate(index) * count for index, count in self.counts.items())

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
        packed = b"".join((header, gaps, array(code, counts).tobytes()))
        return min(packed, _deflated(packed), key=len)  # one of 5 samples is no longer than it was

    @classmethod
    def from_bytes(cls, packed: bytes | memoryview | None) -> Histogram:
        """The histogram of its bytes; an empty one of none. Raises ValueError for others."""
        histogram = cls()
        if not packed:
            return histogram
        packed = bytes(packed)
        try:
            if packed.startswith(_DEFLATED):
                packed = _inflated(packed)
            width, index, buckets = _HEADER.unpack_from(packed)
            counts = array(dict(_CODES)[width], packed[len(packed) - width * buckets :])
        except (struct.error, zlib.error, KeyError, ValueError) as error:
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


def _deflated(packed: bytes) -> bytes:
    """Most counts are small and most gaps 0: half of the bytes or less.

    First the lowest bytes of all counts, which vary, then the higher ones, which hardly do.
    """
    at, width = _counts_of(packed)
    planes = [packed[at + place :: width] for place in range(width)]
    deflating = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return b"".join(
        (_DEFLATED, deflating.compress(packed[:at] + b"".join(planes)), deflating.flush())
    )


def _inflated(deflated: bytes) -> bytes:
    inflating = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    packed = bytearray(inflating.decompress(deflated[1:], _MOST_BYTES))
    if not inflating.eof or inflating.unused_data:
        raise ValueError("The bytes are not whole")
    at, width = _counts_of(packed)
    planes, counts = packed[at:], (len(packed) - at) // width
    for place in range(width):
        packed[at + place :: width] = planes[place * counts : (place + 1) * counts]
    return bytes(packed)


def _counts_of(packed: bytes | bytearray) -> tuple[int, int]:
    """Where the counts begin, and how many bytes each has."""
    width, _, buckets = _HEADER.unpack_from(packed)
    if width not in dict(_CODES) or len(packed) < _HEADER.size + width * buckets:
        raise ValueError("The counts are not whole")
    return len(packed) - width * buckets, width


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
