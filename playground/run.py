"""Calls of one prompt, side by side: held, streamed, settled.

Each call has a thread of its own, which touches no database and ends with the run. Prompt and
answer are kept nowhere.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, Full, Queue
from threading import Thread
from types import TracebackType
from typing import Protocol, Self

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.payers import Payer
from playground.demo import EchoCall
from playground.endpoints import CallableEndpoint
from playground.ledger import hold, settle
from playground.models import LedgerEntry
from playground.results import CallResult, result_of
from streaming.prompts import Prompt
from streaming.stream import StreamedCall
from streaming.summary import StampedEvent, StreamLimits, StreamSummary
from telemetry.calls import Call, figures
from telemetry.inbox import record
from telemetry.models import CallOrigin

log = logging.getLogger("ratecard.playground")

MOST_CALLS = 3
LIMITS = StreamLimits(connect=10, first=120, between=60, total=600, size=16 * 1024 * 1024)
# After so long without an event there is a tick, at which a caller notices that nobody listens.
TICK_SECONDS = 0.5
# Events that wait for a slow reader; then the provider waits too.
_WAITING = 64
_ENDING_SECONDS = 5.0


class AnyCall(Protocol):
    """What StreamedCall and the demonstration have in common."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def __iter__(self) -> Iterator[StampedEvent]: ...
    def cancel(self) -> None: ...
    @property
    def summary(self) -> StreamSummary: ...


@dataclass(frozen=True, slots=True)
class CallEvent:
    """An event of one of the calls, by its place among them."""

    place: int
    stamped: StampedEvent


@dataclass(frozen=True, slots=True)
class CallEnd:
    """One of the calls has ended and is settled."""

    place: int
    result: CallResult


class Silence:
    """Nothing has come for a while."""


@dataclass(slots=True)
class _Started:
    endpoint: CallableEndpoint
    prompt: Prompt
    entry: LedgerEntry
    call: AnyCall
    written: list[str] = field(default_factory=list)
    finish: str = ""
    thread: Thread | None = None
    result: CallResult | None = None


class PromptRun:
    """Up to three calls: iterate for what comes, in the order in which it does.

    It holds what the calls can cost, all of them or none, and raises NotHeld, or NoBound. The
    connection to the database is given back before the first event. Used as a context, or when its
    iteration is left early, it ends what is running, and settles it.
    """

    def __init__(
        self,
        payer: Payer,
        calls: Sequence[tuple[CallableEndpoint, Prompt]],
        way: LedgerEntry.Way,
        *,
        limits: StreamLimits = LIMITS,
        most_runs: int | None = None,
        now: datetime | None = None,
    ) -> None:
        at = now or timezone.now()
        most = [(endpoint, endpoint.most(prompt, at)) for endpoint, prompt in calls]
        entries = hold(payer, most, way, at, most_runs=most_runs)
        self.at = at
        self._started = [
            _Started(endpoint, prompt, entry, _call(endpoint, prompt, limits))
            for (endpoint, prompt), entry in zip(calls, entries, strict=True)
        ]
        self._queue: Queue[tuple[int, StampedEvent | None]] = Queue(_WAITING)
        self._is_closed = False

    @property
    def results(self) -> list[CallResult]:
        """Of all calls, once they have ended."""
        return [started.result for started in self._started if started.result is not None]

    @property
    def entries(self) -> list[LedgerEntry]:
        return [started.entry for started in self._started]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[CallEvent | CallEnd | Silence]:
        connection.close()
        try:
            self._start()
            running = len(self._started)
            while running:
                try:
                    place, stamped = self._queue.get(timeout=TICK_SECONDS)
                except Empty:
                    yield Silence()
                    continue
                if stamped is None:
                    running -= 1
                    yield CallEnd(place, self._settled(place))
                else:
                    self._note(place, stamped)
                    yield CallEvent(place, stamped)
        finally:
            self.close()

    def close(self) -> None:
        """End what is running, and settle it."""
        if self._is_closed:
            return
        self._is_closed = True
        for started in self._started:
            started.call.cancel()
        self._note_unread()
        for started in self._started:
            if started.thread is not None:
                started.thread.join(_ENDING_SECONDS)
        self._note_unread()
        for place in range(len(self._started)):
            self._settled(place)

    def _start(self) -> None:
        for place, started in enumerate(self._started):
            thread = Thread(target=self._listen, args=(place, started.call), daemon=True)
            thread.start()
            started.thread = thread

    def _listen(self, place: int, call: AnyCall) -> None:
        """In a thread of its own."""
        try:
            with call:
                for stamped in call:
                    if not self._put(place, stamped):
                        break
        except Exception as error:
            # Without its text, which may have a part of an answer.
            log.error("a call ended with %s", type(error).__name__)
        finally:
            self._put(place, None)

    def _put(self, place: int, stamped: StampedEvent | None) -> bool:
        while not self._is_closed:
            try:
                self._queue.put((place, stamped), timeout=TICK_SECONDS)
                return True
            except Full:
                continue
        return False

    def _note_unread(self) -> None:
        """What had come and waits for a reader was used too."""
        with suppress(Empty):
            while True:
                place, stamped = self._queue.get_nowait()
                if stamped is not None:
                    self._note(place, stamped)

    def _note(self, place: int, stamped: StampedEvent) -> None:
        started, meaning = self._started[place], stamped.meaning
        started.written += (meaning.reasoning, meaning.answer)
        started.written += (call.name + call.arguments for call in meaning.tool_calls)
        started.finish = meaning.finish or started.finish

    def _settled(self, place: int) -> CallResult:
        started = self._started[place]
        if started.result is None:
            started.result = result_of(
                started.call.summary,
                started.prompt,
                started.endpoint.card,
                written="".join(started.written),
                finish=started.finish,
                held=started.entry.held,
                at=self.at,
            )
            started.written.clear()
            _keep(started, self.at)
        return started.result


def _keep(started: _Started, at: datetime) -> None:
    """Settle a call, and count it in the live metrics. Without a database its hold stays."""
    assert started.result is not None
    try:
        with transaction.atomic():  # durable at once, and not one after the other
            settle(started.entry, started.result, timezone.now())
            if not started.endpoint.is_demo:
                _record(started, at)
    except DatabaseError:
        log.exception("ledger entry %d was not settled: its hold counts", started.entry.pk)
    finally:
        connection.close()


def _call(endpoint: CallableEndpoint, prompt: Prompt, limits: StreamLimits) -> AnyCall:
    if endpoint.access is None:
        return EchoCall(prompt)
    return StreamedCall(endpoint.access, prompt, limits)


def _record(started: _Started, at: datetime) -> None:
    """As a sample of the live metrics; a call that was stopped before its first token is none."""
    result = started.result
    assert result is not None
    outcome = result.outcome
    if outcome == "stopped":
        if result.first is None:
            return
        outcome = "ok"
    usage = result.usage
    tokens_out = int(usage["output"]) if usage else 0
    latency, throughput = figures(result.first, result.duration, tokens_out)
    record(
        CallOrigin.PLAYGROUND,
        [
            Call(
                provider_name=started.endpoint.provider,
                model_name=started.endpoint.upstream_id,
                at=at.timestamp(),
                outcome=outcome,
                latency=latency if outcome == "ok" else None,
                throughput=result.throughput if outcome == "ok" and throughput else None,
                duration=result.duration,
                input_tokens=int(usage["input"]) if usage else 0,
                output_tokens=tokens_out,
            )
        ],
    )
