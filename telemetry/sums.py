"""What calls add to a step of time, before it is merged into the rows of the database. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, log2
from typing import TypeVar

from telemetry.histograms import PER_DOUBLING
from telemetry.packing import PackedCalls
from telemetry.points import LATENCY
from telemetry.samples import Samples

SLOT, HOUR, DAY = 300, 3600, 86_400  # seconds
Key = TypeVar("Key")


class Sums:
    """Calls and tokens counted; `outcomes` in the order of `packing.OUTCOMES`."""

    __slots__ = ("input_tokens", "latency", "outcomes", "output_tokens", "throughput")

    def __init__(self) -> None:
        self.outcomes = [0, 0, 0]
        self.input_tokens = self.output_tokens = 0
        self.latency, self.throughput = Samples(), Samples()

    @property
    def calls(self) -> int:
        return sum(self.outcomes)

    def merge(self, other: Sums) -> None:
        self.outcomes = [a + b for a, b in zip(self.outcomes, other.outcomes, strict=True)]
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.latency.merge(other.latency)
        self.throughput.merge(other.throughput)


def add_calls(sums: dict[tuple[Key, int], Sums], keys: list[Key], packed: PackedCalls) -> None:
    """Add calls to sums by key and slot; `keys` are those of the packed names, in their order."""
    for name, at, outcome, latency, throughput, input_tokens, output_tokens in packed.rows():
        key = keys[name], at // SLOT
        if key in sums:
            own = sums[key]
        else:
            own = sums[key] = Sums()
        own.outcomes[outcome] += 1
        own.input_tokens += input_tokens
        own.output_tokens += output_tokens
        # Written out: a method for each value would take as long as the rest. NaN is unknown.
        if latency == latency:
            counts, index = own.latency.histogram.counts, ceil(log2(latency) * PER_DOUBLING) - 1
            counts[index] = counts.get(index, 0) + 1
        if throughput == throughput:
            counts, index = (
                own.throughput.histogram.counts,
                ceil(log2(throughput) * PER_DOUBLING) - 1,
            )
            counts[index] = counts.get(index, 0) + 1


def by_step(
    sums: Iterable[tuple[tuple[Key, int], Sums]], seconds: int
) -> dict[tuple[Key, int], Sums]:
    """Sums of slots by longer steps, each with the second at which it begins."""
    merged: dict[tuple[Key, int], Sums] = {}
    for (key, slot), own in sums:
        merged.setdefault((key, slot * SLOT // seconds * seconds), Sums()).merge(own)
    return merged


def add_samples(
    sums: dict[tuple[Key, int], Sums], key: Key, at: float, metric: str, new: Samples
) -> None:
    """Add samples of one metric to the slot of an instant."""
    own = sums.setdefault((key, int(at) // SLOT), Sums())
    (own.latency if metric == LATENCY else own.throughput).merge(new)
