"""The table of a model's providers: in which order, what is folded, and what is best of a column.

Pure.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from web.format.figures import partial_date
from web.params.columns import Column, Heading, headings, sortable
from web.params.values import read_columns, read_sort, shown
from web.reads.prices import Price
from web.reads.site import Named
from web.text.endpoints import APART
from web.text.facts import alike

# A stage of life, and the day that ends it where that is known.
Stage = tuple[str, str]

# The prices that have a column of their own in every table.
METERS = ("input", "output", "cache_read", "cache_write", "web_search")
# Live metrics, over the last hour.
_LATENCY = (
    "Seconds from sending a request to the first token of any kind, reasoning included: the median of "
    "the last hour. Lower is better."
)
_THROUGHPUT = (
    "Output tokens a second, reasoning included, over the time after the first token: the median of "
    "the last hour. Higher is better."
)
_UPTIME = (
    "Requests that succeeded, of those that succeeded or failed by the provider’s fault. Errors of "
    "the caller and rate limits are not counted."
)
COLUMNS = (
    Column("Provider", "provider"),
    Column("Context", "-context", numeric=True),
    Column("Latency", "latency", numeric=True, meaning=_LATENCY),
    Column("Throughput", "-throughput", numeric=True, meaning=_THROUGHPUT),
    Column("Uptime", "-uptime", numeric=True, meaning=_UPTIME),
    Column("Input", "input", numeric=True),
    Column("Output", "output", numeric=True),
    Column("Cache read", "cache_read", numeric=True),
    Column("Cache write", "cache_write", numeric=True),
    Column("Web search", "web_search", numeric=True),
    Column("Per unit", "per_unit", numeric=True),
    Column("Capabilities"),
    Column("ZDR", "zdr"),
    Column("No training", "no_training"),
    Column("Released", "-released"),
)
SORTS = sortable(COLUMNS)
# The columns that may be put away. Whose row it is always shows, and so does a price by another
# unit.
OPTIONAL = {
    column.key or "capabilities": column.label
    for column in COLUMNS
    if column.key not in ("provider", "per_unit")
}
# What a visitor may unfold beside the variants of a provider, which are unfolded by its slug.
EVERYTHING = "1"
INDIRECT = "indirect"
# A good answer first; of equals the plainer one.
_ANSWERS = ("Yes", "Yes, unless you opt in", "With exceptions", "On request", "By contract", "No")
_STATES = ("included", "not_offered", "dynamic", "unknown")


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint in the table, `billed` if it is by use. `gone` is why it cannot be used any more,
    or empty.

    `prices` are those of METERS; `per_unit` is what it bills by that is neither a token nor a
    search. `plain` says that its id names no variant, snapshot or region; `further` what else its
    rate card holds.
    """

    model_slug: str
    provider_slug: str
    provider_name: str
    links: Named
    kind: str
    direct: bool
    billed: bool
    upstream_id: str
    variant: str
    plain: bool
    context: int | None
    max_output: int | None
    prices: tuple[Price, ...]
    per_unit: Price | None
    capabilities: Named
    zdr: str
    no_training: str
    released: str
    stage: str
    retires: str
    gone: str
    further: str

    @property
    def key(self) -> tuple[str, str]:
        return self.provider_slug, self.upstream_id

    @property
    def apart(self) -> bool:
        """Whether what it asks is not what the model costs."""
        return not APART.isdisjoint(self.variant.split(" · "))


