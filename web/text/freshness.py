"""Sources that are not refreshed as the schedule has it, in words. Pure."""

from collections.abc import Sequence
from datetime import datetime

from catalog.freshness import SourceState, is_overdue
from web.format.figures import instant, partial_date
from web.text.facts import listed


def not_refreshed(sources: Sequence[SourceState], now: datetime) -> str:
    """Which sources are overdue, and since when, in a sentence or two; "" if none is."""
    named = sorted(sources, key=lambda source: source.name.lower())
    overdue = [source for source in named if is_overdue(source, now)]
    if not overdue:
        return ""
    if all(source.fetched_at is None for source in sources):
        oldest = min(source.as_of for source in sources)
        failing = [source.name for source in overdue if source.failing_since]
        reason = f" Fetching {listed(failing)} fails." if failing else ""
        return f"Data as of {_day(oldest)}; never refreshed here.{reason}"
    return f"Not up to date: {'; '.join(map(_last, overdue))}. Prices may have changed."


def _last(source: SourceState) -> str:
    if source.fetched_at is None:
        return f"{source.name}, never fetched here (data as of {_day(source.as_of)})"
    return f"{source.name}, last fetched on {instant(source.fetched_at)}"


def _day(at: datetime) -> str:
    return partial_date(at.date().isoformat())
