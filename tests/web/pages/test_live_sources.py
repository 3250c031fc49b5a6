"""A table of live figures shows one source's alone where a visitor chooses one."""

import re
from decimal import Decimal

import pytest
from django.utils import timezone

from telemetry.models import Measured
from tests.factories import make_model, make_provider, sell, summarise
from tests.telemetry.test_stated import keep, stated

pytestmark = pytest.mark.django_db


@pytest.fixture
def sources(db):
    """Two models at OpenAI: of a, own traffic, probes and a source's figure; of b, probes alone."""
    now = timezone.now()
    openai = make_provider("openai", kind="first-party")
    endpoints = [
        sell(make_model(f"openai/{name}", mode="chat"), openai, input="1", output="4")
        for name in "ab"
    ]
    figures = {"traffic": ["0.5"], "probe": ["0.9", "0.7"]}
    for origin, values in figures.items():
        for endpoint, latency in zip(endpoints, values, strict=False):
            Measured.objects.create(
                endpoint=endpoint,
                origin=origin,
                latency=Decimal(latency),
                latency_samples=50,
                newest_at=now,
            )
    keep(stated(provider="openai", upstream_id="a", value="0.3"), now=now)
    summarise()
    return endpoints


def values(response, metric="latency"):
    return re.findall(rf'data-metric="{metric}" data-value="([^"]+)"', response.content.decode())


def test_a_model_shows_the_usual_choice_and_links_to_each_source(sources, client):
    page = client.get("/models/openai/a/")
    assert values(page)[:1] == ["0.5"]
    html = page.content.decode()
    links = re.findall(r'id="live-([\w-]+)" href="([^"]*)"', html)
    assert [key for key, _ in links] == ["usual", "traffic", "probe", "gate-api"]
    assert dict(links)["probe"] == "?live=probe#providers"


@pytest.mark.parametrize(
    ("live", "shown"), [("traffic", "0.5"), ("probe", "0.9"), ("gate-api", "0.3"), ("demo", None)]
)
def test_a_model_shows_the_chosen_source_alone(sources, client, live, shown):
    page = client.get(
        f"/models/openai/a/?live={live}",
        headers={"HX-Request": "true", "HX-Target": "provider-table"},
    )
    assert values(page) == ([shown] if shown else [])
    assert f'data-live-source="{live}"' in page.content.decode()
    part = client.get(f"/live/?e={sources[0].id}&live={live}", headers={"HX-Request": "true"})
    assert values(part) == values(page)
    lines = client.get(f"/models/openai/a/providers.csv?live={live}").content.decode()
    assert (f",{shown}," in lines) == bool(shown)


def test_an_unknown_source_is_the_usual_choice_and_a_sentence(sources, client):
    page = client.get("/models/openai/a/?live=nobody")
    assert "“nobody” is no source of live figures" in page.content.decode()
    assert values(page)[:1] == ["0.5"]


def test_a_provider_shows_and_sorts_by_the_chosen_source(sources, client):
    assert values(client.get("/providers/openai/?sort=latency")) == ["0.5", "0.7"]
    assert values(client.get("/providers/openai/?sort=latency&live=probe")) == ["0.7", "0.9"]
    assert values(client.get("/providers/openai/?sort=-latency&live=probe")) == ["0.9", "0.7"]
    page = client.get("/providers/openai/?sort=latency&live=gate-api")
    assert values(page) == ["0.3"]
    assert re.findall(r'<tr data-model="openai/(\w)"', page.content.decode()) == ["a", "b"]


def test_a_sources_new_figures_change_the_page(sources, client):
    address = "/models/openai/a/?live=gate-api"
    client.get(address)
    keep(stated(provider="openai", upstream_id="a", value="0.2"), now=timezone.now())
    assert values(client.get(address))[:1] == ["0.2"]
