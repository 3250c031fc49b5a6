"""Ratings of models by leaderboards."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.boards import BOARDS, board_and_category
from catalog.sql import rows
from web.http.page_cache import cached_each, cached_summary


@dataclass(frozen=True, slots=True)
class ShownRating:
    """The best rating of a model on a board in a category; `name` is as the board has it."""

    board: str
    category: str
    rating: Decimal
    low: Decimal
    high: Decimal
    votes: int
    rank: int
    name: str
    as_of: str
    source: str
    url: str
    licence: str


_RATINGS = """
WITH best AS (
    SELECT DISTINCT ON (board, category) * FROM catalog_rating WHERE model_id = %(id)s
    ORDER BY board, category, rating DESC, name
)
SELECT best.board, best.category, best.rating, best.low, best.high, best.votes, best.rank,
       best.name, best.as_of::text, source.name AS source, source.url, source.licence
FROM best JOIN catalog_source source ON source.id = best.source_id
ORDER BY best.category <> 'overall', array_position(%(boards)s, best.board::text), best.board,
         best.category
"""


def ratings_of(model_id: int) -> list[ShownRating]:
    """Ratings over all prompts first, of these the board that says most about the model."""
    if model_id not in _rated():
        return []
    return rows(ShownRating, _RATINGS, id=model_id, boards=list(BOARDS))


class _Rated(NamedTuple):
    model_id: int


@cached_summary
def _rated() -> frozenset[int]:
    """Most models are not."""
    return frozenset(
        rated.model_id for rated in rows(_Rated, "SELECT DISTINCT model_id FROM catalog_rating")
    )


class RatingSpread(NamedTuple):
    """The lowest and the highest rating of the catalog's `models` models on a board."""

    least: Decimal
    most: Decimal
    models: int


_SPREADS = """
SELECT board, category, min(rating) AS least, max(rating) AS most,
       count(DISTINCT model_id) AS models
FROM catalog_rating GROUP BY board, category
"""


@cached_summary
def rating_spreads() -> dict[tuple[str, str], RatingSpread]:
    """By board and category."""
    spreads: list[dict[str, Any]] = rows(dict, _SPREADS)
    return {(row.pop("board"), row.pop("category")): RatingSpread(**row) for row in spreads}


@dataclass(frozen=True, slots=True)
class ComparedRating:
    """The best rating of a model on a board, in one category."""

    model_id: int
    board: str
    category: str
    name: str
    rating: Decimal
    low: Decimal
    high: Decimal
    votes: int
    as_of: str
    source: str


_COMPARED = """
SELECT DISTINCT ON (rating.model_id, rating.board, rating.category)
       rating.model_id, rating.board, rating.category, rating.name, rating.rating, rating.low,
       rating.high, rating.votes, rating.as_of::text, source.name AS source
FROM catalog_rating rating JOIN catalog_source source ON source.id = rating.source_id
WHERE rating.model_id = ANY(%(ids)s)
ORDER BY rating.model_id, rating.board, rating.category, rating.rating DESC, rating.name
"""


def _read_compared(
    model_ids: Sequence[int], now: datetime
) -> dict[int, dict[tuple[str, str], ComparedRating]]:
    """Ratings by model, then by board and category."""
    by_model: dict[int, dict[tuple[str, str], ComparedRating]] = {id_: {} for id_ in model_ids}
    rated = [model_id for model_id in model_ids if model_id in _rated()]
    for rating in rows(ComparedRating, _COMPARED, ids=rated) if rated else ():
        by_model[rating.model_id][rating.board, rating.category] = rating
    return by_model


ratings_of_models = cached_each(_read_compared, most=512)


@dataclass(frozen=True, slots=True)
class ListedRating:
    """The best rating of a model on one board and in one category, with its interval."""

    model_id: int
    rating: Decimal
    low: Decimal
    high: Decimal
    votes: int
    rank: int
    as_of: str


_LISTED = """
SELECT DISTINCT ON (model_id) model_id, rating, low, high, votes, rank, as_of::text
FROM catalog_rating
WHERE model_id = ANY(%(ids)s) AND board = %(board)s AND category = %(category)s
ORDER BY model_id, rating DESC, name
"""


def ratings_on(choice: str, model_ids: Sequence[int]) -> dict[int, ListedRating]:
    """The ratings of these models on a board or in a category of texts."""
    board, category = board_and_category(choice)
    ids = [model_id for model_id in model_ids if model_id in _rated()]
    if not ids:
        return {}
    listed = rows(ListedRating, _LISTED, ids=ids, board=board, category=category)
    return {rating.model_id: rating for rating in listed}


@dataclass(frozen=True, slots=True)
class RatedBoard:
    """A board in one category: the date of its ratings, and the source to name beside them."""

    board: str
    category: str
    as_of: str
    source: str
    url: str
    licence: str


_RATED_BOARDS = """
SELECT DISTINCT ON (rating.board, rating.category) rating.board, rating.category,
       rating.as_of::text, source.name AS source, source.url, source.licence
FROM catalog_rating rating JOIN catalog_source source ON source.id = rating.source_id
ORDER BY rating.board, rating.category, rating.as_of DESC, source.id
"""


@cached_summary
def rated_boards() -> dict[tuple[str, str], RatedBoard]:
    """Boards and categories with a rating, by both."""
    boards = rows(RatedBoard, _RATED_BOARDS)
    return {(rated.board, rated.category): rated for rated in boards}


@dataclass(frozen=True, slots=True)
class _BoardRating:
    board: str
    category: str
    slug: str
    rating: Decimal


_BEST = """
SELECT rating.board, rating.category, model.slug, max(rating.rating) AS rating
FROM catalog_rating rating JOIN catalog_model model ON model.id = rating.model_id
GROUP BY rating.board, rating.category, model.slug
"""


@cached_summary
def _best_ratings() -> Mapping[tuple[str, str], Mapping[str, Decimal]]:
    found: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for best in rows(_BoardRating, _BEST):
        found[best.board, best.category][best.slug] = best.rating
    return dict(found)


def best_ratings(choice: str) -> Mapping[str, Decimal]:
    """The best rating of each model on a board or in a category of texts, by the model's slug."""
    return _best_ratings().get(board_and_category(choice), {})
