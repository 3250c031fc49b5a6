"""The date that data has of its own, and since when what it states counts as known. Pure.

What the content states of itself comes first, then the page's Last-Modified, then the instant at
which this content was first seen here: never simply now.
"""

from collections.abc import Mapping
from datetime import datetime

from sources.clock import TOLERANCE


def own_date(
    stated: datetime, *, fetched_at: datetime, modified_at: datetime | None, seen_at: datetime
) -> datetime:
    """The date of an answer's data.

    `stated` is what its adapter read: the instant of the fetch where the content states none.
    `seen_at` is since when this content comes from the source.
    """
    if stated != fetched_at:
        return stated
    if modified_at and modified_at <= fetched_at:
        return modified_at
    return seen_at


def is_before(own: datetime, held: datetime | None, *, now: datetime) -> bool:
    """Whether data is older than what is held; a date of the future counts as none.

    Of the same day it is not where one of the dates is a day.
    """
    if held is None or held > now + TOLERANCE:
        return False
    if _is_day(own) or _is_day(held):
        return own.date() < held.date()
    return own < held


def went_on(
    before: Mapping[tuple[str, str], datetime],
    after: Mapping[tuple[str, str], datetime],
    *,
    is_same: bool,
) -> bool:
    """Whether data of an older date is newer, and lost its newest entries; dates are by entry.

    No entry of both went back. One has a newer date, which older data cannot have, or `is_same`:
    the entries state what they did.
    """
    both = before.keys() & after.keys()
    if any(after[key] < before[key] for key in both):
        return False
    return is_same or any(after[key] > before[key] for key in both)


def since_when(
    own: datetime, *, known_until: datetime | None, modified_at: datetime | None, now: datetime
) -> datetime:
    """When what an answer changes began, as far as that is known: after what was known until then.

    `known_until` is when the source last gave what is held. A date of the data before that cannot
    be the date of the change; then a later Last-Modified is, or else now, when it is first seen.
    """
    if known_until is None or known_until > now:
        return min(own, now)
    later = (at for at in (own, modified_at) if at and known_until < at <= now)
    return next(later, now)


def _is_day(at: datetime) -> bool:
    return at.hour == at.minute == at.second == at.microsecond == 0
