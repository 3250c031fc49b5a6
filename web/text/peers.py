"""A model's places among rated models of its price class, each with the list that shows it."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from catalog.boards import BOARDS, CATEGORIES, OVERALL
from web.params.models import ModelFilters
from web.reads.rated_models import RatedModel
from web.text.facts import CategoryPlace, PeerPlace, Peers

# Upper ends of price classes: US dollars per million tokens of input.
CLASSES = tuple(map(Decimal, ("0.1", "0.25", "0.5", "1", "2", "5", "10", "25", "100")))
# A place among fewer says little.
FEWEST = 8
# The last place by rating that is named, if it is in the first fifth; the last one by price, and
# how many share a first place by context at most.
LAST_RATED = 10
LAST = 3
# Ratings within so many points are about the same class.
STEP = 10
# Any rating: what a list of rated models is filtered by.
_RATED = Decimal(1)


def peers(model_id: int, models: Sequence[RatedModel]) -> Peers | None:
    """None for a model that is not rated or has no price, or that lists fold away."""
    own = next((model for model in models if model.id == model_id), None)
    board = next((name for name in BOARDS if own and (name, OVERALL) in own.ratings), "")
    most = next((end for end in CLASSES if own and own.input and own.input <= end), None)
    if own is None or not board or most is None:
        return None
    alike = [model for model in models if model.input is not None and model.input <= most]
    overall = (board, OVERALL)
    floor = own.ratings[overall] // STEP * STEP
    as_good = [
        model
        for model in models
        if model.input is not None and model.ratings.get(overall, Decimal(0)) >= floor
    ]
    return Peers(
        most=most,
        board=board,
        floor=floor,
        categories=_categories(own, alike, most),
        cheapest=_cheapest(own, as_good, ModelFilters(board=board, rating_min=floor)),
        able=_able(own, as_good, board, floor),
        longest=_longest(own, [model for model in alike if overall in model.ratings], board, most),
    )


def _categories(
    own: RatedModel, alike: Sequence[RatedModel], most: Decimal
) -> tuple[CategoryPlace, ...]:
    """Its first places by rating: the best first, then in the usual order."""
    places = []
    for board, category in [*((board, OVERALL) for board in BOARDS), *_of_texts()]:
        if (rating := own.ratings.get((board, category))) is None:
            continue
        others = [model.ratings.get((board, category)) for model in alike]
        rated = [other for other in others if other is not None]
        place = 1 + sum(other > rating for other in rated)
        if place <= min(LAST_RATED, max(1, len(rated) // 5)) and len(rated) >= FEWEST:
            choice = board if category == OVERALL else category
            filters = ModelFilters(board=choice, input_max=most, rating_min=_RATED, sort="-rating")
            shown = PeerPlace(place, len(rated), filters.query())
            places.append(CategoryPlace(board, category, shown))
    return tuple(sorted(places, key=lambda category: category.place.place))


def _of_texts() -> Iterable[tuple[str, str]]:
    return ((BOARDS[0], category) for category in CATEGORIES)


def _cheapest(
    own: RatedModel, models: Sequence[RatedModel], filters: ModelFilters
) -> PeerPlace | None:
    inputs = [model.input for model in models if model.input is not None]
    place = 1 + sum(price < (own.input or 0) for price in inputs)
    if place > LAST or len(inputs) < FEWEST:
        return None
    return PeerPlace(place, len(inputs), filters.query(sort="input"))


def _able(
    own: RatedModel, models: Sequence[RatedModel], board: str, floor: Decimal
) -> tuple[tuple[str, PeerPlace], ...]:
    """Capabilities among whose models it is the cheapest, where it is not without them."""
    places = []
    for capability in sorted(own.capabilities):
        able = [model for model in models if capability in model.capabilities]
        filters = ModelFilters(board=board, rating_min=floor, capability=(capability,))
        found = _cheapest(own, able, filters)
        if found and found.place == 1:
            places.append((capability, found))
    return tuple(places)


def _longest(
    own: RatedModel, models: Sequence[RatedModel], board: str, most: Decimal
) -> PeerPlace | None:
    contexts = [model.context for model in models if model.context]
    if not own.context or len(contexts) < FEWEST or max(contexts) > own.context:
        return None
    if contexts.count(own.context) > LAST:
        return None
    filters = ModelFilters(board=board, input_max=most, rating_min=_RATED, sort="-context")
    return PeerPlace(1, len(contexts), filters.query())
