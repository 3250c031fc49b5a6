"""What is known of a model, and the words that its sentences share. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, partial_date
from web.reads.prices import Price

NAMED = 3
# A creator whose models have nothing in common but that nobody knows who made them.
NOBODY = "unknown"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence; one with an address is a link."""

    text: str
    href: str = ""


Sentence = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One endpoint as it is now. `prices` and `tiers[tier]` hold base prices by meter.

    `seller` is the provider's name, with the id behind it where that is another than the model's
    plain one. `apart` says that it is not the model as everybody gets it: a trial or tier by
    itself, or fine-tuned. `per_unit` is what it bills by that is neither a token nor a search, as
    the provider table has it. `zdr` and `no_training` as the provider table has them.
    """

    provider: str
    seller: str
    direct: bool
    billed: bool
    apart: bool
    context: int | None
    max_output: int | None
    prices: dict[str, Price]
    per_unit: Price | None
    tiers: dict[str, dict[str, Price]]
    zdr: str
    no_training: str
    has: frozenset[str]
    lacks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Card:
    """What a direct provider asks for a model as everybody gets it, in US dollars per million
    tokens."""

    provider: str
    input: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class Other:
    """Another model of the same creator that is in use and sells input for a price.

    `takes`, `does` and `makes` are as in `Facts`, so that like is compared with like. `served` is
    how many providers have it, and `cards` are its prices where the model itself is sold too.
    """

    slug: str
    name: str
    family: str
    stage: str
    released: str
    context: int | None
    takes: frozenset[str]
    does: frozenset[str]
    makes: str
    sells_text: bool
    served: int
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model on the day `today`, an ISO date.

    `takes` is what goes in, empty where nobody knows it; `does` are the capabilities that no
    alternative may lack; `makes` says what comes out, and of what sort of model where it is not one
    that talks. `capabilities` are slugs in the vocabulary's order, `vocabulary` has their names.
    `lowest` are the lowest prices by meter, each naming its endpoint. `offers` are the endpoints
    that can be used, in the table's order; `cards` what direct providers ask, the creator's own
    first; `others` the creator's other models.
    """

    today: str
    slug: str
    name: str
    creator_slug: str
    creator: str
    family: str
    stage: str
    deprecated_on: str
    retired_on: str
    successor: tuple[str, str] | None
    released: str
    knowledge_cutoff: str
    open_weights: bool | None
    licence: str
    modalities_in: tuple[str, ...]
    modalities_out: tuple[str, ...]
    context: int | None
    max_output: int | None
    takes: frozenset[str]
    does: frozenset[str]
    makes: str
    sells_text: bool
    vocabulary: dict[str, str]
    capabilities: tuple[str, ...]
    lowest: dict[str, Price]
    offers: tuple[Offer, ...]
    cards: tuple[Card, ...]
    others: tuple[Other, ...]


def said(*parts: str | Piece) -> Sentence:
    return tuple(part if isinstance(part, Piece) else Piece(part) for part in parts if part)


def words(sentence: Sentence) -> str:
    """A sentence without its links."""
    return "".join(piece.text for piece in sentence)


def link(slug: str, name: str) -> Piece:
    return Piece(name, f"/models/{slug}/")


def called(facts: Facts, slug: str, name: str) -> str:
    """What another model is called:

    the slug's part after the creator's where models share the name.
    """
    others = (other.name for other in facts.others if other.slug != slug)
    taken = {_squeezed(each) for each in (facts.name, *others)}
    return slug.partition("/")[2] if _squeezed(name) in taken else name


@lru_cache(maxsize=8192)
def _squeezed(name: str) -> str:
    """A name as a reader hears it: without case, spaces and signs."""
    return "".join(filter(str.isalnum, name.lower()))


_TRIALS = frozenset({"preview", "exp", "experimental", "alpha", "beta"})


@lru_cache(maxsize=8192)
def is_trial(stage: str, slug: str) -> bool:
    """Whether a model is a preview or an experiment, by its stage or by its slug."""
    return stage == Lifecycle.PREVIEW or not _TRIALS.isdisjoint(slug.partition("/")[2].split("-"))


