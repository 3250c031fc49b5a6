"""What the worker does for usage logs. One line each."""

from celery import shared_task
from django.utils import timezone

from usage.jobs import SECONDS, price_uploaded
from usage.uploads import expire, unsent


@shared_task(ignore_result=True, soft_time_limit=SECONDS, time_limit=SECONDS + 30)
def price_usage_log(pk: int) -> None:
    price_uploaded(pk, now=timezone.now())


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
