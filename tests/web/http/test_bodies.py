"""Slow bodies, from real sockets to a real granian: pages are answered, and threads come back."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader, BytesIO
from pathlib import Path
from threading import Event

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.config.test_run import database_address
from tests.waiting import wait_until
from web.http import bodies
from web.http.bodies import BodyStream, NoPlace, TooSlow
from web.http.waiting import THREADS, WaitingPlaces

ROOT = Path(__file__).resolve().parents[3]
SLOW = 40
# Less patience, and static files without a manifest.
QUICK = """
from config import settings
settings.STORAGES["staticfiles"] = settings.STORAGES["default"]
from config.wsgi import application
from web.http import bodies
bodies.SECONDS_A_PIECE = 2.5
"""
PAGES = ("/healthz", "/", "/estimate/", "/providers/", "/healthz")


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[tuple[int, int]]:
    """A port and the process behind it: the Procfile's granian, with less patience for a body."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "quick.py").write_text(QUICK)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with django_db_blocker.unblock():
        address = database_address()
    (command,) = re.findall(r"^web: (granian .+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)
    changed = {
        "granian": f"exec {sys.executable} -m granian",
        "config.wsgi:application": "quick:application",
        "--http1-header-read-timeout 10000": "--http1-header-read-timeout 2000",
    }
    for word, value in changed.items():
        assert word in command
        command = command.replace(word, value)
    granian = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env=os.environ
        | {"PYTHONPATH": str(folder), "RATECARD_HOME": str(folder), "DATABASE_URL": address}
        | {"RATECARD_HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "1"},
    )
    try:
        wait_until(lambda: is_listening(port))
        answer(port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        workers = ["ps", "-o", "pid=", "--ppid", str(granian.pid)]
        done = subprocess.run(workers, capture_output=True, text=True, check=True)
        yield port, max(map(int, done.stdout.split()), key=threads)
    finally:
        granian.terminate()
        granian.wait(20)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def threads(pid: int) -> int:
    count = ["ps", "-o", "nlwp=", "-p", str(pid)]
    return int(subprocess.run(count, capture_output=True, text=True, check=True).stdout)


def answer(port: int, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as visit:
        visit.sendall(request.encode())
        return b"".join(iter(lambda: visit.recv(65536), b""))


def status(port: int, path: str) -> int:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    return int(answer(port, head).split(b" ", 2)[1])


def cookie(port: int) -> str:
    page = answer(port, "GET /account/sign-in/ HTTP/1.0\r\nHost: localhost\r\n\r\n").decode()
    return re.findall(r"csrftoken=\w+", page)[0]


def slow_visit(port: int, path: str, known: str, *, drips: bool, part: bytes) -> bytes:
    """The answer to 100 KB that are announced: a part comes, and then a byte now and then."""
    kind = (
        "multipart/form-data; boundary=x"
        if "usage" in path
        else "application/x-www-form-urlencoded"
    )
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {known}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: 100000\r\n\r\n"
    )
    received = b""
    with socket.create_connection(("127.0.0.1", port)) as visit:
        visit.sendall(head.encode() + part)
        visit.settimeout(0.2)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if drips:
                    visit.sendall(b"x")
                more = visit.recv(65536)
            except TimeoutError:
                continue
            except ConnectionError:
                break
            if not more:
                break
            received += more
        else:
            raise AssertionError("the connection was never ended")
    return received


FILE = b'--x\r\nContent-Disposition: form-data; name="log"; filename="a.csv"\r\n\r\n'


@pytest.mark.parametrize(
    ("path", "drips", "part"),
    [
        ("/account/sign-in/", True, b""),
        ("/estimate/prompt/", False, b""),
        ("/estimate/prompt/", False, b"x" * 70_000),
        ("/estimate/usage/", True, b""),
        ("/estimate/usage/", False, FILE + b"x" * 30_000),
    ],
)
def test_slow_bodies_close_nothing_to_others(site, path, drips, part):
    port, pid = site
    known = cookie(port)
    for page in PAGES:
        assert status(port, page) == 200
    before = threads(pid)
    with ThreadPoolExecutor(SLOW) as pool:
        visits = [
            pool.submit(slow_visit, port, path, known, drips=drips, part=part) for _ in range(SLOW)
        ]
        time.sleep(0.5)
        for page in PAGES:
            assert status(port, page) == 200
        assert not all(visit.done() for visit in visits)  # no page waited for them
        answers = [visit.result() for visit in visits]
    assert {answer[9:12] for answer in answers} == {b"408", b"503"}
    assert all(b"retry-after: " in answer and b"</html>" in answer for answer in answers)
    # With the connections the threads that read have ended; granian keeps its own for a while.
    wait_until(lambda: threads(pid) <= before + THREADS, 5)


def test_what_needs_no_body_is_answered_without_waiting_for_it(site):
    port, _ = site
    for length in ("Content-Length: 100000", "Transfer-Encoding: chunked"):
        head = f"HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{length}\r\n\r\n"
        assert answer(port, f"GET /healthz {head}")[9:12] == b"200"
        assert answer(port, f"PUT / {head}")[9:12] == b"405"
    # Without a length Django takes a body for empty.
    head = (
        f"HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie(port)}\r\nTransfer-Encoding: chunked\r\n"
    )
    assert answer(port, f"POST /account/sign-in/ {head}Connection: close\r\n\r\n")[9:12] == b"403"


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_connection_without_the_head_of_a_request_ends(site, sent):
    port, _ = site
    with socket.create_connection(("127.0.0.1", port), timeout=20) as visit:
        visit.sendall(sent)
        assert b"200" not in b"".join(iter(lambda: visit.recv(65536), b""))


class Held:
    """A source that gives its bytes and then nothing, without an end, until it is let go."""

    def __init__(self, given: bytes = b"") -> None:
        self.given, self.let_go = given, Event()

    def read(self, size: int, /) -> bytes:
        if len(self.given) < size:
            self.let_go.wait(30)
        piece, self.given = self.given[:size], self.given[size:]
        return piece


@given(st.binary(max_size=300), st.lists(st.integers(1, 90)), st.integers(1, 100))
def test_a_body_is_read_as_it_was_sent_in_whatever_pieces(sent, sizes, piece):
    stream = BodyStream(BytesIO(sent), "a")
    body = BufferedReader(stream, piece)
    assert b"".join([*(body.read(size) for size in sizes), body.read()]) == sent
    stream.end()


def test_a_body_in_lines(monkeypatch):
    stream = BodyStream(BytesIO(b"one\ntwo\n\nthree"), "a")
    assert list(BufferedReader(stream)) == [b"one\n", b"two\n", b"\n", b"three"]
    stream.end()


@pytest.fixture
def places(monkeypatch) -> WaitingPlaces:
    places = WaitingPlaces(2, 1)
    monkeypatch.setattr(bodies, "PLACES", places)
    monkeypatch.setattr(bodies, "SECONDS_A_PIECE", 0.3)
    return places


def test_a_slow_body_is_refused_and_gives_its_place_back(places):
    source = Held()
    stream = BodyStream(source, "a")
    with pytest.raises(TooSlow):
        stream.read(10)
    assert not places.take("a")  # held until the request ends
    stream.end()
    assert places.take("a")
    with pytest.raises(TooSlow):
        stream.read(10)  # at once, without another wait
    source.let_go.set()


def test_a_body_that_is_there_needs_no_place(places):
    assert places.take("a")
    stream = BodyStream(BytesIO(b"all of it"), "a")
    assert BufferedReader(stream).read() == b"all of it"
    stream.end()


def test_without_a_place_a_slow_body_is_refused_at_once(places, monkeypatch):
    assert places.take("a")
    source = Held()
    stream = BodyStream(source, "a")
    monkeypatch.setattr(bodies, "SECONDS_A_PIECE", 30)
    with pytest.raises(NoPlace):
        stream.read(10)
    stream.end()
    assert places.take("b") and not places.take("c")  # of two, "a" still holds the first
    source.let_go.set()


@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_a_body_is_awaited(places):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert connection.connection is not None
    source = Held()
    stream = BodyStream(source, "a")
    with pytest.raises(TooSlow):
        stream.read(10)
    assert connection.connection is None
    stream.end()
    source.let_go.set()
