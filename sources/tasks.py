"""Background tasks. One line each: the schedule is the retry."""

import logging
import os

from celery import Task, shared_task
from django.conf import settings
from django.utils import timezone

from catalog.derived import summarise_models
from catalog.write_lock import turn
from pricing.headlines import find_headlines
from sources.base import FetchFailed, WrongShape
from sources.heartbeat import note_heartbeat
from sources.logos.models_dev import refresh_logos as logos
from sources.refresh import refresh
from sources.registry import enabled
from sources.retention import tidy_up as tidy
from sources.running import OtherRefreshRunning, RefreshRunning
from sources.upstreams.provider_models.read import accounts

# Until another source's refresh has probably ended.
BUSY_SECONDS = 30

log = logging.getLogger("ratecard.sources")


# The limits are the last resort: the fetch has a deadline of its own (sources.http.LONGEST_OF_ALL).
@shared_task(
    bind=True,
    ignore_result=True,
    soft_time_limit=840,
    time_limit=870,
    max_retries=60,
    throws=(FetchFailed, WrongShape, OtherRefreshRunning),
)
def refresh_source(self: Task[[str], None], slug: str) -> None:
    try:
        for source in enabled([slug]):
            refresh(source, now=timezone.now(), spread=True)
    except (FetchFailed, WrongShape) as error:
        log.warning("%s The catalog keeps what it has.", error)
        raise
    except RefreshRunning as error:
        log.info("%s", error)
    except OtherRefreshRunning as error:
        raise self.retry(exc=error, countdown=BUSY_SECONDS) from error


@shared_task(ignore_result=True, soft_time_limit=20, time_limit=30)
def refresh_accounts() -> None:
    for slug in accounts(os.environ):
        refresh_source.delay(slug)


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150, throws=(FetchFailed,))
def refresh_logos() -> None:
    if settings.LOGOS and enabled(["models-dev"]):
        logos(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150)
def tidy_up() -> None:
    tidy(now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def renew_headlines() -> None:
    with turn():
        find_headlines()


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def renew_summaries() -> None:
    with turn():
        summarise_models()


@shared_task(ignore_result=True, soft_time_limit=20, time_limit=30)
def note_worker() -> None:
    note_heartbeat("worker")
