"""The HTTP client of the sources: bounded, conditional GETs; a failure is one sentence.

One deadline and one size bound all the pages of a source together, from the look-up of its host on.
"""

import asyncio
import os
import socket
import threading
import zlib
from collections.abc import Collection, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx

from sources.base import FetchFailed, Source
from sources.clock import clock_offset
from sources.gunzip import Gunzip

# Five times the largest answer of today: bytes of all the pages of a source, unpacked. Parsed, the
# worst JSON of that size takes 0.6 GB.
LARGEST = 16 * 1024 * 1024
# Seconds for all the pages of a source; Celery's limits stay above it.
LONGEST = 60
# Requests at one time to one host.
PARALLEL = 4
# Bytes of compressed pages that one process keeps for conditional requests.
MOST_KEPT = 16 * 1024 * 1024
_LONGEST_VALIDATOR = 1000
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_HEADERS = {
    "User-Agent": "ratecard (self-hosted model catalog)",
    "Accept": "application/json",
    # Only what is decoded with a bound: httpx would expand a whole chunk of zstd or brotli at once.
    "Accept-Encoding": "gzip",
}
# The header of an answer, and the one that makes the next request conditional.
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_GONE = (httpx.codes.NOT_FOUND, httpx.codes.GONE)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class PageCopy:
    """A page of an earlier refresh: its body, compressed, and the headers of the next request."""

    conditions: dict[str, str]
    packed: bytes


# By address, the oldest first. A new process begins without any, and reads every page once.
KEPT: dict[str, PageCopy] = {}


def address_of(source: Source) -> str:
    mirror = os.environ.get(f"RATECARD_SOURCE_{source.slug.upper().replace('-', '_')}_URL")
    address = mirror or source.url
    is_base = source.url.endswith("/")
    return f"{address.rstrip('/')}/" if is_base else address


def _headers(source: Source) -> dict[str, str]:
    """Those of every request; the key, if one is set, goes nowhere else."""
    key = os.environ.get(source.key_name, "").strip() if source.key_name else ""
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        # httpx would write it into its message.
        raise FetchFailed(f"{source.key_name} is not a key: it has spaces or other signs.")
    return {**_HEADERS, "Authorization": f"Bearer {key}"} if key else _HEADERS


@contextmanager
def open_http(source: Source, *, now: datetime) -> Iterator["HttpClient"]:
    """A client for the pages of a source, while the context lasts.

    Redirects are not followed: models.dev answers a wrong path with one, to a web page.
    """
    with asyncio.Runner(loop_factory=_Loop) as runner:
        client = httpx.AsyncClient(timeout=_TIMEOUT, headers=_headers(source))
        try:
            yield HttpClient(runner, client, source.name, address_of(source), now)
        finally:
            runner.run(_close(client))


async def _close(client: httpx.AsyncClient) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await client.aclose()


class _Loop(asyncio.SelectorEventLoop):
    """Looks up hosts in daemon threads, so that a slow one outlives neither deadline nor exit.

    The loop's own executor is awaited at the end of the loop and of the process.
    """

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        found = self.create_future()

        def settle(addresses: Any, error: OSError | None) -> None:
            if not found.done():
                found.set_exception(error) if error else found.set_result(addresses)

        def look_up() -> None:
            addresses, failure = None, None
            try:
                addresses = socket.getaddrinfo(host, port, **options)
            except OSError as error:
                failure = error
            with suppress(RuntimeError):  # the loop was closed at its deadline
                self.call_soon_threadsafe(settle, addresses, failure)

        threading.Thread(target=look_up, daemon=True).start()
        return await found


