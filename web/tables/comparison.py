"""Models side by side: the rows of the comparison, what differs in them, and what is best. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from pricing.meters import METERS, meter
from pricing.price import Cost, UnknownTier, price
from pricing.rates import RateCard, State
from web.format.figures import money, money_exact, partial_date, plain, tokens
from web.params.compare import CompareQuery, Mix
from web.params.workload import Workload
from web.reads.prices import Price, unstated
from web.reads.rates import CurrentRate
from web.reads.site import Named, Site
from web.tables.price_columns import column_price
from web.tables.provider_table import EndpointRow, dollars, lowest_amount
from web.tables.rate_card import Aside, Card, Step, rate_card
from web.text.facts import listed
from web.text.prices import MEANINGS, ON_TOP, counted

# Always there, whoever states them.
_HEADLINE = ("input", "output")
_PLACES = {slug: place for place, slug in enumerate(METERS)}
_TIERS = ("Standard", "Batch", "Flex", "Priority")
_MOST_OPTIONS = 6
_LIVE = (
    ("latency", "Latency", "p50"),
    ("throughput", "Throughput", "p50"),
    ("uptime", "Uptime", ""),
)
_UNSTATED = "Unknown: no source states it"
# Where there is no total, because a meter has no price: as `Cost.state` has it.
_NO_TOTAL: dict[str, str] = {
    "unknown": "no price of {}",
    "not_offered": "{} not offered",
    "dynamic": "{} varies",
    "included": "in a plan",
}
# Of two states without an amount, the one that a sum of both has.
_WORST: tuple[State, ...] = ("not_offered", "dynamic", "included", "unknown")


@dataclass(frozen=True, slots=True)
class Priced:
    """What a workload costs at an endpoint; `refused` says why it is not even asked for a price."""

    cost: Cost | None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A model at one endpoint. `spelled` is how an address names both.

    `providers` are those that could be chosen, `usual` the one that is where nobody asks, and `why`
    says why. `elsewhere` are the capabilities that the model has at any provider. `cost` is that of
    all of a workload's requests.
    """

    spelled: str
    slug: str
    name: str
    creator_slug: str
    creator_name: str
    endpoint: EndpointRow
    mode: str
    has: frozenset[str]
    lacks: frozenset[str]
    elsewhere: frozenset[str]
    rates: tuple[CurrentRate, ...]
    providers: Named
    usual: str
    why: str
    stage: str
    stage_note: str
    released: str
    knowledge_cutoff: str
    open_weights: bool | None
    licence: str
    modalities_in: tuple[str, ...]
    modalities_out: tuple[str, ...]
    quantization: str
    retention: str
    exceptions: str
    checked: str
    cost: Priced | None = None

    @property
    def choices(self) -> dict[str, str]:
        """How an address names the model at each provider; at its usual one, by the model alone."""
        usual = self.usual
        return {
            self.slug if slug == usual else f"{self.slug}@{slug}": name
            for slug, name in self.providers
        }


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column of a row: a text, a price, or steps of prices. Nothing is a dash.

    `title` says it in full, or why there is nothing. `value` is what a difference is told by.
    `attributes` are for programs. `best` says what no other column has a better one of: lowest,
    largest, latest.
    """

    text: str = ""
    note: str = ""
    title: str = ""
    value: Any = None
    price: Price | None = None
    steps: tuple[Step, ...] = ()
    options: tuple[tuple[str, Step], ...] = ()
    more: int = 0
    attributes: Named = ()
    numeric: bool = False
    best: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`edits` is the mix that it holds."""

    label: str
    cells: tuple[Cell, ...]
    note: str = ""
    edits: str = ""

    @property
    def differs(self) -> bool:
        return len({cell.value for cell in self.cells}) > 1


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading; `note` is what is true of all of them."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


