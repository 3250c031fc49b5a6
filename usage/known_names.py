"""The catalog as the pricing of usage logs needs it:

every endpoint with its card, and what it is called.
"""

from dataclasses import dataclass
from datetime import date

from catalog.lifecycle import Lifecycle, stage_on
from catalog.models import Alias, Endpoint, Provider
from catalog.suitability import aside, writes
from pricing.rate_cards import all_cards
from pricing.rates import RateCard
from usage.names import Names

_NO_CARD = RateCard(())
_COLUMNS = (
    *(
        "id",
        "model__slug",
        "provider__slug",
        "upstream_id",
        "variant",
        "context_window",
        "max_input",
    ),
    *("model__context_window", "capabilities", "lacks", "provider__kind", "mode", "model__mode"),
    *("model__modalities_out", "missing_since", "lifecycle", "deprecated_on", "retired_on"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Endpointed:
    """An endpoint as `usage.names.Served` describes it."""

    endpoint_id: int
    model: str
    provider: str
    upstream_id: str
    variant: frozenset[str]
    context: int | None
    capabilities: frozenset[str]
    lacks: frozenset[str]
    aside: str
    writes: bool
    card: RateCard


def names(today: date) -> Names:
    """Every endpoint there is or was, and the names that models and providers go by."""
    cards = all_cards()
    served, gone = [], set()
    for row in Endpoint.objects.order_by("id").values_list(*_COLUMNS).iterator(chunk_size=20_000):
        (
            endpoint_id,
            model,
            provider,
            upstream_id,
            variant,
            *limits,
            capabilities,
            lacks,
            kind,
            mode,
            model_mode,
            modalities_out,
            missing,
            stage,
            old,
            ended,
        ) = row
        words = frozenset(variant.split(",")) if variant else frozenset()
        served.append(
            Endpointed(
                endpoint_id=endpoint_id,
                model=model,
                provider=provider,
                upstream_id=upstream_id,
                variant=words,
                context=next((limit for limit in limits if limit), None),
                capabilities=frozenset(capabilities),
                lacks=frozenset(lacks),
                aside=aside(kind, words),
                writes=writes(model, mode or model_mode, modalities_out),
                card=cards.get(endpoint_id, _NO_CARD),
            )
        )
        if missing or stage_on(today, stage, old, ended) == Lifecycle.RETIRED:
            gone.add(endpoint_id)
    return Names(
        served=tuple(served),
        aliases=dict(Alias.objects.values_list("spelling", "model__slug")),
        providers={
            name.lower(): slug for name, slug in Provider.objects.values_list("name", "slug")
        },
        gone=frozenset(gone),
    )
