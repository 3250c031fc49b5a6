"""An endpoint with its rate card, as estimate, pasted usage, usage log and comparison price it.

Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from catalog.suitability import aside, writes
from pricing.rates import RateCard


@dataclass(frozen=True, slots=True, eq=False)
class PricedEndpoint:
    """One model at one provider. A limit of None is not known.

    `capabilities` are the endpoint's own and those of its model that it does not lack;
    `stated_capabilities` are its own. `stage` is the model's; `ended` is one that its creator has
    ended, whoever else serves it. `gone` is missing or retired, or its model is: a usage log may
    name it, but no workload can move to it. `place` and `cheap_place` are among the model's
    endpoints (`pricing.headline`): 1 is the headline, or the cheapest; a place of 0 is not known.
    `list_card` is the public card where `card` has agreed rates in it; a `private` endpoint has no
    public one.
    """

    endpoint_id: int
    upstream_id: str
    variant: frozenset[str]
    region: str
    snapshot: str
    mode: str
    context: int | None
    max_input: int | None
    max_output: int | None
    capabilities: frozenset[str]
    stated_capabilities: frozenset[str]
    lacks: frozenset[str]
    zdr: str
    training: str
    provider: str
    provider_name: str
    kind: str
    model: str
    model_name: str
    creator: str
    creator_name: str
    modalities_in: frozenset[str]
    modalities_out: frozenset[str]
    open_weights: bool | None
    released: str
    stage: str
    search_text: str
    gone: bool
    card: RateCard
    floating: bool = False
    standing: str = ""
    place: int = 0
    cheap_place: int | None = None
    ended: bool = False
    list_card: RateCard | None = None
    private: bool = False

    @property
    def aside(self) -> str:
        """Why the endpoint is never ranked, whatever it costs; empty for no reason."""
        return aside(self.kind, self.variant, floating=self.floating)

    @property
    def writes(self) -> bool:
        return writes(self.model, self.mode, self.modalities_out)


@dataclass(frozen=True, eq=False)
class PricedEndpoints:
    """Every endpoint of one version of the catalog, in the order in which equals are shown."""

    all: Sequence[PricedEndpoint]

    @cached_property
    def in_use(self) -> tuple[PricedEndpoint, ...]:
        return tuple(endpoint for endpoint in self.all if not endpoint.gone)

    @cached_property
    def by_id(self) -> dict[int, PricedEndpoint]:
        return {endpoint.endpoint_id: endpoint for endpoint in self.all}

    @cached_property
    def tiers(self) -> tuple[str, ...]:
        cards = {id(endpoint.card): endpoint.card for endpoint in self.all}.values()
        return tuple(sorted({tier for card in cards for tier in card.tiers}))
