"""Pure: which sources are not as fresh as their schedule has them, and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# The schedule refreshes every hour, one source at a time: three missed turns are no accident.
OVERDUE_AFTER = timedelta(hours=3)
# After a snapshot is loaded there is time to start a worker and a schedule.
UNREFRESHED_AFTER = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source that comes over the network, with the date of its data.

    `read_at` is when its data was last read, if only from a snapshot; `fetched_at` the last
    success, None without one; `failing_since` the first of the failures after it.
    """

    name: str
    as_of: datetime
    read_at: datetime | None = None
    fetched_at: datetime | None = None
    failing_since: datetime | None = None


def is_overdue(source: SourceState, now: datetime) -> bool:
    """Whether fetching fails, or no turn of the schedule has succeeded for too long.

    A snapshot that was never refreshed is overdue after a longer time, in which workers can start.
    """
    if source.failing_since is not None:
        return True
    if source.fetched_at is not None:
        return now - source.fetched_at >= OVERDUE_AFTER
    return source.read_at is not None and now - source.read_at >= UNREFRESHED_AFTER
