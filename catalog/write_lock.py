"""Advisory lock: one catalog writer at a time, a refresh or an editor's save."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

# The number is arbitrary, and this program's own.
LOCK = 7_283_114


@contextmanager
def turn() -> Iterator[None]:
    """Transaction under the catalog's write lock: one writer at a time. Reentrant."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