def groups(models: Sequence[Compared], query: CompareQuery, catalog: Site) -> tuple[Group, ...]:
    """The whole comparison, or what differs of it if only that is asked for."""
    every: tuple[Group, ...] = (
        Group("Cost", (*_workload(models, query.workload), _blended(models, query.mix))),
        Group("Facts", _facts(models)),
        Group("Prices", _prices(models), "Standard terms"),
        Group("Further terms", _terms(models)),
        Group("Capabilities", _capabilities(models, catalog)),
        Group("Live", _live(models)),
        Group("Data policy", _policy(models)),
    )
    if query.only_differences:
        every = tuple(
            replace(of, rows=tuple(row for row in of.rows if row.differs)) for of in every
        )
    return tuple(group for group in every if group.rows)


# Facts ----------------------------------------------------------------------------------------------


def _facts(models: Sequence[Compared]) -> tuple[Row, ...]:
    rows = [
        _sizes("Context", models, lambda of: of.endpoint.context),
        _sizes("Max output", models, lambda of: of.endpoint.max_output),
        _said("Takes", models, lambda of: ", ".join(of.modalities_in)),
        _said("Makes", models, lambda of: ", ".join(of.modalities_out)),
        _said("Released", models, lambda of: partial_date(of.released)),
        _latest("Knowledge until", models),
        Row("Lifecycle", tuple(map(_lifecycle, models))),
        _said(
            "Open weights", models, lambda of: {True: "Yes", False: "No", None: ""}[of.open_weights]
        ),
    ]
    # What hardly anybody states has a row where somebody does.
    if any(of.licence for of in models):
        rows.append(_said("Licence", models, lambda of: of.licence))
    if any(of.quantization for of in models):
        rows.append(_said("Quantization", models, lambda of: of.quantization))
    return tuple(rows)


def _text(text: str, note: str = "", title: str = "", attributes: Named = ()) -> Cell:
    said = title or ("" if text else _UNSTATED)
    return Cell(text, note=note, title=said, value=(text, note), attributes=attributes)


def _said(label: str, models: Sequence[Compared], say: Callable[[Compared], str]) -> Row:
    return Row(label, tuple(_text(say(of)) for of in models))


def _sizes(label: str, models: Sequence[Compared], size: Callable[[Compared], int | None]) -> Row:
    sizes = [size(of) for of in models]
    living = {
        number for of, number in zip(models, sizes, strict=True) if number and not of.endpoint.gone
    }
    largest = max(living) if len(living) > 1 else None
    cells = (
        replace(
            _text(tokens(number) if number else "", title=f"{number:,} tokens" if number else ""),
            value=number,
            numeric=True,
            best="largest" if number is not None and number == largest else "",
        )
        for number in sizes
    )
    return Row(label, tuple(cells), note="tokens")


def _latest(label: str, models: Sequence[Compared]) -> Row:
    known = {of.knowledge_cutoff for of in models if of.knowledge_cutoff}
    # A year is no later than a month in it.
    latest = max(known) if len(known) > 1 else ""
    cells = (
        replace(
            _text(partial_date(of.knowledge_cutoff)),
            best="latest" if latest and of.knowledge_cutoff == latest else "",
        )
        for of in models
    )
    return Row(label, tuple(cells))


def _lifecycle(of: Compared) -> Cell:
    return _text(of.stage.capitalize(), of.endpoint.gone or of.stage_note)


def _capabilities(models: Sequence[Compared], catalog: Site) -> tuple[Row, ...]:
    """Yes or no where it is stated of the endpoint; of the model elsewhere is no yes."""
    named = catalog.named({slug for of in models for slug in (*of.has, *of.lacks, *of.elsewhere)})
    return tuple(Row(name, tuple(_capability(of, slug) for of in models)) for slug, name in named)


def _capability(of: Compared, slug: str) -> Cell:
    stated = (("capability", slug),)
    if slug in of.has or slug in of.lacks:
        return _text("Yes" if slug in of.has else "No", attributes=stated)
    note = "at other providers" if slug in of.elsewhere else ""
    return _text("", note, f"{_UNSTATED} of this endpoint", stated)


