"""A refresh in the hands of a real worker, killed or cut off at work: whole, and the next goes on.

The message of a killed task is gone: the schedule is the retry.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from attack.proxy import Proxy
from catalog.models import Endpoint, EndpointClaims, Model, Provider
from pricing.models import Rate
from sources.models import KeptAnswer, Refresh
from sources.refresh import refresh
from sources.registry import SOURCES
from sources.tasks import refresh_source
from tests.sources.server import Page, Server
from tests.sources.test_held_answers import catalog
from tests.waiting import wait_until
from tests.worker import children_of, open_queue, running_worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # Kombu's own models use what SQLAlchemy 2.1 announces to remove.
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:DeprecationWarning"),
]

HOSTS = ("host-one", "host-two", "host-three", "host-four")


@pytest.fixture(autouse=True)
def first(upstream: Server) -> None:
    """models.dev with three hosts, which the catalog has, and a fourth by now."""
    serve(upstream, HOSTS[:3])
    refresh(SOURCES["models-dev"], now=timezone.now())
    serve(upstream, HOSTS)


@pytest.fixture
def send() -> Iterator[Callable[[], Any]]:
    """Send the message of the schedule."""
    with open_queue() as broker:
        yield lambda: refresh_source.apply_async(["models-dev"], connection=broker)


def serve(upstream: Server, hosts: tuple[str, ...], *, pause: float = 0) -> None:
    upstream.pages["/api.json"] = Page(json.dumps(catalog(hosts)).encode(), pause=pause)


def rows() -> list[Any]:
    tables = (Provider, Model, Endpoint, EndpointClaims, Rate, KeptAnswer)
    return [list(table.objects.order_by("id").values()) for table in tables]


def states() -> list[str]:
    return [*Refresh.objects.order_by("id").values_list("state", flat=True)]


@contextmanager
def prices_locked() -> Iterator[Callable[[], bool]]:
    """Rates that no refresh can write, and whether one waits for them amid its transaction."""
    known = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: known[name] for name in names if known.get(name)}) as holder:
        holder.execute("LOCK TABLE pricing_rate IN SHARE MODE")

        def is_waiting() -> bool:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM pg_locks WHERE NOT granted AND database ="
                    " (SELECT oid FROM pg_database WHERE datname = current_database())"
                    " AND relation = 'pricing_rate'::regclass"
                )
                return cursor.fetchone() is not None

        yield is_waiting
        holder.rollback()


@pytest.mark.parametrize("moment", ["fetches", "writes"])
def test_a_refresh_of_which_the_process_is_killed_leaves_the_catalog_whole(
    moment: str, upstream: Server, send: Callable[[], Any]
) -> None:
    before = rows()
    with ExitStack() as until_killed, running_worker() as worker:
        asked = len(upstream.answered)
        if moment == "fetches":
            serve(upstream, HOSTS, pause=0.05)
            is_at_work = lambda: len(upstream.answered) > asked  # noqa: E731
        else:
            is_at_work = until_killed.enter_context(prices_locked())
        send()
        wait_until(is_at_work)
        for child in children_of(worker):
            os.kill(child, signal.SIGKILL)
        # It ends with its child, and its supervisor would start it again.
        assert worker.wait(30) == -signal.SIGKILL
    assert rows()[:5] == before[:5]
    assert states() == ["done", "running"]
    serve(upstream, HOSTS)
    with running_worker():
        send()
        wait_until(lambda: states() == ["done", "failed", "done"])
    killed, last = Refresh.objects.order_by("id")[1:]
    assert "was killed before it ended" in killed.error
    assert last.counts["endpoints new"] == 10
    assert Rate.objects.filter(endpoint__provider__slug="host-four").count() == 20


def test_a_refresh_that_loses_its_database_leaves_the_catalog_whole(
    upstream: Server, send: Callable[[], Any]
) -> None:
    before = rows()
    proxy = Proxy()
    with running_worker(database=proxy.url) as worker:
        with prices_locked() as is_waiting:
            send()
            wait_until(is_waiting)
            proxy.refuse()
        assert rows() == [*before[:5], [*KeptAnswer.objects.order_by("id").values()]]
        assert states() == ["done", "running"]
        proxy.serve()
        # The worker goes on by itself, and the next turn records how the last one ended.
        send()
        wait_until(lambda: states() == ["done", "failed", "done"])
        assert worker.poll() is None
    proxy.close()
    assert Rate.objects.filter(endpoint__provider__slug="host-four").count() == 20


def test_two_workers_refresh_a_source_one_at_a_time(
    upstream: Server, send: Callable[[], Any]
) -> None:
    asked = len(upstream.answered)
    with running_worker(), running_worker():
        with prices_locked() as is_waiting:
            for _ in range(4):
                send()
            wait_until(is_waiting)
            # The other worker drops what it takes; the busy one may have reserved a message.
            wait_until(lambda: _messages() == 0)
            time.sleep(0.5)
            assert states() == ["done", "running"]
            assert len(upstream.answered) == asked + 1
        wait_until(lambda: "running" not in states())
    _, first, *later = Refresh.objects.order_by("id")
    assert (first.state, first.counts["endpoints new"]) == ("done", 10)
    for refresh_after in later:
        assert refresh_after.state in ("unchanged", "running")  # begun just now
        assert refresh_after.started_at >= first.finished_at
    assert Rate.objects.filter(endpoint__provider__slug="host-four").count() == 20


def _messages() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kombu_message WHERE visible")
        (number,) = cursor.fetchone() or (0,)
        return int(number)
