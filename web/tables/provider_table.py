"""The table of a model's providers: its order, what is folded, and the best of each column."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any

from catalog.lifecycle import Lifecycle
from web.format.figures import partial_date
from web.params.columns import Heading, headings
from web.params.past import written
from web.reads.endpoints import EndpointRecord
from web.reads.prices import Dispute, Disputes, Price
from web.reads.site import Named
from web.tables.endpoint_cells import CellContent, LimitsCell, ReleaseCell
from web.tables.endpoint_column import EndpointColumn
from web.tables.endpoint_columns import BY_KEY, PER_UNIT, TABLE_COLUMNS, dollars
from web.tables.provider_query import INDIRECT, OPTIONAL, ProviderQuery
from web.text.endpoints import is_apart, kind_in_words, policy_links, variant, why_gone
from web.text.facts import alike

# A lifecycle stage, and the day of its end where that is known.
Stage = tuple[str, str]
# By the key of a column.
NO_DISPUTES: Mapping[int, Disputes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ProviderTableRow:
    """An endpoint's row; `more` counts those of its provider that are folded under it.

    `best` are the keys of the columns in which no other row is better, `unknown` those of columns
    that the table lacks. `by_unit`: it has a column of prices by another unit. `stage` is set
    where it, or its end, differs from the model's. `toggle` is the query string that unfolds the
    others, or folds them again. `disputes` are by the key of the column. `at` is the past instant
    that the prices are of, as the parameter of this name, "" for now.
    """

    endpoint: EndpointRecord
    by_unit: bool = False
    unknown: frozenset[str] = frozenset()
    best: tuple[str, ...] = ()
    stage: str = ""
    more: int = 0
    unfolded: bool = False
    toggle: str = ""
    disputes: Disputes = ()
    at: str = ""

    @property
    def cells(self) -> list[CellContent]:
        disputes = dict(self.disputes)
        return [
            marked(
                column.cell(self.endpoint),
                best=column.key in self.best,
                dispute=disputes.get(column.key),
            )
            for column in _offered(self.unknown, by_unit=self.by_unit)
            if column.cell
        ]

    @property
    def at_query(self) -> str:
        return f"&at={self.at}" if self.at else ""

    @property
    def kind(self) -> str:
        return kind_in_words(self.endpoint)

    @property
    def gone(self) -> str:
        return why_gone(self.endpoint)

    @property
    def variant(self) -> str:
        return variant(self.endpoint)

    @property
    def links(self) -> Named:
        return policy_links(self.endpoint.terms_url, self.endpoint.privacy_url)


@lru_cache(maxsize=64)
def _offered(unknown: frozenset[str], *, by_unit: bool) -> tuple[EndpointColumn, ...]:
    return tuple(
        column
        for column in TABLE_COLUMNS
        if column.key not in unknown and (by_unit or column is not PER_UNIT)
    )


@lru_cache(maxsize=256)
def _headings(unknown: frozenset[str], unit: str, query: ProviderQuery) -> list[Heading]:
    """`unit` is the label of the column of prices by another unit, "" without that column."""
    columns = _offered(unknown, by_unit=bool(unit))
    return headings(
        [column.head(unit) if column is PER_UNIT else column.head() for column in columns], query
    )


def marked(cell: CellContent, *, best: bool, dispute: Dispute | None) -> CellContent:
    if best and isinstance(cell, Price | LimitsCell):
        cell = replace(cell, best=True)
    if dispute and isinstance(cell, Price | LimitsCell | ReleaseCell):
        cell = replace(cell, dispute=dispute)
    return cell


@dataclass(frozen=True, slots=True)
class ProviderTable:
    """`folded` is how many endpoints of gateways, plans and the like are not shown.

    `direct` begins with the model's headline, even if a gateway's; `below` counts the providers of
    `indirect`, folded or not.
    """

    query: ProviderQuery
    unknown: frozenset[str]
    headings: list[Heading]
    direct: list[ProviderTableRow]
    indirect: list[ProviderTableRow]
    folded: int
    endpoints: int
    direct_providers: int
    indirect_providers: int
    below: int

    @property
    def columns(self) -> int:
        return len(self.headings)

    @property
    def definitions(self) -> list[tuple[str, str]]:
        columns = _offered(self.unknown, by_unit=False)
        return [(column.label, column.meaning) for column in columns if column.meaning]

    @property
    def optional(self) -> Named:
        """The columns that may be hidden, by (key, label)."""
        return tuple((key, label) for key, label in OPTIONAL.items() if key not in self.unknown)

    @property
    def shown(self) -> int:
        return len(self.direct) + len(self.indirect)


def arrange(
    endpoints: Sequence[EndpointRecord],
    query: ProviderQuery,
    usual: Stage = ("listed", ""),
    *,
    unknown: frozenset[str] = frozenset(),
    disputes: Mapping[int, Disputes] = NO_DISPUTES,
) -> ProviderTable:
    """Endpoints come in their usual order; `usual` is the model's lifecycle stage and its end.

    `unknown` are the keys of columns without a value in the whole catalog: the table lacks them.
    `disputes` are by the id of the endpoint.
    """
    query = query.knowing({endpoint.provider_slug for endpoint in endpoints})
    by_unit = any(endpoint.per_unit for endpoint in endpoints)
    groups = _groups(endpoints)
    direct = [group for group in groups if group[0].direct]
    others = [group for group in groups if not group[0].direct]
    headline = [group for group in others if group[0].place == 1] if direct else []
    indirect = [group for group in others if group not in headline]
    in_use = any(endpoint.in_use for endpoint in endpoints)
    retired = usual[0] == Lifecycle.RETIRED
    best = {} if retired else best_of([group[0] for group in direct])
    # Without direct providers there is nothing to fold the others under.
    unfolded = query.everything or INDIRECT in query.unfolded or not direct
    rows = partial(
        _rows, query=query, usual=usual, by_unit=by_unit, unknown=unknown, disputes=disputes
    )
    return ProviderTable(
        query=query,
        unknown=unknown,
        headings=_headings(unknown, _unit_label(endpoints) if by_unit else "", query),
        direct=rows([*headline, *direct], best=best),
        indirect=rows(indirect, best={}) if unfolded else [],
        folded=0 if unfolded else sum(map(len, indirect)),
        endpoints=len(endpoints),
        direct_providers=_count(direct, in_use=in_use),
        indirect_providers=_count(others, in_use=in_use),
        below=len(indirect),
    )


def _count(groups: Iterable[list[EndpointRecord]], *, in_use: bool) -> int:
    """The providers, or only those that serve it today."""
    return sum(not in_use or any(endpoint.in_use for endpoint in group) for group in groups)


def in_order(endpoints: Sequence[EndpointRecord], query: ProviderQuery) -> list[EndpointRecord]:
    """Every endpoint as sorted: direct providers first, of each those in use first."""
    ordered = _sorted([endpoint for group in _groups(endpoints) for endpoint in group], query)
    return sorted(ordered, key=lambda endpoint: not endpoint.direct)


# Folding ----------------------------------------------------------------------------------------


def _groups(endpoints: Iterable[EndpointRecord]) -> list[list[EndpointRecord]]:
    """Each provider's endpoints, the first by place first."""
    groups: dict[str, list[EndpointRecord]] = defaultdict(list)
    for endpoint in endpoints:
        groups[endpoint.provider_slug].append(endpoint)
    return [sorted(group, key=plainest) for group in groups.values()]