@dataclass(frozen=True, slots=True)
class ProviderQuery:
    """What the visitor asked the table for. `use` belongs to the code below it, and links keep it.

    `unfolded` holds "1" for every row, "indirect" for gateways and plans, or slugs of providers,
    whose variants then have rows too. `columns` are those that show, all if empty. `complaints` are
    clauses on what was not understood.
    """

    sort: str = ""
    unfolded: frozenset[str] = frozenset()
    columns: tuple[str, ...] = ()
    use: str = ""
    complaints: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict) -> "ProviderQuery":
        complaints: list[str] = []
        return cls(
            sort=read_sort(query.get("sort", ""), SORTS, "", complaints),
            unfolded=frozenset(filter(None, query.getlist("all"))),
            columns=read_columns(query.getlist("columns"), tuple(OPTIONAL), complaints),
            use=query.get("use", ""),
            complaints=tuple(complaints),
        )

    def pairs(self, **changes: Any) -> list[tuple[str, str]]:
        """The shortest query for this table with changes, pair by pair."""
        wanted = replace(self, **changes)
        unfolded = (("all", what) for what in sorted(wanted.unfolded))
        stated = (
            ("sort", wanted.sort),
            *unfolded,
            ("columns", ",".join(wanted.columns)),
            ("use", wanted.use),
        )
        return [(name, value) for name, value in stated if value]

    def query(self, **changes: Any) -> str:
        return urlencode(self.pairs(**changes))

    def knowing(self, providers: Collection[str]) -> "ProviderQuery":
        """Without what there is nothing of here, and with a complaint about each."""
        known = self.unfolded & {EVERYTHING, INDIRECT, *providers}
        unheard = [shown(what) for what in sorted(self.unfolded - known)[:3]]
        complaints = [f"{', '.join(unheard)} is nothing to unfold here"] if unheard else []
        use = self.use if self.use in providers else ""
        complaints += [f"{shown(self.use)} is no provider of this model"] if self.use != use else []
        return replace(self, unfolded=known, use=use, complaints=(*self.complaints, *complaints))

    def toggled(self, what: str) -> str:
        """The query string that unfolds something, or folds it again."""
        return self.query(unfolded=self.unfolded ^ {what})

    @property
    def beside_use(self) -> list[tuple[str, str]]:
        """What the choice of a provider carries besides its own field."""
        return self.pairs(use="")

    @property
    def beside_columns(self) -> list[tuple[str, str]]:
        """What the choice of columns carries besides its own fields; `use` it gets from the code
        below."""
        return self.pairs(columns=(), use="")

    @property
    def hidden(self) -> tuple[str, ...]:
        """The columns that are put away."""
        return tuple(name for name in OPTIONAL if self.columns and name not in self.columns)

    @property
    def column(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def everything(self) -> bool:
        return EVERYTHING in self.unfolded


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as it stands in the table: with how many more of its provider are folded under it.

    `toggle` is the query string that unfolds them, or folds them again where `unfolded` says they
    are. `stage` is its stage of life where the model has another one, or another day that ends it.
    """

    endpoint: EndpointRow
    prices: tuple[Price, ...]
    best_context: bool = False
    stage: str = ""
    more: int = 0
    unfolded: bool = False
    toggle: str = ""


@dataclass(frozen=True, slots=True)
class ProviderTable:
    """`folded` is how many endpoints of gateways, plans and the like are not shown."""

    query: ProviderQuery
    headings: list[Heading]
    direct: list[ShownRow]
    indirect: list[ShownRow]
    folded: int
    endpoints: int
    direct_providers: int
    indirect_providers: int
    columns: int = field(default=0)

    @property
    def definitions(self) -> tuple[tuple[str, str], ...]:
        """What the columns of live metrics mean, by their names."""
        return tuple((column.label, column.meaning) for column in COLUMNS if column.meaning)

    @property
    def toggle_indirect(self) -> str:
        return self.query.toggled(INDIRECT)

    @property
    def toggle_everything(self) -> str:
        return self.query.query(
            unfolded=frozenset() if self.query.everything else frozenset({EVERYTHING})
        )

    @property
    def shown(self) -> int:
        return len(self.direct) + len(self.indirect)


def arrange(
    rows: Sequence[EndpointRow], query: ProviderQuery, usual: Stage = ("active", "")
) -> ProviderTable:
    """The table of these rows, which come in the order that they have when nothing is asked.

    `usual` is the model's own stage of life, and when that ends.
    """
    query = query.knowing({row.provider_slug for row in rows})
    by_unit = any(row.per_unit for row in rows)
    groups = _groups(rows)
    best = best_of([group[0] for group in groups if group[0].direct])
    direct = [group for group in groups if group[0].direct]
    indirect = [group for group in groups if not group[0].direct]
    # Where nobody serves it directly there is nothing to fold them under.
    open_ = query.everything or INDIRECT in query.unfolded or not direct
    columns = _columns(_unit_label(rows) if by_unit else "")
    return ProviderTable(
        query=query,
        headings=headings(columns, query),
        direct=_shown(direct, query, best, by_unit, usual),
        indirect=_shown(indirect, query, {}, by_unit, usual) if open_ else [],
        folded=0 if open_ else sum(map(len, indirect)),
        endpoints=len(rows),
        direct_providers=len(direct),
        indirect_providers=len(indirect),
        columns=len(columns),
    )


def in_order(rows: Sequence[EndpointRow], query: ProviderQuery) -> list[EndpointRow]:
    """All rows as sorted:

    who runs the model before who passes it on, and of each the living first.
    """
    ordered = [row for group in _groups(rows) for row in group]
    return [
        row for direct in (True, False) for row in _sorted(ordered, query) if row.direct is direct
    ]


# What belongs together ------------------------------------------------------------------------------


def _groups(rows: Iterable[EndpointRow]) -> list[list[EndpointRow]]:
    """The endpoints of each provider: the plain one, then its snapshots, regions and variants."""
    groups: dict[str, list[EndpointRow]] = defaultdict(list)
    for row in rows:
        groups[row.provider_slug].append(row)
    return [sorted(group, key=plainest) for group in groups.values()]


def plainest(row: EndpointRow) -> tuple[Any, ...]:
    """What sorts the endpoint first that somebody means who names the provider alone."""
    unpriced = all(price.amount is None for price in row.prices)
    return bool(row.gone), not row.plain, unpriced, len(row.upstream_id), row.upstream_id


def _shown(
    groups: Sequence[list[EndpointRow]],
    query: ProviderQuery,
    best: "Best",
    by_unit: bool,
    usual: Stage,
) -> list[ShownRow]:
    """The rows that are not folded. Under a sorting a variant stands where its own value says."""
    mains = {group[0].key: len(group) - 1 for group in groups}
    rows = [row for group in groups for row in (group if _is_open(group[0], query) else group[:1])]
    return [
        _row(row, query, best, by_unit, usual, mains.get(row.key, 0))
        for row in _sorted(rows, query)
    ]


def _is_open(row: EndpointRow, query: ProviderQuery) -> bool:
    return query.everything or row.provider_slug in query.unfolded


def _row(
    row: EndpointRow, query: ProviderQuery, best: "Best", by_unit: bool, usual: Stage, more: int
) -> ShownRow:
    prices, own = _with_unit(row) if by_unit else row.prices, best.get(row.key, ())
    return ShownRow(
        endpoint=row,
        prices=tuple(replace(price, best=True) if price in own else price for price in prices)
        if own
        else prices,
        best_context=bool(row.context) and row.context in own,
        stage=_unusual(row, usual),
        more=0 if query.everything else more,
        unfolded=_is_open(row, query),
        toggle=query.toggled(row.provider_slug) if more and not query.everything else "",
    )


def _unusual(row: EndpointRow, usual: Stage) -> str:
    """An endpoint's stage of life and when that ends, where the model's own does not say it
    already."""
    stage, retires = usual
    ends = f"retires {partial_date(row.retires)}" if row.retires and row.retires != retires else ""
    said = ", ".join(filter(None, (row.stage if row.stage != stage or ends else "", ends)))
    return said[:1].upper() + said[1:]


def _with_unit(row: EndpointRow) -> tuple[Price, ...]:
    return (*row.prices, row.per_unit or Price("unit", "unknown"))


# Which is first -------------------------------------------------------------------------------------


def _sorted(rows: Sequence[EndpointRow], query: ProviderQuery) -> list[EndpointRow]:
    """By the column that is asked for:

    what can be used first, and what has no value last both ways.
    """
    if not query.sort:
        return list(rows)
    value = _VALUES[query.column]
    known = [row for row in rows if value(row) is not None]
    known.sort(key=value, reverse=query.sort.startswith("-"))
    unknown = [row for row in rows if value(row) is None]
    if query.column in _PLACES:
        unknown.sort(key=lambda row: _STATES.index(_no_amount(row.prices[_PLACES[query.column]])))
    return sorted((*known, *unknown), key=lambda row: bool(row.gone))


def _no_amount(price: Price) -> str:
    """The state of a price that has no place among amounts in dollars:

    one in yuan is known, but not here.
    """
    return price.state if price.state in _STATES else _STATES[0]


def dollars(price: Price | None) -> Decimal | None:
    """An amount that can be compared with others of its meter."""
    return price.amount if price and price.currency == "USD" else None


def _by_price(place: int) -> Callable[[EndpointRow], Any]:
    return lambda row: dollars(row.prices[place])


def _by_answer(answer: Callable[[EndpointRow], str]) -> Callable[[EndpointRow], Any]:
    return lambda row: _ANSWERS.index(answer(row)) if answer(row) else None


_PLACES = {slug: place for place, slug in enumerate(METERS)}
_VALUES: dict[str, Callable[[EndpointRow], Any]] = {
    "provider": lambda row: row.provider_name.lower(),
    "context": lambda row: row.context,
    # Nobody measures these yet, so that no row has a value to be sorted by.
    **dict.fromkeys(("latency", "throughput", "uptime"), lambda row: None),
    **{slug: _by_price(place) for slug, place in _PLACES.items()},
    "per_unit": lambda row: dollars(row.per_unit),
    "zdr": _by_answer(lambda row: row.zdr),
    "no_training": _by_answer(lambda row: row.no_training),
    "released": lambda row: row.released or None,
}


# Which is best --------------------------------------------------------------------------------------

Best = dict[tuple[str, str], tuple[Any, ...]]


def best_of(rows: Iterable[EndpointRow]) -> Best:
    """The prices and context windows of these rows that no other beats, where at least two differ.

    As everywhere a trial that is free and a tier by itself are no price of the model: see
    `pricing.lowest`.
    """
    living = [row for row in rows if not row.gone and not row.apart]
    columns = [lowest_amount([row.prices[place] for row in living]) for place in range(len(METERS))]
    columns.append(lowest_amount([row.per_unit for row in living if row.per_unit]))
    contexts = {row.context for row in living if row.context}
    largest = max(contexts) if len(contexts) > 1 else None
    best: Best = {}
    for row in living:
        cells = (*zip(columns, (*row.prices, row.per_unit), strict=True),)
        prices = [
            price for lowest, price in cells if lowest is not None and _is_about(price, lowest)
        ]
        best[row.key] = (*prices, *([largest] if largest and largest == row.context else []))
    return best


def lowest_amount(prices: Sequence[Price]) -> Decimal | None:
    """The lowest amount of a column that is sold; None where all agree, or where they count
    different things.

    What is free is sold by nobody, so it is not the lowest price.
    """
    sold = (dollars(price) for price in prices if price.state == "priced")
    amounts = {amount for amount in sold if amount is not None}
    units = {(price.meter, price.counted) for price in prices if price.amount is not None}
    differ = len(amounts) > 1 and not alike(min(amounts), max(amounts))
    return min(amounts) if differ and len(units) == 1 else None


def _is_about(price: Price | None, lowest: Decimal) -> bool:
    amount = dollars(price) if price and price.state == "priced" else None
    return amount is not None and (amount == lowest or alike(amount, lowest))


# Its columns ----------------------------------------------------------------------------------------


def _unit_label(rows: Iterable[EndpointRow]) -> str:
    """The heading of what is billed by another unit: its name where all bill by the same."""
    names = {row.per_unit.unit.name for row in rows if row.per_unit}
    return names.pop() if len(names) == 1 else "Per unit"


def _columns(unit_label: str) -> list[Column]:
    """The columns, with that of other units where it has a label."""
    return [
        replace(column, label=unit_label) if column.key == "per_unit" else column
        for column in COLUMNS
        if unit_label or column.key != "per_unit"
    ]
