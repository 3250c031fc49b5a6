"""Connections of Celery's broker, when that is PostgreSQL."""

import time
from collections.abc import Callable
from typing import Any

import psycopg

from config import embedded

# A worker tries again at once, five times a second, each time with a traceback.
PAUSE_SECONDS = 2.0


def connector(
    database: dict[str, Any], *, pause: float = 0
) -> Callable[[], psycopg.Connection[Any]]:
    """A function that connects, and that takes `pause` seconds to fail."""
    home, options = database.get("HOME"), database.get("OPTIONS", {})
    words = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parameters = {name: database[key] for name, key in words.items() if database.get(key)}
    parameters |= {name: options[name] for name in options.keys() - embedded.DJANGO_OPTIONS}

    def connect() -> psycopg.Connection[Any]:
        try:
            if home is not None:
                embedded.ensure(home)
            return psycopg.connect(dbname=database["NAME"], **parameters)
        except (psycopg.OperationalError, embedded.Unavailable):
            time.sleep(pause)
            raise

    return connect
