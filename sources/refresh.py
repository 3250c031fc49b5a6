"""Refresh the catalog: read sources or the bundled snapshot, reconcile, and record it."""

import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from catalog.derived import summarise_models
from catalog.models import Source
from catalog.write_lock import turn
from pricing.first_seen import find_first_priced
from pricing.headlines import find_headlines
from pricing.slips import Watch
from sources import base
from sources.archives import keep_archive
from sources.base import FetchFailed, Parsed, WrongShape
from sources.clock import not_later
from sources.clock_repair import repair_future
from sources.collector import paused_collector
from sources.fetching import Fetched, Older, applied_still, dated, fetch
from sources.held_answers import Held, check_answer, content_digest, difference_from_now
from sources.kept_answers import (
    digest_of_statements,
    keep_answer,
    mark_applied,
    none_applied,
    rules_of,
)
from sources.models import WAITING, KeptAnswer, Refresh, RefreshState
from sources.own_rules import answer_of_other_rules, check_of, read_anew
from sources.reconcile import (
    ROWS_SKIPPED,
    SKIPPED_OF,
    Check,
    is_older,
    no_check,
    reconcile,
    source_row,
)
from sources.registry import ARCHIVES
from sources.running import only_refresh
from sources.winners import Progress, no_report
from sources.withdrawals import lost_newest
from telemetry.stated import keep_figures

log = logging.getLogger("ratecard.sources")

# Twenty times the endpoints of the largest source today.
MOST_LISTINGS = 100_000
# What an adapter raises where it did not foresee a value.
_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
# Pages show when a source was last fetched, and are drawn anew when that is written.
_CHECKED = timedelta(minutes=30)


def refresh(
    source: base.Source, *, now: datetime, dry_run: bool = False, spread: bool = False
) -> Counter[str]:
    """Fetch one source and reconcile it; counts what is new, changed or skipped.

    With `spread` a turn of the schedule fetches a share of a source's many pages. An answer that
    the catalog holds already changes nothing but the record. A failure is recorded and raised
    (FetchFailed, WrongShape): the schedule is the retry, and the data of the last good answer
    stays. A dry run writes nothing. Raises RefreshRunning and OtherRefreshRunning, unrecorded.
    """
    with only_refresh(source):
        record = Refresh(started_at=now)
        if not dry_run:
            _record_killed(now)
            record.source = source_row(source)
            record.save()
        began = monotonic()
        try:
            counts = _refreshed(source, record, now, dry_run=dry_run, spread=spread)
        except BaseException as error:
            is_sentence = isinstance(error, FetchFailed | WrongShape)
            record.error = str(error) if is_sentence else f"It ended with {type(error).__name__}."
            record.state = RefreshState.FAILED
            if isinstance(error, Held) and not dry_run:
                record = _hold(record, error)
            # Not where the program is stopped by hand.
            elif isinstance(error, Exception) and not dry_run:
                _note_failure(source, now)
                if isinstance(error, Older) and error.parsed:
                    record = _keep_older(record, error.parsed)
            raise
        finally:
            record.finished_at = now + timedelta(seconds=monotonic() - began)
            # Without a database the record stays unfinished, and the next refresh records its end.
            with suppress(DatabaseError):
                if not (connection.in_atomic_block or connection.is_usable()):
                    connection.close()
                if not dry_run:
                    record.save()
    return counts


