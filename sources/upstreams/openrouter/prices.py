"""OpenRouter's prices: decimal strings in US dollars for one token, search or request. Pure.

`overrides` are prices under conditions: above so many tokens of input, or at hours and weekdays in
UTC. A price that an override does not name is inherited.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pricing.rates import StatedRate
from pricing.terms import BASE, Band, Schedule, Terms
from sources.reading import FieldReader, without_blanks
from sources.upstreams.openrouter.fields import (
    CONDITIONS,
    IMAGES,
    METERS,
    PRICING_FIELDS,
    TOKENS_OF_AN_IMAGE,
    WEEKDAYS,
)

# A zero states that these are free; every other zero, that there is no such price.
_MAY_BE_FREE = ("input", "output")


def read_rates(pricing: Mapping[str, Any], reading: FieldReader) -> tuple[StatedRate, ...]:
    """A rate card. Raises nothing: what is odd is counted, and the rest stays."""
    stated = without_blanks(pricing)
    reading.rest(stated, PRICING_FIELDS, "pricing.")
    if stated.get("discount"):
        reading.miss("discount, which the price has already")
    base = [*_card(stated, BASE, reading)]
    special: list[StatedRate] = []
    for override in reading.tables(stated, "overrides"):
        terms = _terms(override, reading)
        if terms is None:
            reading.odd_price("overrides")
            continue
        prices = {name: value for name, value in override.items() if name not in CONDITIONS}
        reading.rest(prices, PRICING_FIELDS - {"overrides", "discount"}, "pricing.overrides.")
        for rate in _card(prices, terms, reading):
            # Of entries with the same conditions the last one counts.
            special = [r for r in special if (r.meter, r.terms) != (rate.meter, rate.terms)]
            special.append(rate)
    return reading.distinct([*base, *(rate for rate in special if not _repeats(rate, base))])


def _card(prices: Mapping[str, Any], terms: Terms, reading: FieldReader) -> Iterator[StatedRate]:
    for field, meter in METERS.items():
        rate = reading.rate_of_one(prices, field, meter, terms=terms)
        if rate and (rate.state != "free" or meter in _MAY_BE_FREE):
            yield rate
        elif rate:
            reading.miss(f"price of zero: {field}")
    for field, (token_field, of_tokens, of_images) in IMAGES.items():
        token = reading.rate_of_one(prices, field, of_tokens, terms=terms)
        if not (token and token.amount):
            continue
        usual = reading.rate_of_one(prices, token_field, of_tokens, terms=terms)
        image = reading.rate_of_one(prices, field, of_images, terms=terms)
        if not (image and usual and usual.amount):
            reading.miss(f"price of an uncertain unit: {field}")
        else:
            yield token if token.amount <= usual.amount * TOKENS_OF_AN_IMAGE else image


def _terms(override: Mapping[str, Any], reading: FieldReader) -> Terms | None:
    """The conditions of an override; None for others than these."""
    stated = without_blanks(override)
    band: Band | None = None
    schedules: tuple[Schedule, ...] = ()
    if "min_prompt_tokens" in stated:
        threshold = reading.tokens(stated, "min_prompt_tokens")
        if not threshold or threshold >= 2**31:
            return None
        band = Band(threshold)
    if stated.keys() & {"utc_start", "utc_end", "utc_days"}:
        days = tuple(
            number
            for number, day in enumerate(WEEKDAYS, 1)
            if day in stated.get("utc_days", WEEKDAYS)
        )
        start, end = (_clock(stated.get(name, 0)) for name in ("utc_start", "utc_end"))
        if not (days and start and end):
            return None
        schedules = (Schedule(((start, end),), days),)
    return Terms(band=band, schedules=schedules) if band or schedules else None


def _clock(number: Any) -> str:
    """HH:MM of a number such as 1030; "" for no time of a day."""
    if isinstance(number, bool) or not isinstance(number, int):
        return ""
    hours, minutes = divmod(number, 100)
    if hours == 24 and not minutes:
        return "00:00"
    return f"{hours:02}:{minutes:02}" if 0 <= hours < 24 and minutes < 60 else ""


def _repeats(rate: StatedRate, base: Iterable[StatedRate]) -> bool:
    """Whether a price of set hours is that of all hours."""
    return rate.terms.band is None and replace(rate, terms=BASE) in base


def where_different(
    card: Iterable[StatedRate], base: Iterable[StatedRate], terms: Terms, *, whole: bool
) -> Iterator[StatedRate]:
    """The rates of another card under a tier or options, of the meters in which it differs.

    A `whole` card inherits no meter: what the base alone has a price of is unknown there.
    """
    own, usual = _by_meter(card), _by_meter(base)
    for meter, rates in own.items():
        if {*rates} != {*usual.get(meter, ())}:
            for rate in rates:
                yield replace(
                    rate, terms=replace(rate.terms, tier=terms.tier, options=terms.options)
                )
    if whole:
        for meter in usual:
            if meter not in own:
                yield StatedRate(meter, None, "unknown", terms)


def _by_meter(rates: Iterable[StatedRate]) -> dict[str, list[StatedRate]]:
    by_meter: dict[str, list[StatedRate]] = defaultdict(list)
    for rate in rates:
        by_meter[rate.meter].append(rate)
    return by_meter
