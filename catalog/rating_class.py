"""Rating classes: which models a leaderboard rates at least about as high as another. Pure.

A rating is an interval. A model is of at least the class of another where its interval overlaps
the other's or lies above it, that is, where its upper bound reaches the other's lower bound. Only
ratings of one board compare: the first board on which the other is rated. What is not rated is of
no class.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RatingInterval:
    """The bounds of a model's best overall rating on a board."""

    low: Decimal
    high: Decimal


# By board, the one that says most about the model first.
Intervals = Mapping[str, RatingInterval]


def is_at_least(model: Intervals, other: Intervals) -> bool:
    """Whether `model` is of at least the class of `other`; False where that is not known."""
    board = next(iter(other), "")
    return board in model and model[board].high >= other[board].low
