"""Prices side by side: base prices, their blend, and those under further terms."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pricing.meters import meter, meter_order
from pricing.rates import State
from web.format.figures import money_exact, plain
from web.params.compare import Mix
from web.reads.endpoint_prices import column_price
from web.reads.endpoints import EndpointRecord
from web.reads.prices import AnnouncedPrice, Price, next_other, unstated
from web.reads.site import Named
from web.tables.comparison_rows import ComparedCell, ComparedRow
from web.tables.endpoint_columns import dollars
from web.tables.provider_table import lowest_amount
from web.tables.rate_card import CardStep, CardTable, OptionPrices, rate_card
from web.text.prices import CONTENT_IN_FULL, MEANINGS, counted

# Meters with a row even without a stated price.
_HEADLINE = ("input", "output")
_TIERS = ("Standard", "Batch", "Flex", "Priority")
_MOST_OPTIONS = 6
# States without an amount: a sum has the first one that any of its parts has.
_WORST: tuple[State, ...] = ("not_offered", "dynamic", "included", "unknown")


def price_rows(endpoints: Sequence[EndpointRecord]) -> tuple[ComparedRow, ...]:
    stated = {rate.price.meter for endpoint in endpoints for rate in endpoint.rates}
    return tuple(
        _row(
            meter(slug).name,
            _per(slug),
            slug,
            [base_price(endpoint, slug) for endpoint in endpoints],
            endpoints,
        )
        for slug in sorted(stated | {*_HEADLINE}, key=meter_order)
    )


def base_price(endpoint: EndpointRecord, slug: str) -> Price:
    """The price under standard terms; the lowest of those under options where there is no other."""
    rates = [rate for rate in endpoint.rates if rate.price.meter == slug]
    lacks = tuple(sorted(lack for lack in endpoint.lacks if not endpoint.has(lack)))
    return (column_price(rates) if rates else None) or unstated(slug, endpoint.mode, lacks)


def _per(slug: str) -> str:
    return f"per {counted(Price(slug, 'unknown'))}"


def _row(
    label: str,
    note: str,
    slug: str,
    prices: Sequence[Price],
    endpoints: Sequence[EndpointRecord],
    edits: str = "",
) -> ComparedRow:
    # A price under options alone is no lower than one that always holds.
    comparable = [
        endpoint.in_use and not price.under
        for price, endpoint in zip(prices, endpoints, strict=True)
    ]
    lowest = _lowest([price for price, may in zip(prices, comparable, strict=True) if may])
    cells = (
        ComparedCell(
            price=price,
            title=_in_full(price),
            value=(
                price.state,
                price.amount,
                price.currency,
                price.under,
                price.content_billed_as_input,
            ),
            attributes=price_attributes(slug, price.state, price.amount, price.currency),
            numeric=True,
            best="lowest" if may and lowest is not None and _amount(price) == lowest else "",
        )
        for price, may in zip(prices, comparable, strict=True)
    )
    return ComparedRow(label, tuple(cells), note, edits)


def _amount(price: Price) -> Decimal | None:
    return Decimal(0) if price.state == "free" else dollars(price)


def _lowest(prices: Sequence[Price]) -> Decimal | None:
    """Zero where one is free and another priced; None where no amount is lower than another."""
    states = {price.state for price in prices}
    return Decimal(0) if states >= {"free", "priced"} else lowest_amount(prices)


def _in_full(price: Price) -> str:
    figure = (
        money_exact(price.amount, price.currency) if price.amount else MEANINGS.get(price.state, "")
    )
    figure += CONTENT_IN_FULL[price.content_billed_as_input]
    return ". ".join(filter(None, (figure, price.basis)))


def price_attributes(slug: str, state: str, amount: Decimal | None, currency: str) -> Named:
    """Data attributes of every price cell; an amount is in US dollars."""
    exact = (("amount", plain(amount)),) if amount is not None and currency == "USD" else ()
    return (("meter", slug), ("state", state), *exact)


# The blend --------------------------------------------------------------------------------------


def blended_row(endpoints: Sequence[EndpointRecord], mix: Mix) -> ComparedRow:
    prices = [
        blended(base_price(endpoint, "input"), base_price(endpoint, "output"), mix)
        for endpoint in endpoints
    ]
    note = "per million tokens, standard terms"
    return _row("Blended price", note, "blended", prices, endpoints, edits=str(mix))


def blended(input_price: Price, output_price: Price, mix: Mix) -> Price:
    """Money per million tokens for a mix of input and output, and what it is from the first day on
    for which a part of it is announced.

    A part of zero does not count. A part of unknown price, or priced under options alone, makes
    the blend unknown.
    """
    both = ((mix.input, input_price), (mix.output, output_price))
    parts = [(part, price) for part, price in both if part]
    blend = _blend(parts)
    days = [price.announced.begins for _, price in parts if price.announced]
    if not days:
        return blend
    day = min(days)
    coming = _blend([(part, _from(price, day)) for part, price in parts])
    announced = AnnouncedPrice(day, coming.state, coming.amount, coming.currency)
    return replace(
        blend, announced=next_other([announced], blend.state, blend.amount, blend.currency)
    )


def _from(price: Price, day: str) -> Price:
    coming = price.announced
    if coming is None or coming.begins > day:
        return price
    return replace(price, state=coming.state, amount=coming.amount, currency=coming.currency)


def _blend(parts: Sequence[tuple[Decimal, Price]]) -> Price:
    states = {price.state for _, price in parts}
    for state in _WORST:
        if state in states:
            return Price("input", state)
    if len({price.currency for _, price in parts}) > 1 or any(price.under for _, price in parts):
        return Price("input", "unknown")
    total = sum((part * (price.amount or 0) for part, price in parts), Decimal(0))
    amount = (total / sum(part for part, _ in parts)).quantize(Decimal("1e-12")).normalize()
    return Price("input", "priced" if amount else "free", amount, parts[0][1].currency)


# Further terms ----------------------------------------------------------------------------------

# The steps of a row of further terms, by the column's place.
StepsByPlace = dict[int, tuple[CardStep, ...]]


def terms_rows(endpoints: Sequence[EndpointRecord]) -> tuple[ComparedRow, ...]:
    """A row for each meter under each band, tier, region and schedule; then prices by option."""
    cards = [rate_card(endpoint.rates, {}) for endpoint in endpoints]
    by_terms: dict[tuple[str, str], StepsByPlace] = defaultdict(dict)
    for place, card in enumerate(cards):
        for key, steps in _conditional(card):
            by_terms[key][place] = steps
    own = {key: steps for key, steps in by_terms.items() if _has_own_price(steps)}
    rows = [_terms_row(key, own[key], len(endpoints)) for key in sorted(own, key=_terms_place)]
    return (*rows, *_option_rows(endpoints, cards))


def _conditional(card: CardTable) -> Iterable[tuple[tuple[str, str], tuple[CardStep, ...]]]:
    """The card's prices beyond its base prices, by (condition in words, meter)."""
    for line in card.lines:
        for condition, steps in zip(card.conditions, line.cells, strict=True):
            if steps and (condition.terms != "Standard" or len(steps) > 1):
                key = condition.terms, line.price.meter
                yield key, tuple(replace(step, basis="") for step in steps)


