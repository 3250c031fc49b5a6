"""A rate card as a table: a line for each meter, a column for each tier, and bands within."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.witnesses import witness
from pricing.meters import meter_order
from pricing.rates import StatedRate
from pricing.terms import Band, Terms
from web.format.figures import money_exact, tokens
from web.format.terms import in_words
from web.reads.prices import Price, billed_by
from web.reads.rates import CurrentRate

_TIERS = {tier: place for place, tier in enumerate(("", "batch", "flex", "priority"))}
_STATES_IN_WORDS = {
    "free": "free",
    "included": "included in a plan",
    "dynamic": "varies",
    "not_offered": "not offered",
}


@dataclass(frozen=True, slots=True)
class CardStep:
    """A price over a reach of context; `reach` is empty where it holds for all of it.

    `basis` is its source and date where the column has another. `agreement` counts the sources with
    the same figure, `others` are the figures of those that differ.
    """

    price: Price
    reach: str = ""
    inherited: bool = False
    basis: str = ""
    agreement: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardLine:
    """A meter's prices under each condition; a condition without a price has no steps."""

    price: Price
    cells: tuple[tuple[CardStep, ...], ...]


@dataclass(frozen=True, slots=True)
class OptionPrices:
    """Prices that hold under options, such as an image's size."""

    terms: str
    steps: tuple[CardStep, ...]


@dataclass(frozen=True, slots=True)
class LosingClaim:
    """A source's price under terms that the card has no price for."""

    price: Price
    terms: str
    source: str


@dataclass(frozen=True, slots=True)
class CardCondition:
    """A column: its terms in words, and the source and date of most of its figures.

    `name` is short enough for a heading; `hours` are the terms that it leaves out.
    """

    terms: str
    basis: str
    name: str
    hours: str = ""


@dataclass(frozen=True, slots=True)
class CardTable:
    """`basis` is the source and date of most of the prices under options.

    `shared` is the basis of all columns where they have the same; then none has its own.
    """

    conditions: tuple[CardCondition, ...]
    lines: tuple[CardLine, ...]
    asides: tuple[OptionPrices, ...]
    unused: tuple[LosingClaim, ...]
    basis: str
    shared: str = ""
    marginal: bool = False

    @property
    def rows(self) -> list[tuple[CardLine, list[tuple[CardCondition, tuple[CardStep, ...]]]]]:
        return [(line, list(zip(self.conditions, line.cells, strict=True))) for line in self.lines]

    @property
    def stated(self) -> list[CardStep]:
        """Figures that a source states, without those a tier inherits."""
        steps = [step for line in self.lines for cell in line.cells for step in cell]
        steps += [step for aside in self.asides for step in aside.steps]
        return [step for step in steps if not step.inherited]

    @property
    def figures(self) -> int:
        return len(self.stated)

    @property
    def agreed(self) -> int:
        return sum(1 for step in self.stated if step.agreement and not step.others)

    @property
    def disputed(self) -> int:
        return sum(1 for step in self.stated if step.others)

    @property
    def inherits(self) -> bool:
        return any(step.inherited for line in self.lines for cell in line.cells for step in cell)

    @property
    def banded(self) -> bool:
        return any(len(cell) > 1 for line in self.lines for cell in line.cells)


# By meter and terms: the rate that each source states, by the source's name.
ClaimedRates = Mapping[tuple[str, Terms], Mapping[str, StatedRate]]


def claims_at(
    now: datetime, stated: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]
) -> ClaimedRates:
    """Rates that sources claim for an instant, from their JSON; an unknown rate is no claim."""
    claims: dict[tuple[str, Terms], dict[str, StatedRate]] = defaultdict(dict)
    for source, rates in stated:
        for rate in map(StatedRate.from_json, rates):
            if rate.state != "unknown" and rate.holds_at(now):
                claims[rate.meter, rate.terms][source] = rate
    return claims


