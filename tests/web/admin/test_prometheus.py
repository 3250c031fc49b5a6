"""The admin of Prometheus' exporters: queries to edit beside how the last run went."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from telemetry.models import PrometheusExporter

pytestmark = pytest.mark.django_db


def test_an_editor_changes_a_query_and_nothing_that_a_run_wrote(client: Client):
    editor = User.objects.create_user("editor", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editor"))
    client.force_login(editor)
    row = PrometheusExporter.objects.get(name="vLLM")
    address = f"/admin/telemetry/prometheusexporter/{row.pk}/change/"
    PrometheusExporter.objects.filter(pk=row.pk).update(error="Prometheus answered 503.")
    assert "Prometheus answered 503." in client.get("/admin/telemetry/prometheusexporter/").text
    form = client.get(address)
    assert "Prometheus answered 503." in form.text
    values = {
        name: "" if value is None else value
        for name, value in form.context["adminform"].form.initial.items()
    }
    now = timezone.now()
    PrometheusExporter.objects.filter(pk=row.pk).update(slots_until=now)  # a run meanwhile
    refused = client.post(address, {**values, "latency": "sum by (le) (rate(x_bucket[5m]))"})
    assert "Name the duration" in refused.text
    query = "sum by (le) (increase(x_bucket[$window]))"
    assert client.post(address, {**values, "latency": query}).status_code == 302
    row.refresh_from_db()
    assert (row.latency, row.slots_until, row.error) == (query, now, "Prometheus answered 503.")
    added = {**values, "name": "Mine", "place": "5"}
    assert client.post("/admin/telemetry/prometheusexporter/add/", added).status_code == 302
    assert PrometheusExporter.objects.first().name == "Mine"
