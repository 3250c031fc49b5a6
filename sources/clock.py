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


def not_later(as_of: datetime, now: datetime) -> datetime:
    """The date of an answer's data: `now` for one that lies in the future."""
    return now if as_of > now + TOLERANCE else as_of


def clock_sentence(name: str, off: timedelta, others: Mapping[str, timedelta]) -> str:
    """Which clock to check, by how far the one here is ahead of this source's and of others'."""
    alike = [other for other, theirs in others.items() if abs(theirs - off) <= TOLERANCE]
    right = [other for other, theirs in others.items() if abs(theirs) <= TOLERANCE]
    state = f"{_length(off)} {'ahead of' if off > timedelta(0) else 'behind'}"
    if alike:
        names = " and ".join([name, *sorted(alike)])
        return f"The clock of this machine is {state} those of {names}: set it."
    if right:
        names = " and ".join(sorted(right))
        return (
            f"The clock of this machine is {state} that of {name}, and agreed with {names} in the"
            f" last hours: check the clock of {name} or its mirror first."
        )
    return (
        f"The clock of this machine is {state} that of {name}: check the clock of this machine"
        " first, then that of the source or its mirror."
    )


def _length(off: timedelta) -> str:
    minutes = round(abs(off) / timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // (24 * 60):,} days"
