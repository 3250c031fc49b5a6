"""HTTP over raw sockets, so that a request may be as wrong as it can be."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

LONGEST_WAIT = 20.0
FORM = "application/x-www-form-urlencoded"
# Django accepts any secret of this length that cookie and form have in common.
CSRF_SECRET = "a" * 32


@dataclass(frozen=True)
class Reply:
    """What came back. A status of 0 is a connection that was closed without an answer.

    The values of a repeated header are joined by "; ".
    """

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def size(self) -> int:
        return len(self.body)


def request_bytes(
    method: str,
    target: str | bytes,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
) -> bytes:
    """A request as it goes over the wire. `headers` replace the usual ones; "" leaves one out."""
    fields = {"Host": "localhost", "Connection": "close"}
    if body:
        fields |= {"Content-Length": str(len(body)), "Content-Type": FORM}
    fields |= headers or {}
    path = target if isinstance(target, bytes) else target.encode("utf-8", "surrogatepass")
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return (
        b"".join((method.encode(), b" ", path, b" HTTP/1.1\r\n"))
        + lines.encode("utf-8", "surrogatepass")
        + b"\r\n"
        + body
    )


def form_bytes(target: str, fields: dict[str, str], cookies: str = "", visitor: str = "") -> bytes:
    """The POST of a form with a valid CSRF token, from a visitor of this address."""
    body = urlencode({"csrfmiddlewaretoken": CSRF_SECRET, **fields}, errors="surrogatepass")
    cookie = f"csrftoken={CSRF_SECRET}{cookies and '; '}{cookies}"
    headers = {"Cookie": cookie, "X-Forwarded-For": visitor}
    return request_bytes("POST", target, headers, body.encode())


def get(port: int, target: str, headers: dict[str, str] | None = None) -> Reply:
    return send(port, request_bytes("GET", target, headers))


def send(port: int, sent: bytes, *, complete: bool = True, wait: float = LONGEST_WAIT) -> Reply:
    """Send these bytes and read to the end; close our half first where the request is incomplete.

    The server keeps a connection open only where these bytes say so.
    """
    began = time.perf_counter()
    received = bytearray()
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=wait) as line:
        with suppress(ConnectionError):  # refused before all of it was sent
            line.sendall(sent)
        if not complete:
            with suppress(OSError):
                line.shutdown(socket.SHUT_WR)
        while part := line.recv(1 << 16):
            received += part
            if time.perf_counter() - began > wait:
                break
    return parsed(bytes(received), time.perf_counter() - began)


def parsed(received: bytes, seconds: float) -> Reply:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if not version.startswith("HTTP/") or not rest[:3].isdecimal():
        return Reply(0, {}, received, seconds)
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name = name.lower()
        headers[name] = f"{headers[name]}; {value.strip()}" if name in headers else value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = _joined(body)
    return Reply(int(rest[:3]), headers, body, seconds)


def _joined(chunked: bytes) -> bytes:
    parts = []
    while chunked:
        size, _, rest = chunked.partition(b"\r\n")
        length = int(size or b"0", 16)
        parts.append(rest[:length])
        chunked = rest[length + 2 :] if length else b""
    return b"".join(parts)
