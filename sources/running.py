"""Advisory locks: one refresh at a time, so that slow sources hold one worker's place at most."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

from sources.base import Source

# The numbers are arbitrary, and this program's own.
_ONE_SOURCE = 7_283_115
_ANY_SOURCE = 7_283_116


class RefreshRunning(Exception):
    """This source is being refreshed already. The message is a sentence for the operator."""


class OtherRefreshRunning(Exception):
    """Another source is being refreshed. The message is a sentence for the operator."""


@contextmanager
def only_refresh(source: Source) -> Iterator[None]:
    """Hold the turn of all refreshes, in the session: it ends with a killed process, too.

    Raises RefreshRunning or OtherRefreshRunning at once, instead of waiting in a worker's place.
    """
    with (
        _held("%s, hashtext(%s)", (_ONE_SOURCE, source.slug)) as is_first,
        _held("%s", (_ANY_SOURCE,)) as is_alone,
    ):
        if not is_first:
            raise RefreshRunning(f"{source.name} is being refreshed already.")
        if not is_alone:
            raise OtherRefreshRunning(
                f"{source.name} waits, since another source is being refreshed."
            )
        yield


@contextmanager
def _held(key: str, values: tuple[int | str, ...]) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({key})", values)
        (is_held,) = cursor.fetchone() or (False,)
    try:
        yield is_held
    finally:
        # A lost connection has lost its locks, too.
        with suppress(DatabaseError):
            if is_held:
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT pg_advisory_unlock({key})", values)
