"""What the worker does for usage logs."""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from usage.jobs import SECONDS, price_parts, price_uploaded
from usage.uploads import expire, unsent


@shared_task(ignore_result=True, soft_time_limit=SECONDS, time_limit=SECONDS + 30)
def price_usage_log(pk: int) -> None:
    if divided := price_uploaded(pk, now=timezone.now()):
        log, attempt, helpers = divided
        # This worker takes parts too: the log is done where no other is free, or can be reached.
        with suppress(OperationalError):
            for _ in range(helpers):
                price_usage_parts.delay(log, attempt)
        price_parts(log, attempt, now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=SECONDS, time_limit=SECONDS + 30)
def price_usage_parts(pk: int, attempt: int) -> None:
    price_parts(pk, attempt, now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=120, time_limit=150)
def expire_usage_logs() -> None:
    expire(timezone.now())


@shared_task(ignore_result=True, soft_time_limit=50, time_limit=60)
def resume_usage_logs() -> None:
    for pk in unsent(timezone.now()):
        price_usage_log.delay(pk)


# The names of before the app `usage`, under which messages may still be queued at an upgrade.
shared_task(
    name="pricing.tasks.price_usage_log",
    ignore_result=True,
    soft_time_limit=SECONDS,
    time_limit=SECONDS + 30,
)(price_usage_log.run)
shared_task(
    name="pricing.tasks.expire_usage_logs",
    ignore_result=True,
    soft_time_limit=120,
    time_limit=150,
)(expire_usage_logs.run)
