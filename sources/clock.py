"""The clock here, compared with those of the sources. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# How far two clocks may be apart, and how far in the future a date may lie.
TOLERANCE = timedelta(minutes=5)


def clock_offset(headers: Mapping[str, str], here: datetime) -> timedelta | None:
    """How far the clock here is ahead of an answer's Date; None without a readable Date.

    An answer from a cache keeps the Date of its origin, and has an Age in seconds beside it.
    """
    try:
        there = parsedate_to_datetime(headers["date"])
        age = headers.get("age", "")
        if age.isascii() and age.isdigit():
            there += timedelta(seconds=int(age))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return here - (there if there.tzinfo else there.replace(tzinfo=UTC))
