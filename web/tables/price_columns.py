"""The prices of an endpoint that have a column, the one by another unit, and what a row leaves out.
Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pricing.meters import METERS, SEARCHES, meter
from pricing.terms import BASE, Terms
from web.format.figures import tokens
from web.format.terms import in_words
from web.reads.prices import Price, billed_by, unstated
from web.reads.rates import CurrentRate
from web.tables.provider_table import METERS as PROVIDER_METERS

# Meters that come beside those of a model's work, and never are its price.
_ASIDE = SEARCHES | {"code_execution", "session", "storage_day", "credit"}
_PLACES = {slug: place for place, slug in enumerate(METERS)}


@lru_cache(maxsize=8192)
def sold(
    rates: tuple[CurrentRate, ...], mode: str, lacks: tuple[str, ...], makes: tuple[str, ...]
) -> tuple[tuple[Price, ...], Price | None, str]:
    """What a row says of these rates:

    the prices with a column, the one by another unit, and what is left.
    """
    by_meter: dict[str, list[CurrentRate]] = defaultdict(list)
    for rate in rates:
        by_meter[rate.price.meter].append(rate)
    prices = tuple(
        (slug in by_meter and column_price(by_meter[slug])) or unstated(slug, mode, lacks)
        for slug in PROVIDER_METERS
    )
    return prices, unit_price(by_meter, makes), _further(rates)


def column_price(rates: Sequence[CurrentRate]) -> Price | None:
    """The base price of a meter's rates; of one priced under options alone the lowest, which names
    them.

    Where another source states the base price's amount and what is counted, that is said.
    """
    optional = [rate for rate in rates if rate.terms == Terms(options=rate.terms.options)]
    for rate in rates:
        if rate.terms == BASE:
            said = (
                each
                for each in optional
                if _counts(each) and each.price.amount == rate.price.amount
            )
            fuller = next(said, None)
            return _under_options(fuller) if fuller else rate.price
    if not optional:
        return None
    return _under_options(
        min(optional, key=lambda rate: (rate.price.amount is None, rate.price.amount or 0))
    )


def _counts(rate: CurrentRate) -> bool:
    """Whether what is counted is all that the terms say."""
    return tuple(name for name, _ in rate.terms.options) == ("billed_by",)


def _under_options(rate: CurrentRate) -> Price:
    """A price that says under which options it holds."""
    price = billed_by(rate.price, rate.terms)
    return replace(price, under=f"per {price.counted}" if price.counted else in_words(rate.terms))


# What comes out of a model that bills by it.
_COMES_OUT = {
    **dict.fromkeys(("image", "output_pixel"), "image"),
    "video_second": "video",
    **dict.fromkeys(("audio_second", "audio_hour_out"), "audio"),
}


def unit_price(
    by_meter: Mapping[str, Sequence[CurrentRate]], makes: tuple[str, ...]
) -> Price | None:
    """The price of what is billed by neither tokens nor searches: by the image, the second, the
    request.

    An image is not sold where tokens are and none comes out of the model: the price is of one that
    goes in.
    """
    units = [slug for slug in by_meter if slug not in _ASIDE and meter(slug).unit != "token"]
    if makes and "output" in by_meter:
        units = [slug for slug in units if _COMES_OUT.get(slug, makes[0]) in makes]
    # An image is more plainly counted in images than in pixels.
    units.sort(
        key=lambda slug: (meter(slug).unit == "pixel", _PLACES.get(slug, len(_PLACES)), slug)
    )
    prices = (column_price(by_meter[slug]) for slug in units)
    return next((price for price in prices if price and price.amount is not None), None)


_TIERS = ("batch", "flex", "priority")


def _further(rates: Sequence[CurrentRate]) -> str:
    """What the row leaves out, in a few words: batch, flex, above 272K."""
    tiers = {rate.terms.tier for rate in rates} - {""}
    first = [tier for tier in _TIERS if tier in tiers]
    bands = {rate.terms.band.threshold for rate in rates if rate.terms.band}
    said = [
        *first,
        *sorted(tiers - set(first)),
        *(f"above {tokens(threshold)}" for threshold in sorted(bands)),
    ]
    said += ["by the hour of day"] if any(rate.terms.schedules for rate in rates) else []
    return ", ".join(said[:5])