def plainest(endpoint: EndpointRecord) -> tuple[Any, ...]:
    """Sort key of a provider's endpoints: in use, by place, then plain and priced ones first."""
    unpriced = all(price.amount is None for price in endpoint.prices)
    upstream_id = endpoint.upstream_id
    place = (endpoint.place is None, endpoint.place or 0)
    plain = (not endpoint.plain, unpriced, len(upstream_id), upstream_id)
    return not endpoint.in_use, *place, *plain


def _rows(
    groups: Sequence[list[EndpointRecord]],
    *,
    query: ProviderQuery,
    best: "Best",
    usual: Stage,
    by_unit: bool,
    unknown: frozenset[str],
    disputes: Mapping[int, Disputes],
) -> list[ProviderTableRow]:
    """The rows that are not folded. Under a sorting a variant has the place of its own value."""
    mains = {group[0].id: 0 if query.everything else len(group) - 1 for group in groups}
    unfolded = {
        group[0].provider_slug: query.everything or group[0].provider_slug in query.unfolded
        for group in groups
    }
    shown: list[EndpointRecord] = []
    for group in groups:
        shown += group if unfolded[group[0].provider_slug] else group[:1]
    return [
        ProviderTableRow(
            endpoint,
            by_unit=by_unit,
            unknown=unknown,
            best=best.get(endpoint.id, ()),
            stage=_unusual_stage(endpoint, usual),
            more=mains.get(endpoint.id, 0),
            unfolded=unfolded[endpoint.provider_slug],
            toggle=query.query(toggle=endpoint.provider_slug) if mains.get(endpoint.id) else "",
            disputes=disputes.get(endpoint.id, ()),
            at=written(query.at),
        )
        for endpoint in _sorted(shown, query)
    ]


