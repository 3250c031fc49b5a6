"""The result of a usage log: what its page shows beside the tables. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from web.charts.owner_days import OwnerDay, StackedDays, stack


def owner_drawing(result: Mapping[str, Any]) -> StackedDays | None:
    """The cost of each day by owner in US dollars; None for a log that is not split."""
    split = result.get("split")
    if not split:
        return None
    days = [
        OwnerDay(day["key"], day["owner"], Decimal(day["amounts"].get("USD", 0)))
        for day in split["days"]
    ]
    return stack(days, split["drawn"])
