"""Delete expired sessions, consumed messages, old refreshes and pages; fold notes of writes."""

from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import connection

from catalog.version import fold_written
from sources.kept_pages import prune_pages
from sources.models import Refresh, RefreshState

# A failing source shows in the newest refreshes: older ones have no use. Those that changed nothing
# are most of them, and have none after days.
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
    refreshes = Refresh.objects.exclude(state=RefreshState.HELD)
    refreshes.filter(started_at__lt=now - KEEP_REFRESHES).delete()
    unchanged = refreshes.filter(state=RefreshState.UNCHANGED)
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
