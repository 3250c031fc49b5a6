import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from web.http.waiting import FOR_PAGES, OF_ONE_ADDRESS, PLACES, THREADS, WaitingPlaces

ROOT = Path(__file__).resolve().parents[3]


def test_the_procfile_has_the_threads_that_the_places_are_reckoned_from():
    (threads,) = re.findall(r"--blocking-threads (\d+)", (ROOT / "Procfile").read_text())
    assert int(threads) == THREADS
    assert PLACES.places == THREADS - FOR_PAGES == 24
    assert PLACES.of_one == OF_ONE_ADDRESS < PLACES.places


def test_one_address_gets_its_share_and_leaves_the_rest_to_others():
    places = WaitingPlaces(4, 3)
    assert [places.take("a") for _ in range(4)] == [True, True, True, False]
    assert [places.take("b") for _ in range(2)] == [True, False]
    places.give_back("a")
    assert places.take("c")
    assert not places.take("a")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans())))
def test_no_order_of_comings_and_goings_exceeds_places_or_share(moves):
    places, held = WaitingPlaces(4, 3), {"a": 0, "b": 0, "c": 0}
    for address, comes in moves:
        free = sum(held.values()) < 4 and held[address] < 3
        if comes:
            assert places.take(address) == free
            held[address] += free
        elif held[address]:
            places.give_back(address)
            held[address] -= 1