def _unusual_stage(endpoint: EndpointRecord, usual: Stage) -> str:
    stage, retired_on = usual
    own_end = endpoint.retired_on if endpoint.retired_on != retired_on else ""
    ends = f"retires {partial_date(own_end)}" if own_end else ""
    is_stated = endpoint.stage != Lifecycle.LISTED
    unusual = endpoint.stage if is_stated and (endpoint.stage != stage or ends) else ""
    words = ", ".join(filter(None, (unusual, ends)))
    return words[:1].upper() + words[1:]


# Order ------------------------------------------------------------------------------------------


def _sorted(endpoints: Sequence[EndpointRecord], query: ProviderQuery) -> list[EndpointRecord]:
    """By the query's column: endpoints in use first, those without a value last both ways."""
    column = BY_KEY.get(query.column)
    if column is None or column.sort_key is None:
        return list(endpoints)
    keys = {endpoint.id: column.sort_key(endpoint) for endpoint in endpoints}
    known = [endpoint for endpoint in endpoints if keys[endpoint.id] is not None]
    known.sort(key=lambda endpoint: keys[endpoint.id], reverse=query.descending)
    unknown = [endpoint for endpoint in endpoints if keys[endpoint.id] is None]
    unknown.sort(key=column.rank_without)
    return sorted((*known, *unknown), key=lambda endpoint: not endpoint.in_use)


# The best of each column ------------------------------------------------------------------------

# By an endpoint's id: the keys of the columns in which it is the best.
Best = dict[int, tuple[str, ...]]
# What more rows share distinguishes none of them.
MOST_BEST = 3


def best_of(endpoints: Iterable[EndpointRecord]) -> Best:
    """The columns in which no other endpoint is better, where two differ and few share the best.

    Free trials and tiers sold by themselves do not count, as in `pricing.headline`.
    """
    compared = [endpoint for endpoint in endpoints if endpoint.in_use and not is_apart(endpoint)]
    best: dict[int, list[str]] = defaultdict(list)
    for column in TABLE_COLUMNS:
        shared = _best_in(column, compared)
        for endpoint in shared if len(shared) <= MOST_BEST else ():
            best[endpoint.id].append(column.key)
    return {key: tuple(columns) for key, columns in best.items()}


def _best_in(column: EndpointColumn, endpoints: Sequence[EndpointRecord]) -> list[EndpointRecord]:
    if column.price:
        prices = [column.price(endpoint) for endpoint in endpoints]
        lowest = lowest_amount([price for price in prices if price])
        if lowest is None:
            return []
        return [
            endpoint
            for endpoint, price in zip(endpoints, prices, strict=True)
            if _is_about(price, lowest)
        ]
    if column.largest and column.sort_key:
        sizes = [column.sort_key(endpoint) for endpoint in endpoints]
        known = set(filter(None, sizes))
        if len(known) > 1:
            pairs = zip(endpoints, sizes, strict=True)
            return [endpoint for endpoint, size in pairs if size == max(known)]
    return []


def lowest_amount(prices: Sequence[Price]) -> Decimal | None:
    """None where all amounts agree, or their units differ. Free prices do not count."""
    sold = (dollars(price) for price in prices if price.state == "priced")
    amounts = {amount for amount in sold if amount is not None}
    units = {(price.meter, price.counted) for price in prices if price.amount is not None}
    differ = len(amounts) > 1 and not alike(min(amounts), max(amounts))
    return min(amounts) if differ and len(units) == 1 else None


def _is_about(price: Price | None, lowest: Decimal) -> bool:
    amount = dollars(price) if price and price.state == "priced" else None
    return amount is not None and (amount == lowest or alike(amount, lowest))


# Headings ---------------------------------------------------------------------------------------


def _unit_label(endpoints: Iterable[EndpointRecord]) -> str:
    """The common unit's name, else a generic label."""
    names = {endpoint.per_unit.unit.name for endpoint in endpoints if endpoint.per_unit}
    return names.pop() if len(names) == 1 else PER_UNIT.label
