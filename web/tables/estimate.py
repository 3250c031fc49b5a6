"""An estimate in rows:

what a workload costs where, what makes it so, and who is not ranked and why. Pure.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pricing.endpoint import PricedEndpoint
from pricing.meters import meter
from pricing.price import Cost, Line, is_passed
from pricing.ranking import Ranking, Reason, cost_under
from pricing.rates import STATES, RateCard, State, StatedRate
from pricing.terms import STANDARD, Terms
from pricing.usage import Usage, of_the_prompt
from web.format.figures import money_exact, plain, thousands, tokens
from web.format.terms import in_words
from web.params.estimate import EstimateQuery, Links
from web.params.workload import Workload
from web.text.prices import WORDS

# How many of those that are not ranked are named for each reason, unless there are few of them in
# all.
NAMED_APART = 3
FEW = 40
# How long a model thinks is known once it has: until then the range goes from not at all over as
# long as it answers to four times as long, and the page says so.
TYPICAL, HIGH = 1, 4
# A band that begins within this share of its threshold is worth a warning.
NEAR = Decimal("0.25")

UNSTATED_CACHE = Reason("unknown", "cache_read")
_FAMILIES = {
    "cache_read": "cache",
    "cache_write": "cache",
    "web_search": "search",
    "request": "fees",
}
_SAID = {
    "plan": "Subscription plans: billed by the month, not by use",
    "local": "Local runtimes: they run on a machine of your own",
    "deferred": "Batch and flex endpoints: they do not answer at once",
    "purpose": "Made for something else: embeddings, rerankers, pictures, speech, transcripts",
    "tier": "State no price for the {} tier",
    "capability": "Not stated to support {}",
    "small": "Too small: the request does not fit their limits",
    "free": "Free of charge: their stated price is zero, and they are not ranked among what is sold",
    "included": "Included in a plan: not billed by use",
    "dynamic": "Routers: the price depends on the request",
    "not_offered": "Do not sell {}",
    "unknown": "No source states their price for {}",
    "undated": "Their price for {} is not known at that time",
    "currency": "Priced in {}, which is not converted",
}
# The state of a total that is not ranked, by why it is not.
_STATES: dict[str, State] = {
    **{state: state for state in STATES},
    **dict.fromkeys(("local", "deferred", "purpose", "tier", "capability", "small"), "not_offered"),
    "plan": "included",
    "currency": "unknown",
    "undated": "unknown",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint's place. Money is US dollars for all of the requests, `per_thousand` for 1,000 of
    them.

    `bar` is the total in percent of the largest in sight; `leads` is what most of it goes to;
    `notes` are what may change it: hours, a band that is near, a context that nobody states;
    `thinking` is the total if the model thinks as long as is usual, and at length; `with_id` has
    rows told apart by their ids.
    """

    rank: int
    endpoint: PricedEndpoint
    total: Decimal
    state: State
    per_thousand: Decimal
    bar: int
    leads: str
    notes: tuple[str, ...]
    thinking: tuple[Decimal, Decimal] | None
    against: str
    pinned: bool
    with_pin: str
    opens: str
    is_open: bool
    with_id: bool

    @property
    def amount(self) -> str:
        return plain(self.total)

    @property
    def exactly(self) -> str:
        return money_exact(self.total)


@dataclass(frozen=True, slots=True)
class Group:
    """Endpoints that are not ranked for the same reason; `named` are the first of them."""

    said: str
    state: State
    count: int
    named: tuple[PricedEndpoint, ...]
    lacks_cache: bool = False

    @property
    def more(self) -> int:
        return self.count - len(self.named)

    @property
    def word(self) -> str:
        return _word(self.state)


def _word(state: State) -> str:
    """What stands instead of a total."""
    return "Unknown" if state == "unknown" else WORDS[state]


def cost_of(endpoint: PricedEndpoint, usage: Usage, workload: Workload, at: datetime) -> Cost:
    """What one request costs there, exactly."""
    return cost_under(endpoint.card, usage, at, workload.tier, uncached=workload.uncached)


