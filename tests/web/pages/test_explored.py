from web.charts.scatter import REST
from web.pages.explored import creator_groups

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
