"""Bodies of requests: read at a least rate, and by a bounded number of threads at once.

granian reads a request's head by itself, but the body is read by the thread that answers, for as
long as the visitor likes. Here a thread of its own reads it, so that the other can stop waiting.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from io import BufferedReader, RawIOBase
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import connection

from web.http.visitor import visitor_address
from web.http.waiting import PLACES

if TYPE_CHECKING:
    from _typeshed import OptExcInfo

log = logging.getLogger("ratecard.bodies")

# So many bytes, or all that are left, must arrive within so many seconds: 8 KB a second.
PIECE = 2**16
SECONDS_A_PIECE = 8.0
# A body that has arrived by then needs no place: nearly all have come with the request's head.
SECONDS_WITHOUT_A_PLACE = 0.1
# From the end of an answer that ends the connection to that end: the answer is sent meanwhile.
SECONDS_TO_SEND = 0.1
RETRY_AFTER_SECONDS = 10
# One line for all refusals within so many seconds.
LOG_SECONDS = 60.0


class BodyRefused(BadRequest):
    """A body that arrives too slowly, or for which no place is free."""

    status, template = 408, "408.html"


class TooSlow(BodyRefused):
    pass


class NoPlace(BodyRefused):
    status, template = 503, "too_many_bodies.html"


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BodyStream(RawIOBase):
    """A body that is read by a thread of its own. Raises BodyRefused."""

    def __init__(self, source: Source, address: str) -> None:
        super().__init__()
        self.refused: BodyRefused | None = None
        self._source, self._address = source, address
        self._sizes: SimpleQueue[int] = SimpleQueue()
        self._pieces: SimpleQueue[bytes] = SimpleQueue()
        self._began = 0.0
        self._has_place = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self.refused:
            raise self.refused
        if not self._began:
            self._began = time.monotonic()
            Thread(
                target=_read, args=(self._source, self._sizes, self._pieces), daemon=True
            ).start()
        size = min(len(buffer), PIECE)
        self._sizes.put(size)
        piece = self._piece()
        if len(piece) < size:  # the end of the body
            self._leave()
        buffer[: len(piece)] = piece
        return len(piece)

    def _piece(self) -> bytes:
        asked = time.monotonic()
        try:
            if not self._has_place:
                left = self._began + SECONDS_WITHOUT_A_PLACE - asked
                try:
                    return self._pieces.get(timeout=max(0.0, left))
                except Empty:
                    self._take_place()
            return self._pieces.get(timeout=max(0.0, asked + SECONDS_A_PIECE - time.monotonic()))
        except Empty:
            self.refused = TooSlow("A body arrived too slowly")
        except NoPlace as refused:
            self.refused = refused
        raise self.refused

    def _take_place(self) -> None:
        if not PLACES.take(self._address):
            _log_refusals()
            raise NoPlace("No place for a slow body")
        self._has_place = True
        if not connection.in_atomic_block:
            connection.close()  # for others, as long as this thread waits

    def _leave(self) -> None:
        if self._has_place:
            self._has_place = False
            PLACES.give_back(self._address)

    def end(self) -> None:
        self._leave()
        self._sizes.put(0)


_logged = [-LOG_SECONDS]


def _log_refusals() -> None:
    now = time.monotonic()
    if now - _logged[0] >= LOG_SECONDS:
        _logged[0] = now
        log.warning("Slow bodies hold all places, or one visitor's share: others get a 503.")


def _read(source: Source, sizes: SimpleQueue[int], pieces: SimpleQueue[bytes]) -> None:
    while size := sizes.get():
        pieces.put(source.read(size))


def bounded_bodies(application: WSGIApplication) -> WSGIApplication:
    """Bound how long requests wait for their bodies, and how many wait at once.

    Where a body was refused, the application's answer is the last one of its connection.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_empty = environ.get("CONTENT_LENGTH", "0") == "0"
        if is_empty and "HTTP_TRANSFER_ENCODING" not in environ:
            return application(environ, start_response)
        body = BodyStream(environ["wsgi.input"], visitor_address(environ, settings.PROXIES))
        environ["wsgi.input"] = BufferedReader(body, PIECE)

        def start(
            status: str, headers: list[tuple[str, str]], error: "OptExcInfo | None" = None, /
        ) -> Callable[[bytes], object]:
            return start_response(status, _a_byte_more(headers) if body.refused else headers, error)

        try:
            response = application(environ, start)
        finally:
            body.end()
        return _then_wait(response) if body.refused else response

    return answer


# granian keeps a connection for as long as something reads from it, and nothing but its end stops a
# thread that reads. An answer that ends before its stated length is what makes granian end it.


def _a_byte_more(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    length = next((int(value) for name, value in headers if name == "Content-Length"), 0)
    others = [header for header in headers if header[0] != "Content-Length"]
    return [*others, ("Content-Length", str(length + 1)), ("Connection", "close")]


def _then_wait(response: Iterable[bytes]) -> Iterator[bytes]:
    with closing(response):  # type: ignore[type-var]  # Django's responses have `close`
        yield from response
        time.sleep(SECONDS_TO_SEND)
