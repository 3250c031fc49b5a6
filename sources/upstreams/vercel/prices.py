"""Vercel's prices: decimal strings in US dollars for one token, search, image or second. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pricing.rates import StatedRate
from pricing.terms import BASE, Band, Terms
from sources.reading import FieldReader, without_blanks
from sources.upstreams.vercel.fields import (
    BY_OPTIONS,
    METERS,
    PRICING_FIELDS,
    ROUTE_METERS,
    ROUTE_TIERS,
    TIERED,
)

# A zero states that these are free; every other zero, that there is no such price.
_MAY_BE_FREE = ("input", "output")


def read_card(pricing: Mapping[str, Any], reading: FieldReader) -> tuple[StatedRate, ...]:
    """The prices of a model: standard, by service tier, and by region."""
    stated = without_blanks(pricing)
    rates = [*_card(stated, BASE, reading)]
    for tier in (tiers := reading.table(stated, "service_tiers")):
        rates += _card(reading.table(tiers, tier), Terms(tier=tier), reading)
    for region in (regions := reading.table(stated, "regional")):
        rates += _card(reading.table(regions, region), Terms(region=region), reading)
    return reading.distinct(rates)


def read_route(pricing: Mapping[str, Any], reading: FieldReader) -> tuple[StatedRate, ...]:
    """The prices of tokens by way of one provider."""
    stated = without_blanks(pricing)
    if stated.get("discount"):
        reading.miss("discount of a route")
    rates = [*_plain(stated, ROUTE_METERS, BASE, reading)]
    return reading.distinct([*rates, *_banded(stated, ROUTE_TIERS, BASE, reading)])


def by_route(
    route: tuple[StatedRate, ...], base: tuple[StatedRate, ...], name: str
) -> Iterator[StatedRate]:
    """The rates of a route of those meters that the base card has at another standard price.

    A route's bands are seldom stated: with the same standard price they are those of the base card.
    """
    usual = {rate.meter: rate for rate in base if rate.terms == BASE}
    other = {rate.meter for rate in route if rate.terms == BASE and usual.get(rate.meter) != rate}
    for rate in route:
        if rate.meter in other:
            yield replace(rate, terms=replace(rate.terms, options=(("route", name),)))


def _card(pricing: Mapping[str, Any], terms: Terms, reading: FieldReader) -> Iterator[StatedRate]:
    reading.rest(pricing, PRICING_FIELDS, "pricing.")
    yield from _plain(pricing, METERS, terms, reading)
    yield from _banded(pricing, TIERED, terms, reading)
    for field, (price, meter, names) in BY_OPTIONS.items():
        for row in reading.tables(pricing, field):
            options = tuple(
                (name, str(row[name]).lower() if isinstance(row[name], bool) else row[name])
                for name in sorted(names)
                if isinstance(row.get(name), str | bool) and row[name] != ""
            )
            rate = reading.rate_of_one(row, price, meter, terms=replace(terms, options=options))
            if rate and rate.amount:
                yield rate


def _plain(
    pricing: Mapping[str, Any], meters: Mapping[str, str], terms: Terms, reading: FieldReader
) -> Iterator[StatedRate]:
    for field, meter in meters.items():
        rate = reading.rate_of_one(pricing, field, meter, terms=terms)
        if rate and (rate.state != "free" or meter in _MAY_BE_FREE):
            yield rate


def _banded(
    pricing: Mapping[str, Any], tiered: Mapping[str, str], terms: Terms, reading: FieldReader
) -> Iterator[StatedRate]:
    """Prices from so many tokens on; the first of them begins at none, and is the plain price."""
    for field, meter in tiered.items():
        for row in reading.tables(pricing, field):
            least = row.get("min", 0)
            if isinstance(least, bool) or not isinstance(least, int) or not 0 <= least < 2**31:
                reading.odd_price(field)
            elif least > 0:
                # 272,001 and more is more than 272,000.
                past = least % 1000 == 1
                band = Band(least - 1) if past and least > 1 else Band(least, "gte")
                rate = reading.rate_of_one(row, "cost", meter, terms=replace(terms, band=band))
                if rate:
                    yield rate
