"""A usage log's cost by day, model and owner, as CSV. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from usage.spreadsheet import as_csv

HEADER = ("day", "model", "owner", "requests", "currency", "amount", "most")
_AT_ONCE = 1000


def owners_csv(owners: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A row for each currency of each day, model and owner; without a price, one without amount."""
    yield as_csv([HEADER])
    for start in range(0, len(owners), _AT_ONCE):
        yield as_csv(row for cost in owners[start : start + _AT_ONCE] for row in _rows(cost))


def _rows(cost: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for currency, amount in (cost["amounts"] or {"": ""}).items():
        yield (
            *(cost["key"], cost["model"], cost["owner"], str(cost["requests"])),
            *(currency, amount, cost["most"].get(currency, "")),
        )