@paused_collector()
def _refreshed(
    source: base.Source, record: Refresh, now: datetime, *, dry_run: bool, spread: bool
) -> Counter[str]:
    fetched = fetch(source, record, now=now, spread=spread, keep=not dry_run)
    rules = rules_of(source)
    applied = applied_still(source, rules, now=now)
    if applied and applied.digest == fetched.digest:
        with transaction.atomic():
            counts = _skipped(applied)
            _note_unchanged(record, applied, now)
            record.counts = dict(counts)
            transaction.set_rollback(dry_run)
        return counts
    parsed = _parsed(source, fetched)
    states = digest_of_statements(parsed)
    own = parsed.as_of
    if not source.is_local:
        is_withdrawal = partial(lost_newest, source, parsed, now=now)
        dates = dated(parsed, fetched, now=now, is_withdrawal=is_withdrawal)
        own, parsed = dates.own, replace(parsed, as_of=dates.since)
        if not dry_run:
            record.answer = keep_answer(
                record.source, fetched.answer, fetched.digest, as_of=own, now=now
            )
        if dates.older:
            raise Older(dates.older, parsed)
    with transaction.atomic():
        if applied and applied.states == states:
            counts = keep_figures(applied.source, parsed.figures, now)
            counts.update(_skipped(applied))
            _note_unchanged(record, record.answer or applied, now)
            record.counts, record.not_expressed = dict(counts), dict(parsed.not_expressed)
        else:
            counts = _write(source, parsed, record, now, own=own, digest=fetched.digest)
            record.state = RefreshState.DONE
        if record.answer:
            # Rules of before count the endpoints of before: what this answer adds is covered.
            mark_applied(record.answer, rules=rules_of(source), states=states)
        transaction.set_rollback(dry_run)
    return counts


def _skipped(applied: KeptAnswer) -> Counter[str]:
    """What a refresh that changes nothing skips again: the rows that the last one skipped."""
    last = applied.refreshes.filter(counts__has_key=ROWS_SKIPPED).first()
    known = last.counts if last else {}
    names = (what for what in known if what == ROWS_SKIPPED or what.startswith(SKIPPED_OF))
    return Counter({what: known[what] for what in names})


def _note_unchanged(record: Refresh, kept: KeptAnswer, now: datetime) -> None:
    """The source gave what the catalog holds: nothing is written but that it was checked."""
    record.state, record.as_of, record.answer = RefreshState.UNCHANGED, kept.as_of, kept
    source = Source.objects.filter(id=kept.source_id)
    source.filter(as_of__lt=kept.as_of).update(as_of=kept.as_of)
    is_fresh = Q(failing_since=None, fetched_at__range=(now - _CHECKED, now))
    source.exclude(is_fresh).update(fetched_at=now, failing_since=None)
    supersede_held(kept.source)


def _hold(record: Refresh, held: Held) -> Refresh:
    """The refresh that waits for an editor: this one, or an earlier one with the same content.

    A source has one at most. An earlier one with other content is superseded.
    """
    if held.waiting:
        return _again(Refresh.objects.get(id=held.waiting), record)
    supersede_held(record.source)
    record.state = RefreshState.HELD
    record.difference, record.content = held.difference.to_json(), held.content
    return record


def _keep_older(record: Refresh, parsed: Parsed) -> Refresh:
    """The refresh that keeps an older answer for an editor, who may accept it still.

    A source has one at most. An answer that an editor rejected stays a failure.
    """
    content = content_digest(parsed)
    same = Refresh.objects.filter(source=record.source, content=content)
    if same.filter(state=RefreshState.REJECTED).exists():
        return record
    if waiting := same.filter(state=RefreshState.OLDER).first():
        return _again(waiting, record)
    difference = difference_from_now(parsed, record.source)
    older = Refresh.objects.filter(source=record.source, state=RefreshState.OLDER)
    older.update(state=RefreshState.SUPERSEDED)
    record.state = RefreshState.OLDER
    record.difference, record.content = difference.to_json(), content
    return record


def _again(waiting: Refresh, record: Refresh) -> Refresh:
    """The refresh that waits already with the content of this one, which is dropped."""
    waiting.answer = record.answer
    record.delete()
    counted = "answers with this content"
    waiting.counts[counted] = waiting.counts.get(counted, 1) + 1
    return waiting


def supersede_held(source: Source) -> None:
    Refresh.objects.filter(source=source, state__in=WAITING).update(state=RefreshState.SUPERSEDED)


def _note_failure(source: base.Source, now: datetime) -> None:
    # Without a database nothing is shown either.
    with suppress(DatabaseError):
        Source.objects.filter(slug=source.slug, failing_since=None).update(failing_since=now)


