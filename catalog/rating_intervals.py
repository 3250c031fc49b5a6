"""The intervals of all models' overall ratings."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from catalog.boards import BOARDS
from catalog.rating_class import Intervals, RatingInterval
from catalog.sql import rows


@dataclass(frozen=True, slots=True)
class _BoundRow:
    slug: str
    board: str
    low: Decimal
    high: Decimal


_BOUNDS = """
SELECT DISTINCT ON (model.slug, rating.board) model.slug, rating.board, rating.low, rating.high
FROM catalog_rating rating JOIN catalog_model model ON model.id = rating.model_id
WHERE rating.category = 'overall' AND rating.board = ANY(%(boards)s)
ORDER BY model.slug, rating.board, rating.rating DESC, rating.name
"""


def rating_intervals() -> dict[str, Intervals]:
    """By slug of a model; a model that is rated more than once on a board has its best rating."""
    found: dict[str, dict[str, RatingInterval]] = defaultdict(dict)
    bounds = rows(_BoundRow, _BOUNDS, boards=list(BOARDS))
    for bound in sorted(bounds, key=lambda bound: BOARDS.index(bound.board)):
        found[bound.slug][bound.board] = RatingInterval(bound.low, bound.high)
    return dict(found)
