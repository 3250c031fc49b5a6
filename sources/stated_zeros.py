"""Which zeros state that an endpoint is free of charge. Pure.

Free is what the provider states to be without charge. A card of zeros states it

- where the id does: `:free`, `-free`, `/free`;
- at OpenRouter, whose prices are those that its API charges;
- in models.dev, at a provider that serves models itself and has a price for most that it lists.

Any other card of zeros is a trial, a price in another unit or one that the source does not know:
NVIDIA and ModelScope list what may be tried out, gateways list models whose price they do not
publish, and LiteLLM's map has a 0 wherever it has no price. Those amounts are unknown. A zero
beside a price is a price: writing to DeepSeek's cache is free.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from catalog.known_providers import kind_of
from catalog.provider_kinds import DIRECT
from pricing.rates import StatedRate
from pricing.terms import BASE
from sources.base import Listing

_NAMED_FREE = re.compile(r"(^|[:/_-])free($|[:/_-])")
_OWN_PRICES = {"openrouter"}


def without_unstated_zeros(
    listings: Sequence[Listing], *, trust_direct: bool
) -> tuple[Listing, ...]:
    """The listings of one source, with the zeros that are no statement as unknown.

    `trust_direct`: whether the source distinguishes a price of zero from no price.
    """
    priced = Counter(ls.provider for ls in listings if _has(ls, "priced"))
    zero = Counter(ls.provider for ls in listings if _is_zero(ls))
    sell = {name for name in priced if kind_of(name) in DIRECT and priced[name] > zero[name]}
    return tuple(
        listing
        if not _is_zero(listing) or _is_stated(listing, sell if trust_direct else set())
        else replace(listing, rates=tuple(map(_unknown, listing.rates)))
        for listing in listings
    )


def without_free_text(
    rates: tuple[StatedRate, ...], *, into: Sequence[str], out: Sequence[str]
) -> tuple[StatedRate, ...]:
    """The rates, with zeros as *not offered* where an endpoint does not sell text tokens.

    For sources with prices of tokens only. A free output beside a priced input is a vector or a
    score. Zeros for both, of an endpoint of sound, images or video, mean another unit.
    """
    states = {rate.meter: rate.state for rate in rates if rate.terms == BASE}
    absent: set[str] = set()
    match states.get("input"), states.get("output"):
        case "priced", "free":
            absent = {"output"}
        case "free", "free" if "text" not in into or [*out] != ["text"]:
            absent = {"input", "output"}
    return tuple(
        replace(rate, amount=None, state="not_offered")
        if rate.meter in absent and rate.state == "free"
        else rate
        for rate in rates
    )


def _is_stated(listing: Listing, sell: set[str]) -> bool:
    named = _NAMED_FREE.search(listing.upstream_id.lower())
    return bool(named) or listing.provider in _OWN_PRICES or listing.provider in sell


def _is_zero(listing: Listing) -> bool:
    return _has(listing, "free") and not _has(listing, "priced")


def _has(listing: Listing, state: str) -> bool:
    return any(rate.state == state for rate in listing.rates)


def _unknown(rate: StatedRate) -> StatedRate:
    return replace(rate, amount=None, state="unknown") if rate.state == "free" else rate
