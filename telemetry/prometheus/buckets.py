"""Quantiles of Prometheus' histograms, each with the bucket that holds it. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# Above, up to and including, and how many: a fraction, since increases are extrapolated.
Bucket = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Quantile:
    """An estimate, and the bounds of its bucket: the true value is anywhere between them.

    `high` is None where the bucket has no upper bound; the estimate is then the lower one.
    """

    value: float
    low: float
    high: float | None


def classic(cumulative: Mapping[float, float]) -> list[Bucket]:
    """The buckets of a classic histogram, by its upper bounds (`le`) and cumulative counts.

    Each count is extrapolated by itself, so that one may be a little below the one before.
    """
    buckets, below, most = [], 0.0, 0.0
    for bound, count in sorted(cumulative.items()):
        count = max(count, most)
        if bound > 0:
            buckets.append((max(below, 0.0), bound, count - most))
        below, most = bound, count
    return buckets


def merged(histograms: Iterable[Sequence[Bucket]]) -> list[Bucket]:
    """The sum of histograms of one kind, by bucket."""
    counts: dict[tuple[float, float], float] = {}
    for histogram in histograms:
        for low, high, count in histogram:
            counts[low, high] = counts.get((low, high), 0.0) + count
    return [(low, high, count) for (low, high), count in counts.items()]


def inverted(buckets: Iterable[Bucket]) -> list[Bucket]:
    """Seconds per token as tokens per second."""
    return [
        (1 / high if high < math.inf else 0.0, 1 / low if low > 0 else math.inf, count)
        for low, high, count in buckets
    ]


def total(buckets: Iterable[Bucket]) -> float:
    return sum(count for _, _, count in buckets)


def quantile(buckets: Iterable[Bucket], share: float) -> Quantile | None:
    """The estimate of Prometheus' histogram_quantile: linear within the bucket of the rank."""
    filled = sorted(bucket for bucket in buckets if bucket[2] > 0)
    if not filled:
        return None
    rank = share * total(filled)
    below, place = 0.0, 0
    while place < len(filled) - 1 and below + filled[place][2] < rank:
        below += filled[place][2]
        place += 1
    low, high, count = filled[place]
    if math.isinf(high):
        return Quantile(low, low, None)
    part = min(max((rank - below) / count, 0.0), 1.0)
    return Quantile(low + (high - low) * part, low, high)
