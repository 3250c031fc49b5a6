"""Written-out SQL, with each row as a declared record.

The ORM would spend half of a page's time on building the same statements again at every view.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection

Record = TypeVar("Record")


def rows(record: Callable[..., Record], statement: str, /, **values: Any) -> list[Record]:
    """Every row as a `record`, whose fields have the names of the columns.

    `values` are the statement's %(name)s. Raises TypeError where columns and fields differ.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        names = [column.name for column in cursor.description or ()]
        return [record(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def ask(question: str, *values: Any, **named: Any) -> list[Any]:
    """Every row as a named tuple of its columns; `values` stand where the question says %s, in
    order.

    A question that is put together from parts says %(name)s instead.
    """
    with connection.cursor() as cursor:
        cursor.execute(question, named or values)
        row = _row(tuple(column.name for column in cursor.description or ()))
        return [row._make(found) for found in cursor.fetchall()]


@lru_cache
def _row(columns: Sequence[str]) -> Any:
    return namedtuple("Row", columns)
