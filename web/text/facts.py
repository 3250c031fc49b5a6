"""The facts of a model, and the words that sentences on it share. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from catalog.lifecycle import Lifecycle
from catalog.lineage import Lineage
from web.format.figures import DUST, money_exact, partial_date
from web.reads.prices import Price

NAMED = 3
# Stands for the creator of models of unknown creators, which have nothing in common.
NOBODY = "unknown"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence; one with an address is a link."""

    text: str
    href: str = ""


Sentence = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """One endpoint at present. `prices` and `tiers[tier]` hold base prices by meter.

    `name` is the provider's name, with the endpoint's id where it is not the model's plain one.
    `apart`: not the model as everybody gets it (a trial, a tier by itself, fine-tuned). `per_unit`
    is a price by neither tokens nor searches.
    """

    provider: str
    name: str
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
class ProviderPrices:
    """Prices at a direct provider in US dollars per million tokens.

    `input_then` and `output_then` are what is announced of them, in words after a price.
    """

    provider: str
    input: Decimal
    output: Decimal
    input_then: str = ""
    output_then: str = ""


@dataclass(frozen=True, slots=True)
class OtherModelFacts:
    """Another model of the creator, in use and with an input price.

    `takes`, `does` and `makes` are as in `Facts`. `served` counts its providers; `direct_prices`
    are its prices at the providers of the model itself.
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
    direct_prices: tuple[ProviderPrices, ...]


@dataclass(frozen=True, slots=True)
class HeadlineFacts:
    """The row of the endpoint that stands for the model.

    `prices` are those of input, output and cache reads that have an amount, and of the model's own
    unit. `role` is what the endpoint is for the model, after its name and a comma. `lower` is a
    lower price of the same meter elsewhere, at its provider in words.
    """

    provider: str
    role: str
    prices: tuple[Price, ...]
    lower: Price | None


@dataclass(frozen=True, slots=True)
class PeerPlace:
    """A place, `among` so many models; `query` is that of the list which shows it."""

    place: int
    among: int
    query: str


@dataclass(frozen=True, slots=True)
class CategoryPlace:
    board: str
    category: str
    place: PeerPlace


@dataclass(frozen=True, slots=True)
class Peers:
    """What distinguishes a model among rated ones; None or empty where nothing does.

    `most` is the upper end of its price class. `floor` is a round rating that it has at least on
    the board `board`, over all prompts. `able` are capabilities that make it the cheapest there.
    """

    most: Decimal
    board: str
    floor: Decimal
    categories: tuple[CategoryPlace, ...]
    cheapest: PeerPlace | None
    able: tuple[tuple[str, PeerPlace], ...]
    longest: PeerPlace | None


@dataclass(frozen=True, slots=True)
class Facts:
    """A model's facts on the day `today`, an ISO date.

    `takes` are input modalities, empty where unknown; `does` the capabilities that an alternative
    must have; `makes` the output and, unless it is chat, the mode. `vocabulary` maps capability
    slugs to names. `headline` is None where no endpoint has a price; `endpoints` are those in use,
    in the table's order, none of a retired model; `direct_prices` those at direct providers, the
    headline's first. `against` are its prices and those of the version before it, both at their
    creator's own API.
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
    ends_on: str
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
    headline: HeadlineFacts | None
    endpoints: tuple[EndpointFacts, ...]
    direct_prices: tuple[ProviderPrices, ...]
    others: tuple[OtherModelFacts, ...]
    peers: Peers | None
    lineage: Lineage
    against: tuple[ProviderPrices, ProviderPrices] | None


def sentence(*parts: str | Piece) -> Sentence:
    return tuple(part if isinstance(part, Piece) else Piece(part) for part in parts if part)


def words(pieces: Sentence) -> str:
    return "".join(piece.text for piece in pieces)


def link(slug: str, name: str) -> Piece:
    return Piece(name, f"/models/{slug}/")


def distinct_name(facts: Facts, slug: str, name: str) -> str:
    """Another model's name, or its id where two models share the name."""
    others = (other.name for other in facts.others if other.slug != slug)
    taken = set(map(_squeezed, (facts.name, *others)))
    return slug.partition("/")[2] if _squeezed(name) in taken else name


@lru_cache(maxsize=8192)
def _squeezed(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


_TRIALS = frozenset({"preview", "exp", "experimental", "alpha", "beta"})


@lru_cache(maxsize=8192)
def is_trial(stage: str, slug: str) -> bool:
    return stage == Lifecycle.PREVIEW or not _TRIALS.isdisjoint(slug.partition("/")[2].split("-"))


def listed(names: Iterable[str], most: int = NAMED) -> str:
    """A, A and B, A, B and C; past `most` names, the number of the rest."""
    distinct = list(dict.fromkeys(names))
    shown, more = distinct[:most], len(distinct) - most
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def endpoint_names(endpoints: Iterable[EndpointFacts]) -> str:
    """One name per provider."""
    first = {endpoint.provider: endpoint.name for endpoint in reversed(list(endpoints))}
    return listed(reversed(first.values()))


def conditions(price: Price) -> str:
    under = "" if price.counted else price.under
    return f" ({under[:1].lower()}{under[1:]})" if under else ""


def million(amount: Decimal) -> str:
    return f"{money_exact(amount)} per million"


def amount_of(endpoint: EndpointFacts, meter: str, tier: str = "") -> Decimal | None:
    """US dollars per the meter's unit; None without an amount or in another currency."""
    price = (endpoint.tiers.get(tier, {}) if tier else endpoint.prices).get(meter)
    return price.amount if price and price.state == "priced" and price.currency == "USD" else None


def alike(amount: Decimal, other: Decimal) -> bool:
    """Whether two amounts above zero differ by less than a thousandth: conversion dust."""
    return abs(amount - other) < DUST * max(amount, other)


def is_less(amount: Decimal, other: Decimal) -> bool:
    return amount < other and not alike(amount, other)


def at_one_provider(
    facts: Facts, other: OtherModelFacts
) -> tuple[ProviderPrices, ProviderPrices] | None:
    """Prices of the model and another at the same direct provider, the creator's own first.

    Prices at two different providers do not show which model is dearer.
    """
    theirs = {prices.provider: prices for prices in other.direct_prices}
    return next(
        ((own, theirs[own.provider]) for own in facts.direct_prices if own.provider in theirs), None
    )


def dated(start: str, iso: str) -> str:
    return f"{start} {'on' if len(iso) == 10 else 'in'} {partial_date(iso)}." if iso else ""


def release_clause(facts: Facts) -> str:
    return dated(
        "was released" if facts.released <= facts.today else "is to be released", facts.released
    )


def providers_by_answer(facts: Facts, slug: str) -> tuple[list[str], list[str]]:
    """Providers stated to have a capability, and those stated only to lack it."""
    has = {endpoint.provider for endpoint in facts.endpoints if slug in endpoint.has}
    lacks = {endpoint.provider for endpoint in facts.endpoints if slug in endpoint.lacks} - has
    return sorted(has), sorted(lacks)
