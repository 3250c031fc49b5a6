"""A whole rate card as a table: a line for each meter, a column for each tier, and bands within.

Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pricing.meters import METERS
from pricing.rates import StatedRate
from pricing.terms import Band, Terms
from web.format.figures import money_exact, tokens
from web.format.terms import in_words
from web.reads.prices import Price, billed_by
from web.reads.rates import CurrentRate

_PLACES = {slug: place for place, slug in enumerate(METERS)}
_TIERS = {tier: place for place, tier in enumerate(("", "batch", "flex", "priority"))}
_SAYS = {
    "free": "free",
    "included": "included in a plan",
    "dynamic": "varies",
    "not_offered": "not offered",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A price over a reach of context; `reach` is empty where it holds for all of it.

    `basis` says who stated it when, where that is not said of the whole column. `agreement` is how
    many sources say the same, `others` what those say that do not.
    """

    price: Price
    reach: str = ""
    inherited: bool = False
    basis: str = ""
    agreement: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A meter's prices under each condition, side by side; a condition without a price has no
    steps."""

    of: Price
    cells: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """Prices that hold under options, such as an image's size."""

    terms: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Unused:
    """What a source claims under terms that the card has no price for."""

    price: Price
    terms: str
    source: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A column: the terms in words, and who stated most of its figures when.

    `name` is short enough for a heading; `hours` are the terms that it leaves out.
    """

    terms: str
    basis: str
    name: str
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """`basis` says who stated most of the figures that stand aside, and when. `shared` is what all
    columns would say of that, which then do not say it."""

    conditions: tuple[Condition, ...]
    lines: tuple[Line, ...]
    asides: tuple[Aside, ...]
    unused: tuple[Unused, ...]
    basis: str
    shared: str = ""
    marginal: bool = False

    @property
    def rows(self) -> list[tuple[Line, list[tuple[Condition, tuple[Step, ...]]]]]:
        """Each line with the condition of each of its cells."""
        return [(line, list(zip(self.conditions, line.cells, strict=True))) for line in self.lines]

    @property
    def stated(self) -> list[Step]:
        """The figures that somebody states: what a tier inherits is counted once."""
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


# By meter and terms: what each source says, by its name.
Claims = Mapping[tuple[str, Terms], Mapping[str, StatedRate]]


def claims_at(now: datetime, stated: Iterable[tuple[str, Sequence[Mapping[str, Any]]]]) -> Claims:
    """What sources claim of an instant, from their rates as JSON.

    What they do not know is no claim.
    """
    found: dict[tuple[str, Terms], dict[str, StatedRate]] = defaultdict(dict)
    for source, rates in stated:
        for rate in map(StatedRate.from_json, rates):
            if rate.state != "unknown" and rate.holds_at(now):
                found[rate.meter, rate.terms][source] = rate
    return found


def rate_card(rates: Sequence[CurrentRate], claims: Claims) -> Card:
    """The rates that hold now as a table, each beside what the sources claim."""
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
    return Card(
        conditions=tuple(
            Condition(in_words(terms), "" if shared else said, *_named(terms, by_condition))
            for terms, said in basis.items()
        ),
        shared=shared,
        lines=tuple(
            _line(by_meter[slug], basis, claims) for slug in sorted(by_meter, key=_usual_place)
        ),
        asides=_asides(optional, claims),
        unused=_unused({(rate.price.meter, rate.terms) for rate in rates}, claims),
        basis=_commonest(optional),
        marginal=any(rate.terms.band and rate.terms.band.applies == "marginal" for rate in rates),
    )


def _commonest(rates: Iterable[CurrentRate]) -> str:
    counted = Counter(_basis(rate) for rate in rates).most_common(1)
    return counted[0][0] if counted else ""


def _basis(rate: CurrentRate) -> str:
    return f"{rate.source}, {rate.observed}"


def _condition(terms: Terms) -> Terms:
    return Terms(terms.tier, None, terms.region, terms.schedules)


def _named(
    condition: Terms, by_condition: Mapping[Terms, Sequence[CurrentRate]]
) -> tuple[str, str]:
    """A column's short name and the hours that it holds in: Batch; Off-peak, 16:30–00:30 UTC."""
    usual = Terms(condition.tier, None, condition.region)
    if not condition.schedules:
        return in_words(usual), ""
    at_all_times = {
        _of(rate): rate.price.amount for rate in by_condition.get(usual) or by_condition[Terms()]
    }
    pairs = ((rate.price.amount, at_all_times.get(_of(rate))) for rate in by_condition[condition])
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


def _of(rate: CurrentRate) -> tuple[str, str, Band | None]:
    """What must be the same of two rates whose amounts are compared."""
    return rate.price.meter, rate.price.currency, rate.terms.band


def _place(condition: Terms) -> tuple[Any, ...]:
    """The standard tier first, and of each tier what holds at all times and everywhere."""
    tier = condition.tier
    return (
        _TIERS.get(tier, len(_TIERS)),
        tier,
        condition.region,
        len(condition.schedules),
        in_words(condition),
    )


