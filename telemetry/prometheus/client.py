"""The HTTP client of a Prometheus-compatible engine: bounded GETs; a failure is one sentence."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from telemetry.prometheus.answers import AnswerWrong, Sample, refusal, samples

# Seconds for one answer, from the look-up of the host on, and its bytes: with labels of 200 bytes,
# 8,000 series of a histogram with 20 buckets.
LONGEST = 20.0
LARGEST = 32 * 1024 * 1024
_REFUSALS = (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY)
_FORBIDDEN = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
_WEB_PAGE = (b"<!doctype html", b"<html")


class PrometheusFailed(Exception):
    """The engine cannot be read: no query can be expected to succeed."""


class QueryRefused(Exception):
    """This query alone failed: it is wrong, or its answer is too large."""


class RunOver(Exception):
    """The time of the run is up; what is left is for the next one."""


class PrometheusClient:
    """Asks one question at a time. `until` is when the run ends, by time.monotonic()."""

    def __init__(self, address: str, token: str, *, until: float) -> None:
        self._base = f"{address.rstrip('/')}/api/v1/"
        self._host = urlsplit(address).netloc.rpartition("@")[2]
        self._until = until
        if token and not (token.isascii() and token.isprintable() and " " not in token):
            # httpx would write it into its message.
            raise PrometheusFailed(
                "RATECARD_PROMETHEUS_TOKEN is not a token: it has spaces or other signs."
            )
        # Without compression: a body's length is then what it takes in memory.
        self._headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(timeout=LONGEST, headers=self._headers)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(TimeoutError):
            self._runner.run(asyncio.wait_for(self._client.aclose(), 1))
        self._runner.close()

    def at(self, query: str, at: int) -> list[Sample]:
        return self._samples("query", {"query": query, "time": str(at)})

    def over(self, query: str, first: int, last: int, step: int) -> list[Sample]:
        """The query at `first` and each `step` seconds on, up to `last`."""
        parameters = {"query": query, "start": str(first), "end": str(last), "step": str(step)}
        samples = self._samples("query_range", parameters)
        return [sample for sample in samples if first <= sample.at <= last]

    def _samples(self, path: str, parameters: Mapping[str, str]) -> list[Sample]:
        body = self._get(path, parameters)
        try:
            return list(samples(body))
        except AnswerWrong as error:
            raise PrometheusFailed(f"Prometheus at {self._host} sent {error}.") from error

    def _get(self, path: str, parameters: Mapping[str, str]) -> bytes:
        longest = min(LONGEST, self._until - time.monotonic())
        try:
            return self._runner.run(self._in_time(path, parameters, longest))
        except TimeoutError:
            if longest < LONGEST:
                raise RunOver from None
            raise PrometheusFailed(
                f"Prometheus at {self._host} took longer than {LONGEST:.3g} s to answer."
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            reason = str(error)[:200].rstrip(".") or type(error).__name__
            raise PrometheusFailed(
                f"Prometheus at {self._host} could not be read: {reason}."
            ) from error

    async def _in_time(self, path: str, parameters: Mapping[str, str], longest: float) -> bytes:
        async with (
            asyncio.timeout(longest),
            self._client.stream("GET", self._base + path, params=parameters) as response,
        ):
            if response.headers.get("content-encoding", "identity") != "identity":
                raise PrometheusFailed(f"Prometheus at {self._host} sent a compressed answer.")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST:
                    raise QueryRefused(
                        f"The answer has more than {LARGEST // 1024**2} MB: narrow the query."
                    )
        self._check(response, bytes(body))
        return bytes(body)

    def _check(self, response: httpx.Response, body: bytes) -> None:
        status = response.status_code
        reason = refusal(body)
        if status in _REFUSALS and reason:
            raise QueryRefused(f"Prometheus refused the query: {reason}.")
        if status in _FORBIDDEN:
            raise PrometheusFailed(
                f"Prometheus at {self._host} answered {status}: check RATECARD_PROMETHEUS_TOKEN."
            )
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html" or body[:200].lstrip().lower().startswith(_WEB_PAGE):
            raise PrometheusFailed(
                f"Prometheus at {self._host} sent a web page: check RATECARD_PROMETHEUS_URL."
            )
        if status != httpx.codes.OK:
            why = f" ({reason})" if reason else ""
            raise PrometheusFailed(f"Prometheus at {self._host} answered {status}{why}.")
