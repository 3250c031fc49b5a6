"""Sources with a page for each model: spread over the hour, whole at every turn."""

import gc
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from sources import http
from sources.base import FetchFailed
from sources.http import open_http
from sources.page_copies import TURNS, PageCopies
from sources.upstreams.models_dev.read import ModelsDev
from streaming.lookups import is_public
from tests.sources.server import Page, Server
from tests.sources.test_http import PageAModel, raw_server, sell

NOW = datetime(2026, 11, 30, tzinfo=UTC)
Turn = Callable[..., dict[str, bytes]]


@pytest.fixture
def copies() -> PageCopies:
    return PageCopies()


@pytest.fixture
def turn(server: Server, copies: PageCopies, monkeypatch: pytest.MonkeyPatch) -> Turn:
    """One turn of a source with a page a model, some minutes later; its pages."""
    monkeypatch.setenv("RATECARD_SOURCE_PAGE_A_MODEL_URL", f"{server.address}/v1/models")

    def turn(minutes: int = 0, *, spread: bool = True) -> dict[str, bytes]:
        now = NOW + timedelta(minutes=minutes)
        server.answered.clear()
        with open_http(PageAModel(), now=now, copies=copies, spread=spread) as client:
            return dict(PageAModel().fetch(client, now=now).pages)

    return turn


def asked(server: Server) -> set[str]:
    return {path for path, _ in server.answered} - {"/v1/models"}


def test_an_hour_of_turns_fetches_every_page_once_more(server: Server, turn: Turn) -> None:
    sell(server, **{f"m{n}": "1" for n in range(30)})
    first = turn()
    assert len(first) == 31
    sell(server, **{f"m{n}": "2" for n in range(30)})
    seen: list[str] = []
    for number in range(1, TURNS + 1):
        pages = turn(5 * number)
        assert pages.keys() == first.keys()
        assert len(asked(server)) <= 3
        seen += asked(server)
        # The list of models itself comes every time.
        assert len(server.answered) == len(asked(server)) + 1
    assert len(set(seen)) == 30
    assert {body for path, body in pages.items() if path} == {b"2"}


def test_new_pages_come_at_once_and_what_is_gone_leaves(
    server: Server, turn: Turn, copies: PageCopies
) -> None:
    sell(server, **{f"m{n}": "1" for n in range(24)})
    turn()
    sell(server, new="1", **{f"m{n}": "1" for n in range(1, 24)})
    del server.pages["/v1/models/m5/endpoints"]
    pages = turn(5)
    assert "models/new/endpoints" in pages and "models/m0/endpoints" not in pages
    assert len(asked(server)) == 3
    for number in range(2, TURNS + 1):
        pages = turn(5 * number)
    assert "models/m5/endpoints" not in pages and "models/m5/endpoints" not in copies.known


@pytest.mark.parametrize(
    ("minutes", "spread", "fetched"),
    [(5, True, 1), (5, False, 12), (121, True, 12), (-60, True, 12)],
)
def test_a_command_and_a_long_pause_renew_all(
    minutes: int, spread: bool, fetched: int, server: Server, turn: Turn
) -> None:
    sell(server, **{f"m{n}": "1" for n in range(12)})
    turn()
    turn(minutes, spread=spread)
    assert len(asked(server)) == fetched