def _usual_place(slug: str) -> tuple[int, str]:
    """Input before output before the rest, as everywhere; meters that nobody described by name at
    the end."""
    return _PLACES.get(slug, len(_PLACES)), slug


# Its cells ------------------------------------------------------------------------------------------


def _line(rates: Sequence[CurrentRate], basis: Mapping[Terms, str], claims: Claims) -> Line:
    under: dict[Terms, dict[Band | None, CurrentRate]] = defaultdict(dict)
    for rate in rates:
        under[_condition(rate.terms)][rate.terms.band] = rate
    cells = (_cell(under[terms], under[Terms()], claims, said) for terms, said in basis.items())
    return Line(rates[0].price, tuple(cells))


def _cell(
    own: Mapping[Band | None, CurrentRate],
    standard: Mapping[Band | None, CurrentRate],
    claims: Claims,
    basis: str,
) -> tuple[Step, ...]:
    """The bands of a price from the lowest up.

    What a tier does not name costs as in the standard one.
    """
    bands = dict(own or standard)
    if None not in bands and None in standard:
        bands[None] = standard[None]
    ordered = sorted(bands, key=lambda band: band.threshold if band else 0)
    ends = [*ordered[1:], None] if ordered else []
    return tuple(
        _step(bands[band], _reach(band, end), band not in own, claims, basis)
        for band, end in zip(ordered, ends, strict=True)
    )


def _step(rate: CurrentRate, reach: str, inherited: bool, claims: Claims, basis: str) -> Step:
    if inherited:
        return Step(rate.price, reach, inherited=True)
    agreement, others = agreed(rate, claims)
    stated = _basis(rate)
    return Step(rate.price, reach, False, "" if stated == basis else stated, agreement, others)


def _reach(band: Band | None, end: Band | None) -> str:
    """From where to where a band reaches: up to 272K, above 272K, 32K–128K, from 200K."""
    if band is None:
        return f"{'up to' if _is_above(end) else 'below'} {_edge(end)}" if end else ""
    if end:
        return f"{_edge(band)}–{_edge(end)}"
    marginal = ", for the tokens past it" if band.applies == "marginal" else ""
    return f"{'above' if _is_above(band) else 'from'} {_edge(band)}{marginal}"


def _edge(band: Band) -> str:
    return tokens(band.threshold if _is_above(band) else _first(band))


def _is_above(band: Band) -> bool:
    """Whether a band begins past a round number: what is above 199,999 begins at 200,000."""
    return band.operator == "gt" and (band.threshold + 1) % 1000 != 0


def _first(band: Band) -> int:
    """The first number of tokens that is within the band."""
    return band.threshold + 1 if band.operator == "gt" else band.threshold


# Beside it ------------------------------------------------------------------------------------------


def _asides(rates: Sequence[CurrentRate], claims: Claims) -> tuple[Aside, ...]:
    lines: dict[Terms, list[Step]] = defaultdict(list)
    for rate in sorted(rates, key=lambda rate: _usual_place(rate.price.meter)):
        step = _step(rate, "", False, claims, _commonest(rates))
        lines[rate.terms].append(replace(step, price=billed_by(rate.price, rate.terms)))
    return tuple(
        Aside(in_words(terms), tuple(lines[terms])) for terms in sorted(lines, key=in_words)
    )


def agreed(rate: CurrentRate, claims: Claims) -> tuple[str, tuple[str, ...]]:
    """How many sources agree with a rate, and what the others say; nothing where only one states
    it."""
    said = claims.get((rate.price.meter, rate.terms), {})
    others = {source: other for source, other in said.items() if source != rate.source}
    against = tuple(
        f"{source} says {_says(other)}" for source, other in others.items() if _differs(other, rate)
    )
    count = len(others) + 1
    return (f"{count - len(against)} of {count} agree" if others else ""), against


def _differs(other: StatedRate, rate: CurrentRate) -> bool:
    stated = rate.price.state, rate.price.amount, rate.price.currency
    return (other.state, other.amount, other.currency) != stated


def _says(rate: StatedRate) -> str:
    if rate.state == "priced" and rate.amount is not None:
        return money_exact(rate.amount, rate.currency)
    return _SAYS[rate.state]


def _unused(known: set[tuple[str, Terms]], claims: Claims) -> tuple[Unused, ...]:
    """Losing claims that have no winner beside them: a whole band or tier of a source that lost."""
    lost = ((key, said) for key, said in claims.items() if key not in known)
    lines = [
        Unused(Price(meter, rate.state, rate.amount, rate.currency), in_words(terms), source)
        for (meter, terms), said in lost
        for source, rate in said.items()
    ]
    return tuple(
        sorted(lines, key=lambda line: (line.source, line.terms, _usual_place(line.price.meter)))
    )
