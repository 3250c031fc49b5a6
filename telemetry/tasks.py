"""Background tasks. One line each: the schedule is the retry."""

from celery import shared_task
from django.utils import timezone

from telemetry import measured
from telemetry.fold import fold
from telemetry.naming import name_series
from telemetry.prometheus.refresh import refresh
from telemetry.retention import prune_rollups


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def renew_live() -> None:
    measured.renew(timezone.now())


@shared_task(ignore_result=True, soft_time_limit=240, time_limit=270)
def fold_inbox() -> None:
    fold(timezone.now())


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150)
def name_all_series() -> None:
    name_series()


@shared_task(ignore_result=True, soft_time_limit=600, time_limit=630)
def prune_calls() -> None:
    prune_rollups(timezone.now())


# The limits are the last resort: the run has an end of its own.
@shared_task(ignore_result=True, soft_time_limit=250, time_limit=280)
def refresh_prometheus() -> None:
    refresh(timezone.now())
