"""The model list's filters for endpoints in memory."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from catalog.regions import is_in
from catalog.search import search_words
from pricing.endpoint import PricedEndpoint
from pricing.terms import BASE
from web.params.models import DEFAULTS, FLOATING, ModelFilters


@dataclass(frozen=True, slots=True)
class EndpointFilter:
    """Whether an endpoint passes every set filter on a day; `stated` are names and values."""

    stated: tuple[tuple[str, Any], ...]
    today: date

    def __call__(self, endpoint: PricedEndpoint) -> bool:
        return all(_TESTS[name](endpoint, value, self.today) for name, value in self.stated)


# Filters that mean the endpoint that stands for a model, where one does.
OF_ROWS = ("input_max", "output_max")


def endpoint_filter(
    filters: ModelFilters, today: date, *, names: Collection[str] = ()
) -> EndpointFilter | None:
    """The filters of these names, all of them without names; None where none is set."""
    stated = [(name, getattr(filters, name)) for name in names or _TESTS]
    narrow = [(name, value) for name, value in stated if value != DEFAULTS[name]]
    words = [(name, tuple(search_words(v)) if name == "q" else v) for name, v in narrow]
    return EndpointFilter(tuple(words), today) if words else None


def _costs_at_most(meter: str) -> Callable[[PricedEndpoint, Decimal, date], bool]:
    def passes(endpoint: PricedEndpoint, most: Decimal, today: date) -> bool:
        at = datetime.combine(today, time(), UTC)
        return any(
            rate.amount is not None and rate.amount <= most
            for rate in endpoint.card.rates
            if rate.meter == meter and rate.terms == BASE and rate.holds_at(at)
        )

    return passes


def _is_recent(endpoint: PricedEndpoint, days: int, today: date) -> bool:
    since = today - timedelta(days=days)
    return since.isoformat() <= endpoint.released <= today.isoformat()


_TESTS: dict[str, Callable[[PricedEndpoint, Any, date], bool]] = {
    "q": lambda endpoint, words, _: all(word in endpoint.search_text for word in words),
    "creator": lambda endpoint, creator, _: endpoint.creator == creator,
    "provider": lambda endpoint, provider, _: endpoint.provider == provider,
    "capability": lambda endpoint, words, _: endpoint.capabilities.issuperset(words),
    "modality": lambda endpoint, modality, _: (
        modality in endpoint.modalities_in or modality in endpoint.modalities_out
    ),
    "input_max": _costs_at_most("input"),
    "output_max": _costs_at_most("output"),
    "context_min": lambda endpoint, least, _: (endpoint.context or 0) >= least,
    "released_within": _is_recent,
    "zdr": lambda endpoint, _value, _: endpoint.zdr == "default",
    "no_training": lambda endpoint, _value, _: endpoint.training in ("no", "opt_in"),
    "kind": lambda endpoint, kinds, _: endpoint.kind in kinds,
    "region": lambda endpoint, region, _: (
        is_in(endpoint.region, region) if endpoint.region else region in endpoint.variant
    ),
    "open_weights": lambda endpoint, _value, _: bool(endpoint.open_weights),
    "lifecycle": lambda endpoint, stage, _: (
        endpoint.floating if stage == FLOATING else endpoint.stage == stage
    ),
}
OF_ENDPOINTS = tuple(name for name in _TESTS if name not in OF_ROWS)
