"""Usage logs that are uploaded: from the file that arrives to the result that expires."""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Avg, F, Q, QuerySet
from django.utils.crypto import salted_hmac

from usage.blocks import Range
from usage.models import UsageLog, UsagePart
from usage.unpacked import LEFT_FREE

# Long enough to show a colleague tomorrow; what was never started goes sooner, with its file.
KEEP_RESULT = timedelta(days=3)
KEEP_WAITING = timedelta(hours=2)
# A file of one gigabyte may hold a hundred: so much of it is unpacked, in bytes, and then it is
# refused.
MOST_UNPACKED = 8 * 10**9
# A preview is asked for with every look at a page: so little of a packed Parquet is unpacked for
# it.
MOST_UNPACKED_TO_LOOK = 2**29
# So many may wait or run at once; more are refused. A log that is not started gives up its place.
MOST_AT_ONCE = 20
MOST_OF_ONE_VISITOR = MOST_AT_ONCE // 2
IDLE = timedelta(minutes=10)
# A worker gives a sign of life every few seconds. One that is silent for so long is gone, and
# the log is queued again, so often in all.
SILENCE = timedelta(minutes=2)
MOST_ATTEMPTS = 3
LOST = (
    f"Pricing this log was interrupted {MOST_ATTEMPTS} times, and was given up. "
    "Please upload the log again."
)
# A message to the workers may be lost: it is sent again so often until one has claimed the log.
SEND_AGAIN = timedelta(minutes=1)
# Advisory lock: one upload takes a place at a time.
_LOCK = 0x7261_7465_0010


class Busy(Exception):
    """There are as many logs at work as there may be."""


class VisitorBusy(Busy):
    """As many of them are one visitor's as may be."""


def folder() -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR)


def has_space(size: int) -> bool:
    return shutil.disk_usage(folder()).free - size >= LEFT_FREE


def visitor_key(address: str) -> str:
    """What is kept of a visitor's address: enough to count the visitor's logs, and no more."""
    return salted_hmac("usage.uploads", address, algorithm="sha256").hexdigest()


def make_place(now: datetime, visitor: str) -> None:
    """See that one more log may wait: an idle one gives way. Raises Busy, and VisitorBusy."""
    at_work = UsageLog.objects.exclude(state__in=UsageLog.ENDED)
    for logs, most, refusal in (
        (at_work.filter(visitor=visitor), MOST_OF_ONE_VISITOR, VisitorBusy),
        (at_work, MOST_AT_ONCE, Busy),
    ):
        if logs.count() < most:
            continue
        idle = logs.filter(state=UsageLog.State.UPLOADED, created_at__lt=now - IDLE)
        oldest = idle.order_by("created_at").first()
        if oldest is None:
            raise refusal
        cancel(oldest)


def receive(file: Path, name: str, now: datetime, visitor: str) -> str:
    """Keep an uploaded file until it is priced; return its access token. Raises Busy.

    `visitor` is a `visitor_key`.
    """
    token = secrets.token_urlsafe(18)
    path = folder() / _digest(token)[:32]
    size = file.stat().st_size
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        make_place(now, visitor)
        file.replace(path)
        UsageLog.objects.create(
            digest=_digest(token),
            name=name[:200],
            size=size,
            path=str(path),
            visitor=visitor,
            created_at=now,
            expires_at=now + KEEP_WAITING,
        )
    return token


def find(token: str, now: datetime) -> UsageLog | None:
    log = UsageLog.objects.filter(digest=_digest(token), expires_at__gt=now).first()
    if log and _is_lost(log, now):
        _queue_again(log, _silent(log), now)
        log.refresh_from_db()
    return log


def start(log: UsageLog, columns: dict[str, str], options: dict[str, Any], now: datetime) -> bool:
    """Queue a log with its mapped columns; False if it was not waiting for that."""
    waiting = UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.UPLOADED)
    queued = UsageLog.State.QUEUED
    return bool(
        waiting.update(
            state=queued,
            columns=columns,
            options=options,
            seen_at=now,
            expires_at=now + KEEP_WAITING,
        )
    )


def unqueue(log: UsageLog) -> None:
    queued = UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.QUEUED)
    queued.update(state=UsageLog.State.UPLOADED)


def cancel(log: UsageLog) -> None:
    """Cancel a log; a running job ends at its next heartbeat."""
    open_logs = UsageLog.objects.filter(pk=log.pk).exclude(state__in=UsageLog.ENDED)
    if open_logs.update(state=UsageLog.State.CANCELLED, visitor=""):
        delete_file(log)


def claim(pk: int, now: datetime) -> UsageLog | None:
    """Claim a queued log for this worker; None if it is taken or was cancelled."""
    queued = UsageLog.objects.filter(pk=pk, state=UsageLog.State.QUEUED)
    running = UsageLog.State.RUNNING
    taken = queued.update(
        state=running, attempts=F("attempts") + 1, seen_at=now, expires_at=now + KEEP_WAITING
    )
    return UsageLog.objects.get(pk=pk) if taken else None


def divide(log: UsageLog, parts: Sequence[Range]) -> None:
    """Note the parts of a claimed log, for `claim_part`."""
    UsagePart.objects.bulk_create(
        UsagePart(
            log=log,
            attempt=log.attempts,
            number=number,
            begin=part.begin,
            end=part.end,
            line=part.line,
        )
        for number, part in enumerate(parts)
    )


