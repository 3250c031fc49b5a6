"""The work on an uploaded usage log, with a heartbeat, however it ends."""

import errno
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from catalog.known_names import known_names
from catalog.rating_intervals import rating_intervals
from pricing.priced_endpoints import priced_endpoints
from usage import uploads
from usage.blocks import LogError
from usage.models import UsageLog
from usage.placement import ProviderChoice
from usage.preview import EveryRow
from usage.price_log import plan_of, price_added, sizes_of
from usage.reader import Reader, ReaderKilled
from usage.reader_tasks import AddUpTask
from usage.report import LogReport
from usage.report_json import report_json

# Time enough for the largest file that may be uploaded, at a tenth of the usual speed.
SECONDS = 600
# The memory of the process that reads a log.
READER_MB = 1024
# How much of the result is kept: its longest tables are cut here.
MOST_ROWS = 500
MOST_DAYS = 1100
SIGN_OF_LIFE_SECONDS = 0.3
TOO_LONG = (
    "Pricing took too long and was stopped. Split the file, or use the command on the server."
)
BROKEN = "Pricing stopped at an error of ours. It is in the server's log; the file is deleted."
DISK_FULL = (
    "The server's disk is full, so pricing stopped. The file is deleted: please try again later."
)
NO_MEMORY = "Pricing this log takes more memory than the server has. Split the file and try again."
# The part of the work that reading is, about.
READING = 0.9


class Cancelled(Exception):
    """The log is not wanted any more, or not from this worker."""


def price_uploaded(pk: int, *, now: datetime) -> None:
    """Price a queued log and keep the result; the file is deleted.

    A child process reads it: see `usage.reader`. Where that is killed, the log is queued again. The
    prices are looked up here.
    """
    log = uploads.claim(pk, now)
    if log is None:
        return
    signs = _Signs(log)
    try:
        with Reader(megabytes=READER_MB) as reader:
            endpoints = priced_endpoints(now.date())
            task = AddUpTask(
                Path(log.path),
                uploads.MOST_UNPACKED,
                plan_of(endpoints),
                log.columns,
                _every(log.options),
                sizes_of(endpoints),
            )
            added = reader.add_up(task, seconds=SECONDS, progress=signs.reading)
        report = price_added(
            added,
            endpoints,
            known_names(),
            at=now,
            tier=log.options.get("tier") or None,
            choice=_choice(log.options),
            ratings=rating_intervals(),
            progress=signs.pricing,
        )
        uploads.end(log, now, result=_kept(report))
    except Cancelled:
        return
    except ReaderKilled:
        uploads.interrupt(log, now)
    except LogError as error:
        uploads.end(log, now, error=str(error))
    except SoftTimeLimitExceeded:
        uploads.end(log, now, error=TOO_LONG)
    except Exception as error:
        uploads.end(log, now, error=_message(error))
        raise


def _every(options: dict[str, Any]) -> EveryRow:
    at = options.get("at")
    return EveryRow(
        options.get("provider") or "",
        datetime.fromisoformat(at) if at else None,
        options.get("decimals") or "",
    )


def _choice(options: dict[str, Any]) -> ProviderChoice:
    return ProviderChoice(options.get("own_api", True), options.get("choices") or {})


def _kept(report: LogReport) -> dict[str, Any]:
    """A report without the first rows of the log, which may hold prompts."""
    result = report_json(report, MOST_ROWS)
    result["log"].pop("first")
    result["days_in_all"] = len(result["days"])
    result["days"] = result["days"][-MOST_DAYS:]
    return result


def _message(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return DISK_FULL if isinstance(error, OSError) and error.errno == errno.ENOSPC else BROKEN


class _Signs:
    """Records progress, a few times a second at the most; raises Cancelled."""

    def __init__(self, log: UsageLog) -> None:
        self.log, self.last = log, 0.0

    def reading(self, part: float) -> None:
        self.record(READING * part)

    def pricing(self, part: float) -> None:
        self.record(READING + (1 - READING) * part)

    def record(self, part: float) -> None:
        if time.monotonic() - self.last >= SIGN_OF_LIFE_SECONDS:
            if not uploads.advance(self.log, part, timezone.now()):
                raise Cancelled
            self.last = time.monotonic()
