"""One provider: its facts, its data policies, and a table of its endpoints."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache

from django.urls import reverse

from catalog.provider_kinds import ProviderKind
from pricing.meters import HEADLINE, amount_per_unit
from web.format.figures import partial_date
from web.pages.head import Head, head_of_list
from web.params.columns import Column, Heading, headings
from web.params.lists import page_count
from web.params.tables import Table, TableFilters
from web.reads.found_models import Found
from web.reads.prices import Price, unstated
from web.reads.provider_endpoints import (
    BaseRate,
    ProviderEndpoint,
    base_rates,
    find_provider_endpoints,
    provider_endpoints,
)
from web.reads.providers import (
    PolicyCount,
    ProviderRecord,
    Served,
    policy_counts,
    provider_by_slug,
    served_by_provider,
)
from web.reads.site import Named, site
from web.text.endpoints import NO_TRAINING_IN_WORDS, ZDR_IN_WORDS, gone, variant

ENDPOINTS = Table(
    columns=(
        Column("Model", "name"),
        Column("Context", "-context", numeric=True),
        Column("Input", "input", numeric=True),
        Column("Output", "output", numeric=True),
        Column("Cache read", "cache_read", numeric=True),
        Column("Capabilities"),
        Column("Released", "-released"),
        Column("Lifecycle"),
    ),
    default_sort="-released",
)


@dataclass(frozen=True, slots=True)
class ServedModelRow:
    """A model as this provider serves it.

    `released` is the model's own date where `own_date` is False. `gone` is why the endpoint cannot
    be used any more, or "".
    """

    model_slug: str
    model_name: str
    creator_slug: str
    creator_name: str
    provider_slug: str
    upstream_id: str
    variant: str
    context: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    capabilities: Named
    released: str
    own_date: bool
    stage: str
    retires: str
    gone: str


@dataclass(frozen=True, slots=True)
class PolicyAnswers:
    """How many endpoints give each answer, as (answer, count); the answer "" is unknown."""

    name: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """`endpoints` is how many the provider has, `total` how many the search leaves."""

    provider: ProviderRecord
    kind: str
    served: Served
    endpoints: int
    policies: tuple[PolicyAnswers, ...]
    filters: TableFilters
    headings: list[Heading]
    rows: list[ServedModelRow]
    total: int

    @property
    def pages(self) -> int:
        return page_count(self.total)

    @property
    def last(self) -> int:
        return self.filters.start + len(self.rows)


def provider_page(slug: str, filters: TableFilters, now: datetime) -> ProviderPage | None:
    """None where there is no provider of this slug. A page past the last one is the last one."""
    provider = provider_by_slug(slug)
    if provider is None:
        return None
    filters, found = _find(provider.id, filters, now)
    policies = policy_counts(provider.id)
    return ProviderPage(
        provider=provider,
        kind=ProviderKind(provider.kind).label,
        served=served_by_provider().get(provider.id) or Served(provider.id, 0, 0, ""),
        endpoints=sum(policy.endpoints for policy in policies),
        policies=_policies(policies),
        filters=filters,
        headings=headings(ENDPOINTS.columns, filters),
        rows=_rows(provider, found.ids, now),
        total=found.total,
    )


def provider_head(page: ProviderPage) -> Head:
    provider, filters = page.provider, page.filters
    return head_of_list(
        f"{provider.name}: models and prices",
        f"What {provider.name} ({page.kind}) serves and charges: {page.endpoints:,} endpoints"
        " with prices, limits, capabilities and data policy.",
        reverse("provider", args=[provider.slug]),
        filters.query(page=filters.page),
        filters.page,
    )


def _find(provider_id: int, filters: TableFilters, now: datetime) -> tuple[TableFilters, Found]:
    """The endpoints on a page that exists, and the filters with that page."""
    found = find_provider_endpoints(provider_id, filters, now)
    if found.ids or filters.page == 1:
        return filters, found
    first = find_provider_endpoints(provider_id, replace(filters, page=1, first=1), now)
    filters = filters.within(first.total)
    return filters, find_provider_endpoints(provider_id, filters, now)


def _policies(counted: Sequence[PolicyCount]) -> tuple[PolicyAnswers, ...]:
    zdr, training = Counter[str](), Counter[str]()
    for row in counted:
        zdr[ZDR_IN_WORDS[row.zdr]] += row.endpoints
        training[NO_TRAINING_IN_WORDS[row.training]] += row.endpoints
    return (
        PolicyAnswers("Zero data retention", _in_order(zdr, ZDR_IN_WORDS)),
        PolicyAnswers("No training on your data", _in_order(training, NO_TRAINING_IN_WORDS)),
    )


def _in_order(counts: Counter[str], words: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    return tuple((answer, counts[answer]) for answer in words.values() if counts[answer])


def _rows(provider: ProviderRecord, ids: Sequence[int], now: datetime) -> list[ServedModelRow]:
    prices: dict[int, dict[str, Price]] = defaultdict(dict)
    for rate in base_rates(ids, now):
        prices[rate.endpoint_id][rate.meter] = _price(rate)
    named = cache(site().named)
    return [
        _row(endpoint, provider, prices[endpoint.id], named)
        for endpoint in provider_endpoints(ids, now)
    ]


def _row(
    endpoint: ProviderEndpoint,
    provider: ProviderRecord,
    prices: Mapping[str, Price],
    named: Callable[[tuple[str, ...]], Named],
) -> ServedModelRow:
    mode, lacks = endpoint.mode, tuple(endpoint.lacks)
    return ServedModelRow(
        model_slug=endpoint.model_slug,
        model_name=endpoint.model_name,
        creator_slug=endpoint.creator_slug,
        creator_name=endpoint.creator_name,
        provider_slug=provider.slug,
        upstream_id=endpoint.upstream_id,
        variant=variant(endpoint),
        context=endpoint.context_window,
        max_output=endpoint.max_output,
        prices=tuple(prices.get(meter) or unstated(meter, mode, lacks) for meter in HEADLINE),
        capabilities=named(tuple(endpoint.capabilities)),
        released=endpoint.released,
        own_date=bool(endpoint.own_date),
        stage=endpoint.stage,
        retires=endpoint.retired_on,
        gone=gone(endpoint, endpoint.stage),
    )


@lru_cache(maxsize=16384)
def _price(rate: BaseRate) -> Price:
    """A price with its source. The same rates come back at every view, so they are kept."""
    amount = amount_per_unit(rate.amount, rate.meter, rate.per)
    basis = f"{rate.source}, {partial_date(rate.observed)}"
    return Price(rate.meter, rate.state, amount, currency=rate.currency, basis=basis)
