"""Values of one metric, added up. Pure."""

from __future__ import annotations

from telemetry.histograms import Histogram


class Samples:
    """Values of one metric: a histogram, and number and sum of those that none has."""

    __slots__ = ("histogram", "unplaced", "unplaced_sum")

    def __init__(self) -> None:
        self.histogram = Histogram()
        self.unplaced, self.unplaced_sum = 0, 0.0

    def merge(self, other: Samples) -> None:
        self.histogram.merge(other.histogram)
        self.unplaced += other.unplaced
        self.unplaced_sum += other.unplaced_sum

    def unplace(self) -> None:
        """Take the values out of the histogram: they serve the mean alone."""
        self.unplaced += self.histogram.samples
        self.unplaced_sum += self.histogram.total
        self.histogram = Histogram()
