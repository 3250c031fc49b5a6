"""What explains an estimate: what most of a cost goes to, and which hours or band would change it.

Pure.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from pricing.price import Cost, is_passed
from pricing.rates import RateCard, StatedRate
from pricing.request import Request
from pricing.terms import Schedule
from pricing.usage import of_the_prompt

# How long a model thinks is known once it has: until then the range goes from not at all over as
# long as it answers to four times as long.
TYPICAL, HIGH = 1, 4
# A band that begins within this share of its threshold is worth a warning.
NEAR = Decimal("0.25")

_FAMILIES = {
    "cache_read": "cache",
    "cache_write": "cache",
    "web_search": "search",
    "request": "fees",
}


@dataclass(frozen=True, slots=True)
class LargestShare:
    """What most of a cost goes to (input, output, cache, search or fees), and its percentage."""

    name: str
    percent: int


def largest_share(cost: Cost) -> LargestShare | None:
    if not cost.total:
        return None
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    for line in cost.lines:
        usual = "input" if of_the_prompt(line.meter) else "output"
        amounts[_FAMILIES.get(line.meter, usual)] += line.amount
    name = max(amounts, key=lambda name: amounts[name])
    return LargestShare(name, round(100 * amounts[name] / cost.total))


@dataclass(frozen=True, slots=True)
class OtherHours:
    """A meter costs `times` as much within `schedules`; without schedules, at all other hours."""

    meter: str
    times: Decimal
    schedules: tuple[Schedule, ...]


def other_hours(card: RateCard, cost: Cost, at: datetime) -> OtherHours | None:
    for line in cost.lines:
        others = [
            rate for rate in card.rates if _differs_by_hours(rate, line.rate) and rate.holds_at(at)
        ]
        if others and line.rate.amount:
            dearest = max(others, key=lambda rate: rate.amount or Decimal(0))
            times = (dearest.amount or Decimal(0)) / line.rate.amount
            return OtherHours(line.meter, times, dearest.terms.schedules)
    return None


def _differs_by_hours(rate: StatedRate, applied: StatedRate) -> bool:
    if rate.meter != applied.meter or rate.amount in (None, applied.amount):
        return False
    if rate.terms.schedules == applied.terms.schedules:
        return False
    return replace(rate.terms, schedules=()) == replace(applied.terms, schedules=())


@dataclass(frozen=True, slots=True)
class NextBand:
    """A context band that is near: past `threshold`, a meter costs `times` as much.

    `headroom` is the share of the threshold that the request leaves.
    """

    meter: str
    times: Decimal
    threshold: int
    headroom: Decimal


def next_band(card: RateCard, request: Request) -> NextBand | None:
    bands = {rate.terms.band for rate in card.rates if rate.terms.band}
    sent = request.usage["input"]
    if not bands or not sent:
        return None
    ahead = [
        band for band in bands if band.basis == "total_input" and not is_passed(band, request.usage)
    ]
    for band in sorted(ahead, key=lambda band: band.threshold):
        first = band.below + 1
        headroom = 1 - sent / first
        if headroom > NEAR:
            return None
        if dearer := _dearer(card, request, first - int(sent)):
            return NextBand(*dearer, band.threshold, headroom)
    return None


def _dearer(card: RateCard, request: Request, more: int) -> tuple[str, Decimal] | None:
    now, then = (_rates(one.cost(card)) for one in (request, request.adding(input=more)))
    for slug in ("input", "output", *now):
        if slug in now and slug in then and now[slug] and then[slug] > now[slug]:
            return slug, then[slug] / now[slug]
    return None


def _rates(cost: Cost) -> dict[str, Decimal]:
    return {line.meter: line.rate.amount for line in cost.lines if line.rate.amount is not None}
