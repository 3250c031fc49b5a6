"""A database that refuses, or takes and never answers: 503 at once, then pages again."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from celery import Celery
from celery.beat import SchedulingError
from django.contrib.staticfiles.finders import get_finders
from django.db import OperationalError, connection
from kombu.transport.sqlalchemy import Channel
from sqlalchemy.pool import NullPool

from attack.proxy import Proxy
from config.beat import JsonScheduler
from config.database import base
from config.database.availability import DatabaseGone
from config.database.base import DatabaseWrapper
from config.database.connections import connection_class
from tests.waiting import wait_until
from web.http.unavailable import GONE, failure_of

ROOT = Path(__file__).resolve().parents[2]
# Of a machine that may be busy: alone, the first answer takes 3 s and others some milliseconds.
FIRST_SECONDS, AT_ONCE_SECONDS, BACK_SECONDS = 6.0, 1.0, 5.0


class Answer(NamedTuple):
    status: int
    kind: str
    retry_after: str
    body: str
    seconds: float


class Web:
    """A real web server before the proxy, with few threads."""

    def __init__(self, home: Path, proxy: Proxy) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = "granian --interface wsgi config.wsgi:application --workers 1 --no-ws"
        self.log = home / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", *command.split(), "--blocking-threads", "8"),
                    *("--port", str(self.port)),
                ],
                cwd=ROOT,
                env={**os.environ, "RATECARD_HOME": str(home), "DATABASE_URL": proxy.url},
                stdout=log,
                stderr=log,
            )

    def get(self, path: str, **headers: str) -> Answer:
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(
            "GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        kind, retry = response.headers["Content-Type"], response.headers.get("Retry-After", "")
        return Answer(response.status, kind, retry, body, time.monotonic() - begun)

    def serves(self, path: str) -> bool:
        try:
            return self.get(path).status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def started(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, proxy: Proxy
) -> Iterator[Web]:
    """One server for all: its start takes longer than what it is asked."""
    home = tmp_path_factory.mktemp("home")
    (home / "static").mkdir()
    names = [name for finder in get_finders() for name, _ in finder.list([])]
    manifest = {"version": "1.1", "hash": "", "paths": {name: name for name in names}}
    (home / "static" / "staticfiles.json").write_text(json.dumps(manifest))
    web = Web(home, proxy)
    try:
        wait_until(lambda: web.serves("/healthz"))
        yield web
    finally:
        web.process.terminate()
        web.process.wait()


@pytest.fixture
def web(started: Web, proxy: Proxy, transactional_db: None) -> Iterator[Web]:
    wait_until(lambda: started.serves("/providers/"))
    yield started
    proxy.serve()


@pytest.mark.parametrize("manner", ["refuses", "never answers"])
def test_pages_fail_at_once_while_the_database_is_gone_and_return_with_it(
    web: Web, proxy: Proxy, manner: str
) -> None:
    if manner == "refuses":
        proxy.refuse()
    else:
        proxy.holds = True
    first = web.get("/providers/")
    assert (first.status, first.retry_after) == (503, "5")
    assert first.seconds < FIRST_SECONDS
    threads = [threading.Thread(target=web.get, args=("/",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for path, status in (("/healthz", 200), ("/readyz", 503), ("/providers/?q=a", 503)):
        answer = web.get(path)
        assert answer.status == status
        assert answer.seconds < AT_ONCE_SECONDS
    for thread in threads:
        thread.join()
    begun = time.monotonic()
    proxy.serve()
    wait_until(lambda: web.serves("/providers/"))
    assert time.monotonic() - begun < BACK_SECONDS
    assert web.get("/").status == 200


def test_each_kind_of_address_answers_in_its_kind(web: Web, proxy: Proxy) -> None:
    logged = len(web.log.read_text())
    proxy.refuse()
    sentence = "The database does not answer"
    page = web.get("/")
    assert page.kind.startswith("text/html")
    assert f"<h1>{sentence}</h1>" in page.body and "<header" in page.body
    part = web.get("/", HX_Request="true")
    assert part.kind.startswith("text/html")
    assert part.body.startswith(f"<p>{sentence}") and "<header" not in part.body
    assert web.get("/", HX_Request="true", HX_Boosted="true").body == page.body
    for path, kind in (
        ("/models.csv", "text/csv"),
        ("/estimate.csv?input=1", "text/csv"),
        ("/estimate/usage/token/result.json", "application/json"),
        ("/sitemap.xml", "text/plain"),
    ):
        answer = web.get(path)
        assert (answer.status, answer.kind.partition(";")[0], answer.retry_after) == (
            503,
            kind,
            "5",
        )
        assert sentence in answer.body
    ready = web.get("/readyz")
    assert "127.0.0.1" not in ready.body and "postgres" not in ready.body
    log = web.log.read_text()[logged:]
    assert "Traceback" not in log
    assert log.count("The database does not answer: ") == 1


def test_a_restart_between_two_requests_costs_none(web: Web, proxy: Proxy) -> None:
    proxy.refuse()
    proxy.serve()
    time.sleep(1.1)  # an attempt is remembered for a second
    assert web.get("/").status == 200


@pytest.fixture
def kind(transactional_db: None, proxy: Proxy) -> type[psycopg.Connection]:
    kind = connection_class(None)
    kind.parameters = proxy.parameters
    return kind


def test_a_slow_statement_is_not_cut_while_the_server_lives(kind, proxy: Proxy) -> None:
    with kind.connect(**proxy.parameters) as connection:
        assert connection.execute("SELECT pg_sleep(2.2), 7").fetchone()[1] == 7


def test_a_statement_at_work_ends_with_a_server_that_stops_answering(kind, proxy: Proxy) -> None:
    connection = kind.connect(**proxy.parameters)
    threading.Timer(0.2, setattr, (proxy, "holds", True)).start()
    begun = time.monotonic()
    with pytest.raises(DatabaseGone):
        connection.execute("SELECT pg_sleep(0.5)")
    assert time.monotonic() - begun < FIRST_SECONDS
    assert connection.closed
    proxy.serve()
    wait_until(lambda: not kind.availability.gone)


def test_a_connection_of_before_the_outage_is_not_used_again(kind, proxy: Proxy) -> None:
    connection = kind.connect(**proxy.parameters)
    assert connection.usable()
    kind.availability.refused(psycopg.OperationalError("gone"))
    wait_until(lambda: not kind.availability.gone)
    assert not connection.usable()
    connection.close()


@pytest.fixture
def pooled(kind, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseWrapper]:
    """A connection of a pool of one."""
    monkeypatch.setattr(base, "_pooled", {})
    monkeypatch.setattr(DatabaseWrapper, "_connection_pools", {})
    pool = {"connection_class": kind, "min_size": 0, "max_size": 1, "timeout": 0.3}
    wrapper = connection.copy()
    own = {"HOST": kind.parameters["host"], "PORT": kind.parameters["port"], "HOME": None}
    wrapper.settings_dict |= own
    wrapper.settings_dict["OPTIONS"] |= {"pool": {**pool, "reconnect_timeout": 0}}
    yield wrapper
    wrapper.close_pool()
    base._pooled.clear()


def test_a_wait_for_a_busy_pool_is_no_failure(pooled: DatabaseWrapper) -> None:
    with ThreadPoolExecutor(1) as other, pooled.cursor():
        waiting = other.submit(first_row, pooled, "SELECT 7")
        time.sleep(1)
        assert not waiting.done()
        pooled.close()
        assert waiting.result() == (7,)


def test_a_wait_for_a_busy_pool_ends_with_its_server(pooled: DatabaseWrapper, proxy: Proxy) -> None:
    with ThreadPoolExecutor(1) as other, pooled.cursor():
        waiting = other.submit(first_row, pooled, "SELECT 7")
        time.sleep(0.1)
        proxy.refuse()
        with pytest.raises(OperationalError) as failed:
            waiting.result(FIRST_SECONDS)
        assert failure_of(failed.value) == GONE
    pooled.close()
    proxy.serve()


def first_row(wrapper: DatabaseWrapper, statement: str) -> Any:
    own = wrapper.copy()  # a wrapper belongs to its thread
    try:
        with own.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()
    finally:
        own.close()


def test_a_server_without_a_free_connection_is_not_gone(kind) -> None:
    kind.availability.refused(psycopg.errors.TooManyConnections("sorry, too many clients already"))
    assert not kind.availability.gone


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:DeprecationWarning")
def test_beat_sends_again_when_the_database_of_its_broker_is_back(
    transactional_db: None, proxy: Proxy, tmp_path: Path
) -> None:
    broker = "sqla+" + proxy.url.replace("postgresql:", "postgresql+psycopg:")
    app = Celery("beat-test", broker=broker, broker_transport_options={"poolclass": NullPool})
    app.conf.beat_schedule = {"due": {"task": "a.task", "schedule": 0.0}}
    scheduler = JsonScheduler(app=app, schedule_filename=str(tmp_path / "beat"), lazy=True)
    scheduler.setup_schedule()
    due = scheduler.schedule["due"]
    scheduler.apply_async(due, producer=scheduler.producer)
    proxy.refuse()
    for _ in range(2):
        with pytest.raises(SchedulingError):
            scheduler.apply_async(due, producer=scheduler.producer)
    proxy.serve()
    scheduler.apply_async(due, producer=scheduler.producer)
    scheduler.close()
    Channel._engines.clear()
