"""Values of one metric, added up. Pure."""

from __future__ import annotations

from telemetry.histograms import Histogram


class Samples:
    """Values of one metric: a histogram, and count and sum of all for their mean."""

    __slots__ = ("count", "histogram", "total")

    def __init__(self) -> None:
        self.count, self.total = 0, 0.0
        self.histogram = Histogram()

    def merge(self, other: Samples) -> None:
        self.count += other.count
        self.total += other.total
        self.histogram.merge(other.histogram)
