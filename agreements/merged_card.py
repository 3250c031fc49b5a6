"""A rate card with agreed rates in place of list prices. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pricing.rates import RateCard, StatedRate
from pricing.terms import Terms

_EVER = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


def merged_card(card: RateCard, agreed: Sequence[StatedRate]) -> RateCard:
    """The card with each agreed rate in place of the list price of its meter and terms.

    It replaces no price under other terms: a batch tier or a context band that the contract does
    not name stays at list price. Before and after the contract the list price holds.
    """
    by_series: dict[tuple[str, Terms], list[StatedRate]] = defaultdict(list)
    for rate in agreed:
        by_series[rate.meter, rate.terms].append(rate)
    kept: list[StatedRate] = []
    for rate in card.rates:
        pieces = [rate]
        for other in by_series.get((rate.meter, rate.terms), ()):
            pieces = [rest for piece in pieces for rest in _without(piece, other)]
        kept += pieces
    return RateCard((*kept, *agreed))


def _without(rate: StatedRate, other: StatedRate) -> list[StatedRate]:
    """What is left of a rate's time outside of another's."""
    begin, end = rate.valid_from or _EVER, rate.valid_to or _NEVER
    since, until = other.valid_from or _EVER, other.valid_to or _NEVER
    if until <= begin or end <= since:
        return [rate]
    rest = []
    if begin < since:
        rest.append(replace(rate, valid_to=since))
    if until < end:
        rest.append(replace(rate, valid_from=until))
    return rest
