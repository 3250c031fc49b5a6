"""Lifecycle on the bundled catalog: what is retired is reached, and offered nowhere."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from catalog.models import Endpoint, Model
from pricing.models import LowestOfAll, LowestRate
from pricing.priced_endpoints import priced_endpoints
from tests.web.page import rows
from web.reads.addresses import every_address
from web.reads.endpoints import endpoints_at

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

# After every day of retirement that is named here; days to come change nothing below.
TODAY = date(2026, 12, 1)


def listed(client: Client, query: str) -> list[str]:
    return [row["data-model"] for row in rows(client.get(f"/models/{query}"), "models")]


def test_o4_mini_is_retired_since_openai_shut_it_down(client: Client) -> None:
    model = Model.objects.get(slug="openai/o4-mini")
    assert (model.retired_on, model.ends_on) == ("2026-10-23", "2026-11-19")
    assert model.stage(TODAY) == "retired"
    assert [model.stage(date(2026, 11, day)) for day in (18, 19, 20)] == [
        *("deprecated", "retired", "retired")
    ]
    at_openai = Endpoint.objects.get(provider__slug="openai", upstream_id="o4-mini")
    assert at_openai.retired_on == "2026-10-23"
    assert [at_openai.stage(date(2026, 10, day)) for day in (22, 23, 24)] == [
        *("deprecated", "retired", "retired")
    ]
    html = client.get("/models/openai/o4-mini/").content.decode()
    assert "Retired <small>on Oct 23, 2026</small>" in " ".join(html.split())


def test_a_retired_model_is_reached_and_offered_nowhere(client: Client) -> None:
    assert "openai/o4-mini" not in listed(client, "?q=o4-mini")
    assert "openai/o4-mini" in listed(client, "?q=o4-mini&lifecycle=retired")
    assert "/models/openai/o4-mini/" in every_address()
    assert not LowestRate.objects.filter(model__slug="openai/o4-mini").exists()
    assert not LowestOfAll.objects.filter(model__slug="openai/o4-mini").exists()
    offered = {endpoint.model for endpoint in priced_endpoints(TODAY).in_use}
    assert "openai/o4-mini" not in offered
    assert "openai/gpt-4.1" in offered


def test_an_endpoint_without_a_statement_is_listed() -> None:
    endpoint = Endpoint.objects.get(provider__slug="openrouter", upstream_id="openai/gpt-4.1")
    assert (endpoint.lifecycle, endpoint.retired_on) == ("listed", "")
    assert "lifecycle" not in endpoint.provenance
    (record,) = [
        found
        for found in endpoints_at("openai/gpt-4.1", "openrouter", datetime(2026, 12, 1, tzinfo=UTC))
        if found.upstream_id == "openai/gpt-4.1"
    ]
    assert (record.stage, record.in_use) == ("listed", True)


def test_only_a_source_makes_an_endpoint_active() -> None:
    stated = Endpoint.objects.filter(provenance__has_key="lifecycle")
    assert not Endpoint.objects.filter(lifecycle="active").difference(stated).exists()


def test_since_when_an_endpoint_is_listed_is_a_date_of_the_data() -> None:
    days = Counter(Endpoint.objects.values_list("listed_since", flat=True))
    assert max(days) < "2026-11-30"
    assert days[""] < sum(days.values()) / 100


def test_a_later_day_elsewhere_and_open_weights_keep_a_model() -> None:
    later = Model.objects.get(slug="openai/gpt-5.1-codex")
    assert later.retired_on < TODAY.isoformat() < later.ends_on
    opened = Model.objects.get(slug="moonshotai/kimi-k2.5")
    assert (opened.open_weights, opened.ends_on) == (True, "")
    assert opened.retired_on == "2026-08-31"


def test_some_models_are_retired_and_most_are_not() -> None:
    stages = Counter(model.stage(TODAY) for model in Model.objects.listed())
    assert 50 < stages["retired"] < 200
    assert stages["active"] + stages["listed"] > 1_900