def in_rows(
    places: Sequence[tuple[int, PricedEndpoint]],
    asked: EstimateQuery,
    at: datetime,
    pinned: Decimal | None,
) -> list[Row]:
    """Rows of ranked endpoints, each with its rank.

    `pinned` is what a request costs at the first pinned model, which the others are compared to.
    """
    workload, usage = asked.workload, asked.workload.usage()
    priced = [(rank, endpoint, cost_of(endpoint, usage, workload, at)) for rank, endpoint in places]
    most = max((total(cost) for *_, cost in priced), default=Decimal(0))
    these = _These(asked, at, asked.links, _thoughts(workload), most, pinned)
    return [_row(rank, endpoint, cost, these) for rank, endpoint, cost in priced]


@dataclass(frozen=True, slots=True)
class _These:
    """What the rows of an estimate have in common.

    `thoughts` are the usages where the model thinks as long as is usual, and at length; `most` is
    what a request costs at the dearest in sight.
    """

    asked: EstimateQuery
    at: datetime
    links: Links
    thoughts: Sequence[Usage]
    most: Decimal
    pinned: Decimal | None


def total(cost: Cost) -> Decimal:
    """The total of a cost that has one: ranked endpoints do."""
    assert cost.total is not None
    return cost.total


def _row(rank: int, endpoint: PricedEndpoint, cost: Cost, these: _These) -> Row:
    asked, one = these.asked, total(cost)
    opens = f"{endpoint.provider}/{endpoint.upstream_id}"
    is_pinned = endpoint.model in asked.pins
    return Row(
        rank=rank,
        endpoint=endpoint,
        total=total(cost.times(asked.workload.requests)),
        state=cost.state,
        per_thousand=total(cost.times(1000)),
        bar=max(1, round(100 * one / these.most)) if one else 0,
        leads=leading(cost),
        notes=_notes(endpoint, cost, asked.workload, these.at),
        thinking=_thinking(endpoint, these),
        against="" if is_pinned or not these.pinned else compared(one, these.pinned),
        pinned=is_pinned,
        with_pin=these.links.pinning(endpoint.model),
        opens=these.links.opening(opens),
        is_open=asked.opened == opens,
        with_id=asked.per == "endpoint",
    )


def leading(cost: Cost) -> str:
    """What most of a cost goes to, and how much of it: output 62 %."""
    shares: Counter[str] = Counter()
    for line in cost.lines:
        usual = "input" if of_the_prompt(line.meter) else "output"
        shares[_FAMILIES.get(line.meter, usual)] += line.amount  # type: ignore[assignment]
    if not cost.total:
        return ""
    name, amount = shares.most_common(1)[0]
    return f"{name} {round(100 * Decimal(amount) / cost.total)} %"


def compared(one: Decimal, pinned: Decimal) -> str:
    """How much cheaper or dearer than the pinned model: 3.2× cheaper."""
    if not one or not pinned:
        return "free" if not one and pinned else ""
    times = max(one, pinned) / min(one, pinned)
    if times < Decimal("1.005"):
        return "the same"
    said = f"{times:.2f}" if times < 2 else f"{times:.1f}" if times < 100 else f"{times:,.0f}"
    return f"{said}× {'cheaper' if one < pinned else 'dearer'}"


def _notes(
    endpoint: PricedEndpoint, cost: Cost, workload: Workload, at: datetime
) -> tuple[str, ...]:
    """What may change a total, or the place of an endpoint."""
    context = "" if endpoint.context else "its context is not stated: the request may not fit"
    billed = any(line.meter == "cache_read" for line in cost.lines) or not workload.number("cached")
    cache = "" if billed else "no cache price is stated: cached tokens are billed as input"
    return tuple(
        filter(
            None,
            (cache, hours(endpoint.card, cost, at), cliff(endpoint.card, workload, at), context),
        )
    )


def hours(card: RateCard, cost: Cost, at: datetime) -> str:
    """What other hours would cost: input costs 2× as much 01:00–04:00 UTC.

    Empty where no hours matter.
    """
    for line in cost.lines:
        others = [
            rate for rate in card.rates if _is_of_other_hours(rate, line.rate) and rate.holds_at(at)
        ]
        if others and line.rate.amount:
            other = max(others, key=lambda rate: rate.amount or Decimal(0))
            times = plain(
                ((other.amount or Decimal(0)) / line.rate.amount).quantize(Decimal("0.01"))
            )
            when = (
                in_words(Terms(schedules=other.terms.schedules))
                if other.terms.schedules
                else "at other hours"
            )
            return f"at this hour; {meter(line.meter).name.lower()} costs {times}× as much {when}"
    return ""


