from threading import Thread

import pytest
from django.db import connection

from tests.waiting import wait_until
from web.http import page_cache
from web.http.turns import Turns, in_turn


def test_turns_come_in_order_of_arrival_and_no_more_at_once_than_there_are():
    turns, at_work, order, most = Turns(2), [], [], []

    def work(number: int) -> None:
        with turns.one() as waited:
            at_work.append(number)
            most.append(len(at_work))
            order.append((number, waited))
            at_work.remove(number)

    turns.wait()
    turns.wait()
    threads = []
    for number in range(20):
        threads.append(Thread(target=work, args=(number,)))
        threads[-1].start()
        wait_until(lambda arrived=number + 1: len(turns._waiting) == arrived)
    turns.end()
    for thread in threads:
        thread.join()
    assert order == [(number, True) for number in range(20)]
    assert max(most) == 1
    turns.end()
    assert turns.wait() is turns.wait() is False


def test_a_turn_ends_with_an_error_in_it():
    turns = Turns(1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns.one():
            raise ZeroDivisionError
    assert in_turn(lambda a, *, b: (a, b))(1, b=2) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_a_turn_is_awaited():
    turns = Turns(1)
    held, let_go = [], []

    def wait() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        with turns.one():
            held.append(connection.connection is not None)
            let_go.append(True)
        connection.close()

    turns.wait()
    waiting = Thread(target=wait)
    waiting.start()
    wait_until(lambda: len(turns._waiting) == 1)
    turns.end()
    waiting.join()
    assert (held, let_go) == ([False], [True])


@pytest.mark.django_db(transaction=True)
def test_requests_for_one_page_make_it_once(rf, monkeypatch):
    turns, made = Turns(1), []
    monkeypatch.setattr(page_cache, "TURNS", turns)

    @page_cache.cached_page
    def view(request):
        made.append(1)
        return page_cache.HttpResponse("page")

    def visit() -> None:
        view(rf.get("/"))
        connection.close()

    turns.wait()
    threads = [Thread(target=visit) for _ in range(5)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(turns._waiting) == 5)
    turns.end()
    for thread in threads:
        thread.join()
    assert len(made) == 1
