"""A whole usage log against every rate card at once. Pure: no Django, no clock, no database.

One pass adds a log up by everything that could give two of its requests different rates: which
context bands they are past, which schedules hold, which of the cards' dates have come, which tier
they ask for. Within such a regime every card has one rate a meter, and what a request costs is
linear in what it used; so `price` of the sums is the sum of the prices, to the last digit. The
choice of the rates is `price`'s own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from functools import reduce
from io import BytesIO
from math import gcd
from typing import Any, cast

import polars as pl

from pricing.meters import meter
from pricing.rates import Cost, RateCard, State, StatedRate, UnknownTier, Unpriced, price
from pricing.terms import BASE, Band, Schedule
from pricing.usage import PART_OF, Usage, counts, in_order

# No single request uses more of anything; so the sums of a batch fit into 64 bits.
MOST_A_ROW = 10**12
MOST_BILLIONTHS = 10**18
MOST_REQUESTS = 10**9
MOST_ROWS_AT_ONCE = 4_000_000
# Meters of which a request may use a fraction are counted in billionths.
_FRACTIONAL = {"second", "hour", "credit", "GB-day"}
BILLION = 10**9
# What no sum of tokens reaches, however magnified; a single token, magnified, is past every
# threshold.
_BEYOND = 10**99
_MAGNIFIED = 40
_EXACT = Context(prec=80, traps=[Inexact])
_REDUCED = Decimal(1).scaleb(-_MAGNIFIED)

WHO = ("day", "model", "provider", "tier")


def is_fractional(slug: str) -> bool:
    """Whether a log may state a fraction of the meter's unit; its column is then in billionths."""
    return meter(slug).unit in _FRACTIONAL


@dataclass(frozen=True)
class Plan:
    """What tells two requests apart under a set of rate cards: bands passed, hours, dates come."""

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
            tuple(sorted({term.band for term in terms if term.band}, key=_ordered)),
            tuple(sorted({schedule for term in terms for schedule in term.schedules}, key=str)),
            tuple(
                sorted(
                    {when for rate in rates for when in (rate.valid_from, rate.valid_to) if when}
                )
            ),
        )

    @property
    def steps(self) -> dict[str, list[tuple[int, str]]]:
        """By basis, the thresholds that occur and their operators, in the order in which they are
        passed."""
        steps: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for band in self.bands:
            if (step := (band.threshold, band.operator)) not in steps[_basis(band)]:
                steps[_basis(band)].append(step)
        return dict(steps)

    @property
    def margins(self) -> list[tuple[str, int]]:
        """Basis and number of tokens below it, of every marginal band."""
        return sorted({_margin(band) for band in self.bands if band.applies == "marginal"})


def _ordered(band: Band) -> tuple[str, int, bool, str]:
    return _basis(band), band.threshold, band.operator == "gt", band.applies


def _basis(band: Band) -> str:
    return "input" if band.basis == "total_input" else band.basis


def _margin(band: Band) -> tuple[str, int]:
    return _basis(band), band.threshold if band.operator == "gt" else band.threshold - 1


@dataclass(frozen=True)
class Aggregates:
    """A log added up under a plan: a row for each regime of each day, model, provider and tier.

    Columns: those of `WHO` (as the log writes them), `hours` (a 0 or 1 for each schedule), `epoch`
    (how many of the plan's instants have come), `level <basis>` (how many of its steps are passed),
    `rows`, `first` (the earliest request), `largest` (the longest context, input and output),
    `meters` and what is past a margin.
    """

    plan: Plan
    meters: tuple[str, ...]
    frame: pl.DataFrame

    @property
    def rows(self) -> int:
        return int(self.frame["rows"].sum())

    @property
    def largest(self) -> int:
        """The longest context of a request: its input and output together."""
        return int(cast("int", self.frame["largest"].max() or 0))

    @property
    def used(self) -> dict[str, Decimal]:
        """How much of each meter was used in all."""
        sums = {
            slug: int(self.frame[slug].sum()) for slug in self.meters if slug in self.frame.columns
        }
        return {slug: Decimal(number) / _unit(slug) for slug, number in sums.items()}

    def rows_by(self, key: str) -> dict[Any, int]:
        """How many rows there are of each day, model, provider or tier, in order."""
        counted = self.frame.group_by(key).agg(pl.col("rows").sum()).sort(key)
        return dict(counted.iter_rows())

    def split(self, *keys: str) -> dict[tuple[Any, ...], "Aggregates"]:
        """The parts of the log of each day, model, provider, tier that occur."""
        parts = self.frame.partition_by(keys, as_dict=True, maintain_order=True)
        return {values: replace(self, frame=frame) for values, frame in parts.items()}

    def dump(self) -> bytes:
        """The sums as bytes, for another process that has the same plan."""
        body = BytesIO()
        self.frame.write_ipc(body, compression="zstd")
        return body.getvalue()

    @classmethod
    def load(cls, plan: Plan, body: bytes) -> "Aggregates":
        frame = pl.read_ipc(BytesIO(body))
        keys = {*_keys(plan), "rows", "first", "largest"}
        return cls(plan, tuple(c for c in frame.columns if c not in keys and "|" not in c), frame)


