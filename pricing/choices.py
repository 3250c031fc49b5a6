"""Options that a request leaves open, and the range of what it then costs. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from pricing.price import BILLED_AS, Cost, Options
from pricing.rates import RateCard, StatedRate
from pricing.request import Request

# Options that the sender of a request chooses, in the order of a form. Other options of rates
# (the search engine, the route, a commitment) are not open: without them the base rate holds.
CHOICES = ("size", "quality", "resolution", "steps", "search_context")
# So many combinations of options are priced for a request, at most.
_MOST_COMBINED = 500


@dataclass(frozen=True, slots=True)
class CostRange:
    """The lowest cost of a request and the highest; the same where they depend on no open option.

    `request` has the options of the lowest; `depends_on` are the options that are left open.
    """

    request: Request
    least: Cost
    most: Cost
    depends_on: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return bool(self.depends_on)


def cost_range(card: RateCard, request: Request) -> CostRange:
    """The range over every stated combination of open options. Raises UnknownTier."""
    card = without_other_words(card, request)
    alone = request.cost(card)
    chosen = choices(card.rates, request)
    if not chosen:
        return CostRange(request, alone, alone)
    requests = [request, *(replace(request, options=options) for options in chosen)]
    priced = [(one.cost(card), one) for one in requests]
    totals = [(cost.total, n) for n, (cost, _) in enumerate(priced) if cost.total is not None]
    if not totals:
        return CostRange(request, alone, alone)
    (lowest, first), (highest, last) = min(totals), max(totals)
    least, narrowed = priced[first]
    open_names = {name for options in chosen for name, _ in options}
    depends_on = tuple(
        name for name in CHOICES if name in open_names and name not in dict(request.options)
    )
    return CostRange(narrowed, least, priced[last][0], depends_on if lowest < highest else ())


def choices(rates: Iterable[StatedRate], request: Request) -> tuple[Options, ...]:
    """The options of the request with each combination of those that it leaves open.

    Each meter has its stated combinations, or none of them; those of several meters are combined
    where they agree, as far as there are not too many.
    """
    stated = request.options
    by_meter: dict[str, dict[Options, None]] = {}
    for rate in _optional(rates, request.usage.own):
        chosen = tuple(sorted(pair for pair in rate.terms.options if pair[0] in CHOICES))
        both = _both(stated, chosen)
        if both is not None and both != stated and rate.holds_at(request.at):
            by_meter.setdefault(rate.meter, {})[both] = None
    found: dict[Options, None] = {stated: None}
    for combinations in by_meter.values():
        joined = (_both(one, other) for other in combinations for one in found)
        some = [*found, *(both for both in joined if both is not None)]
        found = dict.fromkeys(some[:_MOST_COMBINED])
    return tuple(options for options in found if options != stated)


def _both(one: Options, other: Options) -> Options | None:
    """The options of both; None where they contradict."""
    words = dict(one)
    if any(words.get(name, word) != word for name, word in other):
        return None
    return tuple(sorted((words | dict(other)).items()))


def stated_choices(rates: Iterable[StatedRate], meters: Collection[str]) -> dict[str, set[str]]:
    """Words of CHOICES that rates of these meters state, by option."""
    words: dict[str, set[str]] = {}
    for rate in _optional(rates, meters):
        for name, word in rate.terms.options:
            if name in CHOICES and rate.amount is not None:
                words.setdefault(name, set()).add(word)
    return words


def without_other_words(card: RateCard, request: Request) -> RateCard:
    """The card without base rates that are those of another word than the request states.

    A base rate that equals the rate of a stated word is the usual word's, and no other word's. One
    that equals none is the rate of all words that are not stated.
    """
    missed = unmet(card.rates, request)
    if not missed:
        return card
    taken = {
        (rate.meter, rate.amount)
        for rate in card.rates
        if rate.holds_at(request.at) and any(name in missed for name, _ in rate.terms.options)
    }
    return RateCard(
        tuple(
            rate
            for rate in card.rates
            if (rate.meter, rate.amount) not in taken
            or any(name in missed for name, _ in rate.terms.options)
        )
    )


def unmet(rates: Iterable[StatedRate], request: Request) -> tuple[str, ...]:
    """Stated options of which a card prices other words only."""
    held = (rate for rate in rates if rate.holds_at(request.at))
    words = stated_choices(held, request.usage.own)
    return tuple(
        name for name, word in request.options if name in words and word not in words[name]
    )


def choice_order(word: str) -> tuple[bool, int, str]:
    """Sort key of sizes by their pixels, then of other words by an order of their own."""
    sides = word.lower().removesuffix("p").removesuffix("k").split("x")
    if all(side.isascii() and side.isdecimal() for side in sides):
        width, height = int(sides[0]), int(sides[-1])
        unit = 1024 if word[-1] in "kK" else 1
        return False, width * height * unit**2, word
    places = ("low", "medium", "standard", "high", "hd", "max")
    return True, places.index(word) if word in places else len(places), word


def _optional(rates: Iterable[StatedRate], meters: Collection[str]) -> Iterator[StatedRate]:
    wanted = {*meters, *(BILLED_AS[slug] for slug in meters if slug in BILLED_AS)}
    return (rate for rate in rates if rate.terms.options and rate.meter in wanted)
