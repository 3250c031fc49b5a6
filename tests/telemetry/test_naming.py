"""Series lead to endpoints by their words, anew with each version of the catalog."""

from datetime import timedelta

import pytest

from catalog.known_names import known_names
from catalog.models import Alias, Endpoint
from telemetry.fold import fold
from telemetry.inbox import accept
from telemetry.models import Day, Hour, Series, Slot
from telemetry.naming import endpoint_of, name_series
from telemetry.packing import pack
from telemetry.retention import prune_rollups
from tests.factories import make_endpoint, make_model, make_provider
from tests.telemetry.calls import NOON, make_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoints() -> dict[str, int]:
    mini, deepseek = make_model("openai/gpt-4o-mini"), make_model("deepseek/deepseek-v3.2")
    openai, azure = make_provider("openai"), make_provider("azure")
    novita, gateway = make_provider("novita-ai"), make_provider("openrouter")
    bedrock = make_provider("amazon-bedrock")
    id_ = "deepseek/deepseek-v3.2"
    return {
        "openai": make_endpoint(mini, openai).pk,
        "azure": make_endpoint(mini, azure).pk,
        "novita": make_endpoint(deepseek, novita, upstream_id=id_).pk,
        "fp8": make_endpoint(deepseek, novita, upstream_id=f"{id_}-fp8", variant="fp8").pk,
        "gateway": make_endpoint(deepseek, gateway, upstream_id=id_).pk,
        "eu": make_endpoint(deepseek, bedrock, upstream_id=f"eu.{id_}", region="eu").pk,
    }


def test_words_of_senders_lead_to_the_endpoint_of_their_provider(endpoints):
    names = known_names()
    for provider, model, expected in (
        ("openai", "gpt-4o-mini", "openai"),
        ("openai", "openai/gpt-4o-mini", "openai"),
        ("", "openai/gpt-4o-mini", "openai"),
        ("azure.ai.openai", "gpt-4o-mini", "azure"),
        ("az.ai.openai", "gpt-4o-mini", "azure"),
        ("azure", "openai/gpt-4o-mini", "azure"),
        ("novita", "deepseek/deepseek-v3.2", "novita"),
        ("novita/bf16", "deepseek/deepseek-v3.2", "novita"),
        ("openrouter", "deepseek/deepseek-v3.2", "gateway"),
        ("litellm", "gpt-4o-mini", None),
        ("nowhere/fp8", "deepseek/deepseek-v3.2", None),
        ("openai", "a private model", None),
        ("", "gpt-4o-mini", None),
    ):
        endpoint = endpoint_of(names, provider, model)
        assert endpoint == (endpoints[expected] if expected else None), (provider, model)


def test_a_series_is_looked_up_when_it_is_new_and_with_each_version(endpoints):
    accept("traffic", pack([make_call(), make_call(model_name="our-alias")]))
    fold(NOON)
    usual, alias = Series.objects.order_by("model_name")
    assert (usual.endpoint_id, alias.endpoint_id) == (endpoints["openai"], None)
    name_series()
    Alias.objects.create(
        spelling="our-alias", model=Endpoint.objects.get(pk=endpoints["azure"]).model
    )
    assert name_series() == 1
    alias.refresh_from_db()
    assert alias.endpoint_id == endpoints["openai"]
    Series.objects.filter(pk=alias.pk).update(is_chosen=True, endpoint=endpoints["azure"])
    Endpoint.objects.filter(pk=endpoints["openai"]).delete()
    usual.refresh_from_db()
    assert usual.endpoint_id is None
    assert name_series() == 0
    alias.refresh_from_db()
    assert alias.endpoint_id == endpoints["azure"]


def test_retention_keeps_slots_hours_and_days_and_drops_histograms(endpoints):
    accept("traffic", pack([make_call(), make_call(model_name="other")]))
    accept("traffic", pack([make_call(provider_name="az.ai.openai")]))
    accept("traffic", pack([make_call(provider_name="azure")]))
    fold(NOON)
    alone, azures = (
        {"series__endpoint": endpoints["openai"]},
        {"series__endpoint": endpoints["azure"]},
    )
    prune_rollups(NOON + timedelta(hours=47))
    assert Slot.objects.count() == Hour.objects.count() == Day.objects.count() == 4
    prune_rollups(NOON + timedelta(hours=49))
    assert not Slot.objects.exists()
    assert Hour.objects.filter(latency_histogram=None).count() == 0
    prune_rollups(NOON + timedelta(hours=52))
    assert not Hour.objects.filter(**alone).exclude(latency_histogram=None).exists()
    assert Hour.objects.filter(**azures).exclude(latency_histogram=None).count() == 2
    assert Hour.objects.exclude(latency_p50=None).count() == 4
    prune_rollups(NOON + timedelta(days=91))
    assert not Hour.objects.exists()
    assert Day.objects.filter(latency_histogram=None).exclude(latency_p50=None).count() == 4
