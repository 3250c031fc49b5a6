"""Sources: how fresh each is, its last runs, what it wins, and how often it differs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.freshness import SourceState, is_overdue
from catalog.models import Source
from sources.models import WAITING, RefreshState
from sources.registry import fetched, local, upstreams
from web.format.figures import instant, partial_date
from web.pages.head import Head
from web.reads.sources import (
    Compared,
    RefreshRun,
    SourceCounts,
    last_runs,
    not_expressed,
    source_counts,
)
from web.text.runs import NoteInWords, counts_in_words, run_state, share_in_words, standing_of

SHOWN_RUNS = 6
SHOWN_KINDS = 12
_NONE = SourceCounts(0, 0, Compared(0), Compared(0))


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run, or `runs` that followed each other and changed nothing; times in words."""

    state: str
    warns: bool
    first: str
    last: str
    runs: int
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotExpressed:
    """What answers state and the catalog has no place for: (what, how many), most first."""

    kinds: tuple[tuple[str, int], ...]
    more: int


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """Dates and times are in words, "" where there is none.

    `scheduled` is whether it is fetched in turns; others come in a file or with the program.
    """

    slug: str
    name: str
    url: str
    licence: str
    trust: str
    as_of: str
    checked: str
    standing: NoteInWords
    scheduled: bool
    counts: SourceCounts
    prices_differ: str
    facts_differ: str
    lines: tuple[RunLine, ...]
    not_expressed: NotExpressed


@dataclass(frozen=True, slots=True)
class SourcesPage:
    """`held` are (source, sentence) of answers that wait for an editor."""

    sources: tuple[SourceHealth, ...]
    held: tuple[tuple[str, str], ...]
    attention: int


def sources_page(now: datetime) -> SourcesPage:
    counts, runs, kinds = source_counts(), last_runs(), not_expressed()
    scheduled = {source.slug for source in fetched()}
    stored = {source.slug: source for source in Source.objects.exclude(slug=Source.EDITOR)}
    known = [source for source in stored.values() if source.as_of or source.slug in scheduled]
    health = [
        _health(
            source,
            counts.get(source.id, _NONE),
            runs.get(source.id, []),
            kinds.get(source.id, {}),
            now,
            scheduled=source.slug in scheduled,
        )
        for source in known
    ]
    health.sort(key=lambda source: (not source.scheduled, -source.counts.listed, source.name))
    held = [
        (source.name, _held_sentence(source, run))
        for source in known
        for run in runs.get(source.id, [])
        if run.state == RefreshState.HELD
    ]
    return SourcesPage(
        sources=tuple(health),
        held=tuple(held),
        attention=sum(source.standing.warns for source in health),
    )


def sources_head() -> Head:
    return Head(
        "Sources",
        "Where each price, limit and date comes from: how fresh every source is, its last runs, "
        "what it states, and how often sources differ.",
        reverse("sources"),
    )


def _health(
    source: Source,
    counts: SourceCounts,
    runs: Sequence[RefreshRun],
    kinds: Mapping[str, int],
    now: datetime,
    *,
    scheduled: bool,
) -> SourceHealth:
    is_local = source.slug in local()
    state = SourceState(
        source.name,
        source.as_of or now,
        source.read_at,
        source.fetched_at,
        source.failing_since,
    )
    standing = standing_of(
        state,
        scheduled=scheduled,
        is_local=is_local,
        is_overdue=scheduled and is_overdue(state, now),
        is_held=any(run.state == RefreshState.HELD for run in runs),
    )
    return SourceHealth(
        slug=source.slug,
        name=source.name,
        url=source.url,
        licence=source.licence,
        trust=Source.Trust(source.trust).label,
        as_of=partial_date(source.as_of.date().isoformat()) if source.as_of else "",
        checked=instant(source.fetched_at) if source.fetched_at and scheduled else "",
        standing=standing,
        scheduled=scheduled,
        counts=counts,
        prices_differ=share_in_words(counts.prices.differ, counts.prices.claims),
        facts_differ=share_in_words(counts.facts.differ, counts.facts.claims),
        lines=tuple(_lines(runs))[:SHOWN_RUNS],
        not_expressed=_most(kinds),
    )


def _lines(runs: Iterable[RefreshRun]) -> Iterable[RunLine]:
    """Newest first; runs that followed each other in one state and changed nothing are one line."""
    same: list[RefreshRun] = []
    for run in runs:
        if same and (run.counts or same[-1].counts or run.state != same[-1].state):
            yield _line(same)
            same = []
        same.append(run)
    if same:
        yield _line(same)


def _line(runs: Sequence[RefreshRun]) -> RunLine:
    newest, oldest = runs[0], runs[-1]
    return RunLine(
        state=run_state(newest.state, came_in_a_file=newest.came_in_a_file),
        warns=newest.state in (RefreshState.FAILED, *WAITING),
        first=instant(oldest.started_at) if len(runs) > 1 else "",
        last=instant(newest.started_at),
        runs=len(runs),
        changes=() if newest.came_in_a_file else counts_in_words(newest.counts),
    )


def _most(kinds: Mapping[str, int]) -> NotExpressed:
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    return NotExpressed(tuple(ordered[:SHOWN_KINDS]), len(ordered[SHOWN_KINDS:]))


def _held_sentence(source: Source, run: RefreshRun) -> str:
    """Why is public where the answer is: an account's own list of models is not."""
    since = f"held for an editor since {instant(run.started_at)}"
    why = f": {'; '.join(run.reasons)}" if run.reasons and source.slug in upstreams() else ""
    return f"{since}{why}. The last good answer stays"
