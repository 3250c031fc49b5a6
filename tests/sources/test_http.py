import gzip
import json
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from urllib.parse import quote

import pytest

from pricing.rates import stated
from sources import http
from sources.base import Answer, FetchFailed, Http, Listing, Parsed, Source
from sources.http import PARALLEL, open_http
from sources.page_copies import PageCopies
from sources.upstreams.models_dev.read import ModelsDev
from tests.sources.server import Page, Server
from tests.waiting import wait_until

NOW = datetime(2026, 11, 30, tzinfo=UTC)


class PageAModel(Source):
    """A source with a list of models at its address, and the prices of each at another."""

    slug = "page-a-model"
    name = "Page a model"
    url = "https://models.example/v1/models"
    licence = "MIT"

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        models = http.get()
        paths = [f"models/{quote(id_)}/endpoints" for id_ in json.loads(models)]
        return Answer(now, {"": models, **http.get_each(paths)})

    def parse(self, answer: Answer) -> Parsed:
        listings = []
        for id_ in json.loads(answer.body):
            if page := answer.pages.get(f"models/{quote(id_)}/endpoints"):
                price = json.loads(page, parse_float=Decimal)
                listings.append(Listing("acme", id_, {}, (stated("input", price),)))
        return Parsed(self.slug, answer.as_of, tuple(listings))


@pytest.fixture
def copies() -> PageCopies:
    return PageCopies()


@pytest.fixture
def fetch(
    server: Server, copies: PageCopies, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Source], Answer]:
    """Fetch a source from the server, at /v1/models, with the copies of earlier pages."""

    def fetch(source: Source) -> Answer:
        name = source.slug.upper().replace("-", "_")
        monkeypatch.setenv(f"RATECARD_SOURCE_{name}_URL", f"{server.address}/v1/models")
        with open_http(source, now=NOW, copies=copies) as client:
            return source.fetch(client, now=NOW)

    return fetch


Fetch = Callable[[Source], Answer]


def sell(server: Server, **models: str) -> None:
    server.pages["/v1/models"] = Page(json.dumps([*models]).encode())
    for id_, price in models.items():
        server.pages[f"/v1/models/{quote(id_)}/endpoints"] = Page(price.encode())


def test_a_source_of_one_address_needs_no_fetch_of_its_own(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"{}")
    assert fetch(ModelsDev()) == Answer(NOW, {"": b"{}"})


def test_a_source_may_have_a_page_for_each_of_its_models(server: Server, fetch: Fetch) -> None:
    sell(server, **{"a/one:free": "0", "a/two words": "1.10"})
    parsed = PageAModel().parse(fetch(PageAModel()))
    assert [(listing.upstream_id, listing.rates[0].amount) for listing in parsed.listings] == [
        ("a/one:free", Decimal(0)),
        ("a/two words", Decimal("1.1")),
    ]


@pytest.mark.parametrize("number", [PARALLEL - 1, PARALLEL, PARALLEL + 1, 50])
def test_every_page_arrives_whatever_their_number(
    number: int, server: Server, fetch: Fetch
) -> None:
    sell(server, **{f"m{n}": str(n) for n in range(number)})
    parsed = PageAModel().parse(fetch(PageAModel()))
    amounts = [listing.rates[0].amount for listing in parsed.listings]
    assert amounts == [Decimal(n) for n in range(number)]


@pytest.mark.parametrize("status", [404, 410])
def test_one_page_of_many_may_be_gone(status: int, server: Server, fetch: Fetch) -> None:
    sell(server, one="1", two="2")
    server.pages["/v1/models/two/endpoints"].status = status
    assert [ls.upstream_id for ls in PageAModel().parse(fetch(PageAModel())).listings] == ["one"]


def test_one_page_of_many_may_fail_and_is_empty(server: Server, fetch: Fetch) -> None:
    sell(server, **{f"m{n}": "1" for n in range(20)})
    server.pages["/v1/models/m1/endpoints"].status = 503
    pages = fetch(PageAModel()).pages
    assert [path for path, body in pages.items() if not body] == ["models/m1/endpoints"]


def test_pages_that_fail_in_numbers_fail_the_answer_in_one_sentence(
    server: Server, fetch: Fetch
) -> None:
    sell(server, **{f"m{n}": "1" for n in range(500)})
    for n in range(100):
        server.pages[f"/v1/models/m{n}/endpoints"].status = 503
    with pytest.raises(FetchFailed, match=r"^Page a model answered 503 at http\S+/endpoints\.$"):
        fetch(PageAModel())
    # What waits is cancelled.
    assert len(server.answered) < 250


def test_the_sources_own_address_may_not_be_gone(server: Server, fetch: Fetch) -> None:
    with pytest.raises(FetchFailed, match="answered 404"):
        fetch(PageAModel())


