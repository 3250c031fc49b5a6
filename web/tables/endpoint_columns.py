"""The columns of every table of endpoints: heading, cell, sort key, comparison, CSV.

A new column is one EndpointColumn here, and its field in web/reads/endpoints.py.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from pricing.meters import HEADLINE, meter
from web.format.figures import partial_date, plain
from web.reads.endpoint_prices import COLUMN_METERS
from web.reads.endpoints import EndpointRecord, sources_of
from web.reads.prices import Price
from web.reads.site import site
from web.tables.comparison_rows import sizes, texts
from web.tables.endpoint_cells import (
    CapabilitiesCell,
    LifecycleCell,
    LimitsCell,
    PolicyCell,
    ReleaseCell,
)
from web.tables.endpoint_column import CsvCell, EndpointColumn
from web.tables.live_columns import LIVE_COLUMNS
from web.text.endpoints import first_seen, kind_in_words, variant, why_gone
from web.text.policy import NO_TRAINING_IN_WORDS, ZDR_IN_WORDS, policy_in_words, retention

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
    *LIVE_COLUMNS,
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
