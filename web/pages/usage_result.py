"""The result of a usage log: what its page shows beside the tables. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from web.charts.days import DayColumns, DayCost, day_columns


def day_drawing(result: Mapping[str, Any]) -> DayColumns | None:
    """The cost of each day in US dollars; None where no day has one."""
    return day_columns([_day_cost(day) for day in result["days"]])


def owner_drawing(result: Mapping[str, Any]) -> DayColumns | None:
    """The same by owner; None for a log that is not split."""
    split = result.get("split")
    if not split:
        return None
    return day_columns([_day_cost(day, day["owner"]) for day in split["days"]], split["drawn"])


def _day_cost(day: Mapping[str, Any], owner: str | None = None) -> DayCost:
    amount = Decimal(day["amounts"].get("USD", 0))
    return DayCost(day["key"], amount, day.get("requests", day["rows"]), owner)
