"""The cost of a log by owner. Pure."""

from decimal import Decimal

from usage.report import CostSum, OwnerCost
from usage.split import ALL_OTHERS, MOST_DRAWN, split_of


def cost(owner: str, day: str, amount: str, *, model: str = "a/b", most: str = "") -> OwnerCost:
    amounts = {"USD": Decimal(amount)}
    upper = {"USD": Decimal(most)} if most else {}
    return OwnerCost(owner, model, CostSum(day, 1, 1, 0, amounts, upper, 2, 2))


def test_owners_and_their_models_are_added_up_over_days() -> None:
    split = split_of(
        [
            *(cost("x", "2026-11-20", "1"), cost("x", "2026-11-21", "2", most="5")),
            *(cost("y", "2026-11-20", "9"), cost("x", "2026-11-20", "4", model="a/c")),
        ]
    )
    assert [(one.key, one.amounts["USD"], one.requests) for one in split.owners] == [
        ("y", 9, 2),
        ("x", 7, 6),
    ]
    assert split.owners[1].most == {"USD": 10}
    assert [(one.owner, one.model, one.cost.amounts["USD"]) for one in split.models] == [
        ("y", "a/b", 9),
        ("x", "a/c", 4),
        ("x", "a/b", 3),
    ]
    assert [(one.owner, one.cost.key, one.cost.amounts["USD"]) for one in split.days] == [
        ("x", "2026-11-20", 5),
        ("y", "2026-11-20", 9),
        ("x", "2026-11-21", 2),
    ]


def test_owners_beyond_those_that_are_drawn_are_one() -> None:
    split = split_of([cost(f"o{n}", "2026-11-20", str(n)) for n in range(MOST_DRAWN + 3)])
    assert (split.drawn[0], len(split.drawn)) == (f"o{MOST_DRAWN + 2}", MOST_DRAWN)
    (others,) = (one for one in split.days if one.owner == ALL_OTHERS)
    assert others.cost.amounts["USD"] == 3