def _live(models: Sequence[Compared]) -> tuple[Row, ...]:
    """Nobody measures these yet: silence is a gap, never a zero."""
    nothing = "No traffic measured yet"
    return tuple(
        Row(
            label,
            tuple(
                _text("", title=nothing, attributes=(("metric", name), ("samples", "0")))
                for _ in models
            ),
            note=note,
        )
        for name, label, note in _LIVE
    )


def _policy(models: Sequence[Compared]) -> tuple[Row, ...]:
    rows = [
        Row(
            "Zero data retention",
            tuple(_text(of.endpoint.zdr, attributes=(("policy", "zdr"),)) for of in models),
        ),
        Row(
            "No training",
            tuple(
                _text(of.endpoint.no_training, attributes=(("policy", "training"),))
                for of in models
            ),
        ),
        _said("What is kept", models, lambda of: of.retention),
    ]
    if any(of.exceptions for of in models):
        rows.append(_said("Exceptions", models, lambda of: of.exceptions))
    if any(of.checked for of in models):
        rows.append(_said("Checked", models, lambda of: of.checked))
    return tuple(rows)


# Prices ---------------------------------------------------------------------------------------------


def _prices(models: Sequence[Compared]) -> tuple[Row, ...]:
    stated = {rate.price.meter for of in models for rate in of.rates}
    return tuple(_price_row(slug, models) for slug in sorted(stated | {*_HEADLINE}, key=_place))


def _place(slug: str) -> tuple[int, str]:
    """Input before output before the rest; meters that nobody described by name at the end."""
    return _PLACES.get(slug, len(_PLACES)), slug


def base_price(of: Compared, slug: str) -> Price:
    """The price under standard terms, of one priced under options alone the lowest, which names
    them."""
    rates = [rate for rate in of.rates if rate.price.meter == slug]
    return (column_price(rates) if rates else None) or unstated(
        slug, of.mode, tuple(sorted(of.lacks))
    )


def _price_row(slug: str, models: Sequence[Compared]) -> Row:
    prices = [base_price(of, slug) for of in models]
    return _of_prices(meter(slug).name, _per(slug), slug, prices, models)


def _per(slug: str) -> str:
    return f"per {counted(Price(slug, 'unknown'))}"


def _of_prices(
    label: str,
    note: str,
    slug: str,
    prices: Sequence[Price],
    models: Sequence[Compared],
    edits: str = "",
) -> Row:
    # What holds under some options alone is no lower than what always holds.
    alike = [
        price
        for price, of in zip(prices, models, strict=True)
        if not (of.endpoint.gone or price.under)
    ]
    lowest = lowest_amount(alike)
    cells = (
        Cell(
            price=price,
            title=_in_full(price),
            value=(
                price.state,
                price.amount,
                price.currency,
                price.under,
                price.content_billed_as_input,
            ),
            attributes=_for_programs(slug, price.state, price.amount, price.currency),
            numeric=True,
            best="lowest"
            if lowest is not None and dollars(price) == lowest and price in alike
            else "",
        )
        for price in prices
    )
    return Row(label, tuple(cells), note, edits)


def _in_full(price: Price) -> str:
    said = (
        money_exact(price.amount, price.currency) if price.amount else MEANINGS.get(price.state, "")
    )
    said += ON_TOP if price.content_billed_as_input else ""
    return ". ".join(filter(None, (said, price.basis)))


def _for_programs(slug: str, state: str, amount: Decimal | None, currency: str) -> Named:
    """As every price cell has it: an amount is in US dollars."""
    exact = (("amount", plain(amount)),) if amount is not None and currency == "USD" else ()
    return (("meter", slug), ("state", state), *exact)


