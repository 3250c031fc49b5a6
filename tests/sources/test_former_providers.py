from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Alias, Endpoint, Model, Override, Provider
from catalog.overrides import override
from pricing.models import Rate
from sources.reconcile import reconcile
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 12, tzinfo=UTC)


def refresh() -> None:
    reconcile([], now=timezone.now())


def overridden(subject: Any, **values: Any) -> None:
    user = User.objects.get_or_create(username="ada")[0]
    override(subject, values, by=user, why="seen there", at=NOW)


def ids(provider: str) -> set[str]:
    return set(
        Endpoint.objects.filter(provider__slug=provider).values_list("upstream_id", flat=True)
    )


def test_the_endpoints_of_a_former_provider_move_with_history_and_overrides() -> None:
    model = make_model("openai/gpt-7")
    azure, former = make_provider("azure"), make_provider("azure-cognitive-services")
    sell(model, azure, input="1")
    other = sell(make_model("openai/gpt-7-mini"), former, input="0.2")
    overridden(other, region="eu")
    overridden(former, headquarters="US")
    refresh()
    assert not Provider.objects.filter(slug="azure-cognitive-services").exists()
    assert ids("azure") == {"gpt-7", "gpt-7-mini"}
    other.refresh_from_db()
    assert (other.region, other.rates.count()) == ("eu", 1)
    azure.refresh_from_db()
    assert azure.headquarters == "US"
    assert model.endpoints.count() == 1


def test_an_endpoint_that_both_have_stays_once_and_keeps_the_overrides_of_both() -> None:
    model = make_model("openai/gpt-7")
    kept = sell(model, make_provider("azure"), input="1")
    gone = sell(model, make_provider("azure-cognitive-services"), input="2")
    overridden(kept, region="us")
    overridden(gone, region="eu", quantization="fp8")
    refresh()
    kept.refresh_from_db()
    assert (kept.region, kept.quantization) == ("us", "fp8")
    assert list(Endpoint.objects.all()) == [kept]
    assert Override.objects.filter(endpoint=kept).count() == 3
    assert Override.objects.standing().count() == 2


def test_the_endpoint_that_an_editor_priced_is_the_one_that_stays() -> None:
    model = make_model("openai/gpt-7")
    sell(model, make_provider("azure"), input="1")
    edited = make_endpoint(model, make_provider("azure-cognitive-services"))
    make_rate(edited, amount="3", by=User.objects.create_user("ada"), why="by contract")
    refresh()
    assert list(Endpoint.objects.values_list("id", "provider__slug")) == [(edited.id, "azure")]
    assert [str(rate.amount.normalize()) for rate in Rate.objects.all() if rate.amount] == ["3"]


def test_a_routed_host_of_hugging_face_becomes_the_end_of_its_ids() -> None:
    model = make_model("openai/gpt-oss-120b")
    for slug in ("huggingface", "huggingface-groq", "huggingface-fireworks-ai"):
        make_endpoint(model, make_provider(slug), upstream_id="openai/gpt-oss-120b")
    refresh()
    endpoints = Endpoint.objects.order_by("upstream_id").values_list("upstream_id", "variant")
    assert list(endpoints) == [
        ("openai/gpt-oss-120b", ""),
        ("openai/gpt-oss-120b:fireworks-ai", "fireworks-ai"),
        ("openai/gpt-oss-120b:groq", "groq"),
    ]


def test_the_first_part_takes_the_name_of_a_provider_that_is_new() -> None:
    model = make_model("xiaomi/mimo")
    for slug in ("xiaomi-token-plan-cn", "xiaomi-token-plan-sgp"):
        sell(model, make_provider(slug), input="1")
    refresh()
    plan = Provider.objects.get()
    assert (plan.slug, plan.name, plan.kind) == ("xiaomi-token-plan", "Xiaomi Token Plan", "plan")
    assert ids("xiaomi-token-plan") == {"mimo"}


def test_a_model_of_which_the_only_endpoint_is_merged_is_merged_too() -> None:
    kept, gone = make_model("microsoft/router"), make_model("azure-cognitive-services/router")
    make_endpoint(kept, make_provider("azure"), upstream_id="router")
    make_endpoint(gone, make_provider("azure-cognitive-services"), upstream_id="router")
    refresh()
    assert list(Model.objects.all()) == [kept]
    assert Alias.objects.get(spelling="azure-cognitive-services/router").model == kept
