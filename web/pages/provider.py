"""One provider: its facts, its data policies, and a table of its endpoints."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.provider_kinds import ProviderKind
from web.pages.head import Head, head_of_list
from web.params.columns import Column, Heading, headings
from web.params.lists import page_count
from web.params.tables import Table, TableFilters
from web.reads.endpoints import EndpointRecord, endpoints_by_id, endpoints_by_id_at
from web.reads.known_columns import by_known_column, is_offered
from web.reads.live import METRICS, value_of
from web.reads.live_rows import NO_SOURCES, NOTHING, by_known_source, live_by_source
from web.reads.prices import Disputes
from web.reads.provider_endpoints import SORTS, find_provider_endpoints
from web.reads.providers import (
    PolicyCount,
    ProviderRecord,
    ServedTotals,
    all_providers,
    policy_counts,
    served_by_provider,
)
from web.reads.site import Named
from web.tables.claims import disputes_by_id
from web.tables.endpoint_cells import CellContent
from web.tables.endpoint_column import EndpointColumn
from web.tables.endpoint_columns import SERVED_COLUMNS
from web.tables.provider_table import marked
from web.text.endpoints import variant, why_gone
from web.text.policy import (
    NO_TRAINING_IN_WORDS,
    ZDR_IN_WORDS,
    PolicyInWords,
    policy_in_words,
)


def _heading(column: EndpointColumn) -> Column:
    return column.head(sortable=column.key in SORTS)


_MODEL = Column("Model", "name")
ENDPOINTS = Table(
    columns=(_MODEL, *map(_heading, SERVED_COLUMNS)),
    default_sort="top",
    retires=True,
    dated=True,
    live=True,
)


@dataclass(frozen=True, slots=True)
class ServedModelRow:
    """A row of the provider's table of models; `columns` are those that it has.

    `disputes` are by the key of the column.
    """

    endpoint: EndpointRecord
    columns: tuple[EndpointColumn, ...]
    disputes: Disputes = ()

    @property
    def gone(self) -> str:
        return why_gone(self.endpoint)

    @property
    def variant(self) -> str:
        return variant(self.endpoint)

    @property
    def cells(self) -> list[CellContent]:
        """The price of another unit takes the first cell of input or output without an amount."""
        endpoint, unit = self.endpoint, self.endpoint.per_unit
        unpriced = (slug for slug in ("input", "output") if endpoint.price(slug).amount is None)
        place = next(unpriced, "")
        disputes = dict(self.disputes)
        return [
            unit
            if unit and column.key == place
            else marked(column.served(endpoint), best=False, dispute=disputes.get(column.key))
            for column in self.columns
            if column.served
        ]


@dataclass(frozen=True, slots=True)
class PolicyAnswers:
    """Number of endpoints per answer, as (answer, count); the answer "" is unknown."""

    name: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """`endpoints` counts those that the table is of, `total` those that match the search.

    `policy` is what is stated of the provider, `policies` what holds at its endpoints. `sources`
    are those of live figures in sight.
    """

    provider: ProviderRecord
    policy: PolicyInWords
    kind: str
    served: ServedTotals
    endpoints: int
    policies: tuple[PolicyAnswers, ...]
    filters: TableFilters
    headings: list[Heading]
    rows: list[ServedModelRow]
    total: int
    sources: Named

    @property
    def pages(self) -> int:
        return page_count(self.total)

    @property
    def last(self) -> int:
        return self.filters.start + len(self.rows)


def provider_page(slug: str, filters: TableFilters, now: datetime) -> ProviderPage | None:
    """None if there is no provider of this slug. A page past the last one becomes the last one."""
    provider = all_providers().get(slug)
    if provider is None:
        return None
    filters = by_known_source(by_known_column(filters, ENDPOINTS.default_sort))
    ids = find_provider_endpoints(provider.id, filters)
    if filters.live and filters.column in METRICS:
        ids = _by_source(ids, filters, now)
    filters = filters.within(len(ids))
    shown = ids[filters.start : filters.start + filters.shown]
    if filters.at:
        endpoints = endpoints_by_id_at(shown, filters.at)
    else:
        endpoints = [*endpoints_by_id(shown).values()]
    sources = NO_SOURCES if filters.at else live_by_source(shown, now)
    if filters.live:
        endpoints = sources.of(filters.live, endpoints)
    policies = policy_counts().get(provider.id, [])
    columns = tuple(
        column for column in SERVED_COLUMNS if column.key not in METRICS or is_offered(column.key)
    )
    served = served_by_provider().get(provider.id) or ServedTotals(provider.id, 0, 0, "")
    return ProviderPage(
        provider=provider,
        policy=policy_in_words(provider),
        kind=ProviderKind(provider.kind).label,
        served=served,
        endpoints=_counted(served, filters, len(ids)),
        policies=_policies(policies),
        filters=filters,
        headings=headings((_MODEL, *(_heading(column) for column in columns)), filters),
        rows=_rows(endpoints, columns, are_of_now=not filters.at),
        total=len(ids),
        sources=sources.names,
    )


def _rows(
    endpoints: Sequence[EndpointRecord],
    columns: tuple[EndpointColumn, ...],
    *,
    are_of_now: bool,
) -> list[ServedModelRow]:
    """Rows with marks where sources differ on what is shown now."""
    disputes = disputes_by_id([endpoint.id for endpoint in endpoints]) if are_of_now else {}
    return [
        ServedModelRow(endpoint, columns, disputes.get(endpoint.id, ())) for endpoint in endpoints
    ]


def _by_source(ids: Sequence[int], filters: TableFilters, now: datetime) -> tuple[int, ...]:
    """In the order of one source's figures; those without come last in both directions."""
    figures = live_by_source(ids, now).figures.get(filters.live, {})
    values = {id_: value_of(figures.get(id_, NOTHING)[filters.column]) for id_ in ids}
    known = {id_: value for id_, value in values.items() if value is not None}
    ordered = sorted(known, key=lambda id_: known[id_], reverse=filters.descending)
    return (*ordered, *(id_ for id_ in ids if id_ not in known))


def _counted(served: ServedTotals, filters: TableFilters, matching: int) -> int:
    if filters.at:
        return matching
    return served.retired if filters.retired else served.endpoints


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
