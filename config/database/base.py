"""Django's PostgreSQL backend, with an embedded server that starts when something connects."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import (  # type: ignore[import-untyped]
    BaseTzLoader,
)
from django.db.utils import OperationalError
from psycopg.adapt import AdaptersMap
from psycopg_pool import PoolTimeout

from config import embedded
from config.database.connections import WebConnection

# How long a request waits for a busy pool. A dead server ends the wait earlier.
BUSY_SECONDS = 10.0

_pooled: dict[str, type[WebConnection]] = {}


class UtcLoader(BaseTzLoader):  # type: ignore[misc] # untyped
    """Reads timestamptz of a session in UTC: four times as fast as Django's, for any time zone."""

    timezone = UTC

    def load(self, data: Any) -> Any:
        text = str(data, "ascii")
        try:
            if text.endswith("+00"):
                return datetime.fromisoformat(text)
        except ValueError:  # BC, beyond the year 9999, infinity
            pass
        return super().load(data)


@lru_cache
def _reading_utc(context: AdaptersMap) -> AdaptersMap:
    faster = AdaptersMap(context)
    faster.register_loader("timestamptz", UtcLoader)
    return faster


class DatabaseWrapper(base.DatabaseWrapper):
    pool: Any  # a psycopg_pool.ConnectionPool, or None outside of the web server

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        if self.timezone == UTC:
            parameters["context"] = _reading_utc(parameters["context"])
        return parameters

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool:
            return self._from_pool(conn_params)
        # The health check of a web server, whose pool may know that the server is gone.
        if kind := _pooled.get(self.alias):
            kind.availability.confirm()
        if home := self.settings_dict.get("HOME"):
            try:
                embedded.ensure(home)
            except embedded.Unavailable as error:
                raise OperationalError(str(error)) from error
        return super().get_new_connection(conn_params)

    def _configure_connection(self, connection: Any) -> bool:
        # A statement for a list of ids would be planned anew each time, since PostgreSQL takes a
        # list of unknown length for ten: planning took half of a page's time there.
        if self.settings_dict["OPTIONS"].get("pool"):
            connection.execute("SET plan_cache_mode = force_generic_plan")
        configured: bool = super()._configure_connection(connection)  # type: ignore[misc] # private
        return configured

    def _from_pool(self, parameters: dict[str, Any]) -> WebConnection:
        kind = self.settings_dict["OPTIONS"]["pool"]["connection_class"]
        _pooled[self.alias], kind.parameters = kind, parameters
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            kind.availability.refuse_if_gone()
            try:
                connection: WebConnection = super().get_new_connection(parameters)
            except PoolTimeout:
                if time.monotonic() > deadline:
                    raise
            else:
                if connection.usable():
                    return connection
                connection.close()
                self.pool.putconn(connection)
            kind.availability.confirm()