def test_an_unchanged_page_is_not_sent_again(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"{}", headers={"ETag": '"1"'})
    first, second = fetch(ModelsDev()), fetch(ModelsDev())
    assert [status for _, status in server.answered] == [200, 304]
    assert first == second
    server.pages["/v1/models"] = Page(b"[]", headers={"ETag": '"2"'})
    assert fetch(ModelsDev()).body == b"[]"


def test_a_page_without_a_validator_is_not_kept(
    server: Server, fetch: Fetch, copies: PageCopies
) -> None:
    server.pages["/v1/models"] = Page(b"{}")
    fetch(ModelsDev())
    assert not copies.known


def test_a_redirect_is_not_followed(server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"", 302, {"Location": "/"})
    with pytest.raises(FetchFailed, match="answered 302"):
        fetch(ModelsDev())


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1000, True), (1001, False)])
def test_an_answer_has_a_largest_size(
    size: int, fits: bool, server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST", 1000)
    server.pages["/v1/models"] = Page(b"x" * size)
    if fits:
        assert len(fetch(ModelsDev()).body) == size
    else:
        with pytest.raises(FetchFailed, match="sent more than"):
            fetch(ModelsDev())


def test_an_answer_has_a_longest_time(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", -1)
    server.pages["/v1/models"] = Page(b"{}")
    with pytest.raises(FetchFailed, match="took longer than"):
        fetch(ModelsDev())


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x", "http://[::1", "ftp://x", "no address", "http://" + "a" * 70 + ".de"],
)
def test_a_source_that_cannot_be_reached_is_one_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", address)
    refused = pytest.raises(FetchFailed, match=r"models\.dev could not be read at .+\.")
    with open_http(ModelsDev(), now=NOW) as client, refused:
        client.get()


def test_the_secrets_of_a_mirrors_address_are_in_no_sentence(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = server.address.removeprefix("http://")  # which answers 404
    for address in (f"http://me:hush@{place}/?key=hush", "http://me:hush@127.0.0.1:9/?key=hush"):
        monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", address)
        with open_http(ModelsDev(), now=NOW) as client, pytest.raises(FetchFailed) as refused:
            client.get()
        assert "hush" not in str(refused.value) and "127.0.0.1" in str(refused.value)


@contextmanager
def raw_server(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """The address of a server that answers each connection by `answer`, byte for byte."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65_536)
            answer(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    listener.close()


def drip(start: bytes, piece: bytes = b"x", pause: float = 0.05) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            time.sleep(pause)
            connection.sendall(piece)

    return answer


SLOW = {
    "nothing": lambda connection: connection.recv(1),
    "a header": drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "many headers": drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "early hints": drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "the body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
    "a gzip header": drip(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08"),
}


@pytest.mark.parametrize("what", SLOW)
def test_a_source_that_drips_ends_at_the_deadline(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", 0.3)
    with raw_server(SLOW[what]) as address:
        monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", address)
        with (
            pytest.raises(FetchFailed, match=r"models\.dev took longer than 0\.3 s"),
            open_http(ModelsDev(), now=NOW) as client,
        ):
            client.get()


def test_one_deadline_counts_for_all_the_pages_of_a_source(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", 0.5)
    monkeypatch.setattr(http, "LONGER_A_PAGE", 0)
    sell(server, **{f"m{n}": "1.5" for n in range(100)})
    for page in server.pages.values():
        page.pause = 0.05 if len(page.body) == 3 else 0
    before = threading.active_count()
    with pytest.raises(FetchFailed, match="took longer than"):
        fetch(PageAModel())
    assert len(server.answered) < 50
    # What is left are the threads of the server: its connections end with those of the client.
    wait_until(lambda: threading.active_count() <= before)


@pytest.mark.parametrize("host", ["slow.invalid"])
def test_a_slow_look_up_of_the_host_ends_at_the_deadline_and_keeps_no_process(host: str) -> None:
    program = f"""
import os, socket, sys, time
os.environ["RATECARD_SOURCE_MODELS_DEV_URL"] = "http://{host}/"
import django; django.setup()
from django.utils import timezone
from sources import http
from sources.base import FetchFailed
from sources.upstreams.models_dev.read import ModelsDev
http.LONGEST = 0.3
socket.getaddrinfo = lambda *args, **options: time.sleep(600)
try:
    with http.open_http(ModelsDev(), now=timezone.now()) as client:
        client.get()
except FetchFailed as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert "models.dev took longer than 0.3 s" in run.stdout


GZIPPED = {
    "one member": gzip.compress(b'{"a": 1}'),
    "two members": gzip.compress(b'{"a"') + gzip.compress(b": 1}"),
    "an empty member": gzip.compress(b"") + gzip.compress(b'{"a": 1}') + gzip.compress(b""),
    "zeros behind it": gzip.compress(b'{"a": 1}') + bytes(512),
    "something behind it": gzip.compress(b'{"a": 1}') + b"-- the end",
}


@pytest.mark.parametrize("what", GZIPPED)
@pytest.mark.parametrize("pause", [0, 0.0001])
def test_a_gzip_body_is_read_like_browsers_do(
    what: str, pause: float, server: Server, fetch: Fetch
) -> None:
    body = GZIPPED[what]
    server.pages["/v1/models"] = Page(body, headers={"Content-Encoding": "gzip"}, pause=pause)
    assert fetch(ModelsDev()).body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"{}", mtime=0)[:-1], "ends too early"),
        (b"", "ends too early"),
        (gzip.compress(b"{}", mtime=0) + b"\x1f\x8b", "ends too early"),
        (b"{}", "incorrect header check"),
        (gzip.compress(b"{}" * 99, mtime=0)[:-8] + b"x" * 8, "incorrect data check"),
    ],
)
def test_a_damaged_gzip_body_is_one_sentence(
    body: bytes, reason: str, server: Server, fetch: Fetch
) -> None:
    server.pages["/v1/models"] = Page(body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchFailed, match=f"gzip body that does not unpack: .*{reason}"):
        fetch(ModelsDev())


