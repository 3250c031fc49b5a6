"""The work on an uploaded usage log, with a heartbeat, however it ends."""

import errno
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from catalog.known_names import known_names
from catalog.rating_intervals import rating_intervals
from pricing.endpoint import PricedEndpoints
from pricing.priced_endpoints import priced_endpoints
from pricing.regime_plan import Plan
from usage import uploads
from usage.add_up import AddedLog, joined
from usage.blocks import LogError, Range
from usage.models import UsageLog, UsagePart
from usage.placement import ProviderChoice
from usage.preview import EveryRow
from usage.price_log import plan_of, price_added, sizes_of
from usage.reader import Reader, ReaderKilled
from usage.reader_tasks import AddUpTask, RangesTask
from usage.repeats import have_same, sharing_in
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
# A file of so many bytes may be worth several processes, and of so many at most.
DIVIDED_FROM = 16 * 2**20
LEAST_PART = 0  # as `usage.ranges` has it
MOST_WORKERS = 8


class Cancelled(Exception):
    """The log is not wanted any more, or not from this worker."""


def price_uploaded(pk: int, *, now: datetime) -> tuple[int, int, int] | None:
    """Price a queued log and keep the result; the file is deleted.

    A child process reads it: see `usage.reader`. Where that is killed, the log is queued again. The
    prices are looked up here. A large log is divided first: then the log, its claim and how many
    further workers may take parts are the answer, for `price_parts`.
    """
    log = uploads.claim(pk, now)
    if log is None:
        return None
    with _ending(log, now), Reader(megabytes=READER_MB) as reader:
        if log.size >= DIVIDED_FROM:
            path, most = Path(log.path), 2 * _workers()
            task = RangesTask(path, uploads.MOST_UNPACKED, most, LEAST_PART)
            if parts := reader.ranges(task, seconds=SECONDS):
                uploads.divide(log, parts)
                return log.pk, log.attempts, min(len(parts), _workers()) - 1
        _read_whole(log, reader, now)
    return None


def price_parts(pk: int, attempt: int, *, now: datetime) -> None:
    """Add up parts of a divided log while there are any; the last that ends prices all of it."""
    log = UsageLog.objects.filter(pk=pk, attempts=attempt).first()
    if log is None:
        return
    with (
        uploads.temporary_ids(log) as ids,
        _ending(log, now),
        Reader(megabytes=READER_MB) as reader,
    ):
        while part := uploads.claim_part(log):
            ids.append(uploads.ids_of(part))
            signs = _Signs(partial(uploads.advance_part, part, share=READING))
            endpoints = priced_endpoints(now.date())
            task = replace(
                _task(log, endpoints),
                part=Range(part.begin, part.end, part.line),
                ids=uploads.ids_of(part),
            )
            added = reader.add_up(task, seconds=SECONDS, progress=signs.record)
            added = replace(added, seen=replace(added.seen, first=(), names=()))
            kept = {"plan": _digest(task.plan), **added.to_json()}
            if bodies := uploads.end_part(part, json.dumps(kept).encode()):
                _price_joined(log, bodies, reader, now)


def _price_joined(log: UsageLog, bodies: Sequence[bytes], reader: Reader, now: datetime) -> None:
    """Price the parts of a log as one; read it whole where they do not add up to it."""
    plan = plan_of(priced_endpoints(now.date()))
    stated = [json.loads(body) for body in bodies]
    parts = UsagePart.objects.filter(log=log, attempt=log.attempts)
    # Prices may have changed meanwhile, and two parts may have the same request.
    is_one = {part.pop("plan") for part in stated} == {_digest(plan)}
    ids = [uploads.ids_of(part) for part in parts]
    if is_one and not have_same(ids):
        added = [AddedLog.from_json(part, plan) for part in stated]
        _price(log, joined(added, sharing_in(ids)), now)
    else:
        _read_whole(log, reader, now)


def _digest(plan: Plan) -> str:
    return sha256(repr(plan).encode()).hexdigest()


def _read_whole(log: UsageLog, reader: Reader, now: datetime) -> None:
    endpoints = priced_endpoints(now.date())
    signs = _Signs(partial(uploads.advance, log))
    added = reader.add_up(
        _task(log, endpoints),
        seconds=SECONDS,
        progress=lambda part: signs.record(READING * part),
    )
    _price(log, added, now)


def _task(log: UsageLog, endpoints: PricedEndpoints) -> AddUpTask:
    return AddUpTask(
        Path(log.path),
        uploads.MOST_UNPACKED,
        plan_of(endpoints),
        log.columns,
        _every(log.options),
        sizes_of(endpoints, _choice(log.options).models),
    )


def _price(log: UsageLog, added: AddedLog, now: datetime) -> None:
    signs = _Signs(partial(uploads.advance, log))
    report = price_added(
        added,
        priced_endpoints(now.date()),
        known_names(),
        at=now,
        tier=log.options.get("tier") or None,
        choice=_choice(log.options),
        ratings=rating_intervals(),
        progress=lambda part: signs.record(READING + (1 - READING) * part),
    )
    uploads.end(log, now, result=_kept(report))


@contextmanager
def _ending(log: UsageLog, now: datetime) -> Iterator[None]:
    """End the log with a sentence, however the work on it ends."""
    try:
        yield
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


def _workers() -> int:
    return min(MOST_WORKERS, os.cpu_count() or 1)


def _every(options: dict[str, Any]) -> EveryRow:
    at = options.get("at")
    return EveryRow(
        options.get("provider") or "",
        datetime.fromisoformat(at) if at else None,
        options.get("decimals") or "",
    )


def _choice(options: dict[str, Any]) -> ProviderChoice:
    return ProviderChoice(
        options.get("own_api", True), options.get("choices") or {}, options.get("models") or {}
    )


def _kept(report: LogReport) -> dict[str, Any]:
    """A report without what is only for the choice of columns: rows and keys may hold prompts."""
    result = report_json(report, MOST_ROWS)
    for name in ("first", "names", "paths", "read"):
        result["log"].pop(name)
    result["days_in_all"] = len(result["days"])
    result["days"] = result["days"][-MOST_DAYS:]
    return result


def _message(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return NO_MEMORY
    return DISK_FULL if isinstance(error, OSError) and error.errno == errno.ENOSPC else BROKEN


class _Signs:
    """Records progress, a few times a second at the most; raises Cancelled."""

    def __init__(self, advance: Callable[..., bool]) -> None:
        self.advance, self.last = advance, 0.0

    def record(self, part: float) -> None:
        if time.monotonic() - self.last >= SIGN_OF_LIFE_SECONDS:
            if not self.advance(part, now=timezone.now()):
                raise Cancelled
            self.last = time.monotonic()