def rate_card(rates: Sequence[CurrentRate], claims: ClaimedRates) -> CardTable:
    plain = [rate for rate in rates if not rate.terms.options]
    optional = [rate for rate in rates if rate.terms.options]
    by_condition: dict[Terms, list[CurrentRate]] = {Terms(): []}
    by_meter: dict[str, list[CurrentRate]] = {}
    for rate in plain:
        by_condition.setdefault(_condition(rate.terms), []).append(rate)
        by_meter.setdefault(rate.price.meter, []).append(rate)
    basis = {terms: _commonest(by_condition[terms]) for terms in sorted(by_condition, key=_place)}
    stated = set(filter(None, basis.values()))
    shared = stated.pop() if len(stated) == 1 and len(basis) > 1 else ""
    return CardTable(
        conditions=tuple(
            CardCondition(in_words(terms), "" if shared else own, *_named(terms, by_condition))
            for terms, own in basis.items()
        ),
        shared=shared,
        lines=tuple(
            _line(by_meter[slug], basis, claims) for slug in sorted(by_meter, key=meter_order)
        ),
        asides=_asides(optional, claims),
        unused=_unused({(rate.price.meter, rate.terms) for rate in rates}, claims),
        basis=_commonest(optional),
        marginal=any(rate.terms.band and rate.terms.band.applies == "marginal" for rate in rates),
    )


def _commonest(rates: Iterable[CurrentRate]) -> str:
    counts = Counter(_basis(rate) for rate in rates).most_common(1)
    return counts[0][0] if counts else ""


def _basis(rate: CurrentRate) -> str:
    return f"{rate.source}, {rate.observed}"


def _condition(terms: Terms) -> Terms:
    return Terms(terms.tier, None, terms.region, terms.schedules)


def _named(
    condition: Terms, by_condition: Mapping[Terms, Sequence[CurrentRate]]
) -> tuple[str, str]:
    """Short name and hours of a column: Batch; Off-peak, 16:30–00:30 UTC."""
    usual = Terms(condition.tier, None, condition.region)
    if not condition.schedules:
        return in_words(usual), ""
    at_all_times = {
        _compared_by(rate): rate.price.amount
        for rate in by_condition.get(usual) or by_condition[Terms()]
    }
    pairs = (
        (rate.price.amount, at_all_times.get(_compared_by(rate)))
        for rate in by_condition[condition]
    )
    differ = {
        own < other
        for own, other in pairs
        if own is not None and other is not None and own != other
    }
    name = {frozenset({True}): "Off-peak", frozenset({False}): "Peak"}.get(
        frozenset(differ), "At set hours"
    )
    hours = in_words(Terms(schedules=condition.schedules))
    return (name if usual == Terms() else f"{in_words(usual)}, {name.lower()}"), hours


def _compared_by(rate: CurrentRate) -> tuple[str, str, Band | None]:
    """Two rates compare if these are equal."""
    return rate.price.meter, rate.price.currency, rate.terms.band


def _place(condition: Terms) -> tuple[Any, ...]:
    tier = condition.tier
    return (
        _TIERS.get(tier, len(_TIERS)),
        tier,
        condition.region,
        len(condition.schedules),
        in_words(condition),
    )


# Its cells --------------------------------------------------------------------------------------


def _line(
    rates: Sequence[CurrentRate], basis: Mapping[Terms, str], claims: ClaimedRates
) -> CardLine:
    under: dict[Terms, dict[Band | None, CurrentRate]] = defaultdict(dict)
    for rate in rates:
        under[_condition(rate.terms)][rate.terms.band] = rate
    cells = (_cell(under[terms], under[Terms()], claims, own) for terms, own in basis.items())
    return CardLine(rates[0].price, tuple(cells))


def _cell(
    own: Mapping[Band | None, CurrentRate],
    standard: Mapping[Band | None, CurrentRate],
    claims: ClaimedRates,
    basis: str,
) -> tuple[CardStep, ...]:
    """Bands from the lowest up; those that a tier lacks are the standard tier's."""
    bands = dict(own or standard)
    if None not in bands and None in standard:
        bands[None] = standard[None]
    ordered = sorted(bands, key=lambda band: band.threshold if band else 0)
    ends = [*ordered[1:], None] if ordered else []
    return tuple(
        _step(bands[band], _reach(band, end), claims, basis, inherited=band not in own)
        for band, end in zip(ordered, ends, strict=True)
    )


