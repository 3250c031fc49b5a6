"""Made-up calls fill the charts through the real ingest, are marked, and go without a trace."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Key
from pricing.headlines import find_headlines
from telemetry import measured
from telemetry.fold import fold
from telemetry.inbox import record
from telemetry.models import (
    CallOrigin,
    Day,
    Hour,
    InboxRow,
    LiveRow,
    Measured,
    Series,
    Slot,
)
from tests.factories import make_model, make_provider, sell
from tests.telemetry.calls import make_call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def catalog(settings):
    settings.PORT = 9  # where no server runs
    for slug in ("openai/o4-mini", "anthropic/claude-haiku-4-5"):
        model = make_model(slug, mode="chat")
        for provider in (slug.partition("/")[0], "host"):
            sell(model, make_provider(provider, kind="inference-host"), input="1", output="4")
    find_headlines()


def demo(*options):
    out = StringIO()
    call_command("demo_traffic", *options, stdout=out)
    return out.getvalue()


def test_a_day_of_made_up_calls_is_marked_and_removed_whole(catalog):
    lately = timezone.now().timestamp() - 60
    own = make_call(provider_name="openai", model_name="o4-mini", at=lately)
    record(CallOrigin.TRAFFIC, [own] * 6)
    fold(timezone.now())
    measured.renew(timezone.now())
    before = [list(table.objects.order_by("pk").values()) for table in (Slot, Hour, Day, Series)]
    told = demo("--minutes=0")
    assert "of 4 endpoints in the last 24 hours to the view itself, since no server runs" in told
    assert not Key.objects.exists()
    slots = Slot.objects.filter(series__origin=CallOrigin.DEMO)
    assert slots.values("start").distinct().count() >= 288
    assert not slots.exclude(series__endpoint__isnull=False).exists()
    assert slots.filter(latency_p50=None).count() < slots.count() / 50
    row = Measured.objects.filter(origin=CallOrigin.DEMO).first()
    assert row.latency_samples >= 5 and len(row.trend["latency"]) == 24
    shown = {
        (live.endpoint.provider.slug, live.endpoint.upstream_id): live.details["latency"]["source"]
        for live in LiveRow.objects.select_related("endpoint__provider")
    }
    assert shown.pop(("openai", "o4-mini")) == "Own traffic"
    assert set(shown.values()) == {"Demo"}
    assert len(shown) == 3
    calls = Day.objects.filter(series__origin=CallOrigin.DEMO).count()
    assert demo("--minutes=0").startswith("Sent ")  # what is there already is not sent again
    assert Day.objects.filter(series__origin=CallOrigin.DEMO).count() == calls
    record(CallOrigin.DEMO, [own])  # not counted yet
    assert demo("--remove").startswith("Removed ")
    assert not InboxRow.objects.exists()
    after = [list(table.objects.order_by("pk").values()) for table in (Slot, Hour, Day, Series)]
    assert after == before
    assert set(Measured.objects.values_list("origin", flat=True)) == {CallOrigin.TRAFFIC}
    assert LiveRow.objects.count() == 1


def test_an_empty_catalog_has_no_demo(settings):
    settings.PORT = 9
    with pytest.raises(CommandError, match="load a snapshot first"):
        demo()


def test_the_key_of_a_demo_is_for_a_day_and_for_demo_alone(catalog, monkeypatch):
    kept = []
    delete = Key.delete
    monkeypatch.setattr(Key, "delete", lambda key: (kept.append(key), delete(key)))
    demo("--minutes=0")
    assert [key.scope for key in kept] == ["demo"]
    assert kept[0].expires_at - timezone.now() < timedelta(days=1)