def _blended(models: Sequence[Compared], mix: Mix) -> Row:
    prices = [blended(base_price(of, "input"), base_price(of, "output"), mix) for of in models]
    note = "per million tokens, standard terms"
    return _of_prices("Blended price", note, "blended", prices, models, edits=str(mix))


def blended(asked: Price, answered: Price, mix: Mix) -> Price:
    """The price of a million tokens of which some go in and some come out: money per million
    tokens.

    What the mix holds nothing of does not count. A price that is unknown makes the blend unknown,
    and so does one that holds under some options alone.
    """
    parts = [(part, price) for part, price in ((mix.input, asked), (mix.output, answered)) if part]
    states = {price.state for _, price in parts}
    for state in _WORST:
        if state in states:
            return Price("input", state)
    if len({price.currency for _, price in parts}) > 1 or any(price.under for _, price in parts):
        return Price("input", "unknown")
    money_of_all = sum((part * (price.amount or 0) for part, price in parts), Decimal(0))
    amount = (money_of_all / sum(part for part, _ in parts)).quantize(Decimal("1e-12")).normalize()
    return Price("input", "priced" if amount else "free", amount, parts[0][1].currency)


# The workload ---------------------------------------------------------------------------------------


def priced(card: RateCard, workload: Workload, now: datetime) -> Priced:
    """What all requests of a workload cost under a card.

    Raises OddUsage where it was not understood.
    """
    try:
        cost = price(card, workload.usage(), at=workload.at or now, tier=workload.tier)
    except UnknownTier as refusal:
        return Priced(None, str(refusal))
    return Priced(cost.times(workload.requests))


def _workload(models: Sequence[Compared], workload: Workload | None) -> tuple[Row, ...]:
    """The cost of the workload, where one is stated and understood."""
    if workload is None or workload.complaints:
        return ()
    cells = [_total(of, workload) for of in models]
    # What cannot be used, or takes no request of this size, is no bargain.
    able = [
        cell for cell, of in zip(cells, models, strict=True) if not (of.endpoint.gone or cell.note)
    ]
    amounts = {cell.value[1] for cell in able}
    lowest = min(amounts) if len(amounts) > 1 else None
    best = [cell in able and cell.value[1] == lowest for cell in cells]
    marked = (
        replace(cell, best="lowest" if it else "") for cell, it in zip(cells, best, strict=True)
    )
    label = f"{'Daily' if workload.every == 'day' else 'Monthly'} cost of this workload"
    return (Row(label, tuple(marked), _in_short(workload)),)


def _in_short(workload: Workload) -> str:
    sizes = [
        f"{tokens(workload.number(name))} {word}"
        for name, word in (("input", "in"), ("output", "out"))
    ]
    tier = f", {workload.tier}" if workload.tier else ""
    return f"{workload.requests:,} requests, {', '.join(sizes)}{tier}"


def _total(of: Compared, workload: Workload) -> Cell:
    found = of.cost
    if found is None or found.cost is None:
        refused = found.refused if found else _UNSTATED
        return _no_total("unknown", refused, "no such tier" if found else "no price")
    cost = found.cost
    if cost.total is None or cost.currency != "USD":
        missing = listed(
            meter(each.meter).name.lower() for each in cost.unpriced if each.state == cost.state
        )
        note = _NO_TOTAL[cost.state].format(missing) if missing else "not in US dollars"
        return _no_total(cost.state if missing else "unknown", f"No total: {note}", note)
    return Cell(
        money(cost.total) if cost.total else "Free",
        note="more than its context" if _overflows(of, workload) else "",
        title=money_exact(cost.total),
        value=(cost.state, cost.total),
        attributes=_for_programs("total", cost.state, cost.total, "USD"),
        numeric=True,
    )


def _no_total(state: str, title: str, note: str) -> Cell:
    attributes = _for_programs("total", state, None, "USD")
    return Cell("", note, title, (state, None, note), attributes=attributes)


def _overflows(of: Compared, workload: Workload) -> bool:
    context = of.endpoint.context
    return context is not None and workload.number("input") + workload.number("output") > context


