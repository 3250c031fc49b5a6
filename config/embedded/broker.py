"""Celery's way to the embedded server."""

from typing import Any

import psycopg

from config import embedded


def connector(database: dict[str, Any]) -> Any:
    """What SQLAlchemy calls when it really connects."""

    def connect() -> psycopg.Connection[Any]:
        embedded.ensure(database["HOME"])
        return psycopg.connect(
            host=database["HOST"], port=database["PORT"], user=database["USER"], dbname=database["NAME"]
        )

    return connect
