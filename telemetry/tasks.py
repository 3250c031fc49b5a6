"""Background tasks. One line each: the schedule is the retry."""

from celery import shared_task
from django.utils import timezone

from telemetry import measured
from telemetry.fold import fold
from telemetry.naming import name_series
from telemetry.probe import probe_if_it_may
from telemetry.probed_endpoints import begin_due
from telemetry.prometheus.refresh import refresh
from telemetry.retention import prune_rollups, repack_hours


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
    repack_hours()


@shared_task(ignore_result=True, soft_time_limit=110, time_limit=120)
def probe(endpoint_id: int) -> None:
    probe_if_it_may(endpoint_id, now=timezone.now())


@shared_task(ignore_result=True, soft_time_limit=60, time_limit=90)
def probe_due_endpoints() -> None:
    begin_due(timezone.now(), probe.apply_async)


# The limits are the last resort: the run has an end of its own.
@shared_task(ignore_result=True, soft_time_limit=250, time_limit=280)
def refresh_prometheus() -> None:
    refresh(timezone.now())
