"""A usage log added up so that it can be priced under any of a set of rate cards. Pure.

One pass adds up requests by everything that could give two of them different rates: which context
bands they are past, which schedules hold, which of the cards' dates have passed, which tier they
request. Within such a regime every card has one rate a meter.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache, reduce
from io import BytesIO
from math import gcd
from typing import Any, cast

import polars as pl

from pricing.meters import meter
from pricing.regime_plan import Plan
from pricing.terms import Schedule
from pricing.usage import PART_OF, counts, in_order

# No single request uses more of anything; so the sums of a batch fit into 64 bits.
MOST_A_ROW = 10**12
MOST_BILLIONTHS = 10**18
MOST_REQUESTS = 10**9
MOST_ROWS_AT_ONCE = 4_000_000
# Meters of which a request may use a fraction are counted in billionths.
_FRACTIONAL = {"second", "hour", "credit", "GB-day"}
BILLION = 10**9
# Stated costs are counted in 10^-12 of a dollar.
PICO = 10**12
LARGEST_BILLED = 10**6 * PICO

# The columns by which requests are added up.
LABELS = ("day", "model", "provider", "tier", "owner")
# What a row may have beside its labels and meters.
_STATED = ("billed", "billed_searches", "own_key")
_BESIDE = ("at", "summed", "low", "high", *_STATED)
_COUNTED = ("rows", "first", "largest", "sums", "billed_rows", *_STATED)


def is_fractional(slug: str) -> bool:
    """Whether a log may hold fractions of the meter's unit; its column is then in billionths."""
    return meter(slug).unit in _FRACTIONAL


