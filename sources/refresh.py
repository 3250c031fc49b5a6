"""Refresh the catalog: read sources or the bundled snapshot, reconcile, and keep a record of it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import Source as SourceRow
from sources.base import FetchFailed, Parsed, Source, WrongShape
from sources.http import open_http
from sources.models import Refresh
from sources.reconcile import reconcile, source_row
from sources.winners import Say


def refresh(source: Source, *, now: datetime, dry_run: bool = False) -> Counter[str]:
    """Fetch one source and reconcile it; gives what was new and what changed, counted.

    A failure is recorded and raised (FetchFailed, WrongShape): the schedule tries again, and the
    data of the last good answer stays. A dry run writes nothing at all.
    """
    try:
        with open_http(source) as http:
            answer = source.fetch(http, now=now)
        parsed = source.parse(answer)
    except (FetchFailed, WrongShape) as error:
        if not dry_run:
            Refresh.objects.create(
                source=source_row(source), started_at=now, finished_at=now, error=str(error)
            )
        raise
    with transaction.atomic():
        counts = load([parsed], now=now)
        transaction.set_rollback(dry_run)
    return counts


def load(answers: Sequence[Parsed], *, now: datetime, say: Say = lambda line: None) -> Counter[str]:
    """Reconcile answers that are at hand, such as a snapshot's, and record them as read."""
    with transaction.atomic():
        counts = reconcile(answers, now=now, say=say)
        for answer in answers:
            Refresh.objects.create(
                source=SourceRow.objects.get(slug=answer.source),
                started_at=now,
                finished_at=now,
                as_of=answer.as_of,
                counts=dict(counts),
                not_expressed=dict(answer.not_expressed),
            )
    return counts
