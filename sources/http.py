"""The HTTP client of the sources: bounded, conditional GETs; a failure is one sentence.

One deadline and one size bound all the pages of a source together, from the look-up of its host on.
"""

import asyncio
import os
import random
import zlib
from collections.abc import Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import httpx

from sources.base import FetchFailed, Source
from sources.clock import clock_offset
from sources.gunzip import Gunzip
from sources.page_copies import PageCopies, PageCopy, oldest_share
from streaming.lookups import LookupLoop

# Five times the largest answer of today: bytes of all the pages of a source, unpacked. Parsed, the
# worst JSON of that size takes 0.6 GB.
LARGEST = 16 * 1024 * 1024
# Seconds for the pages of a source: for all of them, more for each beyond the first, and at most.
# Celery's limits stay above it.
LONGEST = 60.0
LONGER_A_PAGE = 0.5
LONGEST_OF_ALL = 600.0
# Requests at one time to one host.
PARALLEL = 4
# Seconds before each request of the schedule, at most: many installs have the same one.
JITTER = 1.0
# Requests for one page: a server that is busy may state when to repeat one (Retry-After).
ATTEMPTS = 3
# One of so many pages may fail.
FAILING = 10
_LONGEST_VALIDATOR = 1000
_LONGEST_PATH = 1000
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
_BUSY = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
_WEB_PAGE = (b"<!doctype html", b"<html")

Result = TypeVar("Result")


def mirror_of(source: Source) -> str:
    """The address that a setting gives a source; "" without one."""
    return os.environ.get(f"RATECARD_SOURCE_{source.slug.upper().replace('-', '_')}_URL", "")


def address_of(source: Source) -> str:
    address = mirror_of(source) or source.url
    if not source.url.endswith("/"):
        return address
    # The address of the list of models names the base too.
    return f"{address.rstrip('/').removesuffix('/models')}/"


def _headers(source: Source) -> dict[str, str]:
    """Those of every request; the key, if one is set, goes nowhere else."""
    key = os.environ.get(source.key_name, "").strip() if source.key_name else ""
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        # httpx would write it into its message.
        raise FetchFailed(f"{source.key_name} is not a key: it has spaces or other signs.")
    return {**_HEADERS, "Authorization": f"Bearer {key}"} if key else _HEADERS


@contextmanager
def open_http(
    source: Source, *, now: datetime, copies: PageCopies | None = None, spread: bool = False
) -> Iterator["HttpClient"]:
    """A client for the pages of a source, while the context lasts.

    `copies` are those of earlier refreshes, and get those of this one. With `spread` each request
    waits a little, and of many pages the oldest are fetched: the rest are copies.
    Redirects are not followed: models.dev answers a wrong path with one, to a web page. Only a
    setting may lead into a private network.
    """
    address = address_of(source)
    is_set = bool(mirror_of(source)) or source.has_set_address
    public_host = "" if is_set else urlsplit(address).hostname or ""
    with asyncio.Runner(loop_factory=partial(LookupLoop, public_host)) as runner:
        client = httpx.AsyncClient(timeout=_TIMEOUT, headers=_headers(source))
        pages = PageCopies() if copies is None else copies
        try:
            yield HttpClient(runner, client, source.name, address, now, pages, spread=spread)
        finally:
            runner.run(_close(client))


async def _close(client: httpx.AsyncClient) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await client.aclose()


