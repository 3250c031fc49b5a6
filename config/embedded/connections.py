"""Connections of Celery's broker, which start the embedded server."""

from collections.abc import Callable
from typing import Any

import psycopg

from config import embedded


def connector(database: dict[str, Any]) -> Callable[[], psycopg.Connection[Any]]:
    def connect() -> psycopg.Connection[Any]:
        embedded.ensure(database["HOME"])
        return psycopg.connect(
            host=database["HOST"],
            port=database["PORT"],
            user=database["USER"],
            dbname=database["NAME"],
        )

    return connect
