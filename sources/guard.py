"""What an answer changes of what its source stated before, and what of that needs an editor. Pure.

The limits are those of docs/decisions/0024. A share of a few endpoints or prices is no sign of
anything: `FEWEST_ENDPOINTS` and `FEWEST_PRICES` bound the shares from below. Single prices are
watched by pricing.magnitude_guard.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from pricing.factors import factor_between, factor_words
from pricing.observed import Price
from pricing.rates import StatedRate
from pricing.terms import Terms
from sources.fact_guard import FactDifference, FactKind

# Shares in percent: beyond them an answer waits for an editor.
MOST_REMOVED = 10
MOST_CHANGED = 20
MOST_ALIKE = 5
MOST_ENDED = 20
FEWEST_ENDPOINTS = 3
FEWEST_PRICES = 5
# A provider with more endpoints than these does not leave unseen.
LARGE_PROVIDER = 20
# How many of a kind are named where a difference is kept.
SAMPLES = 50

# A provider's slug and the id that its API takes.
EndpointKey = tuple[str, str]
Move = TypeVar("Move")
Card = Mapping[tuple[str, Terms], Price]


@dataclass(frozen=True, slots=True)
class PriceMove:
    """A price that an answer changes; `after` is None where it no longer states one."""

    provider: str
    upstream_id: str
    meter: str
    terms: Terms
    before: Price
    after: Price | None

    @property
    def factor(self) -> Decimal | None:
        """By what the amount was multiplied, rounded; zero for one that is stated to be none.

        Adapters read many a zero as *unknown* or *not offered*. None where there is no such number,
        or where rounding leaves no difference.
        """
        if self.after is None or not self.before[1]:
            return None
        if not self.after[1]:
            return Decimal(0)
        if self.before[2] != self.after[2]:
            return None
        ratio = factor_between(self.before[1], self.after[1])
        return ratio if ratio != 1 else None

    def to_json(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "id": self.upstream_id,
            "meter": self.meter,
            "terms": self.terms.to_json(),
            "before": _price_json(self.before),
            "after": _price_json(self.after) if self.after else None,
        }


@dataclass(slots=True)
class ProviderDifference:
    """Endpoints and prices of one provider: how many before, and what becomes of them.

    `facts` are the other facts that differ.
    """

    endpoints: int = 0
    removed: int = 0
    added: int = 0
    prices: int = 0
    changed: int = 0
    facts: int = 0

    def to_json(self) -> dict[str, int]:
        return {
            "endpoints": self.endpoints,
            "removed": self.removed,
            "added": self.added,
            "prices": self.prices,
            "changed": self.changed,
            "facts": self.facts,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """What an answer changes of its source's endpoints, prices and other facts.

    `prices` counts those stated before at endpoints that the answer still lists, `ended` those of
    terms that it no longer states, such as a route. `factor` is the most frequent one among the
    moves, `alike` its number of moves. `reasons` are what needs an
    editor, as parts of a sentence; none for an answer to believe.
    """

    endpoints: int
    prices: int
    removed: Sequence[EndpointKey] = ()
    added: Sequence[EndpointKey] = ()
    moves: Sequence[PriceMove] = ()
    factor: Decimal | None = None
    alike: int = 0
    providers: Mapping[str, ProviderDifference] = field(default_factory=dict)
    ended: int = 0
    facts: FactDifference = field(default_factory=FactDifference)

    @property
    def reasons(self) -> list[str]:
        reasons = []
        removed, changed = len(self.removed), len(self.moves)
        gone = self.endpoints and removed == self.endpoints
        many = _is_more(removed, MOST_REMOVED, self.endpoints, at_least=FEWEST_ENDPOINTS)
        if gone or many:
            reasons.append(f"it lacks {removed:,} of {self.endpoints:,} endpoints")
        left = [
            f"all {provider.endpoints:,} endpoints of {slug}"
            for slug, provider in sorted(self.providers.items())
            if provider.removed == provider.endpoints > LARGE_PROVIDER
        ]
        if left and not gone:
            more = f" and of {len(left) - 3} more providers" if len(left) > 3 else ""
            reasons.append(f"it lacks {', '.join(left[:3])}{more}")
        if self.factor is not None and _is_more(
            self.alike, MOST_ALIKE, self.prices, at_least=FEWEST_PRICES
        ):
            words = "fell to zero or to none"
            if self.factor:
                words = f"are {factor_words(self.factor)} what they were"
            reasons.append(f"{self.alike:,} of {self.prices:,} prices {words}")
        if _is_more(changed, MOST_CHANGED, self.prices, at_least=FEWEST_PRICES):
            reasons.append(f"{changed:,} of {self.prices:,} prices differ")
        if _is_more(self.ended, MOST_ENDED, self.prices, at_least=FEWEST_PRICES):
            reasons.append(f"{self.ended:,} of {self.prices:,} prices are no longer stated")
        return [*reasons, *self.facts.reasons]

    def to_json(self) -> dict[str, Any]:
        """Counts of everything, and the first of each kind by name."""
        return {
            "endpoints": self.endpoints,
            "prices": self.prices,
            "removed": len(self.removed),
            "added": len(self.added),
            "changed": len(self.moves),
            "factor": None if self.factor is None else f"{self.factor.normalize():f}",
            "alike": self.alike,
            "ended": self.ended,
            "reasons": self.reasons,
            "removed_samples": [[*key] for key in self.removed[:SAMPLES]],
            "added_samples": [[*key] for key in self.added[:SAMPLES]],
            "samples": [move.to_json() for move in _spread(self.moves)],
            "facts": {
                kind: {"stated": self.facts.stated.get(kind, 0), "changed": changed}
                for kind in FactKind
                if (changed := self.facts.changed(kind))
            },
            "fact_samples": [
                move.to_json()
                for kind in FactKind
                for move in _spread([one for one in self.facts.moves if one.kind == kind])
            ],
            "providers": {
                slug: provider.to_json()
                for slug, provider in sorted(self.providers.items())
                if provider.removed or provider.added or provider.changed or provider.facts
            },
        }


def _spread(moves: Sequence[Move]) -> list[Move]:
    """Moves from all over the answer, not those of its first provider alone."""
    step = max(1, len(moves) // SAMPLES)
    return list(moves[::step][:SAMPLES])


def compare(
    before: Mapping[EndpointKey, Iterable[StatedRate]],
    after: Mapping[EndpointKey, Iterable[StatedRate]],
    *,
    at: datetime,
    facts: FactDifference | None = None,
) -> Difference:
    """What `after` changes of `before`: rates by endpoint, those that hold at one instant.

    `facts` is what it changes of their other facts.
    """
    providers: dict[str, ProviderDifference] = {}
    moves: list[PriceMove] = []
    ended = 0
    removed = sorted(before.keys() - after.keys())
    added = sorted(after.keys() - before.keys())
    for slug, _ in before:
        providers.setdefault(slug, ProviderDifference()).endpoints += 1
    for slug, _ in removed:
        providers[slug].removed += 1
    for slug, _ in added:
        providers.setdefault(slug, ProviderDifference()).added += 1
    for key in sorted(before.keys() & after.keys()):
        provider, upstream_id = key
        counted = providers[provider]
        present = card(after[key], at)
        meters = {meter for meter, _ in present}
        for (meter, terms), amount in card(before[key], at).items():
            if amount[1] is None:
                continue
            counted.prices += 1
            now = present.get((meter, terms))
            # Terms that are gone, such as a route of a gateway, change no price that is left.
            if now is None and meter in meters:
                ended += 1
            elif now != amount:
                counted.changed += 1
                moves.append(PriceMove(provider, upstream_id, meter, terms, amount, now))
    facts = facts or FactDifference()
    for fact in facts.moves:
        providers[fact.provider].facts += 1
    factors = Counter(move.factor for move in moves if move.factor is not None)
    factor, alike = factors.most_common(1)[0] if factors else (None, 0)
    return Difference(
        endpoints=len(before),
        prices=sum(provider.prices for provider in providers.values()),
        removed=removed,
        added=added,
        moves=moves,
        factor=factor,
        alike=alike,
        providers=providers,
        ended=ended,
        facts=facts,
    )


def card(rates: Iterable[StatedRate], at: datetime) -> Card:
    """The amounts that hold at an instant, by meter and terms."""
    return {
        (rate.meter, rate.terms): (rate.state, rate.amount, rate.currency)
        for rate in rates
        if rate.holds_at(at)
    }


def _is_more(part: int, percent: int, whole: int, *, at_least: int) -> bool:
    return part >= at_least and part * 100 > whole * percent


def _price_json(price: Price) -> dict[str, str]:
    state, value, currency = price
    stated = {"state": state}
    if value is not None:
        stated["amount"] = f"{value:f}"
    if currency != "USD":
        stated["currency"] = currency
    return stated