@dataclass(frozen=True)
class Aggregates:
    """A log added up under a plan: a row for each regime of each day, model, provider and tier.

    Columns: those of `LABELS` (as the log writes them), `hours` (0 or 1 for each schedule), `epoch`
    (how many of the plan's instants have come), `level <basis>` (how many of its steps are passed),
    `high <basis>` (how many a request of a sum may have passed), `rows`, `sums` (rows that are
    several requests), `first` (the earliest request), `largest` (the longest context, input and
    output), `billed` and `billed_rows` (what rows state to have cost, in 10^-12 of a dollar),
    `billed_searches` (what searches are of it), `own_key` (rows of a caller's own key, of which the
    stated cost is a gateway's fee), `meters` and what is past a margin.
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
        sums = {
            slug: int(self.frame[slug].sum()) for slug in self.meters if slug in self.frame.columns
        }
        return {slug: Decimal(number) / units_of(slug) for slug, number in sums.items()}

    @property
    def requests(self) -> int:
        return int(self.frame["request"].sum() or 0) if "request" in self.frame.columns else 0

    @property
    def sums(self) -> int:
        return int(self.frame["sums"].sum())

    @property
    def billed(self) -> tuple[Decimal, int]:
        """What the rows state to have cost, in dollars, and how many of them state it."""
        amount = int(self.frame["billed"].sum())
        return Decimal(amount) / PICO, int(self.frame["billed_rows"].sum())

    @property
    def billed_searches(self) -> Decimal:
        return Decimal(int(self.frame["billed_searches"].sum())) / PICO

    @property
    def own_key(self) -> int:
        return int(self.frame["own_key"].sum())

    def rows_by(self, key: str) -> dict[Any, int]:
        counted = self.frame.group_by(key).agg(pl.col("rows").sum()).sort(key)
        return dict(counted.iter_rows())

    def requests_by(self, key: str) -> dict[Any, int]:
        counted = self.frame.group_by(key).agg(pl.col("request").sum().cast(pl.Int64)).sort(key)
        return dict(counted.iter_rows())

    def split(self, *keys: str) -> dict[tuple[Any, ...], "Aggregates"]:
        parts = self.frame.partition_by(keys, as_dict=True, maintain_order=True)
        return {values: replace(self, frame=frame) for values, frame in parts.items()}

    def dump(self) -> bytes:
        body = BytesIO()
        self.frame.write_ipc(body, compression="zstd")
        return body.getvalue()

    @classmethod
    def load(cls, plan: Plan, body: bytes) -> "Aggregates":
        frame = pl.read_ipc(BytesIO(body))
        keys = {*key_columns(plan), *_COUNTED}
        return cls(plan, tuple(c for c in frame.columns if c not in keys and "|" not in c), frame)


def aggregate(rows: pl.DataFrame, plan: Plan) -> Aggregates:
    """Add up requests: no more than MOST_ROWS_AT_ONCE of them, of no more than MOST_A_ROW of
    anything each.

    Columns: `at` (UTC), `model`, `provider`, `tier` (text), `request` and other meters, in whole
    units (or billionths: see `is_fractional`); perhaps `owner` (text), `billed` and
    `billed_searches` (in 10^-12 of a dollar) and `own_key` (0 or 1). With `summed`, a row for which
    it is true adds up requests of more than `low` and at most `high` tokens of input each. Any
    other row is judged by the average of its requests.
    """
    if rows.height > MOST_ROWS_AT_ONCE:
        raise ValueError(f"{rows.height:,} rows are more than can be added up at once")
    if "owner" not in rows.columns:
        rows = rows.with_columns(pl.lit("").alias("owner"))
    meters = tuple(in_order(c for c in rows.columns if c not in (*_BESIDE, *LABELS)))
    has_sums = "summed" in rows.columns
    moments, times = _moments(rows["at"], plan.schedules)
    singly = "request" not in meters or not (rows["request"] != 1).any()
    levels = [
        pl.lit(_passed_singly(rows[basis], steps)).alias(f"level {basis}")
        if singly and not has_sums and basis in meters
        else one.alias(f"{kind} {basis}")
        for basis, steps in plan.steps.items()
        for kind, one in _levels(basis, steps, meters, has_sums=has_sums).items()
    ]
    epoch = _epoch(rows["at"], plan.instants)
    keyed = rows.with_columns(moments, epoch.alias("epoch"), *levels)
    # A text that is the same in every row need not be compared in each.
    same = {
        key: rows[key][0] for key in LABELS[1:] if rows.height and (rows[key] == rows[key][0]).all()
    }
    context = sum(
        (pl.col(slug) for slug in ("input", "output") if slug in meters), pl.lit(0, pl.Int64)
    )
    longest = context if singly else context // pl.col("request")
    if has_sums:
        # Of a sum without a number of requests, no length is known.
        longest = pl.when(pl.col("summed") & (pl.col("request") == 1)).then(0).otherwise(longest)
    sums = [_wide(slug).sum().cast(pl.Int128) for slug in meters]
    past = [
        one.sum().cast(pl.Int128).alias(name)
        for name, one in _past(plan.margins, meters, has_sums=has_sums).items()
    ]
    stated = {
        name: pl.col(name) if name in rows.columns else pl.lit(None, pl.Int64) for name in _STATED
    }
    high = [] if has_sums else [f"high {basis}" for basis in plan.steps]
    added = (
        keyed.group_by(
            "moment",
            *(key for key in LABELS[1:] if key not in same),
            *(key for key in key_columns(plan)[len(LABELS) + 1 :] if key not in high),
        )
        .agg(
            *sums,
            *past,
            pl.len().cast(pl.Int64).alias("rows"),
            (pl.col("summed").sum().cast(pl.Int64) if has_sums else pl.lit(0, pl.Int64)).alias(
                "sums"
            ),
            pl.col("at").min().alias("first"),
            longest.max().alias("largest"),
            *(one.sum().cast(pl.Int128).alias(name) for name, one in stated.items()),
            stated["billed"].count().cast(pl.Int64).alias("billed_rows"),
        )
        .join(times, on="moment")
        .with_columns(pl.lit(value).alias(key) for key, value in same.items())
        .with_columns(pl.col(name.replace("high", "level", 1)).alias(name) for name in high)
    )
    return Aggregates(
        plan, meters, added.select(*key_columns(plan), pl.exclude(*key_columns(plan), "moment"))
    )


def merge(parts: Sequence[Aggregates]) -> Aggregates:
    """The sums of several parts of a log, in whatever order.

    Raises ValueError where their plans differ.
    """
    plan = parts[0].plan
    if any(part.plan != plan for part in parts):
        raise ValueError("sums under different plans do not add up")
    whole = pl.concat([part.frame for part in parts], how="diagonal")
    keys = key_columns(plan)
    sums = [c for c in whole.columns if c not in (*keys, "first", "largest")]
    frame = whole.group_by(keys).agg(
        pl.col(sums).sum(), pl.col("first").min(), pl.col("largest").max()
    )
    return Aggregates(
        plan, tuple(in_order({slug for part in parts for slug in part.meters})), frame
    )


def nothing(plan: Plan) -> Aggregates:
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


def key_columns(plan: Plan) -> list[str]:
    levels = [f"{kind} {basis}" for basis in plan.steps for kind in ("level", "high")]
    return [*LABELS, "hours", "epoch", *levels]


def _moments(at: pl.Series, schedules: Sequence[Schedule]) -> tuple[pl.Series, pl.DataFrame]:
    """A number for each row, and for each number its day and the schedules that hold then.

    Schedules change at their windows' edges and at clock changes, all on multiples of a quarter of
    an hour: one evaluation per largest common step is enough.
    """
    edges = [
        int(time[:2]) * 60 + int(time[3:])
        for s in schedules
        for window in s.windows
        for time in window
    ]
    step = 60 * (reduce(gcd, edges, 15) if schedules else 24 * 60)
    slots = (at.to_physical() // (step * 10**6)).cast(pl.Int32).alias("slot")
    firsts = slots.unique().sort()
    begins = (firsts.cast(pl.Int64) * step * 10**6).cast(pl.Datetime("us", "UTC"))
    holding = [pl.lit(_holds(schedule, begins).cast(pl.Int8)) for schedule in schedules]
    slot_times = pl.DataFrame({"slot": firsts, "day": begins.dt.date()}).with_columns(
        hours=pl.concat_str(*holding) if holding else pl.lit("")
    )
    classes = slot_times.select("day", "hours").unique(maintain_order=True).with_row_index("moment")
    numbered = slot_times.join(classes, on=("day", "hours"))
    return _looked_up(slots, numbered), classes


def _holds(schedule: Schedule, at: pl.Series) -> pl.Series:
    local = at.dt.convert_time_zone(schedule.timezone)
    day, hour = local.dt.weekday().cast(pl.Int32), local.dt.hour().cast(pl.Int32)
    return _table(schedule).gather((day - 1) * 1440 + hour * 60 + local.dt.minute())


@lru_cache(maxsize=1000)
def _table(schedule: Schedule) -> pl.Series:
    """Whether a schedule holds in each minute of a week, from Monday on."""
    return pl.Series(
        [
            schedule.holds_within_week(day, minute)
            for day in range(1, 8)
            for minute in range(24 * 60)
        ]
    )


def _looked_up(slots: pl.Series, numbered: pl.DataFrame) -> pl.Series:
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
    first, last = cast("datetime | None", at.min()), cast("datetime | None", at.max())
    if first is None or last is None:
        return pl.lit(0, pl.Int32)
    # Few come while a log is written, and the fewer there are, the faster each row is placed.
    before = bisect_right(instants, first)
    coming = instants[before : bisect_right(instants, last)]
    if not coming:
        return pl.lit(before, pl.Int32)
    come = pl.Series(coming, dtype=pl.Datetime("us", "UTC"))
    return pl.lit(come.search_sorted(at, side="right").cast(pl.Int32) + before)


def _levels(
    basis: str, steps: Sequence[tuple[int, str]], meters: Sequence[str], *, has_sums: bool
) -> dict[str, pl.Expr]:
    """`level`: how many steps a row has passed; with sums also `high`: how many its requests may
    have passed."""
    if basis not in meters:
        none = pl.lit(0, pl.Int32)
        return {"level": none, "high": none} if has_sums else {"level": none}
    counted, requests = pl.col(basis), pl.col("request") * units_of(basis)
    average = _passed(steps, lambda threshold: (counted, requests * threshold))
    if not has_sums:
        return {"level": average}
    summed, unit = pl.col("summed"), units_of(basis)
    # A window is one of the input.
    low = pl.col("low") if basis == "input" else pl.lit(0, pl.Int64)
    longest = pl.min_horizontal("high", counted // unit) if basis == "input" else counted // unit
    least = pl.sum_horizontal(*((low >= threshold).cast(pl.Int32) for threshold, _ in steps))
    most = _passed(steps, lambda threshold: (longest, pl.lit(threshold)))
    return {
        "level": pl.when(summed).then(least).otherwise(average),
        "high": pl.when(summed).then(pl.max_horizontal(least, most)).otherwise(average),
    }


def _passed_singly(used: pl.Series, steps: Sequence[tuple[int, str]]) -> pl.Series:
    """How many steps each row has passed, where each is one request."""
    unit = units_of(used.name)
    least = pl.Series([most * unit + (operator == "gt") for most, operator in steps])
    return least.search_sorted(used, side="right").cast(pl.Int32)


def _passed(
    steps: Sequence[tuple[int, str]], sides: Callable[[int], tuple[pl.Expr, pl.Expr]]
) -> pl.Expr:
    passed = []
    for threshold, operator in steps:
        counted, most = sides(threshold)
        passed.append(counted > most if operator == "gt" else counted >= most)
    return pl.sum_horizontal(*(one.cast(pl.Int32) for one in passed))


def own_columns(meters: Iterable[str]) -> dict[str, pl.Expr]:
    own: dict[str, pl.Expr] = {}
    for slug in sorted(meters, key=lambda slug: len(PART_OF.get(slug, ())), reverse=True):
        own[slug] = reduce(
            lambda left, part: left - own[part],
            [p for p in own if slug in PART_OF.get(p, ())],
            pl.col(slug),
        )
    return {slug: own[slug] for slug in in_order(own)}


def _past(
    margins: Iterable[tuple[str, int]], meters: Sequence[str], *, has_sums: bool
) -> dict[str, pl.Expr]:
    past: dict[str, pl.Expr] = {}
    own = own_columns(meters)
    for basis, below in margins:
        before = pl.lit(0, pl.Int64)
        for slug in (slug for slug in own if counts(slug, basis)):
            over = before + own[slug] - below * pl.col("request")
            one = pl.min_horizontal(own[slug], over.clip(lower_bound=0))
            # What is past the margin in each request of a sum is not known.
            one = pl.when(pl.col("summed")).then(0).otherwise(one) if has_sums else one
            past[f"{basis}|{below}|{slug}"] = one
            before = before + own[slug]
    return past


def units_of(slug: str) -> int:
    return BILLION if is_fractional(slug) else 1
