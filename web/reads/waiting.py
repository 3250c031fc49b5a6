"""What waits for an editor: counts for the first page of the admin."""

from dataclasses import dataclass
from datetime import datetime

from catalog.models import Source
from pricing.models import Rate
from sources.models import WAITING, NameState, Refresh, RefreshState, UnmatchedName
from telemetry.models import FoldState, Series


@dataclass(frozen=True, slots=True)
class HeldRefresh:
    """`error` is why it is held, or refused as older, as a sentence."""

    id: int
    source: str
    started_at: datetime
    error: str
    is_older: bool


@dataclass(frozen=True, slots=True)
class FailingSource:
    """`error` is that of its last refresh."""

    id: int
    name: str
    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class UnmappedSeries:
    """Names of telemetry without an endpoint, and those that were dropped for being too many."""

    names: int
    dropped: int
    dropped_calls: int


def unmapped_series() -> UnmappedSeries | None:
    names = Series.objects.filter(endpoint=None, is_chosen=False).count()
    state = FoldState.objects.get()
    if not names and not state.dropped_series:
        return None
    return UnmappedSeries(names, state.dropped_series, state.dropped_calls)


def held_refreshes() -> list[HeldRefresh]:
    held = Refresh.objects.filter(state__in=WAITING).select_related("source")
    return [
        HeldRefresh(
            *(refresh.id, refresh.source.name, refresh.started_at, refresh.error),
            is_older=refresh.state == RefreshState.OLDER,
        )
        for refresh in held
    ]


def held_rates_count() -> int:
    return Rate.objects.waiting().count()


def unmatched_names_count() -> int:
    return UnmatchedName.objects.filter(state=NameState.WAITING).count()


def failing_sources() -> list[FailingSource]:
    failing = []
    for source in Source.objects.filter(failing_since__isnull=False):
        last = source.refreshes.filter(state=RefreshState.FAILED).first()
        assert source.failing_since is not None
        failing.append(
            FailingSource(source.id, source.name, source.failing_since, last.error if last else "")
        )
    return failing