# Further terms --------------------------------------------------------------------------------------

# What a row of further terms holds: the column's place, and what stands there.
Steps = dict[int, tuple[Step, ...]]


def _terms(models: Sequence[Compared]) -> tuple[Row, ...]:
    """Bands, tiers, regions and hours, a row for each meter under each of them; then prices by
    option."""
    cards = [rate_card(of.rates, {}) for of in models]
    found: dict[tuple[str, str], Steps] = defaultdict(dict)
    for place, card in enumerate(cards):
        for key, steps in _conditional(card):
            found[key][place] = steps
    own = {key: steps for key, steps in found.items() if _says_something(steps)}
    rows = [_terms_row(key, own[key], len(models)) for key in sorted(own, key=_terms_place)]
    return (*rows, *_option_rows(models, cards))


def _conditional(card: Card) -> Iterable[tuple[tuple[str, str], tuple[Step, ...]]]:
    """By condition in words and meter: what a card says beyond its base prices."""
    for line in card.lines:
        for condition, steps in zip(card.conditions, line.cells, strict=True):
            if steps and (condition.terms != "Standard" or len(steps) > 1):
                yield (
                    (condition.terms, line.of.meter),
                    tuple(replace(step, basis="") for step in steps),
                )


def _says_something(steps: Steps) -> bool:
    return any(not step.inherited for cell in steps.values() for step in cell)


def _terms_place(key: tuple[str, str]) -> tuple[Any, ...]:
    terms, slug = key
    tier = terms.partition(",")[0]
    return _TIERS.index(tier) if tier in _TIERS else len(_TIERS), terms, _place(slug)


def _terms_row(key: tuple[str, str], steps: Steps, columns: int) -> Row:
    terms, slug = key
    nothing = "No bands are stated" if terms == "Standard" else "No such terms are stated"
    cells = (
        Cell(steps=steps[place], value=_figures(steps[place]), numeric=True)
        if place in steps
        else Cell(title=nothing, value=())
        for place in range(columns)
    )
    label = meter(slug).name if terms != "Standard" else f"{meter(slug).name}, by context"
    return Row(label, tuple(cells), f"{terms}, {_per(slug)}")


def _figures(steps: Iterable[Step]) -> tuple[Any, ...]:
    return tuple(
        (step.reach, step.price.state, step.price.amount, step.price.currency) for step in steps
    )


def _option_rows(models: Sequence[Compared], cards: Sequence[Card]) -> list[Row]:
    """Prices that hold under options, such as an image's size, of those that no base price shows."""
    found: dict[str, dict[int, list[tuple[str, Step]]]] = defaultdict(lambda: defaultdict(list))
    for place, (of, card) in enumerate(zip(models, cards, strict=True)):
        for terms, step in _by_option(card.asides):
            if (
                replace(base_price(of, step.price.meter), under="") != step.price
                or len(card.asides) > 1
            ):
                found[step.price.meter][place].append((terms, replace(step, basis="")))
    return [
        Row(
            f"{meter(slug).name}, by option",
            tuple(_options(found[slug].get(place, [])) for place in range(len(models))),
            _per(slug),
        )
        for slug in sorted(found, key=_place)
    ]


def _by_option(asides: Iterable[Aside]) -> list[tuple[str, Step]]:
    """The prices by option, without those that say that there is none."""
    steps = ((aside.terms, step) for aside in asides for step in aside.steps)
    return [(terms, step) for terms, step in steps if step.price.state != "not_offered"]


def _options(found: Sequence[tuple[str, Step]]) -> Cell:
    if not found:
        return Cell(title="No options are stated", value=())
    figures = tuple((terms, *_figures([step])) for terms, step in found)
    return Cell(
        options=tuple(found[:_MOST_OPTIONS]),
        more=max(0, len(found) - _MOST_OPTIONS),
        value=figures,
        numeric=True,
    )
