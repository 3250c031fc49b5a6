"""The provider table for spreadsheets and programs:

exact decimals, and no cell that runs as a formula.
"""

from collections.abc import Iterable

from usage.spreadsheet import as_csv
from web.format.figures import plain
from web.reads.prices import Price
from web.tables.provider_table import METERS, EndpointRow

_FIRST = (
    "model",
    "provider",
    "provider_name",
    "kind",
    "upstream_id",
    "variant",
    "context",
    "max_output",
)
_LAST = (
    "per_unit_meter",
    "web_search_content_billed_as_input",
    "capabilities",
    "zdr",
    "no_training",
    "released",
    "lifecycle",
    "missing_or_retired",
)
_SEARCH = METERS.index("web_search")
_PARTS = ("", "_currency", "_per", "_unit", "_state")
HEADER = (*_FIRST, *(f"{slug}{part}" for slug in (*METERS, "per_unit") for part in _PARTS), *_LAST)


def provider_csv(rows: Iterable[EndpointRow]) -> str:
    """The rows with a header:

    amounts in full, with currency, number and name of units; empty is unknown.
    """
    return as_csv([HEADER, *map(_cells, rows)])


def _cells(row: EndpointRow) -> list[str]:
    return [
        *(
            row.model_slug,
            row.provider_slug,
            row.provider_name,
            row.kind,
            row.upstream_id,
            row.variant,
        ),
        *(str(row.context or ""), str(row.max_output or "")),
        *(part for price in row.prices for part in _price(price)),
        *(_price(row.per_unit) if row.per_unit else [""] * len(_PARTS)),
        row.per_unit.meter if row.per_unit else "",
        _yes_or_no(row.prices[_SEARCH].content_billed_as_input),
        " ".join(slug for slug, _ in row.capabilities),
        *(row.zdr, row.no_training, row.released, row.stage, row.gone),
    ]


def _yes_or_no(stated: bool | None) -> str:
    return "" if stated is None else "yes" if stated else "no"


def _price(price: Price) -> list[str]:
    if price.amount is None:
        return ["", "", "", "", price.state]
    unit = price.unit
    return [plain(price.amount), price.currency, str(unit.per), unit.unit, price.state]