class HttpClient:
    """`sources.base.Http`, for one source.

    `clock_off` is how far the clock here is ahead of the source's; None until an answer has a date.
    """

    def __init__(
        self,
        runner: asyncio.Runner,
        client: httpx.AsyncClient,
        name: str,
        address: str,
        now: datetime,
    ) -> None:
        self._runner, self._client = runner, client
        self._name, self._address, self._now = name, address, now
        self._began = runner.get_loop().time()
        self._read = 0
        self.clock_off: timedelta | None = None

    def get(self, path: str = "") -> bytes:
        status, body = self._in_time(self._request(self._at(path)))
        if status != httpx.codes.OK:
            raise self._refused(status, path)
        return body

    def get_each(self, paths: Collection[str]) -> dict[str, bytes]:
        return self._in_time(self._get_each(paths))

    async def _get_each(self, paths: Collection[str]) -> dict[str, bytes]:
        places = asyncio.Semaphore(PARALLEL)
        bodies: dict[str, bytes] = {}

        async def read(path: str) -> None:
            async with places:
                status, body = await self._request(self._at(path))
            if status == httpx.codes.OK:
                bodies[path] = body
            elif status not in _GONE:
                raise self._refused(status, path)

        try:
            # The first failure cancels the requests that run or wait.
            async with asyncio.TaskGroup() as group:
                for path in paths:
                    group.create_task(read(path))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return {path: bodies[path] for path in paths if path in bodies}

    def _in_time(self, reading: Coroutine[Any, Any, Result]) -> Result:
        async def read() -> Result:
            async with asyncio.timeout_at(self._began + LONGEST):
                return await reading

        try:
            return self._runner.run(read())
        except TimeoutError:
            raise FetchFailed(
                f"{self._name} took longer than {LONGEST:,} s to answer: the refresh was ended."
            ) from None

    def _at(self, path: str) -> str:
        return urljoin(self._address, path) if path else self._address

    def _refused(self, status: int, path: str) -> FetchFailed:
        return FetchFailed(f"{self._name} answered {status} at {_shown(self._at(path))}.")

    async def _request(self, address: str) -> tuple[int, bytes]:
        """The status and the body; 304 is a 200 with the body of the last time."""
        kept = KEPT.get(address)
        try:
            async with self._client.stream(
                "GET", address, headers=kept.conditions if kept else {}
            ) as response:
                self._compare_clocks(response)
                if kept and response.status_code == httpx.codes.NOT_MODIFIED:
                    body = zlib.decompress(kept.packed)
                    self._count(len(body))
                    return httpx.codes.OK, body
                if response.status_code != httpx.codes.OK:
                    return response.status_code, b""
                body = await self._body(response)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = str(error)[:300].rstrip(".") or type(error).__name__
            raise FetchFailed(
                f"{self._name} could not be read at {_shown(address)}: {reason}."
            ) from error
        _keep(address, response.headers, body)
        return response.status_code, body

    async def _body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "", "gzip", "x-gzip"):
            raise FetchFailed(
                f"{self._name} answered in the encoding {encoding[:40]!r}; only gzip is read."
            )
        gunzip = Gunzip() if "gzip" in encoding else None
        body = bytearray()
        received = 0
        async for chunk in response.aiter_raw():
            received += len(chunk)
            if received > LARGEST:
                raise self._too_large()
            if gunzip:
                try:
                    chunk = gunzip.unpack(chunk, most=LARGEST - self._read + 1)
                except zlib.error as error:
                    raise self._damaged(str(error)) from error
            self._count(len(chunk))
            body += chunk
        if gunzip and not gunzip.is_whole:
            raise self._damaged("it ends too early")
        return bytes(body)

    def _count(self, size: int) -> None:
        self._read += size
        if self._read > LARGEST:
            raise self._too_large()

    def _too_large(self) -> FetchFailed:
        return FetchFailed(f"{self._name} sent more than {LARGEST // 1024**2} MB: not its catalog.")

    def _damaged(self, reason: str) -> FetchFailed:
        return FetchFailed(f"{self._name} sent a gzip body that does not unpack: {reason}.")

    def _compare_clocks(self, response: httpx.Response) -> None:
        """Keep the least difference of all pages: a cache may send an old Date without an Age."""
        here = self._now + timedelta(seconds=self._runner.get_loop().time() - self._began)
        off = clock_offset(response.headers, here)
        if off is not None and (self.clock_off is None or abs(off) < abs(self.clock_off)):
            self.clock_off = off


def _shown(address: str) -> str:
    """An address without the name, password and query that a mirror may require."""
    scheme, mark, rest = address.partition("?")[0].partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"


def _keep(address: str, headers: httpx.Headers, body: bytes) -> None:
    KEPT.pop(address, None)
    conditions = {
        request_header: headers[header]
        for header, request_header in _VALIDATORS.items()
        if len(headers.get(header, "")) in range(1, _LONGEST_VALIDATOR + 1)
    }
    if not conditions:
        return
    KEPT[address] = PageCopy(conditions, zlib.compress(body))
    while sum(len(page.packed) for page in KEPT.values()) > MOST_KEPT:
        del KEPT[next(iter(KEPT))]
