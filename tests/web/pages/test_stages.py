"""Lifecycle on the bundled catalog: what is retired is reached, and offered nowhere."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.db.models import Exists, F, OuterRef
from django.test import Client

from catalog.models import Alias, Endpoint, Model
from catalog.provider_kinds import DIRECT
from pricing.models import Headline, Rate
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
    assert (model.deprecated_on, model.retired_on) == ("2026-04-22", "2026-10-23")
    assert model.ends_on == "2026-11-19"  # Azure's, the last direct provider's
    assert model.stage(TODAY) == "retired"
    assert [model.stage(date(2026, 11, day)) for day in (18, 19, 20)] == [
        *("deprecated", "retired", "retired")
    ]
    at_openai = Endpoint.objects.get(provider__slug="openai", upstream_id="o4-mini")
    assert at_openai.retired_on == "2026-10-23"
    assert [at_openai.stage(date(2026, 10, day)) for day in (22, 23, 24)] == [
        *("deprecated", "retired", "retired")
    ]
    html = " ".join(client.get("/models/openai/o4-mini/").content.decode().split())
    assert "Retired <small>on Oct 23, 2026</small>" in html
    assert model.successor and model.successor.slug == "openai/gpt-5.6-terra"
    facts = html[html.index("<dt>Lifecycle</dt>") :].partition("</dd>")[0]
    assert 'href="/models/openai/gpt-5.6-terra/"' in facts
    notice = html[html.index('id="life"') :].partition("</p>")[0]
    assert "was retired on Oct 23, 2026. Its successor is <a" in notice
    assert 'href="/models/openai/gpt-5.6-terra/"' in notice
    assert 'class="snippet"' not in html and "Best for" not in html
    assert 'class="num best"' not in html and ", rank " not in html
    source, checked, url = model.provenance["successor"]
    assert (source, checked[:4]) == ("curated", "2026")
    assert url.startswith("https://developers.openai.com/")


def test_a_retired_model_is_reached_and_offered_nowhere(client: Client) -> None:
    assert "openai/o4-mini" not in listed(client, "?q=o4-mini")
    assert "openai/o4-mini" in listed(client, "?q=o4-mini&lifecycle=retired")
    assert "/models/openai/o4-mini/" in every_address()
    assert not Headline.objects.filter(model__slug="openai/o4-mini").exists()
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


def test_a_model_is_listed_since_its_first_recorded_price_and_no_rule_goes_before_its_release() -> (
    None
):
    days = dict(Model.objects.values_list("slug", "listed_since"))
    assert days["openai/gpt-5.5"] == "2026-04-23"
    assert days["google/gemini-4-argon"] == "2026-10-13"


def test_a_later_day_elsewhere_and_open_weights_keep_a_model() -> None:
    later = Model.objects.get(slug="openai/gpt-5.1-codex")
    assert later.retired_on < TODAY.isoformat() < later.ends_on
    opened = Model.objects.get(slug="moonshotai/kimi-k2.5")
    assert (opened.open_weights, opened.ends_on) == (True, "")
    assert opened.retired_on == "2026-08-31"


def test_a_model_is_retired_from_its_day_on() -> None:
    model = Model.objects.get(slug="google/gemini-2.5-flash")
    days = [date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)]
    assert [model.stage(day) for day in days] == ["listed", "retired", "retired"]
    # Vertex, of the same creator, has shut it down before.
    at_vertex = Endpoint.objects.get(provider__slug="google-vertex", upstream_id="gemini-2.5-flash")
    assert at_vertex.stage(days[0]) == "retired"


def test_an_id_is_billed_as_its_successor_where_its_provider_says_so(client: Client) -> None:
    alias = Alias.objects.get(spelling="gemini-2.5-flash")
    assert alias.model.slug == "google/gemini-2.5-flash"
    assert alias.billed_as and alias.billed_as.slug == "google/gemini-3.5-flash-lite"
    assert alias.billed_from == datetime(2026, 12, 1, tzinfo=UTC)
    html = " ".join(client.get("/models/google/gemini-2.5-flash/").content.decode().split())
    assert "from Dec 1, 2026 its id is answered and billed as" in html


def test_a_promise_is_no_day_of_retirement() -> None:
    endpoint = Endpoint.objects.get(
        provider__slug="google-vertex", upstream_id="veo-3.1-generate-001"
    )
    assert (endpoint.retired_on, endpoint.retired_not_before) == ("", "2026-11-17")


def test_active_is_what_its_provider_calls_so() -> None:
    active = Endpoint.objects.filter(lifecycle="active").values_list("provider__slug", flat=True)
    assert set(active) == {"anthropic"}


def test_litellms_day_counts_before_a_copy_of_the_providers_table() -> None:
    endpoint = Endpoint.objects.get(provider__slug="azure", upstream_id="o4-mini")
    assert (endpoint.retired_on, endpoint.provenance["retired_on"][0]) == ("2026-11-19", "litellm")
    assert endpoint.claims.get(source__slug="curated").facts["retired_on"] == "2026-10-16"


def test_most_models_are_in_use_and_many_have_a_successor() -> None:
    stages = Counter(model.stage(TODAY) for model in Model.objects.listed())
    assert 60 < stages["retired"] < 200
    assert stages["active"] + stages["listed"] > 1_700
    assert 120 < Model.objects.exclude(successor=None).count() < 250
    assert not Model.objects.filter(successor=F("id")).exists()


def test_floating_ids_follow_what_is_stated_and_are_apart(client: Client) -> None:
    latest = Endpoint.objects.get(
        provider__slug="fireworks-ai", upstream_id="accounts/fireworks/routers/glm-latest"
    )
    assert (latest.floating, latest.model.slug) == (True, "zhipuai/glm-5.3")
    unstated = Endpoint.objects.get(provider__slug="openrouter", upstream_id="~z-ai/glm-latest")
    assert (unstated.model.slug, unstated.model.floating) == ("zhipuai/glm-latest", True)
    assert "zhipuai/glm-latest" not in listed(client, "?q=glm-latest")
    assert "zhipuai/glm-latest" in listed(client, "?q=glm-latest&lifecycle=floating")
    html = client.get("/models/zhipuai/glm-latest/").content.decode()
    assert "Floating id" in html[html.index("<dt>Lifecycle</dt>") :].partition("</dd>")[0]
    floating = Model.objects.filter(floating=True, provider_count__gt=0)
    assert 50 < floating.count() < 90
    assert not floating.filter(slug__in=["anthropic/claude-3.5-haiku", "openai/gpt-4.1"]).exists()


def test_a_floating_id_is_never_the_lowest_beside_a_pinned_one() -> None:
    pinned = Rate.objects.filter(
        endpoint__model=OuterRef("model"),
        endpoint__floating=False,
        endpoint__variant="",
        endpoint__missing_since=None,
        endpoint__retired_on="",
        endpoint__provider__kind__in=DIRECT,
        meter="input",
        state="priced",
        terms={},
        currency="USD",
        valid_to=None,
        valid_from=None,
        held=False,
    )
    assert not Headline.objects.filter(Exists(pinned), endpoint__floating=True).exists()


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("openai/chatgpt-4o-latest", "openai/chatgpt-4o"),
        ("zhipuai/glm-fast-latest", "zhipuai/glm-5.3"),
        ("moonshotai/kimi-fast-latest", "moonshotai/kimi-k3"),
        ("anthropic/claude-3-5-haiku-latest", "anthropic/claude-3.5-haiku"),
    ],
)
def test_old_addresses_lead_on(client: Client, address: str, target: str) -> None:
    response = client.get(f"/models/{address}/")
    assert (response.status_code, response["Location"]) == (301, f"/models/{target}/")
