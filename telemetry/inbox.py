"""The inbox: what is accepted waits here, one row a request, until the fold counts it."""

import time
from collections.abc import Iterable

from django.db import connection

from telemetry.calls import Call, flaw
from telemetry.packing import pack

SEEN_FOR = "10 minutes"
_INSERT = "INSERT INTO telemetry_inboxrow (origin, packed) "
# A digest that is older than that is taken over. Of two requests with one body at once, the second
# waits for the first.
_UNSEEN = f"""
WITH unseen AS (
    INSERT INTO telemetry_seenbody AS seen (digest) VALUES (%s)
    ON CONFLICT (digest) DO UPDATE SET at = now()
        WHERE seen.at < now() - interval '{SEEN_FOR}'
    RETURNING 1
)
{_INSERT} SELECT %s, %s FROM unseen
"""  # noqa: S608 - put together from fixed words alone


def accept(origin: str, digest: bytes | None, packed: bytes) -> None:
    """Put packed calls into the inbox; nothing where a body of this digest was accepted lately.

    One statement, durable when it returns outside a transaction.
    """
    with connection.cursor() as cursor:
        if digest is None:
            cursor.execute(f"{_INSERT} VALUES (%s, %s)", [origin, packed])
        else:
            cursor.execute(_UNSEEN, [digest, origin, packed])


def record(origin: str, calls: Iterable[Call]) -> int:
    """Put calls of this program's own making into the inbox; the number of possible ones."""
    now = time.time()
    possible = [call for call in calls if flaw(call, now) is None]
    if possible:
        accept(origin, None, pack(possible))
    return len(possible)
