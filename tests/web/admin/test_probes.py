"""The admin of probes: a record to read."""

import pytest
from django.test import Client
from django.utils import timezone

from telemetry.models import ProbeRun
from tests.factories import make_endpoint, make_model, make_provider

pytestmark = pytest.mark.django_db


def test_runs_are_read_and_not_written(admin_client: Client):
    host = make_provider("host")
    run = ProbeRun.objects.create(
        provider=host,
        endpoint=make_endpoint(make_model(), host),
        began_at=timezone.now(),
        outcome="refused",
        status=401,
        sentence="Host refused the key in HOST_API_KEY (401).",
        held="0.003",
        spent=0,
    )
    listed = admin_client.get("/admin/telemetry/proberun/")
    assert listed.status_code == 200 and run.sentence in listed.text
    shown = admin_client.get(f"/admin/telemetry/proberun/{run.id}/change/")
    assert shown.status_code == 200 and run.sentence in shown.text
    assert 'name="sentence"' not in shown.text
    assert admin_client.get("/admin/telemetry/proberun/add/").status_code == 403
    for action in ("change", "delete"):
        address = f"/admin/telemetry/proberun/{run.id}/{action}/"
        assert admin_client.post(address, {"post": "yes"}).status_code == 403
    assert ProbeRun.objects.filter(id=run.id, outcome="refused").exists()