def _record_killed(now: datetime) -> None:
    """Only one refresh runs at a time: others that have not finished never will."""
    Refresh.objects.filter(finished_at=None).update(
        finished_at=now,
        state=RefreshState.FAILED,
        error="Its process was killed before it ended: by a time limit, for memory, or by hand.",
    )


def _parsed(source: base.Source, fetched: Fetched) -> Parsed:
    try:
        parsed = source.parse(fetched.answer)
    except _UNFORESEEN as error:
        log.exception("%s sent what its adapter does not foresee", source.name)
        raise WrongShape(
            f"{source.name} sent what this version cannot read: {type(error).__name__}."
        ) from error
    if len(parsed.listings) > MOST_LISTINGS:
        raise WrongShape(
            f"{source.name} lists {len(parsed.listings):,} endpoints, and at most"
            f" {MOST_LISTINGS:,} are read: not its catalog."
        )
    return parsed


def _write(
    source: base.Source,
    parsed: Parsed,
    record: Refresh,
    now: datetime,
    *,
    own: datetime,
    digest: str,
) -> Counter[str]:
    repaired: Counter[str] = Counter()
    with turn():
        # Only a clock that a source confirms may judge what lies in the future.
        if record.clock_off is not None:
            repaired = repair_future(now=now)
        if sentence := _refusal(parsed, now):
            raise Older(sentence)
        check: Check = no_check if source.is_local else check_answer
        watch = Watch.USUAL if source.is_local else Watch.PAST
        if kept := answer_of_other_rules(source, rules_of(source)):
            if kept.digest == digest:
                check, watch = check_of(kept), Watch.USUAL
            else:
                repaired += read_anew(source, kept, now=now, refresh_id=record.id)
        refresh_id = None if source.is_local else record.id
        counts = repaired + reconcile(
            [parsed], now=now, check=check, watch=watch, refresh_id=refresh_id
        )
        counts += keep_figures(source_row(source), parsed.figures, now)
        supersede_held(source_row(source))
        if not source.is_local:
            Source.objects.filter(slug=parsed.source).update(
                as_of=not_later(own, now), fetched_at=now, failing_since=None
            )
    record.as_of = not_later(own, now)
    record.counts, record.not_expressed = dict(counts), dict(parsed.not_expressed)
    return counts


def _refusal(parsed: Parsed, now: datetime) -> str:
    """Why an answer is not read, as a sentence; "" for one that is."""
    held = Source.objects.filter(slug=parsed.source).first()
    if held is None or held.as_of is None or not is_older(parsed, held, now):
        return ""
    return (
        f"{held.name} gave data of {parsed.as_of:%Y-%m-%d %H:%M}, which is older than what is here"
        f" ({held.as_of:%Y-%m-%d %H:%M}): nothing was changed."
    )


@paused_collector()
def load(batch: Sequence[Parsed], *, now: datetime, report: Progress = no_report) -> Counter[str]:
    """Reconcile answers that came in a file, and record each; those that are older are left out."""
    with turn():
        refusals = {parsed.source: _refusal(parsed, now) for parsed in batch}
        catalogs = [parsed for parsed in batch if parsed.source not in ARCHIVES]
        counts = reconcile(catalogs, now=now, report=report, watch=Watch.USUAL)
        none_applied({slug for slug, refusal in refusals.items() if not refusal})
        report("adding price histories and ratings")
        for parsed in batch:
            if parsed.source in ARCHIVES:
                counts += keep_archive(parsed, now=now)
        find_first_priced()
        # The order Top is by ratings, which have just come.
        summarise_models()
        find_headlines(())
        for parsed in batch:
            is_read = not refusals[parsed.source]
            Refresh.objects.create(
                source=Source.objects.get(slug=parsed.source),
                started_at=now,
                finished_at=now,
                state=RefreshState.DONE if is_read else RefreshState.FAILED,
                as_of=not_later(parsed.as_of, now) if is_read else None,
                counts=dict(counts) if is_read else {},
                not_expressed=dict(parsed.not_expressed) if is_read else {},
                error=refusals[parsed.source],
            )
    return counts
