"""Slow sockets on every address that takes a body: pages stay quick beside them."""

import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from threading import Event, Thread

from attack.instance import Instance
from attack.report import Promise
from attack.routes import routes
from attack.wire import CSRF_SECRET, FORM, get, request_bytes, send

SOCKETS = 40
SECONDS = 30.0
# How long a page may take beside them, alone on its connection.
SLOWEST_SECONDS = 1.0
PAGES = ("/", "/providers/", "/estimate/?input=1000&output=200&requests=7", "/healthz")


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    seconds = max(3.0, SECONDS * share)
    addresses = taking_bodies(instance)
    for what, sent, drip in (
        ("bodies of a byte a second", [head(path) + b"usage=" for path in addresses], b"x"),
        ("bodies that never come", [head(path) for path in addresses], b""),
        ("heads of a byte a second", [b"GET / HTTP/1.1\r\nX-Slow: "], b"x"),
        ("connections without a byte", [b""], b""),
    ):
        chosen = [random.choice(sent) for _ in range(SOCKETS)]
        yield beside(instance, f"{SOCKETS} slow {what}", chosen, drip, seconds)


def head(path: str) -> bytes:
    """The head of a POST of 100,000 bytes with a valid token."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: csrftoken={CSRF_SECRET}\r\nX-CSRFToken: {CSRF_SECRET}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: 100000\r\n\r\n"
    ).encode()


def taking_bodies(instance: Instance) -> list[str]:
    """The public addresses that do not refuse every POST."""
    addresses = [route.address() for route in routes(instance.port, token="none")]
    return [
        path for path in addresses if send(instance.port, request_bytes("POST", path)).status != 405
    ]


def beside(
    instance: Instance, what: str, sent: list[bytes], drip: bytes, seconds: float
) -> Promise:
    quiet = statistics.median(get(instance.port, page).seconds for page in PAGES)
    stop = Event()
    slow = Thread(target=_hold, args=(instance.port, sent, drip, stop))
    slow.start()
    replies = []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        replies += [(page, get(instance.port, page)) for page in PAGES]
        time.sleep(0.2)
    stop.set()
    slow.join()
    times = [reply.seconds for _, reply in replies]
    broken = [
        f"{page}: {reply.status} after {reply.seconds:.1f} s"
        for page, reply in replies
        if reply.status != 200 or reply.seconds > SLOWEST_SECONDS
    ]
    return Promise(
        what,
        f"pages beside: {len(times)}, median {statistics.median(times) * 1000:.0f} ms"
        f" (quiet {quiet * 1000:.0f}), slowest {max(times) * 1000:.0f} ms",
        tuple(broken),
    )


def _hold(port: int, sent: list[bytes], drip: bytes, stop: Event) -> None:
    """Keep as many connections as there are heads, sending a drip a second; reopen those ended."""
    with selectors.DefaultSelector() as lines:
        heads = list(sent)
        while not stop.wait(1.0):
            with suppress(OSError):
                while heads:
                    line = socket.create_connection(("127.0.0.1", port), timeout=5)
                    lines.register(line, selectors.EVENT_READ, heads[-1])
                    line.sendall(heads.pop())
            for key, _ in lines.select(timeout=0):
                lines.unregister(key.fileobj)
                heads.append(key.data)
                _socket(key).close()
            for key in lines.get_map().values():
                with suppress(OSError):  # ended by the server: the next select has it
                    _socket(key).send(drip)
        for key in lines.get_map().values():
            _socket(key).close()


def _socket(key: selectors.SelectorKey) -> socket.socket:
    assert isinstance(key.fileobj, socket.socket)
    return key.fileobj
