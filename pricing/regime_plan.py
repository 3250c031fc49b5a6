"""By which bands, schedules and dates the rates of two requests may differ, under any of a set of
rate cards. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pricing.rates import RateCard
from pricing.terms import Band, Schedule


@dataclass(frozen=True)
class Plan:
    """The bands, schedules and dates by which the rates of two requests may differ."""

    bands: tuple[Band, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    instants: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, cards: Iterable[RateCard]) -> "Plan":
        # Cards share most of their rates, and telling by identity is many times faster than by
        # value.
        rates = {id(rate): rate for card in cards for rate in card.rates}.values()
        terms = {id(rate.terms): rate.terms for rate in rates}.values()
        return cls(
            tuple(sorted({term.band for term in terms if term.band}, key=band_order)),
            tuple(sorted({schedule for term in terms for schedule in term.schedules}, key=str)),
            tuple(
                sorted(
                    {when for rate in rates for when in (rate.valid_from, rate.valid_to) if when}
                )
            ),
        )

    @cached_property
    def passing(self) -> dict[str, list[frozenset[Band]]]:
        """By basis, the bands that are passed with so many of its steps."""
        return {
            basis: [
                frozenset(
                    band
                    for band in self.bands
                    if band.meter == basis and (band.threshold, band.operator) in some[:number]
                )
                for number in range(len(some) + 1)
            ]
            for basis, some in self.steps.items()
        }

    @cached_property
    def whole_request_bands(self) -> frozenset[Band]:
        return frozenset(band for band in self.bands if band.applies == "whole_request")

    @cached_property
    def steps(self) -> dict[str, list[tuple[int, str]]]:
        """By basis, the thresholds that occur and their operators, in ascending order."""
        steps: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for band in self.bands:
            if (step := (band.threshold, band.operator)) not in steps[band.meter]:
                steps[band.meter].append(step)
        return dict(steps)

    @property
    def margins(self) -> list[tuple[str, int]]:
        """(basis, number of tokens below the threshold) of every marginal band."""
        return sorted(
            {(band.meter, band.below) for band in self.bands if band.applies == "marginal"}
        )


def band_order(band: Band) -> tuple[str, int, bool, str]:
    return band.meter, band.threshold, band.operator == "gt", band.applies
