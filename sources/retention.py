"""What must not grow for ever."""

from datetime import datetime, timedelta

from django.core.management import call_command

from catalog.version import fold_written
from sources.broker import prune_broker
from sources.models import Refresh

# A failing source shows in the newest refreshes; older ones answer no question any more.
KEEP_REFRESHES = timedelta(days=90)


def tidy_up(*, now: datetime) -> None:
    """Delete expired sessions, consumed messages and old refreshes; fold the notes of writes."""
    fold_written()
    call_command("clearsessions")
    prune_broker()
    Refresh.objects.filter(started_at__lt=now - KEEP_REFRESHES).delete()
