"""One request of a workload, and what it costs under a rate card. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime

from pricing.price import Cost, price
from pricing.rates import RateCard
from pricing.usage import Usage


@dataclass(frozen=True, slots=True)
class Request:
    """What a request uses, when, and in which tier.

    With `uncached`, cached tokens of no stated price are billed as plain input. That is the most
    that they can cost: a cache that costs more than none is not used. `options` are conditions by
    name, such as the size of the images.
    """

    usage: Usage
    at: datetime
    tier: str = ""
    uncached: bool = False
    options: tuple[tuple[str, str], ...] = ()

    def cost(self, card: RateCard) -> Cost:
        """What the request costs, exactly. Raises UnknownTier."""
        cost = self._cost(card, self.usage)
        if not self.uncached or not cost.unpriced:
            return cost
        if {(missed.meter, missed.state) for missed in cost.unpriced} != {
            ("cache_read", "unknown")
        }:
            return cost
        plain = {slug: n for slug, n in self.usage.counted.items() if slug != "cache_read"}
        return self._cost(card, Usage.of(**plain))

    def _cost(self, card: RateCard, usage: Usage) -> Cost:
        return price(card, usage, at=self.at, tier=self.tier, options=dict(self.options))

    def adding(self, **more: int) -> "Request":
        added = {slug: self.usage[slug] + number for slug, number in more.items()}
        return replace(self, usage=Usage.of(**{**self.usage.counted, **added}))
