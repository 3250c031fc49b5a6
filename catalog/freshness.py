"""Pure: how long after the last good answer of its sources a catalog counts as stale."""

from datetime import datetime, timedelta

# The schedule refreshes every hour: two days without an answer are no accident.
STALE_AFTER = timedelta(hours=48)


def is_stale(fetched_at: datetime | None, now: datetime) -> bool:
    """None, for a snapshot that was never refreshed, is as old as it states, and not stale."""
    return fetched_at is not None and now - fetched_at >= STALE_AFTER
