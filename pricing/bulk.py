"""A whole usage log under every rate card at once. Pure.

Within a regime (see `pricing.aggregates`) every card has one rate a meter, so what a request costs
is linear in what it used: `price` of the sums is the sum of the prices, to the last digit. The
choice of the rates is that of `price`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Context, Decimal, Inexact
from typing import Any

import polars as pl

from pricing.aggregates import LABELS, Aggregates, is_fractional, key_columns, units_of
from pricing.price import Cost, UnknownTier, Unpriced, price, priced_under
from pricing.rates import RateCard, State, StatedRate
from pricing.regime_plan import Plan, band_order
from pricing.terms import BASE, STANDARD, Band, Schedule
from pricing.usage import PART_OF, Usage, counts, in_order

_EXACT = Context(prec=80, traps=[Inexact])


@dataclass(frozen=True, slots=True)
class Total:
    """What all the requests cost under one card: exact, in the currency as published, or why it is
    unknown.

    `missing` are the meters that no rate prices; `no_tier` is a tier that the card does not state.
    `most` is the amount if every request of a sum was as long as it may have been; None where that
    makes no difference.
    """

    amount: Decimal | None
    state: State
    currency: str = "USD"
    missing: tuple[str, ...] = ()
    no_tier: str = ""
    most: Decimal | None = None


@dataclass(frozen=True)
class _Regime:
    """Requests that a card prices alike: one of their instants, and their total usage."""

    key: object
    tier: str
    at: datetime
    passed: frozenset[Band]
    may_pass: frozenset[Band]
    hours: str
    epoch: int
    sums: Mapping[str, int]

    def usage(self) -> Usage:
        return _usage({slug: n for slug, n in self.sums.items() if "|" not in slug})


CardShape = tuple[tuple[Band, ...], tuple[Schedule, ...], tuple[datetime, ...]]


def totals(
    cards: Mapping[int, RateCard],
    aggregates: Aggregates,
    *,
    at: datetime | None = None,
    tier: str | None = None,
) -> dict[int, Total]:
    """What all the requests would cost under each card: the sum of `price` of each.

    Each is priced at its own time; with `at`, under the rates valid then, at its own hours. Each is
    priced in its own tier, or all in `tier`. The plan must be of these cards, or of more.
    """
    regimes = _regimes(aggregates)
    matters = _what_matters(aggregates, at, tier)
    by_shape: dict[CardShape, list[tuple[_Regime, Usage]]] = {}
    # A good half of the endpoints have the card of another, and most of the rest differ from
    # another in nothing that matters to these requests.
    known: dict[tuple[object, ...], Total] = {}
    found: dict[int, Total] = {}
    for card in {id(card): card for card in cards.values()}.values():
        own = RateCard(tuple(filter(matters, card.rates)))
        same = tuple(map(id if at is None else _undated, own.rates))
        if same not in known:
            shape = _shape(own, dated=at is None)
            if shape not in by_shape:
                by_shape[shape] = [
                    (one, one.usage()) for one in _joined(regimes, shape, aggregates.plan)
                ]
            known[same] = _total(own, shape, by_shape[shape], at, tier)
        found[id(card)] = known[same]
    return {key: found[id(card)] for key, card in cards.items()}


def _what_matters(
    aggregates: Aggregates, at: datetime | None, tier: str | None
) -> Callable[[StatedRate], bool]:
    """Whether a rate may matter to what these requests cost."""
    meters = priced_under(slug for slug, number in aggregates.used.items() if number)
    tiers = {*aggregates.frame["tier"].unique()} if tier is None else {tier}
    # A tier is one that the card states if any rate of the card has it.
    special = tiers.difference(STANDARD)
    return lambda rate: (
        (rate.terms.tier in special if rate.terms.tier else rate.meter in meters)
        and (at is None or rate.holds_at(at))
    )


def _undated(rate: StatedRate) -> tuple[object, ...]:
    """What tells apart two rates that hold at the same time; most share their terms."""
    amount, content = rate.amount, rate.content_billed_as_input
    return rate.meter, amount, rate.state, rate.currency, content, id(rate.terms)


def total(
    card: RateCard, aggregates: Aggregates, *, at: datetime | None = None, tier: str | None = None
) -> Total:
    return totals({0: card}, aggregates, at=at, tier=tier)[0]


def totals_by(
    key: str,
    card: RateCard,
    aggregates: Aggregates,
    *,
    at: datetime | None = None,
    tier: str | None = None,
) -> dict[Any, Total]:
    own = RateCard(tuple(filter(_what_matters(aggregates, at, tier), card.rates)))
    shape = _shape(own, dated=at is None)
    apart: dict[Any, list[_Regime]] = defaultdict(list)
    for one in _regimes(aggregates, key):
        apart[one.key].append(one)
    found = {}
    for value, regimes in apart.items():
        joined = [(one, one.usage()) for one in _joined(regimes, shape, aggregates.plan)]
        found[value] = _total(own, shape, joined, at, tier)
    return found


def _regimes(aggregates: Aggregates, by: str = "tier") -> list[_Regime]:
    plan = aggregates.plan
    keys = [key for key in key_columns(plan) if key not in LABELS or key in ("tier", by)]
    frame = aggregates.frame
    sums = [c for c in frame.columns if c in aggregates.meters or "|" in c]
    # A log of many models has many shares of a single row, which are their own sums.
    added = frame
    if frame.height > 1:
        added = frame.group_by(keys).agg(pl.col(sums).sum(), pl.col("first").min()).sort(keys)
    steps, passing = plan.steps, plan.passing
    # Margins divide each request, which a sum does not tell.
    whole = plan.whole_request_bands
    return [
        _Regime(
            key=row[by],
            tier=row["tier"],
            at=row["first"],
            passed=(passed := _union(passing[basis][row[f"level {basis}"]] for basis in steps)),
            may_pass=passed
            | whole & _union(passing[basis][row[f"high {basis}"]] for basis in steps),
            hours=row["hours"],
            epoch=row["epoch"],
            sums={slug: row[slug] or 0 for slug in sums},
        )
        for row in added.iter_rows(named=True)
    ]


def _union(bands: Iterable[frozenset[Band]]) -> frozenset[Band]:
    return frozenset().union(*bands)


def _shape(card: RateCard, *, dated: bool) -> CardShape:
    bands: set[Band] = set()
    schedules: set[Schedule] = set()
    instants: set[datetime] = set()
    for rate in card.rates:
        if rate.terms.band:
            bands.add(rate.terms.band)
        if rate.terms.schedules:
            schedules.update(rate.terms.schedules)
        if dated:
            instants.update(when for when in (rate.valid_from, rate.valid_to) if when)
    return (
        tuple(sorted(bands, key=band_order)),
        tuple(sorted(schedules, key=str)),
        tuple(sorted(instants)),
    )


def _joined(regimes: Iterable[_Regime], shape: CardShape, plan: Plan) -> list[_Regime]:
    bands, schedules, instants = frozenset(shape[0]), shape[1], shape[2]
    places = [plan.schedules.index(schedule) for schedule in schedules]
    joined: dict[tuple[Any, ...], list[_Regime]] = defaultdict(list)
    for one in regimes:
        come = sum(plan.instants.index(instant) < one.epoch for instant in instants)
        hours = "".join(one.hours[place] for place in places)
        key = (one.tier, one.passed & bands, one.may_pass & bands, hours, come)
        joined[key].append(one)
    return [
        replace(
            same[0],
            passed=passed,
            may_pass=may_pass,
            hours=hours,
            epoch=come,
            sums={slug: sum(one.sums[slug] for one in same) for slug in same[0].sums},
        )
        for (_, passed, may_pass, hours, come), same in joined.items()
    ]


def _total(
    card: RateCard,
    shape: CardShape,
    regimes: Sequence[tuple[_Regime, Usage]],
    at: datetime | None,
    tier: str | None,
) -> Total:
    bands, schedules, _ = shape
    # Schedules are looked up at a request's own time, so only then the dates have to be settled
    # before.
    dated = card.at(at) if at and schedules else card
    parts: list[Cost] = []
    longest: list[Cost] = []
    has_range = any(one.may_pass != one.passed for one, _ in regimes)
    for one, usage in regimes:
        when = at if at and not schedules else one.at
        own_tier = one.tier if tier is None else tier
        try:
            some = list(_priced(dated, bands, one, one.passed, usage, when, own_tier))
            parts += some
            if one.may_pass != one.passed:
                some = list(_priced(dated, bands, one, one.may_pass, usage, when, own_tier))
        except UnknownTier as error:
            return Total(None, "unknown", no_tier=error.tier)
        longest += some
    cost = _sum(parts)
    total = cost.total
    highest = _sum(longest).total if has_range else None
    return Total(
        total,
        cost.state,
        cost.currency,
        tuple(in_order({missed.meter for missed in cost.unpriced})),
        most=highest if highest is not None and total is not None and highest > total else None,
    )


def _sum(parts: Sequence[Cost]) -> Cost:
    return Cost(
        tuple(line for part in parts for line in part.lines),
        tuple(missed for part in parts for missed in part.unpriced),
    )


def _is_orderly(card: RateCard, bands: Sequence[Band]) -> bool:
    """Whether a card's margins divide a request in one way only, each side with a price.

    False where being past one basis affects what is past another, where two bands share a
    threshold, or where what is below a margin would be priced otherwise as a request of its own.
    """
    thresholds = {band.threshold for band in bands}
    single = len({band.meter for band in bands}) == 1 and len(thresholds) == len(bands)
    beyond = {
        rate.meter
        for rate in card.rates
        if rate.terms.band and rate.terms.band.applies == "marginal"
    }
    based = {rate.meter for rate in card.rates if rate.terms == BASE}
    priceless = {rate.meter for rate in card.rates if rate.amount is None}
    return single and beyond <= based and not beyond & priceless


def _priced(
    card: RateCard,
    bands: Sequence[Band],
    regime: _Regime,
    passed: frozenset[Band],
    usage: Usage,
    at: datetime,
    tier: str,
) -> Iterator[Cost]:
    """What a regime costs if its requests are past these bands.

    Where a passed band is marginal, the part between two margins is priced alone, at the rates
    past the lower one.
    """
    margins = sorted({band.below for band in passed if band.applies == "marginal"})
    if not margins:
        yield price(card, usage, at=at, tier=tier, passed=passed)
        return
    if not _is_orderly(card.at(at), bands):
        yield Cost(
            (), tuple(Unpriced(slug, number, "unknown") for slug, number in usage.own.items())
        )
        return
    for lower, upper in zip([0, *margins], [*margins, None], strict=True):
        part = _between(regime, usage, bands[0].meter, lower, upper)
        held = frozenset(b for b in passed if b.applies != "marginal" or b.below <= lower)
        if part:
            yield price(card, _usage(part), at=at, tier=tier, passed=held)


def _between(
    regime: _Regime, usage: Usage, basis: str, lower: int, upper: int | None
) -> dict[str, int]:
    part: dict[str, int] = {}
    for slug, quantity in usage.own.items():
        if counts(slug, basis):
            above = (
                regime.sums[f"{basis}|{lower}|{slug}"] if lower else int(quantity * units_of(slug))
            )
            part[slug] = above - (
                regime.sums[f"{basis}|{upper}|{slug}"] if upper is not None else 0
            )
        elif upper is None:
            part[slug] = int(quantity * units_of(slug))
    own = {slug: number for slug, number in part.items() if number}
    wholes = {*own, *(whole for slug in own for whole in PART_OF.get(slug, ()))}
    return {whole: sum(n for slug, n in own.items() if counts(slug, whole)) for whole in wholes}


def _usage(sums: Mapping[str, int]) -> Usage:
    exact = {
        slug: Decimal(n).scaleb(-9 if is_fractional(slug) else 0, _EXACT)
        for slug, n in sums.items()
        if n
    }
    return Usage({"request": Decimal(0)} | exact)
