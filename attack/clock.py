"""A clock that was ahead: what it left behind delays no task and no data."""

import json
import os
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.apps import apps
from django.utils import timezone

from attack.instance import Instance, command, kind_of
from attack.report import Promise

AHEAD = timedelta(days=500)
# Beat notes its own life at each start and every 20 seconds; the worker's is a task of each minute.
SENDS_SECONDS = 100.0
TAKEN_SECONDS = 180.0


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    yield _schedule(instance)
    yield _dates(instance)


def _schedule(instance: Instance) -> Promise:
    """Beat starts again on last runs in the future, and still sends."""
    path = instance.home / "beat-schedule"
    future = timezone.now() + AHEAD
    path.write_text(json.dumps({name: str(future) for name in json.loads(path.read_text())}))
    for pid in [pid for pid in instance.processes() if kind_of(command(pid)) == "beat"]:
        os.kill(pid, signal.SIGKILL)  # which keeps it from noting what it knows
    began, started = time.monotonic(), timezone.now()
    while (seconds := time.monotonic() - began) < SENDS_SECONDS:
        if _beat("worker") > started:
            break
        time.sleep(1)
    else:
        return Promise("beat sends after last runs in the future", "", ("nothing was sent",))
    noted = json.loads(path.read_text())
    late = [name for name, at in noted.items() if datetime.fromisoformat(at) > timezone.now()]
    return Promise(
        "beat sends after last runs in the future",
        f"a task was done after {seconds:.0f} s",
        tuple(f"{name} is still in the future" for name in late),
    )


def _beat(name: str) -> datetime:
    beats = apps.get_model("sources", "Heartbeat").objects.filter(name=name)
    return beats.values_list("at", flat=True).first() or timezone.now() - AHEAD


def _dates(instance: Instance) -> Promise:
    """Data that is dated in the future gives way to newer data all the same."""
    what = "data dated in the future gives way to newer data"
    mirror = instance.mirror
    mirror.read_catalog()
    future = timezone.now() + AHEAD
    source = apps.get_model("catalog", "Source").objects.filter(slug="models-dev")
    source.update(as_of=future, read_at=future)
    for name in ("EndpointClaims", "ProviderClaims"):
        claims = apps.get_model("catalog", name).objects.filter(source__slug="models-dev")
        claims.update(stated_at=future)
    taken = mirror.refresh(TAKEN_SECONDS)
    if taken is not None:
        return Promise(what, f"taken after {taken:.0f} s")
    refreshes = apps.get_model("sources", "Refresh").objects.filter(source__slug="models-dev")
    last = refreshes.order_by("-started_at").first()
    return Promise(what, "", (f"not taken; the last refresh: {last} {last and last.error}",))