def listed(names: Iterable[str], most: int = NAMED) -> str:
    """A, A and B, A, B and C; past `most` names, how many more there are."""
    found = list(dict.fromkeys(names))
    shown, more = found[:most], len(found) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def sellers(found: Iterable[tuple[Any, Offer]], value: Any) -> str:
    """Who has this value, each provider once, by the first of its endpoints that does."""
    first = {offer.provider: offer.seller for each, offer in reversed(list(found)) if each == value}
    return listed(reversed(first.values()))


def conditions(price: Price) -> str:
    """What must hold for a price, in brackets; nothing for one that holds always."""
    under = "" if price.counted else price.under
    return f" ({under[:1].lower()}{under[1:]})" if under else ""


def million(amount: Decimal) -> str:
    return f"{money_exact(amount)} per million"


def amount_of(offer: Offer, meter: str, tier: str = "") -> Decimal | None:
    """US dollars per the meter's unit; None where there is no amount, or one in another currency."""
    price = (offer.tiers.get(tier, {}) if tier else offer.prices).get(meter)
    return price.amount if price and price.state == "priced" and price.currency == "USD" else None


# What is left of converting a price from another unit: $19.99998 beside $20 is no better offer.
DUST = Decimal("0.001")


def alike(amount: Decimal, other: Decimal) -> bool:
    """Whether two amounts above zero differ by less than a thousandth:

    then neither is the lower one.
    """
    return abs(amount - other) < DUST * max(amount, other)


def is_less(amount: Decimal, other: Decimal) -> bool:
    return amount < other and not alike(amount, other)


def at_one_provider(facts: Facts, other: Other) -> tuple[Card, Card] | None:
    """What the model and another one cost at the same direct provider, the creator's own before
    others.

    A price at a reseller beside one at the creator's own door says nothing of which model is the
    dearer one.
    """
    theirs = {card.provider: card for card in other.cards}
    return next(
        ((own, theirs[own.provider]) for own in facts.cards if own.provider in theirs), None
    )


def lowest_of(facts: Facts, meter: str) -> Price | None:
    """The lowest price of a meter, at the first direct provider of those that sell for about as
    much."""
    lowest = facts.lowest.get(meter)
    if lowest is None or lowest.state != "priced" or not lowest.amount:
        return lowest
    for offer in facts.offers:
        amount = amount_of(offer, meter)
        if offer.direct and not offer.apart and amount and alike(amount, lowest.amount):
            return replace(lowest, amount=amount, seller=offer.seller)
    return lowest


def lowest_by_unit(prices: Iterable[Price]) -> Price | None:
    """The lowest of the prices by another unit than the token, which come in the provider table's
    order.

    Prices by the image and by the second do not compare: the first one's unit counts.
    """
    sold = [price for price in prices if price.currency == "USD" and price.amount]
    same = (price for price in sold if price.meter == sold[0].meter)
    return min(same, key=lambda price: price.amount or 0, default=None)


def dated(start: str, iso: str) -> str:
    """A sentence that ends with a date as precise as it is known; nothing for nothing."""
    return f"{start} {'on' if len(iso) == 10 else 'in'} {partial_date(iso)}." if iso else ""


def came_out(facts: Facts) -> str:
    """That it was released, or will be: dates may lie ahead. Nothing where nobody states one."""
    return dated(
        "was released" if facts.released <= facts.today else "is to be released", facts.released
    )


def providers_by_answer(facts: Facts, slug: str) -> tuple[list[str], list[str]]:
    """The providers that are stated to have a capability, and those that are only stated to lack
    it."""
    has = {offer.provider for offer in facts.offers if slug in offer.has}
    lacks = {offer.provider for offer in facts.offers if slug in offer.lacks} - has
    return sorted(has), sorted(lacks)


def is_disputed(facts: Facts, slug: str) -> bool:
    """Whether a capability is stated to be absent at more providers than have it."""
    has, lacks = providers_by_answer(facts, slug)
    return len(lacks) > len(has)
