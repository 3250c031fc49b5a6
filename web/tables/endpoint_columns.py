"""The columns of every table of endpoints: heading, cell, sort key, comparison, CSV.

A new column is one EndpointColumn here, and its field in web/reads/endpoints.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pricing.meters import HEADLINE, meter
from web.format.figures import partial_date, plain
from web.params.columns import Column
from web.reads.endpoint_prices import COLUMN_METERS
from web.reads.endpoints import EndpointRecord, sources_of
from web.reads.live import LiveFigure
from web.reads.prices import Price
from web.reads.site import site
from web.tables.comparison_rows import RowMaker, measured, sizes, texts
from web.tables.endpoint_cells import (
    CapabilitiesCell,
    CellContent,
    LifecycleCell,
    LimitsCell,
    LiveCell,
    PolicyCell,
    ReleaseCell,
)
from web.text.endpoints import first_seen, kind_in_words, variant, why_gone
from web.text.live import in_short
from web.text.policy import NO_TRAINING_IN_WORDS, ZDR_IN_WORDS, policy_in_words, retention

CsvCell = tuple[str, Callable[[EndpointRecord], str]]


def _no_rank(endpoint: EndpointRecord) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class EndpointColumn:
    """A column of tables of endpoints. It shows in those for which it has a part.

    - `cell`: in the provider table; `heading` is enough for one that its template draws itself.
    - `served`: in the table of a provider's models, which sorts in SQL.
    - `sort_key`: by a click on its heading, `descending` first or not. None has no value, and
      comes last in both directions, ordered by `rank_without`.
    - `compared`: as a row of the comparison's group `group`; `where_stated`, only if any endpoint
      has it.
    - `csv`: as these columns of the CSV, by name.
    - `price`, or `largest`: which of the direct providers' values are the best.
    """

    key: str
    label: str
    heading: bool = False
    cell: Callable[[EndpointRecord], CellContent] | None = None
    served: Callable[[EndpointRecord], CellContent] | None = None
    sort_key: Callable[[EndpointRecord], Any] | None = None
    descending: bool = False
    rank_without: Callable[[EndpointRecord], int] = _no_rank
    numeric: bool = False
    meaning: str = ""
    group: str = ""
    compared: RowMaker | None = None
    where_stated: bool = False
    csv: tuple[CsvCell, ...] = ()
    price: Callable[[EndpointRecord], Price | None] | None = None
    largest: bool = False

    @property
    def in_table(self) -> bool:
        return self.heading or self.cell is not None

    def head(self, label: str = "", *, sortable: bool = True) -> Column:
        sorts = self.sort_key is not None and sortable
        sort = f"{'-' if self.descending else ''}{self.key}" if sorts else ""
        return Column(label or self.label, sort, self.numeric, self.meaning, self.key)


# Prices -----------------------------------------------------------------------------------------

_STATES = ("included", "not_offered", "dynamic", "unknown")


def dollars(price: Price | None) -> Decimal | None:
    """An amount in US dollars, which compares with others of its meter."""
    return price.amount if price and price.currency == "USD" else None


def _state_rank(price: Price) -> int:
    # A price in another currency is known, but does not compare with amounts in dollars.
    return _STATES.index(price.state) if price.state in _STATES else 0


def _price_csv(name: str, price: Callable[[EndpointRecord], Price | None]) -> tuple[CsvCell, ...]:
    """Exact amount, currency, number and name of units, state, and what is announced.

    Empty is unknown; an announced price is in the same unit, from a day on.
    """

    def part(value: Callable[[Price], str], *, of_amount: bool) -> Callable[[EndpointRecord], str]:
        def cell(endpoint: EndpointRecord) -> str:
            stated = price(endpoint)
            if stated is None or (of_amount and stated.amount is None):
                return ""
            return value(stated)

        return cell

    return (
        (name, part(lambda stated: plain(stated.amount or Decimal(0)), of_amount=True)),
        (f"{name}_currency", part(lambda stated: stated.currency, of_amount=True)),
        (f"{name}_per", part(lambda stated: str(stated.unit.per), of_amount=True)),
        (f"{name}_unit", part(lambda stated: stated.unit.unit, of_amount=True)),
        (f"{name}_state", part(lambda stated: stated.state, of_amount=False)),
        (f"{name}_announced", part(_announced_amount, of_amount=False)),
        (f"{name}_announced_from", part(_announced_from, of_amount=False)),
    )


def _announced_amount(price: Price) -> str:
    announced = price.announced
    return plain(announced.amount) if announced and announced.amount is not None else ""


def _announced_from(price: Price) -> str:
    return price.announced.begins if price.announced else ""


def _price_column(slug: str) -> EndpointColumn:
    place = COLUMN_METERS.index(slug)

    def price(endpoint: EndpointRecord) -> Price:
        return endpoint.prices[place]

    return EndpointColumn(
        slug,
        meter(slug).name.partition(",")[0],
        cell=price,
        served=price if slug in HEADLINE else None,
        sort_key=lambda endpoint: dollars(price(endpoint)),
        rank_without=lambda endpoint: _state_rank(price(endpoint)),
        numeric=True,
        csv=_price_csv(slug, price),
        price=price,
    )


_NO_UNIT = Price("unit", "unknown")
PER_UNIT = EndpointColumn(
    "per_unit",
    "Per unit",
    cell=lambda endpoint: endpoint.per_unit or _NO_UNIT,
    sort_key=lambda endpoint: dollars(endpoint.per_unit),
    numeric=True,
    csv=(
        *_price_csv("per_unit", lambda endpoint: endpoint.per_unit),
        ("per_unit_meter", lambda endpoint: endpoint.per_unit.meter if endpoint.per_unit else ""),
    ),
    price=lambda endpoint: endpoint.per_unit,
)


def _search_content(endpoint: EndpointRecord) -> str:
    billed = endpoint.price("web_search").content_billed_as_input
    return "" if billed is None else "yes" if billed else "no"


# Other kinds ------------------------------------------------------------------------------------

# The best answer first.
_ANSWERS = ("Yes", "Yes, unless you opt in", "With exceptions", "On request", "By contract", "No")


def _value(figure: LiveFigure | None) -> Decimal | None:
    return figure.value if figure else None


def _plain(figure: LiveFigure | None) -> str:
    return plain(figure.value) if figure else ""


def _live_column(
    key: str, label: str, meaning: str, *, note: str = "p50", descending: bool = True
) -> EndpointColumn:
    return EndpointColumn(
        key,
        label,
        cell=lambda endpoint: LiveCell(key, endpoint.figure(key)),
        sort_key=lambda endpoint: _value(endpoint.figure(key)),
        descending=descending,
        numeric=True,
        meaning=meaning,
        group="Live",
        compared=measured(label, key, note),
        csv=(
            (key, lambda endpoint: _plain(endpoint.figure(key))),
            (f"{key}_source", lambda endpoint: in_short(endpoint.figure(key))),
        ),
    )


def _policy_column(
    key: str, label: str, name: str, policy: str, answer: Callable[[EndpointRecord], str]
) -> EndpointColumn:
    """`policy` is the value of the cell's data-policy, `name` the label where there is room."""
    return EndpointColumn(
        key,
        label,
        cell=lambda endpoint: PolicyCell(
            policy, answer(endpoint), policy_in_words(endpoint).aside if answer(endpoint) else ""
        ),
        sort_key=lambda endpoint: _ANSWERS.index(answer(endpoint)) if answer(endpoint) else None,
        group="Data policy",
        compared=texts(name, answer, (("policy", policy),)),
        csv=((key, answer),),
    )


