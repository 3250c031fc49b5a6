"""The HTTP client of the sources: bounded, conditional GETs; a failure is one sentence."""

import os
import zlib
from collections.abc import Collection, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urljoin

import httpx

from sources.base import FetchFailed, Source

# Twenty times the largest answer of today.
LARGEST = 64 * 1024 * 1024
# Seconds for one page, as a whole: each read has a timeout of its own.
LONGEST = 240
# Requests at one time to one host.
PARALLEL = 4
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_HEADERS = {"User-Agent": "ratecard (self-hosted model catalog)", "Accept": "application/json"}
# The header of an answer, and the one that makes the next request conditional.
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
_GONE = (httpx.codes.NOT_FOUND, httpx.codes.GONE)


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page of an earlier refresh: its body, compressed, and the headers of the next request."""

    conditions: dict[str, str]
    packed: bytes


# By address. A new process begins without any, and reads every page once.
KEPT: MutableMapping[str, KeptPage] = {}


def address_of(source: Source) -> str:
    mirror = os.environ.get(f"RATECARD_SOURCE_{source.slug.upper().replace('-', '_')}_URL")
    return mirror or source.url


@contextmanager
def open_http(source: Source) -> Iterator["HttpClient"]:
    """A client for the pages of a source, while the context lasts.

    Redirects are not followed: models.dev answers a wrong path with one, to a web page.
    """
    with httpx.Client(timeout=_TIMEOUT, headers=_HEADERS) as client:
        yield HttpClient(client, source.name, address_of(source))


class HttpClient:
    """`sources.base.Http`, for one source."""

    def __init__(self, client: httpx.Client, name: str, address: str) -> None:
        self._client, self._name, self._address = client, name, address

    def get(self, path: str = "") -> bytes:
        status, body = self._request(self._at(path))
        if status != httpx.codes.OK:
            raise self._refused(status, path)
        return body

    def get_each(self, paths: Collection[str]) -> dict[str, bytes]:
        def request(path: str) -> tuple[int, bytes]:
            return self._request(self._at(path))

        bodies: dict[str, bytes] = {}
        with ThreadPoolExecutor(PARALLEL) as pool:
            # The first failure ends the iteration, which cancels the requests that wait.
            for path, (status, body) in zip(paths, pool.map(request, paths), strict=True):
                if status == httpx.codes.OK:
                    bodies[path] = body
                elif status not in _GONE:
                    raise self._refused(status, path)
        return bodies

    def _at(self, path: str) -> str:
        return urljoin(self._address, path) if path else self._address

    def _refused(self, status: int, path: str) -> FetchFailed:
        return FetchFailed(f"{self._name} answered {status} at {self._at(path)}.")

    def _request(self, address: str) -> tuple[int, bytes]:
        """The status and the body; 304 is a 200 with the body of the last time."""
        kept = KEPT.get(address)
        try:
            with self._client.stream(
                "GET", address, headers=kept.conditions if kept else {}
            ) as response:
                if kept and response.status_code == httpx.codes.NOT_MODIFIED:
                    return httpx.codes.OK, zlib.decompress(kept.packed)
                if response.status_code != httpx.codes.OK:
                    return response.status_code, b""
                body = self._bounded(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(
                f"{self._name} could not be read at {address}: {error or type(error).__name__}."
            ) from error
        conditions = {
            request_header: response.headers[header]
            for header, request_header in _VALIDATORS.items()
            if header in response.headers
        }
        if conditions:
            KEPT[address] = KeptPage(conditions, zlib.compress(body))
        return response.status_code, body

    def _bounded(self, response: httpx.Response) -> bytes:
        began = monotonic()
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise FetchFailed(
                    f"{self._name} sent more than {LARGEST // 1024**2} MB: not its catalog."
                )
            if monotonic() - began > LONGEST:
                raise FetchFailed(f"{self._name} took longer than {LONGEST} s to answer.")
        return bytes(body)
