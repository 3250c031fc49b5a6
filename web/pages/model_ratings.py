"""A model's ratings by board and category, each drawn between the lowest and highest of all."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.boards import OVERALL
from web.charts.scales import LinearScale
from web.format.figures import partial_date
from web.reads.ratings import RatingSpread, ShownRating, rating_spreads
from web.text.ratings import CATEGORY_GROUPS, rating_name

# Width of the drawing of a scale.
SCALE = 100


@dataclass(frozen=True, slots=True)
class RatingLine:
    """`start` and `end` are where the interval lies on the scale, `at` the rating."""

    label: str
    rating: ShownRating
    spread: RatingSpread
    start: float
    end: float
    at: float

    @property
    def width(self) -> float:
        return round(self.end - self.start, 1)

    @property
    def exactly(self) -> str:
        rating, spread = self.rating, self.spread
        return (
            f"{rating.rating:,} ({rating.low:,} to {rating.high:,}), {rating.votes:,} votes, as "
            f"{rating.name}. {spread.models} models here: {spread.least:,} to {spread.most:,}"
        )


@dataclass(frozen=True, slots=True)
class RatingGroup:
    name: str
    lines: tuple[RatingLine, ...]


@dataclass(frozen=True, slots=True)
class ModelRatings:
    """`headline` is the rating over all prompts of the board that says most about the model.

    `names` are the names that the leaderboard rates, `as_of` is its date in words.
    """

    headline: ShownRating
    groups: tuple[RatingGroup, ...]
    names: tuple[str, ...]
    as_of: str

    @property
    def board(self) -> str:
        return rating_name(self.headline.board, OVERALL)


def model_ratings(ratings: Sequence[ShownRating]) -> ModelRatings | None:
    """None for a model that no board rates over all its prompts."""
    boards = [rating for rating in ratings if rating.category == OVERALL]
    if not boards:
        return None
    known = {category for _, categories in CATEGORY_GROUPS for category in categories}
    by_category = {rating.category: rating for rating in ratings if rating.category in known}
    other = [rating for rating in ratings if rating.category not in {OVERALL, *known}]
    named = (
        (name, [by_category[category] for category in categories if category in by_category])
        for name, categories in CATEGORY_GROUPS
    )
    groups = (("Boards", boards), *named, ("Others", other))
    return ModelRatings(
        headline=boards[0],
        groups=tuple(RatingGroup(name, tuple(map(_line, of))) for name, of in groups if of),
        names=tuple(dict.fromkeys(rating.name for rating in ratings)),
        as_of=partial_date(min(rating.as_of for rating in ratings)),
    )


def _line(rating: ShownRating) -> RatingLine:
    spread = rating_spreads()[rating.board, rating.category]
    scale = LinearScale.around((float(spread.least), float(spread.most)), 0, SCALE)
    start, end, at = (scale.at(float(value)) for value in (rating.low, rating.high, rating.rating))
    return RatingLine(rating_name(rating.board, rating.category), rating, spread, start, end, at)
