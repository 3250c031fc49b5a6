"""Endpoints as CSV: exact decimals, no cell that a spreadsheet runs as a formula."""

from collections.abc import Iterable

from catalog.version import one_version
from usage.spreadsheet import as_csv
from web.reads.endpoints import EndpointRecord
from web.tables.endpoint_columns import COLUMNS

_CELLS = tuple(cell for column in COLUMNS for cell in column.csv)
HEADER = tuple(name for name, _ in _CELLS)


def endpoints_csv(endpoints: Iterable[EndpointRecord]) -> str:
    with one_version():
        lines = [[value(endpoint) for _, value in _CELLS] for endpoint in endpoints]
    return as_csv([HEADER, *lines])