def _is_of_other_hours(rate: StatedRate, applied: StatedRate) -> bool:
    """Whether a rate differs from the one that applies by its hours alone."""
    alike = (rate.meter, replace(rate.terms, schedules=())) == (
        applied.meter,
        replace(applied.terms, schedules=()),
    )
    return (
        alike
        and rate.terms.schedules != applied.terms.schedules
        and rate.amount not in (None, applied.amount)
    )


def cliff(card: RateCard, workload: Workload, at: datetime) -> str:
    """A warning that a context band is near: 8 % of headroom before input doubles at 272K.

    Empty for none.
    """
    bands = {rate.terms.band for rate in card.rates if rate.terms.band}
    if not bands or not workload.number("input"):
        return ""
    usage = workload.usage()
    ahead = [band for band in bands if band.basis == "total_input" and not is_passed(band, usage)]
    for band in sorted(ahead, key=lambda band: band.threshold):
        first = band.threshold + (1 if band.operator == "gt" else 0)
        headroom = 1 - usage["input"] / first
        if headroom > NEAR:
            return ""
        dearer = _dearer(card, workload, first - int(usage["input"]), at)
        if dearer:
            return (
                f"{round(100 * headroom)} % of headroom before {dearer} at {tokens(band.threshold)}"
            )
    return ""


def _dearer(card: RateCard, workload: Workload, more: int, at: datetime) -> str:
    """What grows dearer with so many more input tokens: input doubles."""
    usages = (workload.usage(), workload.usage(input=more))
    now, then = (
        _rates(cost_under(card, usage, at, workload.tier, uncached=workload.uncached))
        for usage in usages
    )
    for slug in ("input", "output", *now):
        if slug in now and slug in then and now[slug] and then[slug] > now[slug]:
            times = then[slug] / now[slug]
            said = (
                "doubles"
                if times == 2
                else f"costs {plain(times.quantize(Decimal('0.01')))}× as much"
            )
            return f"{meter(slug).name.lower()} {said}"
    return ""


def _rates(cost: Cost) -> dict[str, Decimal]:
    return {line.meter: line.rate.amount for line in cost.lines if line.rate.amount is not None}


def _thoughts(workload: Workload) -> Sequence[Usage]:
    """What a request uses where the model thinks and nobody says how much; nothing where somebody
    does."""
    answer = workload.number("output")
    if "reasoning" in workload.numbers or not answer:
        return ()
    return [
        workload.usage(output=times * answer, reasoning=times * answer) for times in (TYPICAL, HIGH)
    ]


def _thinking(endpoint: PricedEndpoint, these: _These) -> tuple[Decimal, Decimal] | None:
    """The totals of a model that reasons, where nobody says how much it does."""
    if "reasoning" not in endpoint.capabilities or not these.thoughts:
        return None
    workload = these.asked.workload
    costs = [cost_of(endpoint, usage, workload, these.at) for usage in these.thoughts]
    if any(cost.total is None for cost in costs):
        return None
    typical, high = (total(cost.times(workload.requests)) for cost in costs)
    return (typical, high) if high else None


# What is not ranked ---------------------------------------------------------------------------------


def groups(ranking: Ranking) -> list[Group]:
    """Who is not ranked, by reason, the most common first."""
    few = sum(map(len, ranking.apart.values())) <= FEW
    named = None if few else NAMED_APART
    return [
        Group(
            said(reason), state_of(reason), len(who), tuple(who[:named]), reason == UNSTATED_CACHE
        )
        for reason, who in sorted(ranking.apart.items(), key=lambda each: -len(each[1]))
    ]


def state_of(reason: Reason) -> State:
    """The state of a total that is not ranked."""
    return _STATES[reason.kind]


def said(reason: Reason) -> str:
    """Why these endpoints are not ranked, in words."""
    is_meter = reason.kind in ("unknown", "not_offered", "undated")
    what = meter(reason.what).name.lower() if is_meter else reason.what.replace("-", " ")
    return _SAID[reason.kind].format(what or "several currencies")


@dataclass(frozen=True, slots=True)
class Unranked:
    """A pinned model that has no place, and why; its state is empty where it is not known at all."""

    model: str
    name: str
    state: State | Literal[""]
    why: str
    without: str

    @property
    def word(self) -> str:
        return _word(self.state) if self.state else "—"


