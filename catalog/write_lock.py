"""Advisory lock: one catalog writer at a time, a refresh or an editor's save."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import LockNotAvailable

# The number is arbitrary, and this program's own.
LOCK = 7_283_114


class CatalogBusy(Exception):
    """Another writer has the catalog's lock."""


@contextmanager
def turn(*, patience: float | None = None) -> Iterator[None]:
    """Transaction under the catalog's write lock: one writer at a time. Reentrant.

    Waits for its turn, or `patience` seconds at most, and raises CatalogBusy then.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            if patience is None:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            else:
                _wait(cursor, patience)
        yield


def _wait(cursor: CursorWrapper, patience: float) -> None:
    try:
        with transaction.atomic():  # what the refusal rolls back
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{patience:.3f}s"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise CatalogBusy from error
        raise
