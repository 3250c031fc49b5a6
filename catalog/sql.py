"""Written-out SQL, with each row as a declared record.

The ORM would spend half of a page's time on building the same statements again at every view.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import lru_cache
from inspect import signature
from sys import intern
from typing import Any, TypeVar

from django.db import connection

Record = TypeVar("Record")


def rows(record: Callable[..., Record], statement: str, /, **values: Any) -> list[Record]:
    """Every row as a `record` with fields named like the columns.

    `values` are the statement's %(name)s. Raises TypeError where columns and fields differ.

    """
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        # Interned, as the names of parameters are: Python then matches them at once.
        names = tuple(intern(column.name) for column in cursor.description or ())
        if _parameters(record) == names:  # by place is faster still
            return [record(*row) for row in cursor.fetchall()]
        return [record(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


@lru_cache(maxsize=1024)
def _parameters(record: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(signature(record).parameters)
    except ValueError:
        return ()


def ask(question: str, *values: Any, **named: Any) -> list[Any]:
    """Every row as a named tuple of its columns; `values` fill %s in order, or %(name)s by name."""
    with connection.cursor() as cursor:
        cursor.execute(question, named or values)
        row = _row(tuple(column.name for column in cursor.description or ()))
        return [row._make(found) for found in cursor.fetchall()]


@lru_cache
def _row(columns: Sequence[str]) -> Any:
    return namedtuple("Row", columns)
