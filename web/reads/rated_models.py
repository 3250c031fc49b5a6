"""Rated models as lists show them: each one's ratings, and the input price of its headline."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.sql import rows
from web.http.page_cache import cached_summary


@dataclass(frozen=True, slots=True)
class RatedModel:
    """A model that lists do not fold away. `ratings` are its best by board and category.

    `input` is US dollars per million tokens at the endpoint that stands for the model, None where
    that has no price. `context` is the window, or the most input where that is unknown.
    """

    id: int
    input: Decimal | None
    context: int | None
    capabilities: frozenset[str]
    ratings: dict[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class _BestRating:
    id: int
    input: Decimal | None
    context: int | None
    capabilities: list[str]
    board: str
    category: str
    rating: Decimal


_RATED = """
SELECT model.id, price.input, coalesce(model.context_window, model.max_input) AS context,
       model.capabilities, best.board, best.category, best.rating
FROM (
    SELECT model_id, board, category, max(rating) AS rating
    FROM catalog_rating GROUP BY model_id, board, category
) best
JOIN catalog_model model ON model.id = best.model_id
JOIN pricing_headline headline ON headline.model_id = model.id
JOIN pricing_pricerow price ON price.endpoint_id = headline.endpoint_id
WHERE model.provider_count > 0 AND headline.folded = ''
"""


@cached_summary
def rated_models() -> tuple[RatedModel, ...]:
    models: dict[int, RatedModel] = {}
    for best in rows(_BestRating, _RATED):
        model = models.setdefault(
            best.id,
            RatedModel(best.id, best.input, best.context, frozenset(best.capabilities), {}),
        )
        model.ratings[best.board, best.category] = best.rating
    return tuple(models.values())
