"""A log's cost by owner: each owner's models and days, and what a drawing of it shows. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from usage.report import CostSum, OwnerCost, joined_sum

# A drawing of days tells so many owners apart; the others are one.
MOST_DRAWN = 6
ALL_OTHERS = "all others"
# So many rows of owner and model, those that cost most first.
MOST_MODELS = 1000


@dataclass(frozen=True)
class OwnerSplit:
    """The cost of each owner, the most expensive first, of each model of an owner, and of the days
    of the owners that are `drawn`."""

    owners: tuple[CostSum, ...]
    models: tuple[OwnerCost, ...]
    drawn: tuple[str, ...]
    days: tuple[OwnerCost, ...]


def split_of(costs: Sequence[OwnerCost]) -> OwnerSplit:
    """Add up the cost of owners; the days of `OwnerSplit` have no model."""
    by_owner: dict[str, list[CostSum]] = defaultdict(list)
    by_model: dict[tuple[str, str], list[CostSum]] = defaultdict(list)
    for one in costs:
        by_owner[one.owner].append(one.cost)
        by_model[one.owner, one.model].append(one.cost)
    owners = sorted((joined_sum(*pair) for pair in by_owner.items()), key=_expensive)
    models = [
        OwnerCost(owner, model, joined_sum(model, sums))
        for (owner, model), sums in by_model.items()
    ]
    drawn = tuple(one.key for one in owners if _dollars(one))[:MOST_DRAWN]
    return OwnerSplit(
        tuple(owners),
        tuple(sorted(models, key=lambda one: _expensive(one.cost))[:MOST_MODELS]),
        drawn,
        _days(costs, dict.fromkeys(drawn)),
    )


def _days(costs: Sequence[OwnerCost], drawn: Mapping[str, None]) -> tuple[OwnerCost, ...]:
    by_day: dict[tuple[str, str], list[CostSum]] = defaultdict(list)
    for one in costs:
        by_day[one.cost.key, one.owner if one.owner in drawn else ALL_OTHERS].append(one.cost)
    return tuple(
        OwnerCost(owner, "", joined_sum(day, sums)) for (day, owner), sums in sorted(by_day.items())
    )


def _dollars(cost: CostSum) -> Decimal:
    return cost.amounts.get("USD", Decimal(0))


def _expensive(cost: CostSum) -> tuple[Decimal, int, str]:
    return -_dollars(cost), -cost.requests, cost.key