def unranked(asked: EstimateQuery, ranking: Ranking, names: Mapping[str, str]) -> list[Unranked]:
    """The pinned models that no endpoint of theirs gives a place, in the order of their pins."""
    placed = {endpoint.model for endpoint in ranking.cheapest} if asked.pins else set()
    return [
        Unranked(
            pin, names.get(pin, pin), *_why_unranked(pin, ranking, names), asked.links.pinning(pin)
        )
        for pin in asked.pins
        if pin not in placed
    ]


def _why_unranked(
    pin: str, ranking: Ranking, names: Mapping[str, str]
) -> tuple[State | Literal[""], str]:
    reasons = [
        why for why, who in ranking.apart.items() if any(endpoint.model == pin for endpoint in who)
    ]
    if reasons:
        return state_of(reasons[0]), ". ".join(map(said, reasons))
    return (
        "",
        "The filters leave it out" if pin in names else "No endpoint of such a model is known",
    )


# How a total comes about ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Itemised:
    """One line of a cost: so many of a meter at a rate.

    `why` says under which terms the rate applies.
    """

    meter: str
    name: str
    quantity: str
    rate: str
    amount: Decimal
    formula: str
    why: str
    basis: str
    applied: StatedRate

    @property
    def rate_amount(self) -> str:
        return plain(self.applied.amount or Decimal(0))

    @property
    def plain(self) -> str:
        return plain(self.amount)


def itemised(cost: Cost, workload: Workload, basis: dict[StatedRate, str]) -> list[Itemised]:
    """The lines of what one request costs, each for all of the requests; `basis` says who states a
    rate."""
    amounts = (line.amount for line in cost.times(workload.requests).lines)
    return [
        _item(line, amount, workload, basis)
        for line, amount in zip(cost.lines, amounts, strict=True)
    ]


def _item(
    line: Line, amount: Decimal, workload: Workload, basis: dict[StatedRate, str]
) -> Itemised:
    unit = meter(line.rate.meter)
    assert line.rate.amount is not None
    per = f" / {thousands(unit.per)}" if unit.per > 1 else ""
    each = plain(line.quantity)
    what = dict(line.rate.terms.options).get("billed_by", unit.unit)
    counted = (
        f"{each if '.' in each else thousands(int(line.quantity))} {_many(what, line.quantity)}"
    )
    return Itemised(
        meter=line.meter,
        name=meter(line.meter).name,
        quantity=counted,
        rate=money_exact(line.rate.amount, line.rate.currency) + unit.short_unit,
        amount=amount,
        formula=f"{thousands(workload.requests)} × {counted} × {money_exact(line.rate.amount)}{per}",
        why=_why(line, workload),
        basis=basis.get(line.rate, ""),
        applied=line.rate,
    )


def _many(unit: str, quantity: Decimal) -> str:
    return unit if quantity == 1 else f"{unit[:-1]}ies" if unit.endswith("ry") else f"{unit}s"


def _why(line: Line, workload: Workload) -> str:
    """Which terms the rate is under:

    over 272,000 input tokens; inherited from the standard tier.
    """
    parts = [in_words(line.rate.terms)]
    if line.rate.content_billed_as_input:
        parts.append("what it finds is billed as input on top, and is not in the total")
    if line.rate.meter != line.meter:
        parts.append(f"billed as {meter(line.rate.meter).name.lower()}")
    if line.inherited:
        tier = workload.tier not in STANDARD and not line.rate.terms.tier
        parts.append(
            f"inherited: the {workload.tier} tier names no other"
            if tier
            else "inherited: the band names no other"
        )
    return ", ".join(parts)


def as_markdown(rows: Sequence[Row], workload: Workload, address: str) -> str:
    """The first rows as a Markdown table, for a message or an issue."""
    lines = [
        f"| # | Model | Provider | Cost per {workload.every} | Per 1,000 requests |",
        "|--:|---|---|--:|--:|",
        *(
            f"| {row.rank} | {_cell(row.endpoint.model_name)} | {_cell(row.endpoint.provider_name)} "
            f"| {money_exact(row.total)} | {money_exact(row.per_thousand)} |"
            for row in rows
        ),
    ]
    return "\n".join([*lines, "", address])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
