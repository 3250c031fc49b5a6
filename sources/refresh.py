"""Refresh the catalog: read sources or the bundled snapshot, reconcile, and record it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import Source
from sources import base
from sources.base import FetchFailed, Parsed, WrongShape
from sources.http import open_http
from sources.models import Refresh
from sources.reconcile import reconcile, source_row
from sources.winners import Progress, no_report


def refresh(source: base.Source, *, now: datetime, dry_run: bool = False) -> Counter[str]:
    """Fetch one source and reconcile it; counts what is new, changed or skipped.

    A failure is recorded and raised (FetchFailed, WrongShape): the schedule is the retry, and the
    data of the last good answer stays. A dry run writes nothing.
    """
    try:
        with open_http(source, now=now) as http:
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


def load(batch: Sequence[Parsed], *, now: datetime, report: Progress = no_report) -> Counter[str]:
    with transaction.atomic():
        counts = reconcile(batch, now=now, report=report)
        for parsed in batch:
            Refresh.objects.create(
                source=Source.objects.get(slug=parsed.source),
                started_at=now,
                finished_at=now,
                as_of=parsed.as_of,
                counts=dict(counts),
                not_expressed=dict(parsed.not_expressed),
            )
    return counts
