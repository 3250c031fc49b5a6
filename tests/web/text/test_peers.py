from decimal import Decimal

from web.params.models import ModelFilters
from web.reads.rated_models import RatedModel
from web.text.facts import PeerPlace
from web.text.peers import peers


def rated(number, rating="1400", price="1", context=100, able=(), **categories):
    ratings = {("text", "overall"): Decimal(rating)}
    ratings |= {("text", name): Decimal(value) for name, value in categories.items()}
    input_ = None if price is None else Decimal(price)
    return RatedModel(number, input_, context, frozenset(able), ratings)


OTHERS = [rated(number, str(1400 + number), math="1390") for number in range(1, 10)]


def test_a_place_by_rating_is_among_models_of_the_price_class():
    own = rated(0, "1500", "0.6", math="1500")
    dear = rated(50, "1600", "2", math="1600")
    found = peers(0, [own, dear, *OTHERS])
    assert found.most == 1
    assert [(one.category, one.place.place, one.place.among) for one in found.categories] == [
        ("overall", 1, 10),
        ("math", 1, 10),
    ]
    filters = ModelFilters(
        board="math", input_max=Decimal(1), rating_min=Decimal(1), sort="-rating"
    )
    assert found.categories[1].place.query == filters.query()
    # Too few to compare with, or not among the first fifth.
    assert peers(0, [own, *OTHERS[:6]]).categories == ()
    assert "overall" not in [one.category for one in peers(5, [own, *OTHERS]).categories]


def test_a_price_is_compared_with_models_rated_as_high():
    own = rated(0, "1407", "0.6", able=("vision",))
    poor = rated(60, "1399", "0.1")
    found = peers(0, [own, poor, *OTHERS])
    assert found.floor == 1400
    assert found.cheapest == PeerPlace(
        1, 10, ModelFilters(board="text", rating_min=Decimal(1400), sort="input").query()
    )
    cheaper = [rated(number, "1450", "0.5") for number in range(70, 73)]
    seeing = [rated(number, "1450", "3", able=("vision",)) for number in range(80, 88)]
    found = peers(0, [own, *cheaper, *seeing])
    assert found.cheapest is None
    assert [(slug, place.among) for slug, place in found.able] == [("vision", 9)]


def test_the_longest_context_is_shared_by_three_at_most():
    own, same = rated(0, context=1000), [rated(number, context=1000) for number in range(90, 93)]
    assert peers(0, [own, *same[:2], *OTHERS]).longest.among == 12
    assert peers(0, [own, *same, *OTHERS]).longest is None
    assert peers(0, [rated(0, context=None), *OTHERS]).longest is None


def test_an_unrated_or_unpriced_model_has_no_peers():
    assert peers(0, OTHERS) is None
    assert peers(0, [rated(0, price=None), *OTHERS]) is None
    assert peers(0, [rated(0, price="0"), *OTHERS]) is None