def test_a_page_of_another_address_is_none(
    server: Server, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(server, **{f"m{n}": "1" for n in range(12)})
    turn()
    for path, page in [*server.pages.items()]:
        server.pages[path.replace("/v1/", "/v2/")] = Page(page.body.replace(b'"1"', b'"2"'))
    monkeypatch.setenv("RATECARD_SOURCE_PAGE_A_MODEL_URL", f"{server.address}/v2/models")
    turn(5)
    assert len([path for path, _ in server.answered if path.startswith("/v2/")]) == 13


def test_a_page_that_fails_is_that_of_before_but_not_many(server: Server, turn: Turn) -> None:
    sell(server, **{f"m{n}": "1" for n in range(20)})
    turn()
    sell(server, **{f"m{n}": "2" for n in range(20)})
    for n in range(2):
        server.pages[f"/v1/models/m{n}/endpoints"].status = 500
    pages = turn(5, spread=False)
    bodies = [body for path, body in pages.items() if path]
    assert (bodies.count(b"1"), bodies.count(b"2")) == (2, 18)
    server.pages["/v1/models/m2/endpoints"].status = 500
    with pytest.raises(FetchFailed, match="answered 500"):
        turn(10, spread=False)


def test_what_came_before_the_deadline_is_not_fetched_again(
    server: Server, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", 1)
    monkeypatch.setattr(http, "LONGER_A_PAGE", 0)
    sell(server, **{f"m{n}": "1" for n in range(40)})
    server.pages["/v1/models/m39/endpoints"].pause = 30
    with pytest.raises(FetchFailed, match="took longer than 1 s"):
        turn()
    server.pages["/v1/models/m39/endpoints"].pause = 0
    assert len(turn(5)) == 41
    # The one that is missing, and the oldest share.
    assert len(asked(server)) <= 1 + 4


def test_the_deadline_grows_with_the_pages_and_is_bounded(
    server: Server, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", 0.3)
    monkeypatch.setattr(http, "LONGER_A_PAGE", 0.2)
    sell(server, **{f"m{n}": "1.5" for n in range(20)})
    for path, page in server.pages.items():
        page.pause = 0.05 if path != "/v1/models" else 0
    assert len(turn()) == 21
    monkeypatch.setattr(http, "LONGEST_OF_ALL", 0.4)
    with pytest.raises(FetchFailed, match=r"took longer than 0\.4 s"):
        turn(5, spread=False)


@pytest.mark.parametrize("stated", ["a second", "a date", "too late", "none"])
def test_a_busy_server_states_when_it_is_free(
    stated: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", f"{server.address}/api.json")
    headers = {
        "a second": {"Retry-After": "1"},
        "a date": {"Retry-After": format_datetime(NOW + timedelta(seconds=1), usegmt=True)},
        "too late": {"Retry-After": "61"},
        "none": {},
    }[stated]
    server.pages["/api.json"] = Page(b"", 429, headers, then=Page(b"{}"))
    began = time.monotonic()
    with open_http(ModelsDev(), now=NOW) as client:
        if stated in ("a second", "a date"):
            assert client.get() == b"{}"
            assert time.monotonic() - began > 0.5
        else:
            with pytest.raises(FetchFailed, match="answered 429"):
                client.get()
            assert len(server.answered) == 1


@pytest.mark.parametrize(
    "page",
    [
        Page(b"<!doctype html><title>Sign in</title>"),
        Page(b"\n<HTML>"),
        Page(b"{}", headers={"Content-Type": "text/html; charset=utf-8"}),
    ],
)
def test_a_web_page_is_refused_and_not_kept(page: Page, server: Server, turn: Turn) -> None:
    page.headers["ETag"] = '"1"'
    server.pages["/v1/models"] = page
    for _ in range(2):
        with pytest.raises(FetchFailed, match=r"a web page instead of data at .*: check its"):
            turn()
    assert [status for _, status in server.answered] == [200]


@pytest.mark.parametrize("path", ["//127.0.0.1:1/x", "http://169.254.169.254/x", "https://a/"])
def test_no_page_is_at_another_host(path: str, server: Server, turn: Turn) -> None:
    with open_http(ModelsDev(), now=NOW) as client:
        with pytest.raises(FetchFailed, match="names a page at another host"):
            client.get(path)
        with pytest.raises(FetchFailed, match="names a page at another host"):
            client.get_each([path])


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_a_public_name_does_not_lead_into_a_private_network(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET

    def look_up(host: Any, port: Any, **options: Any) -> Any:
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with open_http(ModelsDev(), now=NOW) as client, pytest.raises(FetchFailed) as refused:
        client.get()
    assert f"models.dev leads to {address}, which is no public address" in str(refused.value)


def test_public_addresses() -> None:
    public = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8")
    others = ("0.0.0.0", "100.64.0.1", "192.168.1.1", "224.0.0.1", "::ffff:10.0.0.1", "fe80::1%2")
    assert all(map(is_public, public))
    assert not any(map(is_public, (*others, "", "example.org")))


# asyncio leaves a transport open where its TLS handshake is cancelled.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_does_not_speak_tls_ends_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "LONGEST", 0.4)
    with raw_server(lambda connection: time.sleep(5)) as address:
        monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", address.replace("http://", "https://"))
        began = time.monotonic()
        with (
            pytest.raises(FetchFailed, match=r"took longer than 0\.4 s"),
            open_http(ModelsDev(), now=NOW) as client,
        ):
            client.get()
        assert time.monotonic() - began < 3
    gc.collect()


def test_jitter_is_for_the_schedule_alone(
    server: Server, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(http, "JITTER", 0.01)
    monkeypatch.setattr("random.uniform", lambda low, high: waits.append(high) or 0)
    sell(server, **{f"m{n}": json.dumps(n) for n in range(3)})
    turn(spread=False)
    assert not waits
    turn(5)
    assert waits == [0.01, 0.01]
