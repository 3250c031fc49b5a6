"""Questions that are put to PostgreSQL in its own words.

Half of the time of a page would go into putting the same SQL together again at every view, so the
pages that matter most have theirs written out.
"""

from collections import namedtuple
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection


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
