from decimal import Decimal

from web.charts.scatter import REST
from web.pages.explored import ExploredModel, coming_price, creator_groups
from web.reads.explore import PricedModel
from web.reads.prices import AnnouncedPrice

USUAL = [f"c{n}" for n in range(9)]


def test_creators_keep_their_shape_and_what_is_free_goes_to_others():
    whole = creator_groups(USUAL, USUAL)
    assert sorted(whole) == USUAL[:7]
    assert len(set(whole.values())) == 7
    assert REST not in whole.values()
    some = creator_groups(["c8", "c7", "c7", "c0", "c5", "d"], USUAL)
    assert {slug: some[slug] for slug in ("c0", "c5")} == {
        slug: whole[slug] for slug in ("c0", "c5")
    }
    assert len(set(some.values())) == len(some) == 5


def test_groups_do_not_depend_on_the_order_of_the_models():
    assert creator_groups(["x", "y", "y"], []) == creator_groups(["y", "x", "y"], [])
    assert creator_groups([], USUAL) == {}


def priced(input_="2", output="6"):
    """A model at the endpoint 7, with these prices."""
    amounts = [None if amount is None else Decimal(amount) for amount in (input_, output)]
    blend = (3 * amounts[0] + amounts[1]) / 4 if amounts[1] is not None else amounts[0]
    names = ("a/x", "X", "a", "A", "a", "A", "first-party", "own")
    rating = (Decimal(1400), Decimal(1390), Decimal(1410), 9, "X", "2026-10-20")
    return PricedModel(7, *names, blend, *amounts, *rating, None, None)


def announced(**meters):
    return {
        (7, meter): [
            AnnouncedPrice(day, "priced", None if amount is None else Decimal(amount))
            for day, amount in rates
        ]
        for meter, rates in meters.items()
    }


def coming(price, model=None, **meters):
    found = coming_price(model or priced(), price, announced(**meters))
    return found and (found.begins, found.amount)


def test_an_announced_price_is_of_the_price_that_is_drawn():
    doubles = {"input": [("2026-12-01", "4")], "output": [("2026-12-01", "12")]}
    assert coming("input", **doubles) == ("2026-12-01", Decimal(4))
    assert coming("output", **doubles) == ("2026-12-01", Decimal(12))
    assert coming("blend", **doubles) == ("2026-12-01", Decimal(6))
    assert coming("blend") is None


def test_a_blend_changes_on_the_first_day_that_either_part_does():
    later = {"input": [("2026-12-05", "4")], "output": [("2026-12-01", "10")]}
    assert coming("blend", **later) == ("2026-12-01", Decimal(4))
    assert coming("input", **later) == ("2026-12-05", Decimal(4))


def test_what_is_the_same_or_unknown_is_no_announced_price():
    assert coming("input", input=[("2026-12-01", "2")]) is None
    assert coming("input", input=[("2026-12-01", "2"), ("2026-12-09", "3")])[0] == "2026-12-09"
    assert coming("blend", input=[("2026-12-01", None)]) is None


def test_a_model_without_an_output_price_is_its_input_alone():
    model = priced(output=None)
    assert coming("blend", model, input=[("2026-12-01", "3")]) == ("2026-12-01", Decimal(3))


def test_hover_tells_of_an_announced_price():
    model = priced()
    row = ExploredModel(
        model,
        Decimal(3),
        Decimal(1400),
        "rating",
        coming=AnnouncedPrice("2026-12-01", "priced", Decimal(6)),
    )
    assert row.lines[1] == "Announced: $6.00 per million tokens from 1 December 2026"
    assert row.coming_in_short == "$6.00 from 1 Dec"
