"""What a part of a usage log cost, as tables show it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class ShownSum:
    """The cost of a day, a model or an owner; `priced` are the requests with a price.

    `most` is what sums of requests may have cost, where that is more than the amount.
    """

    key: str
    requests: int
    priced: int
    assumed: int
    amounts: tuple[tuple[str, Decimal], ...]
    is_model: bool = False
    share: float = 0
    most: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        return self.requests - self.priced

    @property
    def ranges(self) -> list[tuple[str, Decimal, Decimal | None]]:
        """(currency, amount, the most that it may be) of each currency."""
        return [
            (currency, amount, most if (most := self.most.get(currency)) != amount else None)
            for currency, amount in self.amounts
        ]

    @property
    def dollars(self) -> Decimal | None:
        return dict(self.amounts).get("USD")


def shown_sum(row: Mapping[str, Any]) -> ShownSum:
    amounts = tuple((currency, Decimal(amount)) for currency, amount in row["amounts"].items())
    return ShownSum(
        row["key"],
        row.get("requests", row["rows"]),
        row.get("priced_requests", row["priced"]),
        row["assumed"],
        amounts,
        most={currency: Decimal(amount) for currency, amount in row.get("most", {}).items()},
    )


def percent(part: Decimal, whole: Decimal) -> float:
    return round(float(100 * part / whole), 1) if whole else 0
