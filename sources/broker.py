"""What Celery's queues leave behind in PostgreSQL."""

from django.db import connection

# A consumed message stays as an invisible row, which nothing ever reads or shows again.
DELETE_CONSUMED = """
    DELETE FROM kombu_message WHERE id IN (
        SELECT id FROM kombu_message WHERE NOT visible ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )
"""


def prune_broker(*, batch: int = 1000, batches: int = 100) -> int:
    """Delete consumed messages, in short statements and not without end; how many they were.

    Does nothing where the queues are elsewhere (CELERY_BROKER_URL) or were never used.
    """
    deleted = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('kombu_message')")
        if cursor.fetchone() == (None,):
            return 0
        for _ in range(batches):
            cursor.execute(DELETE_CONSUMED, [batch])
            deleted += cursor.rowcount
            if cursor.rowcount < batch:
                break
    return deleted
