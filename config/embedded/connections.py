"""Connections that see to it that their server runs: for Django's pool, and for Celery's broker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import psycopg

from config import embedded


def connection_class(home: Path) -> type[psycopg.Connection[Any]]:
    class Connection(psycopg.Connection[Any]):
        @classmethod
        def connect(cls, *words: Any, **options: Any) -> Self:
            embedded.ensure(home)
            return super().connect(*words, **options)

    return Connection


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
