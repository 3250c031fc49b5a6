"""What the worker does. One line each: the schedule is the retry."""

from celery import shared_task
from django.utils import timezone

from sources.refresh import refresh
from sources.registry import enabled
from sources.tidy import tidy_up as tidy


@shared_task(ignore_result=True, soft_time_limit=300, time_limit=330)
def refresh_source(slug: str) -> None:
    for source in enabled([slug]):
        refresh(source, now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150)
def tidy_up() -> None:
    tidy(now=timezone.now())
