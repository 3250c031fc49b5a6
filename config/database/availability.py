"""Whether the database answers, known to every thread of a process.

A request that meets a dead server starts one probe, which connects once a second until the server
is back; meanwhile every other request fails at once. See docs/decisions/0010-database-gone.md.
"""

import logging
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

import psycopg

log = logging.getLogger("ratecard.database")

PROBE_SECONDS = 1.0
# A verdict that takes longer counts as none: the server is starting, or drops what is sent to it.
VERDICT_SECONDS = 2.0
INSUFFICIENT_RESOURCES = "53"  # SQLSTATE class: alive, with too many connections

Probe = Callable[[], None]


class DatabaseGone(psycopg.OperationalError):
    """The server does not answer, as this process knows without another attempt."""


class Availability:
    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._lock = Lock()
        self._verdict = Event()
        self._running = False
        self._reason = ""
        self._gone_at = 0.0
        self._answered_at = 0.0
        # Any connection's last answer.
        self.heard_at = 0.0
        # Connections made before the last return of the server are stale.
        self.back_at = 0.0

    @property
    def gone(self) -> bool:
        return bool(self._reason)

    def refuse_if_gone(self) -> None:
        if self._reason:
            raise DatabaseGone(self._reason)

    def refused(self, error: Exception) -> None:
        """Note that a new connection was refused, and probe until the server is back."""
        if reason := _reason(error):
            with self._lock:
                self._note_gone(reason)
                self._start()

    def confirm(self) -> None:
        """Return if the server takes a new connection, or did within the last second.

        Raises DatabaseGone if it does not. A late verdict on a server that answers others is a
        busy process, not a server that is gone.
        """
        self.refuse_if_gone()
        asked_at = time.monotonic()
        with self._lock:
            if time.monotonic() - self._answered_at < PROBE_SECONDS:
                return
            self._start()
            verdict = self._verdict
        if not verdict.wait(VERDICT_SECONDS):
            with self._lock:
                if self._running and self.heard_at < asked_at:
                    self._note_gone(f"no answer within {VERDICT_SECONDS:g} seconds")
        self.refuse_if_gone()

    def _start(self) -> None:
        if not self._running:
            self._running = True
            self._verdict = Event()
            Thread(target=self._run, name="database-probe", daemon=True).start()

    def _run(self) -> None:
        while reason := self._attempt():
            with self._lock:
                self._note_gone(reason)
                self._verdict.set()
            time.sleep(PROBE_SECONDS)
        with self._lock:
            self._answered_at = time.monotonic()
            if self._reason:
                self._reason, self.back_at = "", self._answered_at
                log.warning(
                    "The database answers again after %.0f s.", self.back_at - self._gone_at
                )
            self._running = False
            self._verdict.set()

    def _attempt(self) -> str:
        """Why the server is gone; "" if it is not."""
        try:
            self._probe()
        except Exception as error:  # whatever it is, the next attempt is due
            return _reason(error)
        return ""

    def _note_gone(self, reason: str) -> None:
        if not self._reason:
            self._gone_at = time.monotonic()
            log.error("The database does not answer: %s", reason)
        self._reason = reason


def _reason(error: Exception) -> str:
    state = getattr(error, "sqlstate", None) or ""
    if state.startswith(INSUFFICIENT_RESOURCES):
        return ""
    return (str(error).splitlines() or [type(error).__name__])[0]