def _compared_column(
    key: str, label: str, group: str, words: Callable[[EndpointRecord], str], *, always: bool
) -> EndpointColumn:
    return EndpointColumn(
        key, label, group=group, compared=texts(label, words), where_stated=not always
    )


def _limits(endpoint: EndpointRecord) -> LimitsCell:
    return LimitsCell(endpoint.context, endpoint.max_input, endpoint.max_output)


def _release(endpoint: EndpointRecord) -> ReleaseCell:
    return ReleaseCell(endpoint.released or endpoint.model_released, own=bool(endpoint.released))


def _capabilities(endpoint: EndpointRecord) -> CapabilitiesCell:
    return CapabilitiesCell(endpoint.capabilities)


def _as_of(endpoint: EndpointRecord) -> str:
    return site().iso_as_of(sources_of([endpoint]))


# In the order of every table of endpoints, of the CSV, and of each group of the comparison.
COLUMNS: Sequence[EndpointColumn] = (
    EndpointColumn(
        "provider",
        "Provider",
        heading=True,
        sort_key=lambda endpoint: endpoint.provider_name.lower(),
        csv=(
            ("model", lambda endpoint: endpoint.model_slug),
            ("provider", lambda endpoint: endpoint.provider_slug),
            ("provider_name", lambda endpoint: endpoint.provider_name),
            ("kind", kind_in_words),
            ("upstream_id", lambda endpoint: endpoint.upstream_id),
            ("variant", variant),
        ),
    ),
    EndpointColumn(
        "context",
        "Context",
        cell=_limits,
        served=_limits,
        sort_key=lambda endpoint: endpoint.context,
        descending=True,
        numeric=True,
        group="Facts",
        compared=sizes("Context", lambda endpoint: endpoint.context),
        csv=(
            ("context", lambda endpoint: str(endpoint.context or "")),
            ("max_input", lambda endpoint: str(endpoint.max_input or "")),
        ),
        largest=True,
    ),
    EndpointColumn(
        "max_output",
        "Max output",
        group="Facts",
        compared=sizes("Max output", lambda endpoint: endpoint.max_output),
        csv=(("max_output", lambda endpoint: str(endpoint.max_output or "")),),
    ),
    _live_column(
        "latency",
        "Latency",
        "Seconds from sending a request to the first token of any kind, reasoning included: "
        "the median (P50); each cell states its source and window. Lower is better.",
        descending=False,
    ),
    _live_column(
        "throughput",
        "Throughput",
        "Output tokens a second, reasoning included, over the time after the first token: "
        "the median (P50); each cell states its source and window. Higher is better.",
    ),
    _live_column(
        "uptime",
        "Uptime",
        "Requests that succeeded, of those that succeeded or failed by the provider’s fault. "
        "Errors of the caller and rate limits are not counted.",
        note="",
    ),
    *map(_price_column, COLUMN_METERS),
    PER_UNIT,
    EndpointColumn(
        "search_content",
        "Search content",
        csv=(("web_search_content_billed_as_input", _search_content),),
    ),
    EndpointColumn(
        "capabilities",
        "Capabilities",
        cell=_capabilities,
        served=_capabilities,
        csv=(
            ("capabilities", lambda endpoint: " ".join(slug for slug, _ in endpoint.capabilities)),
        ),
    ),
    _policy_column(
        "zdr",
        "ZDR",
        "Zero data retention",
        "zdr",
        lambda endpoint: ZDR_IN_WORDS[endpoint.zdr],
    ),
    _policy_column(
        "no_training",
        "No training",
        "No training",
        "training",
        lambda endpoint: NO_TRAINING_IN_WORDS[endpoint.training],
    ),
    _compared_column("retention", "Data retention", "Data policy", retention, always=True),
    _compared_column(
        "exceptions",
        "Exceptions",
        "Data policy",
        lambda endpoint: " ".join(endpoint.policy_exceptions.splitlines()),
        always=False,
    ),
    _compared_column(
        "checked",
        "Checked",
        "Data policy",
        lambda endpoint: partial_date(endpoint.policy_checked_on),
        always=False,
    ),
    _compared_column(
        "quantization",
        "Quantization",
        "Facts",
        lambda endpoint: endpoint.quantization,
        always=False,
    ),
    EndpointColumn(
        "released",
        "Released",
        cell=_release,
        served=_release,
        sort_key=lambda endpoint: _release(endpoint).iso or None,
        descending=True,
        csv=(("released", lambda endpoint: endpoint.released),),
    ),
    EndpointColumn(
        "lifecycle",
        "Lifecycle",
        served=lambda endpoint: LifecycleCell(
            endpoint.stage, first_seen(endpoint), endpoint.retired_on, why_gone(endpoint)
        ),
        csv=(
            ("lifecycle", lambda endpoint: endpoint.stage),
            ("first_seen", lambda endpoint: endpoint.listed_since),
            ("retired_on", lambda endpoint: endpoint.retired_on),
            ("missing_or_retired", why_gone),
        ),
    ),
    EndpointColumn("as_of", "As of", csv=(("prices_as_of", _as_of),)),
)
BY_KEY = {column.key: column for column in COLUMNS}
TABLE_COLUMNS = tuple(column for column in COLUMNS if column.in_table)
SERVED_COLUMNS = tuple(column for column in COLUMNS if column.served)
