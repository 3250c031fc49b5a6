"""What explains an estimate: what a cost goes to, and which hours or band would change it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from pricing.media import TAKEN
from pricing.price import Cost, is_passed
from pricing.rates import RateCard, StatedRate
from pricing.request import Request
from pricing.terms import Schedule
from pricing.usage import of_the_prompt

# A band that begins within this share of its threshold is worth a warning.
NEAR = Decimal("0.25")

_FAMILIES = {
    "cache_read": "cache",
    "cache_write": "cache",
    "cache_write_1h": "cache",
    "web_search": "search",
    "request": "fees",
}
_TAKEN = {*TAKEN, "input_character", "page", "annotation_page", "query"}


SHARES = ("input", "cache", "output", "search", "fees")


@dataclass(frozen=True, slots=True)
class CostShare:
    """A part of a cost (one of SHARES) in whole percent; `begin` is the sum of those before it."""

    name: str
    percent: int
    begin: int


def cost_shares(cost: Cost) -> tuple[CostShare, ...]:
    """The parts of at least half a percent, in the order of SHARES; together 100 percent.

    Rounded by largest remainder. Empty for a cost of nothing, and for one without a total.
    """
    if not cost.total:
        return ()
    amounts = dict.fromkeys(SHARES, Decimal(0))
    for line in cost.lines:
        goes_in = of_the_prompt(line.meter) or line.meter in _TAKEN
        usual = "input" if goes_in else "output"
        amounts[_FAMILIES.get(line.meter, usual)] += line.amount
    exact = {name: 100 * amount / cost.total for name, amount in amounts.items()}
    percents = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(SHARES, key=lambda name: percents[name] - exact[name])
    for name in by_remainder[: 100 - sum(percents.values())]:
        percents[name] += 1
    shares: list[CostShare] = []
    for name, percent in percents.items():
        if percent:
            shares.append(CostShare(name, percent, sum(share.percent for share in shares)))
    return tuple(shares)


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
