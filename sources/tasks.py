"""Background tasks. One line each: the schedule is the retry."""

import logging

from celery import shared_task
from django.utils import timezone

from pricing.lowest import find_lowest
from sources.base import FetchFailed, WrongShape
from sources.heartbeat import note_heartbeat
from sources.refresh import refresh
from sources.registry import enabled
from sources.retention import tidy_up as tidy

log = logging.getLogger("ratecard.sources")


@shared_task(
    ignore_result=True, soft_time_limit=300, time_limit=330, throws=(FetchFailed, WrongShape)
)
def refresh_source(slug: str) -> None:
    try:
        for source in enabled([slug]):
            refresh(source, now=timezone.now())
    except (FetchFailed, WrongShape) as error:
        log.warning("%s The catalog keeps what it has.", error)
        raise


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150)
def tidy_up() -> None:
    tidy(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def renew_lowest() -> None:
    find_lowest()


@shared_task(ignore_result=True, soft_time_limit=20, time_limit=30)
def note_worker() -> None:
    note_heartbeat("worker")
