"""Usage logs that are uploaded: from the file that arrives to the result that expires."""

import secrets
import shutil
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from pricing.models import UsageLog

# Long enough to show a colleague tomorrow; what was never started goes sooner, with its file.
KEEP_RESULT = timedelta(days=3)
KEEP_WAITING = timedelta(hours=2)
# A file of one gigabyte may hold a hundred: so much of it is unpacked, in bytes, and then it is refused.
MOST_UNPACKED = 8 * 10**9
# So many may wait or run at once; the rest is asked to come again.
MOST_AT_ONCE = 20


class Busy(Exception):
    """There are as many logs at work as there may be."""


def folder() -> Path:
    """Where uploads wait: on a disk that web server and workers share."""
    return Path(settings.FILE_UPLOAD_TEMP_DIR)


def receive(file: Path, name: str, now: datetime) -> str:
    """Take over a file that has arrived until it is priced; gives the token that leads to it. Raises Busy."""
    if UsageLog.objects.exclude(state__in=UsageLog.ENDED).count() >= MOST_AT_ONCE:
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
    return UsageLog.objects.filter(digest=_digest(token), expires_at__gt=now).first()


def start(log: UsageLog, columns: dict[str, str], options: dict[str, Any]) -> bool:
    """Queue a log with its columns as mapped; whether it was waiting for that."""
    return bool(
        UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.UPLOADED).update(
            state=UsageLog.State.QUEUED, columns=columns, options=options
        )
    )


def cancel(log: UsageLog) -> None:
    """Give up a log: a running one ends with its next sign of life."""
    open_states = (UsageLog.State.UPLOADED, UsageLog.State.QUEUED, UsageLog.State.RUNNING)
    UsageLog.objects.filter(pk=log.pk, state__in=open_states).update(state=UsageLog.State.CANCELLED)
    if log.state != UsageLog.State.RUNNING:
        delete_file(log)


def claim(pk: int) -> UsageLog | None:
    """Take a queued log to work on; None if somebody else has, or it was cancelled."""
    taken = UsageLog.objects.filter(pk=pk, state=UsageLog.State.QUEUED).update(state=UsageLog.State.RUNNING)
    return UsageLog.objects.get(pk=pk) if taken else None


def advance(pk: int, progress: float) -> bool:
    """Note how far the work has come, from 0 to 1; whether it is still wanted."""
    running = UsageLog.objects.filter(pk=pk, state=UsageLog.State.RUNNING)
    return running.update(progress=min(1.0, progress)) == 1


def end(log: UsageLog, now: datetime, *, result: dict[str, Any] | None = None, error: str = "") -> None:
    """Keep the result, or why there is none, unless the log was cancelled meanwhile; the file goes."""
    state = UsageLog.State.FAILED if error else UsageLog.State.DONE
    UsageLog.objects.filter(pk=log.pk, state=UsageLog.State.RUNNING).update(
        state=state, result=result, error=error, progress=1, expires_at=now + KEEP_RESULT
    )
    delete_file(log)


def delete_file(log: UsageLog) -> None:
    with suppress(FileNotFoundError):
        Path(log.path).unlink()


def expire(now: datetime) -> None:
    """Delete what has expired, and the files that nobody will price any more."""
    for log in UsageLog.objects.filter(expires_at__lte=now):
        delete_file(log)
        log.delete()
    wanted = {
        Path(path).name
        for path in UsageLog.objects.exclude(state__in=UsageLog.ENDED).values_list("path", flat=True)
    }
    old = (now - KEEP_WAITING).timestamp()
    for path in folder().iterdir():
        if path.name not in wanted and path.stat().st_mtime < old:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