def _has_own_price(steps: StepsByPlace) -> bool:
    return any(not step.inherited for cell in steps.values() for step in cell)


def _terms_place(key: tuple[str, str]) -> tuple[Any, ...]:
    terms, slug = key
    tier = terms.partition(",")[0]
    return _TIERS.index(tier) if tier in _TIERS else len(_TIERS), terms, meter_order(slug)


def _terms_row(key: tuple[str, str], steps: StepsByPlace, columns: int) -> ComparedRow:
    terms, slug = key
    nothing = "No bands are stated" if terms == "Standard" else "No such terms are stated"
    cells = (
        ComparedCell(steps=steps[place], value=_figures(steps[place]), numeric=True)
        if place in steps
        else ComparedCell(title=nothing, value=())
        for place in range(columns)
    )
    label = meter(slug).name if terms != "Standard" else f"{meter(slug).name}, by context"
    return ComparedRow(label, tuple(cells), f"{terms}, {_per(slug)}")


def _figures(steps: Iterable[CardStep]) -> tuple[Any, ...]:
    return tuple(
        (step.reach, step.price.state, step.price.amount, step.price.currency) for step in steps
    )


def _option_rows(
    endpoints: Sequence[EndpointRecord], cards: Sequence[CardTable]
) -> list[ComparedRow]:
    """Prices under options, such as an image's size, that no base price shows."""
    by_meter: dict[str, dict[int, list[tuple[str, CardStep]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for place, (endpoint, card) in enumerate(zip(endpoints, cards, strict=True)):
        for terms, step in _by_option(card.asides):
            base = replace(base_price(endpoint, step.price.meter), under="")
            if base != step.price or len(card.asides) > 1:
                by_meter[step.price.meter][place].append((terms, replace(step, basis="")))
    return [
        ComparedRow(
            f"{meter(slug).name}, by option",
            tuple(_options(by_meter[slug].get(place, [])) for place in range(len(endpoints))),
            _per(slug),
        )
        for slug in sorted(by_meter, key=meter_order)
    ]


def _by_option(asides: Iterable[OptionPrices]) -> list[tuple[str, CardStep]]:
    steps = ((aside.terms, step) for aside in asides for step in aside.steps)
    return [(terms, step) for terms, step in steps if step.price.state != "not_offered"]


def _options(options: Sequence[tuple[str, CardStep]]) -> ComparedCell:
    if not options:
        return ComparedCell(title="No options are stated", value=())
    figures = tuple((terms, *_figures([step])) for terms, step in options)
    return ComparedCell(
        options=tuple(options[:_MOST_OPTIONS]),
        more=max(0, len(options) - _MOST_OPTIONS),
        value=figures,
        numeric=True,
    )