class HttpClient:
    """`sources.base.Http`, for one source.

    `clock_off` is how far the clock here is ahead of the source's; None until an answer has a date.
    `modified_at` is the newest Last-Modified of the pages so far.
    """

    def __init__(
        self,
        runner: asyncio.Runner,
        client: httpx.AsyncClient,
        name: str,
        address: str,
        now: datetime,
        copies: PageCopies,
        *,
        spread: bool = False,
    ) -> None:
        self._runner, self._client = runner, client
        self._name, self._address, self._now = name, address, now
        self._copies, self._spread = copies, spread
        self._began = runner.get_loop().time()
        # When a server that is busy may be asked again, by the clock of the loop.
        self._free_at = self._began
        self._read = 0
        self._requested = 0
        self.clock_off: timedelta | None = None
        self.modified_at: datetime | None = None

    def get(self, path: str = "") -> bytes:
        status, body = self._in_time(self._request(path), pages=1)
        if status != httpx.codes.OK:
            raise self._refused(status, path)
        return body

    def get_each(self, paths: Collection[str]) -> dict[str, bytes]:
        wanted = [*dict.fromkeys(paths)]
        copies = {path: copy for path in wanted if (copy := self._copy(path))}
        fetched = set(wanted)
        if self._spread:
            fetched -= copies.keys() - oldest_share(copies, now=self._now)
        bodies = self._in_time(
            self._get_each([path for path in wanted if path in fetched]), pages=len(fetched)
        )
        for path in copies.keys() - fetched:
            bodies[path] = self._of_copy(copies[path])
        return {path: bodies[path] for path in wanted if path in bodies}

    async def _get_each(self, paths: Sequence[str]) -> dict[str, bytes]:
        places = asyncio.Semaphore(PARALLEL)
        bodies: dict[str, bytes] = {}
        failures: list[FetchFailed] = []
        gone: list[str] = []

        async def read(path: str) -> None:
            try:
                async with places:
                    status, body = await self._request(path, keep=True)
                if status == httpx.codes.OK:
                    bodies[path] = body
                elif status in _GONE:
                    gone.append(path)
                else:
                    raise self._refused(status, path)
            except FetchFailed as failure:
                failures.append(failure)
                if len(failures) * FAILING > len(paths):
                    raise
                copy = self._copy(path)
                # Without a copy it is a page without a word, of which nothing is read.
                bodies[path] = self._of_copy(copy) if copy else b""

        try:
            # The first failure cancels the requests that run or wait.
            async with asyncio.TaskGroup() as group:
                for path in paths:
                    group.create_task(read(path))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        known = [path for path in gone if self._copy(path)]
        if len(known) >= FAILING and len(known) * FAILING > len(paths):
            raise FetchFailed(
                f"{self._name} has no longer {len(known):,} of {len(paths):,} pages, such as"
                f" {_shown(self._at(known[0]))}: not its catalog."
            )
        for path in gone:
            self._copies.drop(path)
        return bodies

    def _in_time(self, reading: Coroutine[Any, Any, Result], *, pages: int) -> Result:
        self._requested += pages

        async def read() -> Result:
            async with asyncio.timeout_at(self._deadline):
                return await reading

        try:
            return self._runner.run(read())
        except TimeoutError:
            longest = self._deadline - self._began
            raise FetchFailed(
                f"{self._name} took longer than {longest:,.3g} s to answer: the refresh was ended."
            ) from None

    @property
    def _deadline(self) -> float:
        more = LONGER_A_PAGE * max(self._requested - 1, 0)
        return self._began + min(LONGEST + more, LONGEST_OF_ALL)

    def _at(self, path: str) -> str:
        if not path:
            return self._address
        try:
            address = urljoin(self._address, path)
            is_here = urlsplit(address)[:2] == urlsplit(self._address)[:2]
        except ValueError as error:
            raise FetchFailed(
                f"{self._name} has no address for {path[:100]!r}: {error}."
            ) from error
        if not is_here:
            raise FetchFailed(f"{self._name} names a page at another host, {_shown(address)}.")
        return address

    def _refused(self, status: int, path: str) -> FetchFailed:
        return FetchFailed(f"{self._name} answered {status} at {_shown(self._at(path))}.")

    def _copy(self, path: str) -> PageCopy | None:
        return self._copies.get(path, self._at(path))

    def _of_copy(self, copy: PageCopy) -> bytes:
        body = zlib.decompress(copy.packed)
        self._count(len(body))
        self._note_modified(copy.modified_at)
        return body

    async def _request(self, path: str, *, keep: bool = False) -> tuple[int, bytes]:
        """The status and the body; 304 is a 200 with the body of the last time.

        A page without a validator is kept where `keep` holds.
        """
        address = self._at(path)
        for _ in range(ATTEMPTS - 1):
            status, body, wait = await self._attempt(path, address, keep=keep)
            free_at = self._runner.get_loop().time() + wait
            if status not in _BUSY or not wait or free_at >= self._deadline:
                return status, body
            self._free_at = max(self._free_at, free_at)
        status, body, _ = await self._attempt(path, address, keep=keep)
        return status, body

    async def _attempt(self, path: str, address: str, *, keep: bool) -> tuple[int, bytes, float]:
        """The status, the body, and the seconds after which a busy server may be free."""
        wait = self._free_at - self._runner.get_loop().time()
        jitter = random.uniform(0, JITTER) if self._spread else 0  # noqa: S311 - no secret
        await asyncio.sleep(max(wait, 0) + jitter)
        copy = self._copies.get(path, address)
        try:
            async with self._client.stream(
                "GET", address, headers=copy.conditions if copy else {}
            ) as response:
                self._compare_clocks(response)
                if copy and response.status_code == httpx.codes.NOT_MODIFIED:
                    self._copies.put(path, copy.confirmed(self._now))
                    return httpx.codes.OK, self._of_copy(copy), 0
                if response.status_code != httpx.codes.OK:
                    return response.status_code, b"", self._retry_after(response)
                body = await self._body(response)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = str(error)[:300].rstrip(".") or type(error).__name__
            raise FetchFailed(
                f"{self._name} could not be read at {_shown(address)}: {reason}."
            ) from error
        self._refuse_web_page(response, address, body)
        self._keep(path, address, response.headers, body, keep=keep)
        return response.status_code, body, 0

    def _retry_after(self, response: httpx.Response) -> float:
        stated = response.headers.get("retry-after", "").strip()
        if stated.isascii() and stated.isdigit():
            return min(float(stated), LONGEST_OF_ALL)
        at = _instant(stated)
        return max((at - self._here()).total_seconds(), 0) if at else 0

    def _refuse_web_page(self, response: httpx.Response, address: str, body: bytes) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        start = body[:200].lstrip().lower()
        if kind == "text/html" or start.startswith(_WEB_PAGE):
            raise FetchFailed(
                f"{self._name} sent a web page instead of data at {_shown(address)}: check its"
                " address."
            )

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

    def _here(self) -> datetime:
        return self._now + timedelta(seconds=self._runner.get_loop().time() - self._began)

    def _compare_clocks(self, response: httpx.Response) -> None:
        """Keep the least difference of all pages: a cache may send an old Date without an Age."""
        off = clock_offset(response.headers, self._here())
        if off is not None and (self.clock_off is None or abs(off) < abs(self.clock_off)):
            self.clock_off = off

    def _note_modified(self, at: datetime | None) -> None:
        if at and (self.modified_at is None or at > self.modified_at):
            self.modified_at = at

    def _keep(
        self, path: str, address: str, headers: httpx.Headers, body: bytes, *, keep: bool
    ) -> None:
        modified_at = _instant(headers.get("last-modified", ""))
        self._note_modified(modified_at)
        conditions = {
            request_header: headers[header]
            for header, request_header in _VALIDATORS.items()
            if len(headers.get(header, "")) in range(1, _LONGEST_VALIDATOR + 1)
        }
        if len(path) > _LONGEST_PATH or not (conditions or keep):
            self._copies.drop(path)
            return
        copy = PageCopy.of(address, body, conditions, modified_at=modified_at, now=self._now)
        self._copies.put(path, copy)


def _instant(text: str) -> datetime | None:
    """The instant of an HTTP date; None for anything else."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _shown(address: str) -> str:
    """An address without the name, password and query that a mirror may require."""
    scheme, mark, rest = address.partition("?")[0].partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"
