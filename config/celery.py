"""The Celery application.

Worker, beat and web import it; commands do not, and start faster for it.
"""

import logging
import os
import signal
import warnings
from contextlib import suppress
from functools import partial
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.schedules import BaseSchedule, crontab, schedule
from celery.signals import worker_ready

log = logging.getLogger("ratecard.worker")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# The messages are JSON from our own database, so root runs no more risk here than it does in the
# web server.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

# A task that runs while the broker is lost is finished, and perhaps done again: any may run twice.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning, module="celery.worker")


def _schedule(*, seconds: float = 0, **minutes: str) -> BaseSchedule:
    return schedule(seconds) if seconds else crontab(**minutes)


app = Celery("ratecard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    name: {**entry, "schedule": _schedule(**entry["schedule"])}
    for name, entry in app.conf.beat_schedule.items()
}
app.autodiscover_tasks()


@worker_ready.connect
def end_with_killed_children(sender: Any, **_: Any) -> None:
    """Have a killed child end this worker, which its supervisor starts again.

    With the broker in PostgreSQL the children share one queue and its lock, and the lock of a
    child that is killed while it waits for work is never released: the others would wait for ever.
    """
    pool = sender.pool._pool
    # With a Redis broker each child has a queue of its own, and Celery's own handler is there.
    if getattr(pool, "on_process_down", True) is None:
        pool.on_process_down = partial(_end_if_killed, pool)


def _end_if_killed(pool: Any, child: Any) -> None:
    # Celery itself kills a child whose task exceeds its time: that one holds no lock.
    if child.exitcode >= 0 or child._controlled_termination:
        return
    log.error("a child of the worker was killed by signal %d: the worker ends", -child.exitcode)
    for other in pool._pool:
        with suppress(ProcessLookupError):
            os.kill(other.pid, signal.SIGKILL)
    # By a signal: an early exit code would count as a worker that cannot start.
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(1)  # as the first process of a container, which a signal of its own does not end
