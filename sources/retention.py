"""Delete expired sessions, consumed messages, old refreshes and pages; fold notes of writes."""

from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import connection

from catalog.version import fold_written
from sources.kept_pages import prune_pages
from sources.models import REVIEWED, EarlierClaims, EarlierStatements, Refresh, RefreshState

# A failing source shows in the newest refreshes: older ones have no use, but for what an editor has
# decided of a content, which holds for as long as an upstream may send that. Those that changed
# nothing are most of them, and have no use after days.
KEEP_REFRESHES = timedelta(days=90)
KEEP_UNCHANGED = timedelta(days=7)

# A consumed message stays as an invisible row of kombu's, which nothing reads again.
_DELETE_CONSUMED = """
    DELETE FROM kombu_message WHERE id IN (
        SELECT id FROM kombu_message WHERE NOT visible ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


def tidy_up(*, now: datetime) -> None:
    fold_written()
    call_command("clearsessions")
    prune_broker()
    old = Refresh.objects.filter(started_at__lt=now - KEEP_REFRESHES)
    EarlierClaims.objects.filter(refresh__in=old).delete()
    EarlierStatements.objects.filter(refresh__in=old).delete()
    old.exclude(state__in=REVIEWED).delete()
    unchanged = Refresh.objects.filter(state=RefreshState.UNCHANGED)
    unchanged.filter(started_at__lt=now - KEEP_UNCHANGED).delete()
    prune_pages(now=now)


def prune_broker(*, batch: int = 1000, batches: int = 100) -> int:
    """Delete consumed messages of Celery's queues, in short statements; how many they were.

    Does nothing where the queues are elsewhere (CELERY_BROKER_URL) or were never used.
    """
    deleted = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('kombu_message')")
        if cursor.fetchone() == (None,):
            return 0
        for _ in range(batches):
            cursor.execute(_DELETE_CONSUMED, [batch])
            deleted += cursor.rowcount
            if cursor.rowcount < batch:
                break
    return deleted
