"""The Celery application.

Worker, beat and web import it; commands do not, and start faster for it.
"""

import os
import warnings

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# The messages are JSON from our own database, so root runs no more risk here than it does in the
# web server.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

# A task that runs while the broker is lost is finished, and perhaps done again: any may run twice.
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning, module="celery.worker")

app = Celery("ratecard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {
    name: {**entry, "schedule": crontab(**entry["schedule"])}
    for name, entry in app.conf.beat_schedule.items()
}
app.autodiscover_tasks()
