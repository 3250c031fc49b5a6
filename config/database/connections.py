"""Connections of the web server's pool."""

import select
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import _WaitTimeout

from config import embedded
from config.database.availability import Availability

Value = TypeVar("Value")

# A statement that gets no answer for so long has its server probed, and is given up if it is gone.
PATIENCE_SECONDS = 1.0
PROBE_TIMEOUT_SECONDS = 2


class WebConnection(psycopg.Connection[Any]):
    """A connection that does not wait for a server that is gone."""

    availability: ClassVar[Availability]
    parameters: ClassVar[Mapping[str, Any]] = {}
    home: ClassVar[Path | None] = None  # of the embedded server

    made_at = answered_at = 0.0
    _given_up_after = float("inf")

    @classmethod
    def connect(cls, *words: Any, **options: Any) -> Self:
        try:
            return cls.attempt(*words, **options)
        except Exception as error:
            cls.availability.refused(error)
            raise

    @classmethod
    def attempt(cls, *words: Any, **options: Any) -> Self:
        if cls.home is not None:
            embedded.ensure(cls.home)
        connection = super().connect(*words, **options)
        connection.made_at = connection.answered_at = time.monotonic()
        return connection

    @classmethod
    def probe(cls) -> None:
        cls.attempt(**{**cls.parameters, "connect_timeout": PROBE_TIMEOUT_SECONDS}).close()

    def wait(self, gen: PQGen[Value], interval: float = 0.1, timeout: float | None = None) -> Value:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        begun = time.monotonic()
        while True:
            try:
                value = super().wait(gen, interval, PATIENCE_SECONDS)
            except _WaitTimeout:
                self._go_on(time.monotonic() - begun)
            else:
                self.answered_at = self.availability.heard_at = time.monotonic()
                return value

    def _go_on(self, waited: float) -> None:
        try:
            if waited > self._given_up_after:
                raise psycopg.OperationalError("the connection does not answer")
            self.availability.confirm()
        except psycopg.OperationalError:
            self.pgconn.finish()
            raise

    def usable(self) -> bool:
        """Whether this idle connection still reaches its server: a round trip a second at most."""
        if self.closed or self.made_at < self.availability.back_at:
            return False
        if time.monotonic() - self.answered_at < PATIENCE_SECONDS and not self._has_unread():
            return True
        self._given_up_after = 0.0
        try:
            self.execute("")
        except psycopg.Error:
            return False
        finally:
            self._given_up_after = float("inf")
        return True

    def _has_unread(self) -> bool:
        """Whether the server wrote something unasked, such as the end of the session."""
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))


def connection_class(home: Path | None) -> type[WebConnection]:
    """The class of a pool's connections, with a probe of its own."""

    class PooledConnection(WebConnection):
        pass

    PooledConnection.home = home
    PooledConnection.availability = Availability(PooledConnection.probe)
    return PooledConnection
