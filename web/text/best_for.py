"""Sentences on uses of a model: its places among rated models of its price class. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from catalog.boards import OVERALL
from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, plain
from web.text.facts import (
    Facts,
    PeerPlace,
    Peers,
    Piece,
    ProviderPrices,
    Sentence,
    is_less,
    million,
    sentence,
)
from web.text.prices import then
from web.text.ratings import BOARD_NAMES, rating_name

_MOST_CATEGORIES = 4
_MOST_ABLE = 2


def best_for(facts: Facts) -> list[Sentence]:
    """Its best categories, its price and its context among rated models, each with their list.

    A model without a rating is compared with the creator's others. Nothing of a retired one.
    """
    if facts.stage == Lifecycle.RETIRED:
        return []
    if facts.peers:
        compared = _among_peers(facts, facts.peers)
    else:
        compared = [sentence(text) for text in (_long_prompts(facts), _low_price(facts)) if text]
    repeated = _repeated_prompts(facts)
    return [*compared, *([sentence(repeated)] if repeated else [])]


def _among_peers(facts: Facts, peers: Peers) -> list[Sentence]:
    of_class = f"rated models with input of at most {_dollars(peers.most)} per million tokens"
    rated = f"rated {int(peers.floor):,} or more on the board {BOARD_NAMES[peers.board]}"
    sentences = [
        _placed(
            f"{_category(category.board, category.category)}: {_place(category.place)} of ",
            category.place,
            of_class,
        )
        for category in peers.categories[:_MOST_CATEGORIES]
    ]
    if peers.cheapest:
        start = f"Quality for its price: the {_place(peers.cheapest, 'cheapest')} input of "
        sentences.append(_placed(start, peers.cheapest, f"models {rated}"))
    for slug, place in [] if peers.cheapest else peers.able[:_MOST_ABLE]:
        name = facts.vocabulary.get(slug, slug.replace("-", " "))
        sentences.append(
            _placed(f"{name}: the cheapest input of ", place, f"models with it {rated}")
        )
    if peers.longest:
        start = f"Long prompts: the longest context ({facts.context or 0:,} tokens) of "
        sentences.append(_placed(start, peers.longest, of_class))
    return sentences


def _dollars(amount: Decimal) -> str:
    """$5, $0.50: a round amount."""
    return f"${plain(amount)}" if amount == int(amount) else money_exact(amount)


def _placed(start: str, place: PeerPlace, among: str) -> Sentence:
    return sentence(start, Piece(f"{place.among} {among}", f"/?{place.query}"), ".")


def _category(board: str, category: str) -> str:
    name = rating_name(board, category)
    return f"{name} prompts overall" if category == OVERALL and board == "text" else name


_PLACES = {1: "1st", 2: "2nd", 3: "3rd"}


def _place(place: PeerPlace, best: str = "") -> str:
    """2nd; with `best`, 2nd-cheapest, or cheapest alone for the first."""
    ordinal = _PLACES.get(place.place, f"{place.place}th")
    if not best:
        return ordinal
    return best if place.place == 1 else f"{ordinal}-{best}"


def _long_prompts(facts: Facts) -> str:
    others = [other.context for other in facts.others if other.context]
    smaller = sum(context < facts.context for context in others) if facts.context else 0
    if not facts.context or len(others) < 2 or smaller * 2 < len(others):
        return ""
    rest = (
        f"the {len(others)} other {facts.creator} models in use that state theirs and a price "
        "for input"
    )
    than = f"any of {rest}" if smaller == len(others) else f"{smaller} of {rest}"
    return (
        f"Long prompts: its context window of {facts.context:,} tokens is larger than that of "
        f"{than}."
    )


def _repeated_prompts(facts: Facts) -> str:
    row = facts.headline
    prices = {price.meter: price for price in row.prices} if row else {}
    full, read = prices.get("input"), prices.get("cache_read")
    if row is None or not (full and full.amount and read and read.amount):
        return ""
    if read.amount >= full.amount:
        return ""
    return (
        f"Prompts that begin alike: input that is read from the cache costs {million(read.amount)} "
        f"tokens{then(read.announced)} at {row.provider} instead of "
        f"{money_exact(full.amount)}{then(full.announced)}."
    )


def _low_price(facts: Facts) -> str:
    for own in facts.direct_prices if facts.sells_text else ():
        rest = [
            prices.input
            for other in facts.others
            if other.sells_text
            for prices in other.direct_prices
            if prices.provider == own.provider
        ]
        if len(rest) >= 2:
            return _lower_than_half(facts, own, rest)
    return ""


def _lower_than_half(facts: Facts, own: ProviderPrices, rest: Sequence[Decimal]) -> str:
    dearer = sum(is_less(own.input, amount) for amount in rest)
    if dearer * 2 < len(rest):
        return ""
    than = f"any of the {len(rest)}" if dearer == len(rest) else f"{dearer} of the {len(rest)}"
    return (
        f"Low prices: its input, {million(own.input)} tokens at {own.provider}, costs less than "
        f"that of {than} other {facts.creator} text models in use that are sold there in their "
        "plain form."
    )
