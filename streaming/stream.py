"""A model is called, and its answer read as it comes: raw chunks stamped, their meaning after."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import suppress
from functools import lru_cache, partial
from ssl import SSLContext
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from streaming.access import ApiAccess
from streaming.failures import (
    CallFailure,
    failure_of_event,
    failure_of_status,
    is_web_page,
    quoted,
)
from streaming.lookups import LookupLoop
from streaming.prompts import Prompt, Untranslatable
from streaming.shape import EventMeaning
from streaming.sse import EventReader
from streaming.summary import StampedEvent, StreamLimits, StreamSummary
from usage.response_shapes import UnreadableReport
from usage.responses import UsageReport, read_report

_LONGEST_ERROR = 64 * 1024
_CLOSING = 1.0
_HEADERS = {
    "User-Agent": "ratecard (self-hosted model catalog)",
    "Accept": "text/event-stream, application/json",
    "Content-Type": "application/json",
    # A compressed stream comes in blocks, which hides when its tokens came.
    "Accept-Encoding": "identity",
}
_SENT = ".send_request_headers.started"
_DONE = "[DONE]"

Result = TypeVar("Result")


@lru_cache(maxsize=1)
def _tls() -> SSLContext:
    return httpx.create_ssl_context()


class StreamedCall:
    """One call of a model: iterate for the events of its answer, then read the `summary`.

    The call begins with the iteration. Used as a context, it ends the call when left early; the
    summary is then that of what had come. No redirect is followed, and no error is raised: a
    summary holds it. It blocks its thread, not an event loop; `cancel` may come from another.
    """

    def __init__(
        self, access: ApiAccess, prompt: Prompt, limits: StreamLimits | None = None
    ) -> None:
        self._access, self._prompt, self._limits = access, prompt, limits or StreamLimits()
        public_host = "" if access.is_set else urlsplit(access.base).hostname or ""
        self._runner = asyncio.Runner(loop_factory=partial(LookupLoop, public_host))
        self._client: httpx.AsyncClient | None = None
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._events = EventReader()
        self._began = self._sent = self._newest = monotonic()
        self._is_connected = False
        self._size = 0
        self._status: int | None = None
        self._failure: CallFailure | None = None
        self._stamps: dict[str, float] = {}
        self._usage: dict[str, Any] = {}
        self._has_event = self._ended = self._thinks = False
        self._is_streamed = True
        self._is_stopped = False
        self._running: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[StampedEvent]:
        try:
            if self._is_open():
                yield from self._pieces()
        finally:
            self.close()

    def close(self) -> None:
        """End the call, and the connection with it."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                self._runner.run(self._closed(client))
        self._runner.close()

    def cancel(self) -> None:
        """End the call from another thread: its iteration ends at once."""
        self._is_stopped = True
        running = self._running
        if running is not None:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                running.get_loop().call_soon_threadsafe(running.cancel)

    @property
    def summary(self) -> StreamSummary:
        usage = self._report()
        reasons = self._thinks or (usage is not None and usage.usage["reasoning"] > 0)
        streamed = self._is_streamed
        return StreamSummary(
            status=self._status,
            failure=self._failure,
            first=self._stamps.get("any") if streamed else None,
            first_answer=self._stamps.get("answer") if streamed else None,
            last=self._stamps.get("last") if streamed else None,
            duration=self._newest - self._sent,
            usage=usage,
            is_whole=self._ended and self._failure is None,
            is_streamed=streamed,
            thinks_unseen=reasons and "reasoning" not in self._stamps,
            is_stopped=self._is_stopped and self._failure is None and not self._ended,
        )

    def _is_open(self) -> bool:
        """Send the request; whether an answer begins that is to be read."""
        self._began = self._sent = self._newest = monotonic()
        try:
            response = self._response = self._run(
                self._send(), self._limits.connect + self._limits.first
            )
            self._newest = monotonic()
            self._chunks = response.aiter_raw()
            self._status = response.status_code
            if response.status_code != httpx.codes.OK:
                self._failure = self._refusal(response, self._rest(_LONGEST_ERROR))
                return False
        except Untranslatable as error:
            self._failure = CallFailure(str(error), refused=True)
            return False
        except _FAILURES as error:
            self._failure = self._broken(error)
            return False
        except asyncio.CancelledError:
            return False
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            self._fail("compressed its answer, which hides when its tokens came")
            return False
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            self._fail("sent a web page instead of an answer", refused=True)
            return False
        self._is_streamed = kind != "application/json"
        return True

    def _pieces(self) -> Iterator[StampedEvent]:
        if not self._is_streamed:
            yield from self._whole()
            return
        try:
            while chunk := self._next():
                at = self._newest
                for data in self._events.feed(chunk):
                    yield from self._read(data, at)
                if self._failure:
                    return
            for data in self._events.end():
                yield from self._read(data, self._newest)
        except _FAILURES as error:
            self._failure = self._failure or self._broken(error)
            return
        except asyncio.CancelledError:
            return
        if not self._has_event:
            self._fail("sent no event of an answer")
        elif not self._ended:
            self._fail(f"broke off its answer after {self._newest - self._sent:,.1f} s")

    def _whole(self) -> Iterator[StampedEvent]:
        """An answer that came at once, from an API that does not stream."""
        try:
            body = self._rest(self._limits.size)
        except _FAILURES as error:
            self._failure = self._broken(error)
            return
        except asyncio.CancelledError:
            return
        if is_web_page("", body):
            self._fail("sent a web page instead of an answer", refused=True)
            return
        yield from self._read(body.decode(errors="replace"), self._newest)
        if not self._has_event:
            self._fail("sent no answer that can be read")
        self._ended = True

    def _read(self, data: str, at: float) -> Iterator[StampedEvent]:
        if data.strip() == _DONE:
            self._ended = True
            return
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            return
        if not isinstance(event, dict):
            return
        self._has_event = True
        meaning = self._access.shape.meaning_of(event)
        if meaning.error:
            self._failure = failure_of_event(
                *meaning.error, name=self._access.name, key=self._access.key
            )
        self._ended = self._ended or meaning.ends
        self._thinks = self._thinks or meaning.thinks
        # Anthropic's last usage leaves out what its first one has.
        self._usage |= {k: v for k, v in (meaning.usage or {}).items() if v is not None}
        after = at - self._sent
        if meaning.has_output:
            self._stamp(meaning, after)
        yield StampedEvent(after, meaning, event)

    def _stamp(self, meaning: EventMeaning, after: float) -> None:
        self._stamps.setdefault("any", after)
        if meaning.reasoning:
            self._stamps.setdefault("reasoning", after)
        if meaning.answer or meaning.other:
            self._stamps.setdefault("answer", after)
        self._stamps["last"] = after

    def _report(self) -> UsageReport | None:
        if not self._usage:
            return None
        fields = {
            self._access.shape.usage_key: self._usage,
            "model": self._prompt.model,
            "type": "message",
        }
        try:
            report = read_report(json.dumps(fields))
        except (UnreadableReport, ValueError, RecursionError):
            return None
        # Some servers fill in zeros for what they do not count.
        is_counted = report.usage["output"] > 0 or "any" not in self._stamps
        return report if is_counted else None

    # The connection -------------------------------------------------------------------------------

    async def _send(self) -> httpx.Response:
        limits, access = self._limits, self._access
        self._client = httpx.AsyncClient(
            verify=_tls(), timeout=httpx.Timeout(limits.total, connect=limits.connect)
        )
        request = self._client.build_request(
            "POST",
            f"{access.base}{access.shape.path(self._prompt.model)}",
            headers={**_HEADERS, **access.shape.headers(access.key)},
            content=json.dumps(access.shape.body(self._prompt)).encode(),
            extensions={"trace": self._note_sending},
        )
        return await self._client.send(request, stream=True)

    async def _note_sending(self, event: str, _details: object) -> None:
        if event.endswith(_SENT):
            self._is_connected = True
            self._sent = self._newest = monotonic()

    def _next(self) -> bytes:
        """The next chunk, empty at the end; its arrival is the newest instant."""
        return self._run(self._arrived(), self._patience())

    async def _arrived(self) -> bytes:
        assert self._chunks is not None
        chunk = await anext(self._chunks, b"")
        self._newest = monotonic()
        self._size += len(chunk)
        if self._size > self._limits.size:
            raise _TooMuch
        return chunk

    def _patience(self) -> float:
        if not self._size:
            return self._sent + self._limits.first - monotonic()
        return self._limits.between

    def _rest(self, size: int) -> bytes:
        body = b""
        while len(body) < size and (chunk := self._next()):
            body += chunk
        return body[:size]

    def _run(self, coroutine: Coroutine[Any, Any, Result], seconds: float) -> Result:
        until = min(monotonic() + seconds, self._began + self._limits.total)

        async def bounded() -> Result:
            self._running = asyncio.current_task()
            if self._is_stopped:
                coroutine.close()
                raise asyncio.CancelledError
            async with asyncio.timeout(until - monotonic()):
                return await coroutine

        try:
            return self._runner.run(bounded())
        finally:
            self._running = None

    async def _closed(self, client: httpx.AsyncClient) -> None:
        async with asyncio.timeout(_CLOSING):
            if self._response is not None:
                await self._response.aclose()
            await client.aclose()

    # What went wrong ------------------------------------------------------------------------------

    def _fail(self, what: str, *, refused: bool = False) -> None:
        self._failure = CallFailure(f"{self._access.name} {what}.", refused)

    def _refusal(self, response: httpx.Response, body: bytes) -> CallFailure:
        return failure_of_status(
            response.status_code,
            response.headers.get("content-type", ""),
            body,
            name=self._access.name,
            key=self._access.key,
            key_name=self._access.key_name,
        )

    def _broken(self, error: BaseException) -> CallFailure:
        name, waited = self._access.name, monotonic() - self._sent
        if isinstance(error, _TooMuch):
            return CallFailure(f"{name} sent more than {self._limits.size / 1e6:,.3g} MB.")
        if not self._is_connected:
            reason = quoted(str(error), self._access.key) or "it did not answer in time"
            return CallFailure(f"{name} could not be reached: {reason}.", unreached=True)
        if isinstance(error, TimeoutError | httpx.TimeoutException):
            where = "in the middle of its answer" if self._size else "without a word of an answer"
            return CallFailure(f"{name} was silent {where} after {waited:,.1f} s.")
        return CallFailure(f"{name} broke off its answer after {waited:,.1f} s.")


class _TooMuch(Exception):
    """The answer is larger than its bound."""


# Whatever a transport may raise; ValueError from headers and addresses of another's making.
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError, _TooMuch)