def aggregate(rows: pl.DataFrame, plan: Plan) -> Aggregates:
    """Add up requests: no more than MOST_ROWS_AT_ONCE of them, of no more than MOST_A_ROW of
    anything each.

    Columns: `at` (UTC), `model`, `provider`, `tier` (text), `request` and other meters, in whole
    units (or billionths: see `is_fractional`). A row of several requests is judged by their
    average.
    """
    if rows.height > MOST_ROWS_AT_ONCE:
        raise ValueError(f"{rows.height:,} rows are more than can be added up at once")
    meters = tuple(
        in_order(c for c in rows.columns if c not in ("at", "model", "provider", "tier"))
    )
    moments, told = _moments(rows["at"], plan.schedules)
    levels = [
        _level(basis, steps, meters).alias(f"level {basis}") for basis, steps in plan.steps.items()
    ]
    epoch = pl.lit(0, pl.Int32) if not plan.instants else _epoch(rows["at"], plan.instants)
    keyed = rows.with_columns(moments, epoch.alias("epoch"), *levels)
    # A text that is the same in every row need not be compared in each.
    same = {
        key: rows[key][0] for key in WHO[1:] if rows.height and (rows[key] == rows[key][0]).all()
    }
    context = sum(
        (pl.col(slug) for slug in ("input", "output") if slug in meters), pl.lit(0, pl.Int64)
    )
    sums = [_wide(slug).sum().cast(pl.Int128) for slug in meters]
    past = [
        one.sum().cast(pl.Int128).alias(name) for name, one in _past(plan.margins, meters).items()
    ]
    added = (
        keyed.group_by(
            "moment", *(key for key in WHO[1:] if key not in same), *_keys(plan)[len(WHO) + 1 :]
        )
        .agg(
            *sums,
            *past,
            pl.len().cast(pl.Int64).alias("rows"),
            pl.col("at").min().alias("first"),
            (context // pl.col("request")).max().alias("largest"),
        )
        .join(told, on="moment")
        .with_columns(pl.lit(value).alias(key) for key, value in same.items())
    )
    return Aggregates(plan, meters, added.select(*_keys(plan), pl.exclude(*_keys(plan), "moment")))


def merge(parts: Sequence[Aggregates]) -> Aggregates:
    """The sums of several parts of a log, in whatever order.

    Raises ValueError where their plans differ.
    """
    plan = parts[0].plan
    if any(part.plan != plan for part in parts):
        raise ValueError("sums under different plans do not add up")
    whole = pl.concat([part.frame for part in parts], how="diagonal")
    keys = _keys(plan)
    sums = [c for c in whole.columns if c not in (*keys, "first", "largest")]
    frame = whole.group_by(keys).agg(
        pl.col(sums).sum(), pl.col("first").min(), pl.col("largest").max()
    )
    return Aggregates(
        plan, tuple(in_order({slug for part in parts for slug in part.meters})), frame
    )


def nothing(plan: Plan) -> Aggregates:
    """The sums of an empty log."""
    texts = {key: pl.Series(key, [], pl.String) for key in ("model", "provider", "tier")}
    return aggregate(
        pl.DataFrame(
            {
                "at": pl.Series([], dtype=pl.Datetime("us", "UTC")),
                **texts,
                "request": pl.Series([], dtype=pl.Int64),
            }
        ),
        plan,
    )


def _keys(plan: Plan) -> list[str]:
    return [*WHO, "hours", "epoch", *(f"level {basis}" for basis in plan.steps)]


def _moments(at: pl.Series, schedules: Sequence[Schedule]) -> tuple[pl.Series, pl.DataFrame]:
    """A number for each row, and for each number its day and the schedules that hold then.

    Whether one holds changes at its windows' edges and where the clocks change, which is on some
    quarter of an hour: so within the largest step that divides all of these, one question to it is
    enough.
    """
    edges = [
        int(time[:2]) * 60 + int(time[3:])
        for s in schedules
        for window in s.windows
        for time in window
    ]
    step = 60 * (reduce(gcd, edges, 15) if schedules else 24 * 60)
    slots = (at.dt.epoch("s") // step).cast(pl.Int32).alias("slot")
    firsts = slots.unique().sort()
    asked = [datetime.fromtimestamp(slot * step, UTC) for slot in firsts]
    told = pl.DataFrame(
        {
            "slot": firsts,
            "day": pl.Series([instant.date() for instant in asked], dtype=pl.Date),
            "hours": pl.Series(
                [
                    "".join("01"[schedule.holds(instant)] for schedule in schedules)
                    for instant in asked
                ],
                dtype=pl.String,
            ),
        }
    )
    classes = told.select("day", "hours").unique(maintain_order=True).with_row_index("moment")
    numbered = told.join(classes, on=("day", "hours"))
    return _looked_up(slots, numbered), classes


def _looked_up(slots: pl.Series, numbered: pl.DataFrame) -> pl.Series:
    """The moment of each slot: by its place, since the slots of a log are dense."""
    if not len(slots):
        return pl.Series("moment", [], pl.UInt32)
    first, last = cast("int", slots.min()), cast("int", slots.max())
    table = pl.DataFrame({"slot": pl.int_range(first, last + 1, eager=True, dtype=pl.Int32)})
    return table.join(numbered, on="slot", how="left", maintain_order="left")["moment"].gather(
        slots - first
    )


def _wide(slug: str) -> pl.Expr:
    return pl.col(slug).cast(pl.Int128) if is_fractional(slug) else pl.col(slug)


def _epoch(at: pl.Series, instants: Sequence[datetime]) -> pl.Expr:
    come = pl.Series(list(instants), dtype=pl.Datetime("us", "UTC"))
    return pl.lit(come.search_sorted(at, side="right").cast(pl.Int32))


def _level(basis: str, steps: Sequence[tuple[int, str]], meters: Sequence[str]) -> pl.Expr:
    """How many of the steps a request has passed; cached tokens count towards it."""
    if basis not in meters:
        return pl.lit(0, pl.Int32)
    counted, requests = pl.col(basis), pl.col("request") * _unit(basis)
    passed = [
        counted > requests * threshold if operator == "gt" else counted >= requests * threshold
        for threshold, operator in steps
    ]
    return pl.sum_horizontal(*(one.cast(pl.Int32) for one in passed))


def own_columns(meters: Iterable[str]) -> dict[str, pl.Expr]:
    """`Usage.own` by columns, as a request goes:

    what each meter counts that none of its parts counts.
    """
    own: dict[str, pl.Expr] = {}
    for slug in sorted(meters, key=lambda slug: len(PART_OF.get(slug, ())), reverse=True):
        own[slug] = reduce(
            lambda left, part: left - own[part],
            [p for p in own if slug in PART_OF.get(p, ())],
            pl.col(slug),
        )
    return {slug: own[slug] for slug in in_order(own)}


def _past(margins: Iterable[tuple[str, int]], meters: Sequence[str]) -> dict[str, pl.Expr]:
    """Of each meter that counts towards a margin, its own tokens past it; a request's first are
    below."""
    past: dict[str, pl.Expr] = {}
    own = own_columns(meters)
    for basis, below in margins:
        before = pl.lit(0, pl.Int64)
        for slug in (slug for slug in own if counts(slug, basis)):
            over = before + own[slug] - below * pl.col("request")
            past[f"{basis}|{below}|{slug}"] = pl.min_horizontal(own[slug], over.clip(lower_bound=0))
            before = before + own[slug]
    return past


# ---- rate cards times sums ----


def summed(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum of amounts of money."""
    return reduce(_EXACT.add, amounts, Decimal(0))


@dataclass(frozen=True, slots=True)
class Total:
    """What all the requests cost under one card: exact, in the currency as published, or why it is
    unknown.

    `missing` are the meters that no rate prices; `no_tier` is a tier that the card does not state.
    """

    amount: Decimal | None
    state: State
    currency: str = "USD"
    missing: tuple[str, ...] = ()
    no_tier: str = ""


@dataclass(frozen=True)
class _Regime:
    """Requests among which a card makes no difference:

    an instant of theirs, and what they used in all.
    """

    key: object
    tier: str
    at: datetime
    passed: frozenset[Band]
    hours: str
    epoch: int
    sums: Mapping[str, int]

    def usage(self) -> Usage:
        return _usage({slug: n for slug, n in self.sums.items() if "|" not in slug})


Shape = tuple[tuple[Band, ...], tuple[Schedule, ...], tuple[datetime, ...]]


def totals(
    cards: Mapping[int, RateCard],
    aggregates: Aggregates,
    *,
    at: datetime | None = None,
    tier: str | None = None,
) -> dict[int, Total]:
    """What all the requests would cost under each card: as `price` of each alone, added up.

    Each is priced at its own time; with `at`, under the rates that stood then, at its own hours.
    Each is asked in its own tier, or all in `tier`. The plan must be of these cards, or of more.
    """
    regimes = _regimes(aggregates)
    by_shape: dict[Shape, list[tuple[_Regime, Usage]]] = {}
    # Cards share their rates, and a good half of the endpoints have the card of another.
    known: dict[tuple[int, ...], Total] = {}
    found: dict[int, Total] = {}
    for key, card in cards.items():
        same = tuple(map(id, card.rates))
        if same not in known:
            shape = _shape(card, dated=at is None)
            if shape not in by_shape:
                by_shape[shape] = [
                    (one, one.usage()) for one in _joined(regimes, shape, aggregates.plan)
                ]
            known[same] = _total(card, shape, by_shape[shape], at, tier)
        found[key] = known[same]
    return found


def total(
    card: RateCard, aggregates: Aggregates, *, at: datetime | None = None, tier: str | None = None
) -> Total:
    """`totals` of one card."""
    return totals({0: card}, aggregates, at=at, tier=tier)[0]


def totals_by(
    key: str,
    card: RateCard,
    aggregates: Aggregates,
    *,
    at: datetime | None = None,
    tier: str | None = None,
) -> dict[Any, Total]:
    """What the requests of each day (or model, provider, tier) would cost under a card:

    see `totals`.
    """
    shape = _shape(card, dated=at is None)
    apart: dict[Any, list[_Regime]] = defaultdict(list)
    for one in _regimes(aggregates, key):
        apart[one.key].append(one)
    found = {}
    for value, regimes in apart.items():
        joined = [(one, one.usage()) for one in _joined(regimes, shape, aggregates.plan)]
        found[value] = _total(card, shape, joined, at, tier)
    return found


def _regimes(aggregates: Aggregates, by: str = "tier") -> list[_Regime]:
    """What regimes there are, of all the log or of each of its days, models, providers."""
    plan = aggregates.plan
    keys = [key for key in _keys(plan) if key not in WHO or key in ("tier", by)]
    frame = aggregates.frame
    sums = [c for c in frame.columns if c in aggregates.meters or "|" in c]
    added = frame.group_by(keys).agg(pl.col(sums).sum(), pl.col("first").min()).sort(keys)
    steps = plan.steps
    passing = {
        basis: [
            frozenset(
                b
                for b in plan.bands
                if _basis(b) == basis and (b.threshold, b.operator) in some[:n]
            )
            for n in range(len(some) + 1)
        ]
        for basis, some in steps.items()
    }
    return [
        _Regime(
            key=row[by],
            tier=row["tier"],
            at=row["first"],
            passed=frozenset().union(*(passing[basis][row[f"level {basis}"]] for basis in steps)),
            hours=row["hours"],
            epoch=row["epoch"],
            sums={slug: row[slug] or 0 for slug in sums},
        )
        for row in added.iter_rows(named=True)
    ]


def _shape(card: RateCard, *, dated: bool) -> Shape:
    """What of the plan a card distinguishes."""
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
        tuple(sorted(bands, key=_ordered)),
        tuple(sorted(schedules, key=str)),
        tuple(sorted(instants)),
    )


def _joined(regimes: Iterable[_Regime], shape: Shape, plan: Plan) -> list[_Regime]:
    """The regimes that a card of this shape tells apart."""
    bands, schedules, instants = frozenset(shape[0]), shape[1], shape[2]
    places = [plan.schedules.index(schedule) for schedule in schedules]
    joined: dict[tuple[Any, ...], list[_Regime]] = defaultdict(list)
    for one in regimes:
        come = sum(plan.instants.index(instant) < one.epoch for instant in instants)
        hours = "".join(one.hours[place] for place in places)
        joined[one.tier, one.passed & bands, hours, come].append(one)
    return [
        replace(same[0], passed=passed, hours=hours, epoch=come, sums=_added(same))
        for (_, passed, hours, come), same in joined.items()
    ]


def _added(regimes: Sequence[_Regime]) -> dict[str, int]:
    return {slug: sum(one.sums[slug] for one in regimes) for slug in regimes[0].sums}


def _total(
    card: RateCard,
    shape: Shape,
    regimes: Sequence[tuple[_Regime, Usage]],
    at: datetime | None,
    tier: str | None,
) -> Total:
    bands, schedules, _ = shape
    # Hours are asked for at a request's own time, so only then do the dates have to be settled
    # before.
    dated = card.at(at) if at and schedules else card
    cost = Cost(())
    for one, usage in regimes:
        when = at if at and not schedules else one.at
        try:
            for part in _priced(dated, bands, one, usage, when, one.tier if tier is None else tier):
                cost = Cost(cost.lines + part.lines, cost.unpriced + part.unpriced)
        except UnknownTier as error:
            return Total(None, "unknown", no_tier=error.tier)
    missing = tuple(in_order({missed.meter for missed in cost.unpriced}))
    return Total(cost.total, cost.state, cost.currency, missing)


def _is_orderly(card: RateCard, bands: Sequence[Band]) -> bool:
    """Whether the margins of a card part a request in one way only, with a price on both sides of
    each.

    What is past one basis is not told by what is past another; of two bands at one threshold,
    neither comes first; and what is below a margin without a price is not what it would be in a
    request of its own.
    """
    thresholds = {band.threshold for band in bands}
    single = len({_basis(band) for band in bands}) == 1 and len(thresholds) == len(bands)
    beyond = {
        rate.meter
        for rate in card.rates
        if rate.terms.band and rate.terms.band.applies == "marginal"
    }
    based = {rate.meter for rate in card.rates if rate.terms == BASE}
    priceless = {rate.meter for rate in card.rates if rate.amount is None}
    return single and beyond <= based and not beyond & priceless


def _priced(
    card: RateCard, bands: Sequence[Band], regime: _Regime, usage: Usage, at: datetime, tier: str
) -> Iterator[Cost]:
    """What a regime costs.

    A band that each request has passed is passed by their sum as well; one that none has passed is
    moved out of its reach. Where a passed band is marginal, what is between two margins is priced
    by itself, at the rates of a request that is past the lower one: as so many times as much, to be
    past it, then divided.
    """
    if not bands:
        yield price(card, usage, at=at, tier=tier)
        return
    margins = sorted({_margin(band)[1] for band in regime.passed if band.applies == "marginal"})
    if not margins:
        yield price(_settled(card, regime.passed), usage, at=at, tier=tier)
        return
    if not _is_orderly(card.at(at), bands):
        yield Cost(
            (), tuple(Unpriced(slug, number, "unknown") for slug, number in usage.own.items())
        )
        return
    for lower, upper in zip([0, *margins], [*margins, None], strict=True):
        part = _between(regime, usage, _basis(bands[0]), lower, upper)
        held = frozenset(
            b for b in regime.passed if b.applies != "marginal" or _margin(b)[1] <= lower
        )
        if part:
            yield price(_settled(card, held), _usage(part, _MAGNIFIED), at=at, tier=tier).times(
                _REDUCED
            )


def _between(
    regime: _Regime, usage: Usage, basis: str, lower: int, upper: int | None
) -> dict[str, int]:
    """How many of each meter's own are past a margin and not past the next; all else is past the
    last."""
    part: dict[str, int] = {}
    for slug, quantity in usage.own.items():
        if counts(slug, basis):
            above = regime.sums[f"{basis}|{lower}|{slug}"] if lower else int(quantity * _unit(slug))
            part[slug] = above - (
                regime.sums[f"{basis}|{upper}|{slug}"] if upper is not None else 0
            )
        elif upper is None:
            part[slug] = int(quantity * _unit(slug))
    own = {slug: number for slug, number in part.items() if number}
    wholes = {*own, *(whole for slug in own for whole in PART_OF.get(slug, ()))}
    return {whole: sum(n for slug, n in own.items() if counts(slug, whole)) for whole in wholes}


def _settled(card: RateCard, passed: frozenset[Band]) -> RateCard:
    """The card with its passed bands for all that is asked, and the others where nothing reaches
    them."""
    return RateCard(
        tuple(_with_band(rate, passed) if rate.terms.band else rate for rate in card.rates)
    )


def _with_band(rate: StatedRate, passed: frozenset[Band]) -> StatedRate:
    band = rate.terms.band
    assert band
    if band in passed and band.applies == "whole_request":
        return rate
    threshold = band.threshold if band in passed else _BEYOND
    settled = replace(band, threshold=threshold, applies="whole_request")
    return replace(rate, terms=replace(rate.terms, band=settled))


def _usage(sums: Mapping[str, int], magnified: int = 0) -> Usage:
    """Sums as a usage, so many powers of ten times as large."""
    exact = {
        slug: Decimal(n).scaleb(magnified - (9 if is_fractional(slug) else 0), _EXACT)
        for slug, n in sums.items()
        if n
    }
    return Usage({"request": Decimal(0)} | exact)


def _unit(slug: str) -> int:
    """What one of a meter's units is counted as."""
    return BILLION if is_fractional(slug) else 1
