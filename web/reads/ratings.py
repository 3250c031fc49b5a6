"""The rating that a model's page shows."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.sql import rows


@dataclass(frozen=True, slots=True)
class ShownRating:
    """The best overall rating of a model on its first board; `name` is as the board has it."""

    rating: Decimal
    low: Decimal
    high: Decimal
    votes: int
    rank: int
    board: str
    name: str
    as_of: str
    source: str
    url: str
    licence: str


_BOARDS = ["text", "webdev", "vision", "document"]
_RATING = """
SELECT rating.rating, rating.low, rating.high, rating.votes, rating.rank, rating.board, rating.name,
       rating.as_of::text, source.name AS source, source.url, source.licence
FROM catalog_rating rating JOIN catalog_source source ON source.id = rating.source_id
WHERE rating.model_id = %(id)s AND rating.category = 'overall'
ORDER BY array_position(%(boards)s, rating.board::text), rating.rating DESC, rating.name
LIMIT 1
"""


def rating_of(model_id: int) -> ShownRating | None:
    return next(iter(rows(ShownRating, _RATING, id=model_id, boards=_BOARDS)), None)
