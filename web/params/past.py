"""The instant that prices are shown of: the parameter `at`. Pure."""

from datetime import UTC, datetime, time

from web.format.figures import FULL_MONTHS
from web.params.values import shown
from web.params.workload import read_instant


def read_past(text: str, complaints: list[str]) -> datetime | None:
    """A date (its first instant, UTC) or an instant, as the estimate reads it."""
    odd: dict[str, str] = {}
    at = read_instant(text, odd)
    if odd:
        complaints.append(f"{shown(text)} is no date from 2020 on, such as 2026-03-01")
    return at


def not_after(at: datetime | None, now: datetime, complaints: list[str]) -> datetime | None:
    """Drop an instant to come: its prices are not known yet."""
    if at is None or at <= now:
        return at
    complaints.append(f"{written(at)} is still to come")
    return None


def written(at: datetime | None) -> str:
    """As `read_past` reads it, as short as it may be."""
    if at is None:
        return ""
    utc = at.astimezone(UTC)
    return utc.date().isoformat() if utc.time() == time() else f"{utc:%Y-%m-%dT%H:%M}Z"


def in_words(at: datetime | None) -> str:
    """March 1, 2026."""
    if at is None:
        return ""
    utc = at.astimezone(UTC)
    day = f"{FULL_MONTHS[utc.month - 1]} {utc.day}, {utc.year}"
    return day if utc.time() == time() else f"{day}, {utc:%H:%M} UTC"