def _step(
    rate: CurrentRate, reach: str, claims: ClaimedRates, basis: str, *, inherited: bool = False
) -> CardStep:
    if inherited:
        return CardStep(rate.price, reach, inherited=True)
    agreement, others = agreed(rate, claims)
    stated = _basis(rate)
    own_basis = "" if stated == basis else stated
    return CardStep(rate.price, reach, basis=own_basis, agreement=agreement, others=others)


def _reach(band: Band | None, end: Band | None) -> str:
    """up to 272K, above 272K, 32K–128K, from 200K."""
    if band is None:
        return f"{'up to' if _is_above(end) else 'below'} {_edge(end)}" if end else ""
    if end:
        return f"{_edge(band)}–{_edge(end)}"
    marginal = ", for the tokens past it" if band.applies == "marginal" else ""
    return f"{'above' if _is_above(band) else 'from'} {_edge(band)}{marginal}"


def _edge(band: Band) -> str:
    first = band.threshold + 1 if band.operator == "gt" else band.threshold
    return tokens(band.threshold if _is_above(band) else first)


def _is_above(band: Band) -> bool:
    """Whether a band begins past a round number; above 199,999 is from 200,000."""
    return band.operator == "gt" and (band.threshold + 1) % 1000 != 0


# Beside it --------------------------------------------------------------------------------------


def _asides(rates: Sequence[CurrentRate], claims: ClaimedRates) -> tuple[OptionPrices, ...]:
    lines: dict[Terms, list[CardStep]] = defaultdict(list)
    for rate in sorted(rates, key=lambda rate: meter_order(rate.price.meter)):
        step = _step(rate, "", claims, _commonest(rates))
        lines[rate.terms].append(replace(step, price=billed_by(rate.price, rate.terms)))
    return tuple(
        OptionPrices(in_words(terms), tuple(lines[terms])) for terms in sorted(lines, key=in_words)
    )


def agreed(rate: CurrentRate, claims: ClaimedRates) -> tuple[str, tuple[str, ...]]:
    """Number of witnesses that agree, and figures of the others; empty for a single witness.

    Sources with the data of one are one witness: the source that agrees represents them.
    """
    claimed = claims.get((rate.price.meter, rate.terms), {})
    by_witness: dict[str, str] = {}
    for source, other in claimed.items():
        if witness(source) not in by_witness or not _differs(other, rate):
            by_witness[witness(source)] = source
    by_witness.pop(witness(rate.source), None)
    others = {source: claimed[source] for source in by_witness.values()}
    against = tuple(
        f"{source} says {_figure(other)}"
        for source, other in others.items()
        if _differs(other, rate)
    )
    count = len(others) + 1
    return (f"{count - len(against)} of {count} agree" if others else ""), against


def _differs(other: StatedRate, rate: CurrentRate) -> bool:
    stated = rate.price.state, rate.price.amount, rate.price.currency
    return (other.state, other.amount, other.currency) != stated


def _figure(rate: StatedRate) -> str:
    if rate.state == "priced" and rate.amount is not None:
        return money_exact(rate.amount, rate.currency)
    return _STATES_IN_WORDS[rate.state]


def _unused(known: set[tuple[str, Terms]], claims: ClaimedRates) -> tuple[LosingClaim, ...]:
    """Claims of bands or tiers that the card has no rate for."""
    lost = ((key, claimed) for key, claimed in claims.items() if key not in known)
    lines = [
        LosingClaim(Price(meter, rate.state, rate.amount, rate.currency), in_words(terms), source)
        for (meter, terms), claimed in lost
        for source, rate in claimed.items()
    ]
    return tuple(
        sorted(lines, key=lambda line: (line.source, line.terms, meter_order(line.price.meter)))
    )
