"""What must not grow for ever."""

from datetime import datetime, timedelta

from django.core.management import call_command

from sources.broker import prune_broker
from sources.models import Refresh

# A failing source shows in the newest refreshes; older ones answer no question any more.
KEEP_REFRESHES = timedelta(days=90)


def tidy_up(*, now: datetime) -> None:
    """Delete what is past its use: expired sessions, consumed messages, old refreshes."""
    call_command("clearsessions")
    prune_broker()
    Refresh.objects.filter(started_at__lt=now - KEEP_REFRESHES).delete()