@pytest.mark.parametrize("encoding", ["zstd", "br", "deflate", "gzip, gzip", "x" * 500])
def test_another_encoding_is_refused_unread(encoding: str, server: Server, fetch: Fetch) -> None:
    server.pages["/v1/models"] = Page(b"x", headers={"Content-Encoding": encoding})
    with pytest.raises(FetchFailed, match="only gzip is read") as failed:
        fetch(ModelsDev())
    assert len(str(failed.value)) < 150


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_a_gzip_body_is_bounded_unpacked(
    over: int, server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST", 1_000_000)
    body = gzip.compress(b" " * (1_000_000 + over))
    server.pages["/v1/models"] = Page(body, headers={"Content-Encoding": "gzip"})
    if over > 0:
        with pytest.raises(FetchFailed, match="sent more than"):
            fetch(ModelsDev())
    else:
        assert len(fetch(ModelsDev()).body) == 1_000_000 + over


def test_a_bomb_takes_no_memory(server: Server, fetch: Fetch) -> None:
    packing = zlib.compressobj(9, wbits=31)
    zeros = bytes(2**20)
    bomb = b"".join([*(packing.compress(zeros) for _ in range(100)), packing.flush()])
    server.pages["/v1/models"] = Page(bomb, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    with pytest.raises(FetchFailed, match="sent more than 16 MB"):
        fetch(ModelsDev())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * http.LARGEST


def test_members_without_content_are_bounded_as_they_come(
    server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST", 10_000)
    body = gzip.compress(b"") * 501
    server.pages["/v1/models"] = Page(body, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchFailed, match="sent more than"):
        fetch(ModelsDev())


@pytest.mark.parametrize("over", [0, 1])
def test_the_pages_of_a_source_are_bounded_together(
    over: int, server: Server, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(server, one="1.5", two="2.5")
    size = sum(len(page.body) for page in server.pages.values())
    monkeypatch.setattr(http, "LARGEST", size - over)
    if over:
        with pytest.raises(FetchFailed, match="sent more than"):
            fetch(PageAModel())
    else:
        assert len(fetch(PageAModel()).pages) == 3


def test_headers_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = drip(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n", pause=0)
    with raw_server(endless) as address, open_http(ModelsDev(), now=NOW) as client:
        monkeypatch.setattr(client, "_address", address)
        with pytest.raises(FetchFailed, match="could not be read"):
            client.get()


@pytest.mark.parametrize(("length", "kept"), [(1000, 1), (1001, 0)])
def test_a_long_validator_is_not_kept(
    length: int, kept: int, server: Server, fetch: Fetch, copies: PageCopies
) -> None:
    server.pages["/v1/models"] = Page(b"{}", headers={"ETag": "e" * length})
    fetch(ModelsDev())
    assert len(copies.known) == kept


@pytest.mark.parametrize(
    ("headers", "hours"),
    [
        ({"Date": format_datetime(NOW, usegmt=True)}, 0),
        ({"Date": format_datetime(NOW - timedelta(hours=2), usegmt=True)}, 2),
        ({"Date": format_datetime(NOW - timedelta(hours=2), usegmt=True), "Age": "3600"}, 1),
        ({"Date": format_datetime(NOW + timedelta(days=365), usegmt=True)}, -365 * 24),
        ({"Date": format_datetime(NOW, usegmt=True), "Age": "9" * 400}, None),
        ({"Date": "yesterday"}, None),
        ({"Date": ""}, None),
    ],
)
def test_the_clock_here_is_compared_with_that_of_the_source(
    headers: dict[str, str], hours: int | None, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.pages["/"] = Page(b"{}", headers=headers)
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", server.address + "/")
    with open_http(ModelsDev(), now=NOW) as client:
        client.get()
        assert client.clock_off is None or abs(client.clock_off) < timedelta(days=366)
        near = client.clock_off and round(client.clock_off / timedelta(hours=1))
        assert near == hours or (client.clock_off is None and hours is None)
