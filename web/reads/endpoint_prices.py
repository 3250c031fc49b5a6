"""Prices of an endpoint's columns, and a summary of its other rates."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pricing.meters import SEARCHES, meter, meter_order
from pricing.terms import BASE, DESCRIPTIVE, Terms
from web.format.figures import tokens
from web.format.terms import in_words
from web.reads.prices import Price, billed_by, unstated
from web.reads.rates import CurrentRate

# The meters with a column of their own in every table of endpoints.
COLUMN_METERS = ("input", "output", "cache_read", "cache_write", "web_search")
# Meters that come beside those of a model's work, and never are its price.
_ASIDE = SEARCHES | {"code_execution", "session", "storage_day", "credit"}


@dataclass(frozen=True, slots=True)
class EndpointPrices:
    """`columns` are the prices of COLUMN_METERS.

    `per_unit` is the price of a meter other than tokens and searches. `further` sums up the rest of
    the rate card in a few words.
    """

    columns: tuple[Price, ...]
    per_unit: Price | None
    further: str


@lru_cache(maxsize=8192)
def endpoint_prices(
    rates: tuple[CurrentRate, ...], mode: str, lacks: tuple[str, ...], makes: tuple[str, ...]
) -> EndpointPrices:
    by_meter: dict[str, list[CurrentRate]] = defaultdict(list)
    for rate in rates:
        by_meter[rate.price.meter].append(rate)
    columns = tuple(
        (slug in by_meter and column_price(by_meter[slug])) or unstated(slug, mode, lacks)
        for slug in COLUMN_METERS
    )
    return EndpointPrices(columns, unit_price(by_meter, makes), _further(rates))


def column_price(rates: Sequence[CurrentRate]) -> Price | None:
    """The base price of a meter; without one, the lowest price under options, with its options.

    A rate of the same amount that also states its unit or an allowance is preferred.
    """
    optional = [rate for rate in rates if rate.terms == Terms(options=rate.terms.options)]
    for rate in rates:
        if rate.terms == BASE:
            alike = [
                other
                for other in optional
                if DESCRIPTIVE.issuperset(dict(other.terms.options))
                and other.price.amount == rate.price.amount
            ]
            fullest = max(alike, key=lambda other: len(other.terms.options))
            return _under_options(fullest) if fullest.terms.options else rate.price
    if not optional:
        return None
    return _under_options(
        min(optional, key=lambda rate: (rate.price.amount is None, rate.price.amount or 0))
    )


def _under_options(rate: CurrentRate) -> Price:
    price = billed_by(rate.price, rate.terms)
    return replace(price, under=f"per {price.counted}" if price.counted else in_words(rate.terms))


# What comes out of a model that bills by the meter.
_OUTPUTS = {
    **dict.fromkeys(("image", "output_pixel"), "image"),
    "video_second": "video",
    **dict.fromkeys(("audio_second", "audio_hour_out"), "audio"),
}


def unit_price(
    by_meter: Mapping[str, Sequence[CurrentRate]], makes: tuple[str, ...]
) -> Price | None:
    """The price by the image, the second, the request: of neither tokens nor searches.

    Where tokens are sold and the model outputs no image, a price by the image is for input and does
    not count.
    """
    units = [slug for slug in by_meter if slug not in _ASIDE and meter(slug).unit != "token"]
    if makes and "output" in by_meter:
        units = [slug for slug in units if _OUTPUTS.get(slug, makes[0]) in makes]
    # An image is more plainly counted in images than in pixels.
    units.sort(key=lambda slug: (meter(slug).unit == "pixel", meter_order(slug)))
    prices = (column_price(by_meter[slug]) for slug in units)
    return next((price for price in prices if price and price.amount is not None), None)


_TIERS = ("batch", "flex", "priority")
_MOST_FURTHER = 5


def _further(rates: Sequence[CurrentRate]) -> str:
    """Rates outside the columns in a few words: batch, flex, above 272K."""
    tiers = {rate.terms.tier for rate in rates} - {""}
    usual = [tier for tier in _TIERS if tier in tiers]
    bands = {
        (rate.terms.band.threshold, "above" if rate.terms.band.operator == "gt" else "from")
        for rate in rates
        if rate.terms.band
    }
    further = [
        *usual,
        *sorted(tiers - set(usual)),
        *(f"{side} {tokens(threshold)}" for threshold, side in sorted(bands)),
    ]
    further += ["by the hour of day"] if any(rate.terms.schedules for rate in rates) else []
    return ", ".join(further[:_MOST_FURTHER])