def claim_part(log: UsageLog) -> UsagePart | None:
    """Claim a part of a divided log; None if all are taken, or the log is not worked on so."""
    if not _claimed(log).exists():
        return None
    with transaction.atomic():
        free = UsagePart.objects.filter(log=log, attempt=log.attempts, claimed=False)
        part = free.select_for_update(skip_locked=True).order_by("number").first()
        if part:
            UsagePart.objects.filter(pk=part.pk).update(claimed=True)
        return part


def ids_of(part: UsagePart) -> Path:
    """The file for the ids of a part's requests; it goes with the log's."""
    return Path(f"{part.log.path}.{part.attempt}.{part.number}")


@contextmanager
def temporary_ids(log: UsageLog) -> Iterator[list[Path]]:
    """A list for the files of ids that this worker makes: they go where the log is not its any
    more, since whoever ended the log may have deleted its files before these were written."""
    files: list[Path] = []
    try:
        yield files
    finally:
        if files and not _claimed(log).exists():
            for file in files:
                file.unlink(missing_ok=True)


def advance_part(part: UsagePart, progress: float, share: float, now: datetime) -> bool:
    """Record progress of a part; reading all of them is `share` of the work. See `advance`."""
    UsagePart.objects.filter(pk=part.pk).update(progress=min(1.0, progress))
    of_all = UsagePart.objects.filter(log=part.log, attempt=part.attempt)
    mean = of_all.aggregate(mean=Avg("progress"))["mean"] or 0.0
    return advance(part.log, share * mean, now)


def end_part(part: UsagePart, added: bytes) -> list[bytes] | None:
    """Keep the sums of a part. Those of all parts, in order, for the one that ends the last."""
    with transaction.atomic():
        # One part ends at a time.
        if not _claimed(part.log).select_for_update().exists():
            return None
        UsagePart.objects.filter(pk=part.pk).update(added=added, progress=1)
        of_all = UsagePart.objects.filter(log=part.log, attempt=part.attempt).order_by("number")
        bodies = [bytes(body) for body in of_all.values_list("added", flat=True) if body]
        return bodies if len(bodies) == of_all.count() else None


def advance(log: UsageLog, progress: float, now: datetime) -> bool:
    """Record progress, from 0 to 1; False if the log is not this worker's any more."""
    return _claimed(log).update(progress=min(1.0, progress), seen_at=now) == 1


def end(
    log: UsageLog, now: datetime, *, result: dict[str, Any] | None = None, error: str = ""
) -> None:
    """Keep the result or the error and delete the file, if the log is still this worker's."""
    state = UsageLog.State.FAILED if error else UsageLog.State.DONE
    kept = {"result": result, "error": error, "progress": 1, "visitor": ""}
    # Whoever sees the end finds no file any more.
    with transaction.atomic():
        if _claimed(log).update(state=state, expires_at=now + KEEP_RESULT, **kept):
            delete_file(log)


def interrupt(log: UsageLog, now: datetime) -> None:
    """Queue this worker's log again, of which the reading was interrupted; or give it up."""
    _queue_again(log, _claimed(log), now)


def _claimed(log: UsageLog) -> QuerySet[UsageLog]:
    """The log, unless it was cancelled, or claimed by another worker since."""
    running = UsageLog.State.RUNNING
    return UsageLog.objects.filter(pk=log.pk, state=running, attempts=log.attempts)


def unsent(now: datetime) -> list[int]:
    """Logs to send to the workers again: lost in the middle, or waiting longer than usual."""
    for log in UsageLog.objects.filter(state=UsageLog.State.RUNNING):
        if _is_lost(log, now):
            _queue_again(log, _silent(log), now)
    queued = UsageLog.objects.filter(state=UsageLog.State.QUEUED)
    waiting = queued.filter(Q(seen_at=None) | Q(seen_at__lte=now - SEND_AGAIN))
    keys = list(waiting.order_by("created_at").values_list("pk", flat=True))
    queued.filter(pk__in=keys).update(seen_at=now)
    return keys


def _silent(log: UsageLog) -> QuerySet[UsageLog]:
    return _claimed(log).filter(seen_at=log.seen_at)


def _queue_again(log: UsageLog, claimed: QuerySet[UsageLog], now: datetime) -> None:
    if log.attempts >= MOST_ATTEMPTS:
        end(log, now, error=LOST)
    else:
        claimed.update(state=UsageLog.State.QUEUED, progress=0, seen_at=None)


def delete_file(log: UsageLog) -> None:
    """Delete a log's file, and what was kept of its parts."""
    UsagePart.objects.filter(log=log).delete()
    path = Path(log.path)
    for file in (path, *path.parent.glob(f"{path.name}.*")):
        with suppress(FileNotFoundError):
            file.unlink()


def expire(now: datetime) -> None:
    for log in UsageLog.objects.filter(expires_at__lte=now).defer("result"):
        delete_file(log)
        log.delete()
    wanted = {
        Path(path).name
        for path in UsageLog.objects.exclude(state__in=UsageLog.ENDED).values_list(
            "path", flat=True
        )
    }
    old = (now - KEEP_WAITING).timestamp()
    for path in folder().iterdir():
        with suppress(FileNotFoundError):
            if path.name not in wanted and path.stat().st_mtime < old:
                path.unlink()


def _is_lost(log: UsageLog, now: datetime) -> bool:
    running = log.state == UsageLog.State.RUNNING
    return running and (log.seen_at is None or log.seen_at < now - SILENCE)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
