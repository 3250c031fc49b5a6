"""Names of telemetry in the admin: an editor names the endpoint, and all that was kept counts."""

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from accounts.roles import EDITOR
from telemetry.fold import fold
from telemetry.inbox import accept
from telemetry.models import FoldState, Series, Slot
from telemetry.packing import pack
from tests.factories import make_endpoint, make_model, make_provider
from tests.telemetry.calls import NOON, make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = User.objects.create_user("ed", is_staff=True)
    user.groups.add(Group.objects.get(name=EDITOR))
    client.force_login(user)
    return client


def test_an_editor_sees_unknown_names_with_their_calls_and_maps_one(editor):
    endpoint = make_endpoint(make_model("openai/gpt-4o-mini"), make_provider("openai"))
    refused = make_call(model_name="limited", outcome="refused", latency=None, throughput=None)
    calls = [make_call(), *[make_call(model_name="our-alias")] * 3, make_call(model_name="x")]
    calls += [refused] * 7
    accept("traffic", pack(calls))
    fold(NOON)
    index = editor.get(reverse("admin:index")).content.decode()
    assert "3 names of telemetry without an endpoint" in index
    assert "dropped" not in index
    address = reverse("admin:telemetry_series_changelist")
    page = editor.get(f"{address}?mapped=no&o=-6").content.decode()
    assert '<td class="field-calls">3</td>' in page
    assert '<td class="field-calls">7</td>' in page
    assert "gpt-4o-mini" not in page
    assert page.index("our-alias") < page.index(">x<")
    series = Series.objects.get(model_name="our-alias")
    change = reverse("admin:telemetry_series_change", args=[series.pk])
    assert editor.get(change).status_code == 200
    assert editor.post(change, {"endpoint": endpoint.pk}).status_code == 302
    series.refresh_from_db()
    assert (series.endpoint_id, series.is_chosen) == (endpoint.pk, True)
    counted = Slot.objects.filter(series__endpoint=endpoint)
    assert sum(counted.values_list("succeeded", flat=True)) == 4
    action = {"action": "look_up_again", "_selected_action": [series.pk]}
    assert editor.post(address, action).status_code == 302
    series.refresh_from_db()
    assert (series.endpoint_id, series.is_chosen) == (None, False)


def test_the_first_page_names_how_many_names_were_dropped(editor):
    assert "telemetry without" not in editor.get(reverse("admin:index")).content.decode()
    FoldState.objects.update(dropped_series=7, dropped_calls=90)
    page = " ".join(editor.get(reverse("admin:index")).content.decode().split())
    assert "7 more were dropped, with 90 calls" in page
