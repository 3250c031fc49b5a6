"""Suggestions for a search: filters that its words state, models, providers and creators."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from catalog.search import search_words
from web.pages.model_list import ModelRow, model_rows
from web.params.filter_words import filter_words
from web.params.models import ModelFilters, default_sort
from web.reads.choices import among_choices, choices
from web.reads.found_models import Matches, find_models
from web.reads.listed_models import RowKey
from web.reads.prices import Price
from web.reads.site import site
from web.reads.suggestions import NamedParty, called, parties
from web.tables.filter_chips import FilterNames, stated_labels
from web.text.headlines import with_standing
from web.text.life_tag import life_tag

MOST = 8
MOST_PARTIES = 2


@dataclass(frozen=True, slots=True)
class FilterOffer:
    """`filters.q` has the words of the search that are no filters."""

    labels: tuple[str, ...]
    filters: ModelFilters
    found: Matches


@dataclass(frozen=True, slots=True)
class ModelOption:
    """`prices` are its headline's of input and output, or the one of another unit; `at` is the
    provider, and what it is where that is no direct one; `tag` tells why lists leave it out.
    """

    slug: str
    name: str
    creator_slug: str
    creator_name: str
    prices: tuple[Price, ...]
    at: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`names_all`: a model's name has all the words, so that it comes before the filters."""

    offer: FilterOffer | None = None
    names_all: bool = False
    models: tuple[ModelOption, ...] = ()
    providers: tuple[NamedParty, ...] = ()
    creators: tuple[NamedParty, ...] = ()


def suggestions(filters: ModelFilters, today: date) -> Suggestions:
    """Suggestions for the search of these filters, the others of which an offer keeps."""
    filters = among_choices(filters)
    q = filters.q
    words = search_words(q)
    if not words:
        return Suggestions()
    offer = filter_offer(filters, today)
    rest = search_words(offer.filters.q) if offer else []
    providers = _parties(parties().providers, words, rest)
    creators = _parties(parties().creators, words, rest)
    room = MOST - len(providers) - len(creators) - bool(offer)
    by_name = find_models(ModelFilters(q=q, sort=default_sort(q)), today, 0, room)
    models = _options(by_name.keys, today)
    named = [model for model in models if _names(model, words)]
    names_all = bool(named and offer and rest)
    if offer and not names_all:
        models = _options(offer.found.keys[:room], today)
    elif named or providers or creators:  # else other words of a model, such as its providers'
        models = named
    if not (offer or models or providers or creators):
        models = _left_out(q, words, today)
    return Suggestions(offer, names_all, tuple(models), tuple(providers), tuple(creators))


def _left_out(q: str, words: Sequence[str], today: date) -> list[ModelOption]:
    """Models of that name which lists leave out: retired ones, floating ids."""
    unfolded = ModelFilters(q=q, sort=default_sort(q), unfolded=True)
    models = _options(find_models(unfolded, today, 0, MOST).keys, today)
    return [model for model in models if _names(model, words)]


def filter_offer(filters: ModelFilters, today: date) -> FilterOffer | None:
    """The filters that words of the search state, if any, beside those that are set."""
    stated = filter_words(filters.q, site().capabilities, filters)
    if stated is None:
        return None
    known = choices()
    names = FilterNames(dict(known.creators), dict(known.providers), site().capabilities)
    found = find_models(stated, today, 0, MOST)
    return FilterOffer(tuple(stated_labels(stated, names)), stated, found)


def _parties(named: Sequence[NamedParty], *searches: list[str]) -> list[NamedParty]:
    """Of the first of these searches that finds any."""
    found = (called(named, words, MOST_PARTIES) for words in searches if words)
    return next(filter(None, found), [])


def _options(keys: Sequence[RowKey], today: date) -> list[ModelOption]:
    return [
        ModelOption(
            row.slug,
            row.name,
            row.creator_slug,
            row.creator_name,
            *_price_line(row),
            tag="floating id" if row.floating else life_tag(row.stage, ended=False),
        )
        for row in model_rows(keys, today)
    ]


def _price_line(row: ModelRow) -> tuple[tuple[Price, ...], str]:
    prices = (row.own,) if row.own else row.prices[:2]
    if all(price.state in ("unknown", "not_offered") for price in prices):
        return (), ""
    at = with_standing(row.provider, row.standing)
    return tuple(replace(price, where="") for price in prices), at


def _names(model: ModelOption, words: Sequence[str]) -> bool:
    """Whether each word begins a word of the model's names, whatever separates those."""
    parts = search_words(f"{model.name} {model.slug} {model.creator_name}")
    tails = ["".join(parts[place:]).replace(".", "") for place in range(len(parts))]
    return all(any(tail.startswith(word.replace(".", "")) for tail in tails) for word in words)
