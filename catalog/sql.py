"""Written-out SQL, with each row as a declared record.

The ORM would spend half of a page's time on building the same statements again at every view.
"""

from collections.abc import Callable
from functools import lru_cache
from inspect import signature
from sys import intern
from typing import Any, TypeVar

from django.db import connection
from django.db.backends.utils import CursorWrapper

Record = TypeVar("Record")


def rows(record: Callable[..., Record], statement: str, /, **values: Any) -> list[Record]:
    """Every row as a `record` with fields named like the columns.

    `values` are the statement's %(name)s. Raises TypeError where columns and fields differ.
    `dict` takes any columns.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = _names.get(statement) or _described(statement, cursor)
        if _parameters(record) == names:  # by place is faster still
            return [record(*row) for row in cursor.fetchall()]
        return [record(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


# The columns of statements: psycopg describes them anew for every answer.
_MOST_STATEMENTS = 1024
_names: dict[str, tuple[str, ...]] = {}


def _described(statement: str, cursor: CursorWrapper) -> tuple[str, ...]:
    # Interned, as the names of parameters are: Python then matches them at once.
    names = tuple(intern(column.name) for column in cursor.description or ())
    if len(_names) < _MOST_STATEMENTS:
        _names[statement] = names
    return names


@lru_cache(maxsize=1024)
def _parameters(record: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(signature(record).parameters)
    except ValueError:
        return ()
