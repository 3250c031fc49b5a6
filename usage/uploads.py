"""Usage logs that are uploaded: from the file that arrives to the result that expires."""

import secrets
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from usage.models import UsageLog

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
IDLE = timedelta(minutes=10)
# So much of the disk stays free, in bytes: a database may be on it, too.
LEFT_FREE = 2**30
# A worker gives a sign of life every few seconds. One that is silent for so long is gone.
SILENCE = timedelta(minutes=2)
LOST = "The worker that priced this log was stopped in the middle. Please upload the log again."


class Busy(Exception):
    """There are as many logs at work as there may be."""


def folder() -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR)


def has_space(size: int) -> bool:
    return shutil.disk_usage(folder()).free - size >= LEFT_FREE


def has_place(now: datetime) -> bool:
    """Whether one more log may wait: a place is free, or an idle log gives way."""
    at_work = UsageLog.objects.exclude(state__in=UsageLog.ENDED)
    if at_work.count() < MOST_AT_ONCE:
        return True
    idle = at_work.filter(state=UsageLog.State.UPLOADED, created_at__lt=now - IDLE)
    oldest = idle.order_by("created_at").first()
    if oldest:
        cancel(oldest)
    return oldest is not None


def receive(file: Path, name: str, now: datetime) -> str:
    """Keep an uploaded file until it is priced; return its access token. Raises Busy."""
    if not has_place(now):
        raise Busy
    token = secrets.token_urlsafe(18)
    path = folder() / _digest(token)[:32]
    size = file.stat().st_size
    file.replace(path)
    UsageLog.objects.create(
        digest=_digest(token),
        name=name[:200],
        size=size,
        path=str(path),
        created_at=now,
        expires_at=now + KEEP_WAITING,
    )
    return token


def find(token: str, now: datetime) -> UsageLog | None:
    log = UsageLog.objects.filter(digest=_digest(token), expires_at__gt=now).first()
    if log and _is_lost(log, now):
        end(log, now, error=LOST)
        log.refresh_from_db()
    return log


def start(log: UsageLog, columns: dict[str, str], options: dict[str, Any], now: datetime) -> bool:
    """Queue a log with its mapped columns; False if it was not waiting for that."""
    waiting = UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.UPLOADED)
    queued = UsageLog.State.QUEUED
    return bool(
        waiting.update(
            state=queued, columns=columns, options=options, expires_at=now + KEEP_WAITING
        )
    )


def unqueue(log: UsageLog) -> None:
    queued = UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.QUEUED)
    queued.update(state=UsageLog.State.UPLOADED)


def cancel(log: UsageLog) -> None:
    """Cancel a log; a running job ends at its next heartbeat."""
    open_logs = UsageLog.objects.filter(pk=log.pk).exclude(state__in=UsageLog.ENDED)
    if open_logs.update(state=UsageLog.State.CANCELLED):
        delete_file(log)


def claim(pk: int, now: datetime) -> UsageLog | None:
    """Claim a queued log for this worker; None if it is taken or was cancelled."""
    queued = UsageLog.objects.filter(pk=pk, state=UsageLog.State.QUEUED)
    running = UsageLog.State.RUNNING
    taken = queued.update(state=running, seen_at=now, expires_at=now + KEEP_WAITING)
    return UsageLog.objects.get(pk=pk) if taken else None


def advance(pk: int, progress: float, now: datetime) -> bool:
    """Record progress, from 0 to 1; False if the log was cancelled meanwhile."""
    running = UsageLog.objects.filter(pk=pk, state=UsageLog.State.RUNNING)
    return running.update(progress=min(1.0, progress), seen_at=now) == 1


def end(
    log: UsageLog, now: datetime, *, result: dict[str, Any] | None = None, error: str = ""
) -> None:
    """Keep the result or the error, unless the log was cancelled meanwhile; delete the file."""
    state = UsageLog.State.FAILED if error else UsageLog.State.DONE
    UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.RUNNING).update(
        state=state, result=result, error=error, progress=1, expires_at=now + KEEP_RESULT
    )
    delete_file(log)


def delete_file(log: UsageLog) -> None:
    with suppress(FileNotFoundError):
        Path(log.path).unlink()


def expire(now: datetime) -> None:
    for log in UsageLog.objects.filter(expires_at__lte=now).defer("result"):
        delete_file(log)
        log.delete()
    for log in UsageLog.objects.filter(state=UsageLog.State.RUNNING):
        if _is_lost(log, now):
            end(log, now, error=LOST)
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
