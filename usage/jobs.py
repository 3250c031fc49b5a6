"""The work on an uploaded usage log, with a heartbeat, however it ends."""

import errno
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from catalog.known_names import known_names
from pricing.priced_endpoints import priced_endpoints
from usage import uploads
from usage.blocks import LogError
from usage.preview import EveryRow
from usage.price_log import price_log
from usage.report import LogReport
from usage.report_json import report_json
from usage.requests import Cancelled

# How much of the result is kept: its longest tables are cut here.
MOST_ROWS = 500
SIGN_OF_LIFE_SECONDS = 0.3
TOO_LONG = (
    "Pricing took too long and was stopped. Split the file, or use the command on the server."
)
BROKEN = "Pricing stopped at an error of ours. It is in the server's log; the file is deleted."
DISK_FULL = (
    "The server's disk is full, so pricing stopped. The file is deleted: please try again later."
)
NO_MEMORY = "Pricing this log takes more memory than the server has. Split the file and try again."


def price_uploaded(pk: int, *, now: datetime) -> None:
    """Price a queued log and keep the result. The file is deleted in any case."""
    log = uploads.claim(pk, now)
    if log is None:
        return
    _die_first()
    signs = _Signs(pk)
    try:
        endpoints = priced_endpoints(now.date())
        report = price_log(
            Path(log.path),
            endpoints,
            known_names(),
            mapping=log.columns,
            at=now,
            tier=log.options.get("tier") or None,
            every=_every(log.options),
            limit=uploads.MOST_UNPACKED,
            progress=signs.progress,
            cancelled=lambda: not signs.wanted,
        )
        uploads.end(log, now, result=_kept(report))
    except Cancelled:
        uploads.delete_file(log)
    except LogError as error:
        uploads.end(log, now, error=str(error))
    except SoftTimeLimitExceeded:
        uploads.end(log, now, error=TOO_LONG)
    except Exception as error:
        uploads.end(log, now, error=_message(error))
        raise


def _every(options: dict[str, Any]) -> EveryRow:
    at = options.get("at")
    return EveryRow(options.get("provider") or "", datetime.fromisoformat(at) if at else None)


def _kept(report: LogReport) -> dict[str, Any]:
    """A report without the first rows of the log, which may hold prompts."""
    result = report_json(report, MOST_ROWS)
    result["log"].pop("first")
    return result


def _die_first() -> None:
    """Make this process the kernel's first choice where memory runs out."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _message(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return DISK_FULL if isinstance(error, OSError) and error.errno == errno.ENOSPC else BROKEN


class _Signs:
    """Writes the progress down, a few times a second at the most, and reads whether to go on."""

    def __init__(self, pk: int) -> None:
        self.wanted = True
        self._pk = pk
        self._last = 0.0

    def progress(self, part: float) -> None:
        if time.monotonic() - self._last >= SIGN_OF_LIFE_SECONDS:
            self.wanted = uploads.advance(self._pk, part, timezone.now())
            self._last = time.monotonic()
