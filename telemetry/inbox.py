"""The inbox: what is accepted waits here, one row a request, until the fold counts it."""

import time
from collections.abc import Iterable

from django.db import connection

from accounts.keys import LIVE_KEY
from accounts.models import Key
from telemetry.calls import Call, flaw
from telemetry.packing import pack

SEEN_FOR = "10 minutes"
_INSERT = "INSERT INTO telemetry_inboxrow (origin, packed) "
# A digest that is older than that is taken over. Of two requests with one body at once, the second
# waits for the first.
_UNSEEN = f"""
WITH key AS ({LIVE_KEY}), unseen AS (
    INSERT INTO telemetry_seenbody AS seen (digest) SELECT %s FROM key
    ON CONFLICT (digest) DO UPDATE SET at = now()
        WHERE seen.at < now() - interval '{SEEN_FOR}'
    RETURNING 1
), put AS ({_INSERT} SELECT %s, %s FROM unseen)
SELECT EXISTS (SELECT FROM key)
"""  # noqa: S608 - put together from fixed words alone


def accept(origin: str, packed: bytes) -> None:
    """Put packed calls into the inbox, durably when it returns outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_INSERT} VALUES (%s, %s)", [origin, packed])


def accept_sent(key: Key, origin: str, digest: bytes, packed: bytes) -> bool:
    """Put calls of a sender's body into the inbox, unless one of this digest was accepted lately.

    False, and nothing, where the key is none any more. One statement, durable when it returns.
    """
    with connection.cursor() as cursor:
        cursor.execute(_UNSEEN, [bytes(key.digest), key.kind, key.scope, digest, origin, packed])
        (is_key,) = cursor.fetchone() or (False,)
    return bool(is_key)


def record(origin: str, calls: Iterable[Call]) -> int:
    """Put calls of this program's own making into the inbox; the number of possible ones."""
    now = time.time()
    possible = [call for call in calls if flaw(call, now) is None]
    if possible:
        accept(origin, pack(possible))
    return len(possible)
