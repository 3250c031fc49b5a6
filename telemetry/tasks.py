"""Background tasks. One line each: the schedule is the retry."""

from celery import shared_task
from django.utils import timezone

from telemetry.live import renew_live_rows


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def renew_live() -> None:
    renew_live_rows(timezone.now())
