from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Endpoint, Lifecycle, ProviderKind
from pricing.rates import Band, Terms
from tests.factories import (
    make_creator,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from tests.web.page import price, rows

pytestmark = pytest.mark.django_db


def page(client, slug="openai/o4-mini"):
    response = client.get(f"/models/{slug}/")
    assert response.status_code == 200
    return response


def provider_rows(client, slug="openai/o4-mini"):
    return rows(page(client, slug), "providers")


def test_every_provider_has_a_row_with_exact_prices(client):
    model = make_model()
    sell(model, make_provider("openai"), input="1.10", output="4.40", cache_read="0.275", web_search="10")
    sell(model, make_provider("azure"), input="1.10", output="4.40", cache_read="0.28", web_search="14")
    azure, openai = provider_rows(client)
    assert (azure["data-provider"], openai["data-provider"]) == ("azure", "openai")
    assert azure["data-model"] == "openai/o4-mini"
    assert price(openai, "input") == ("priced", "1.1", "$1.10/M")
    assert price(openai, "cache_read") == ("priced", "0.275", "$0.275/M")
    assert price(openai, "web_search") == ("priced", "10", "$10.00/K")
    assert price(azure, "cache_read") == ("priced", "0.28", "$0.28/M")
    assert price(azure, "cache_write") == ("unknown", None, "—unknown")


def test_the_six_states_read_differently(client):
    endpoint = make_endpoint(make_model(), lacks=["web-search"])
    for meter, state in (
        ("input", "priced"),
        ("output", "free"),
        ("cache_read", "dynamic"),
        ("cache_write", "included"),
    ):
        make_rate(endpoint, meter, {"priced": "2", "free": "0"}.get(state), state=state)
    (row,) = provider_rows(client)
    assert [
        price(row, meter) for meter in ("input", "output", "cache_read", "cache_write", "web_search")
    ] == [
        ("priced", "2", "$2.00/M"),
        ("free", "0", "Free"),
        ("dynamic", None, "Varies"),
        ("included", None, "Included"),
        ("not_offered", None, "Not offered"),
    ]
    sell(make_model("a/silent"), make_provider("host"))
    (row,) = provider_rows(client, "a/silent")
    assert price(row, "input") == ("unknown", None, "—unknown")


def test_a_price_says_who_stated_it_and_when(client):
    endpoint = make_endpoint(make_model())
    when = datetime(2026, 11, 12, tzinfo=UTC)
    make_rate(endpoint, "input", "1.10", source=make_source("litellm", name="LiteLLM"), observed_at=when)
    (row,) = provider_rows(client)
    cell = next(cell for cell in row["cells"] if cell.get("data-meter") == "input")
    assert cell["title"] == "$1.10 per million tokens. LiteLLM, Nov 12, 2026"


def test_only_published_rates_that_hold_now_are_shown(client):
    now = timezone.now()
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "input", "9", valid_to=now - timedelta(days=1))
    make_rate(endpoint, "input", "2", valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=1))
    make_rate(endpoint, "input", "3", valid_from=now + timedelta(days=1), announced=True)
    make_rate(endpoint, "output", "9710", held=True)
    (row,) = provider_rows(client)
    assert price(row, "input")[:2] == ("priced", "2")
    assert price(row, "output")[:2] == ("unknown", None)


def test_a_rate_per_another_number_of_units_is_shown_per_the_meters_own(client):
    make_rate(make_endpoint(make_model()), "input", "0.0011", per=1000)
    (row,) = provider_rows(client)
    assert price(row, "input") == ("priced", "1.1", "$1.10/M")


def test_a_price_in_another_currency_is_never_taken_for_dollars(client):
    make_rate(make_endpoint(make_model()), "input", "8", currency="CNY")
    (row,) = provider_rows(client)
    assert price(row, "input") == ("priced", None, "CNY 8.00/M")


def test_the_makers_own_door_comes_first_then_who_runs_it_then_who_passes_it_on(client):
    model = make_model()
    for slug, kind in (
        ("a-plan", ProviderKind.PLAN),
        ("a-gateway", ProviderKind.GATEWAY),
        ("b-host", ProviderKind.INFERENCE_HOST),
        ("a-cloud", ProviderKind.CLOUD),
    ):
        make_endpoint(model, make_provider(slug, kind=kind))
    own = make_provider("openai", kind=ProviderKind.FIRST_PARTY, creator=make_creator("openai"))
    make_endpoint(model, own)
    make_endpoint(model, own, upstream_id="a-variant", variant="ft")
    make_endpoint(model, make_provider("0-dead"), missing_since=datetime(2026, 10, 1, tzinfo=UTC))
    found = [row["data-provider"] for row in provider_rows(client)]
    assert found == ["openai", "openai", "a-cloud", "b-host", "0-dead", "a-gateway", "a-plan"]
    html = page(client).content.decode()
    assert "4 direct · 2 more through gateways and plans" in html
    assert html.index(">o4-mini<") < html.index(">a-variant<")


def test_what_is_gone_is_marked_and_stays(client):
    model = make_model(lifecycle=Lifecycle.DEPRECATED, retired_on="2099-02-01")
    make_endpoint(model, make_provider("gone"), missing_since=datetime(2026, 10, 1, tzinfo=UTC))
    make_endpoint(model, make_provider("retired"), retired_on="2026-01-31")
    make_endpoint(model, make_provider("going"), deprecated_on="2026-01-01", retired_on="2099-01")
    html = page(client).content.decode()
    assert len(provider_rows(client)) == 3
    assert "Missing since Oct 1, 2026" in html
    assert "Retired Jan 31, 2026" in html
    assert "Deprecated, retires Jan 2099" in html
    assert "retires Feb 1, 2099" in html


def test_the_facts_name_the_endpoint_that_is_cheapest(client):
    model = make_model(
        context_window=200_000, max_output=100_000, released="2025-04-16", knowledge_cutoff="2024-05"
    )
    sell(model, make_provider("openai", name="OpenAI"), input="1.10", output="4.40")
    sell(model, make_provider("azure", name="Azure"), input="1.21", output="4.84")
    summarise()
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    for said in ("$1.10", "$4.40", "OpenAI", "200K", "100K out", "Apr 16, 2025", "May 2024", "Active"):
        assert said in facts
    assert "Azure" not in facts


def test_data_policies_read_yes_no_or_unknown_and_silence_is_never_yes(client):
    model = make_model()
    make_endpoint(model, make_provider("a"), zdr=Endpoint.ZDR.DEFAULT, training=Endpoint.Training.NO)
    make_endpoint(model, make_provider("b"), zdr=Endpoint.ZDR.NO, training=Endpoint.Training.YES)
    make_endpoint(model, make_provider("c"), zdr=Endpoint.ZDR.ON_REQUEST, training=Endpoint.Training.OPT_OUT)
    make_endpoint(model, make_provider("d"))
    said = [[cell["text"] for cell in row["cells"] if "data-policy" in cell] for row in provider_rows(client)]
    assert said == [["Yes", "Yes"], ["No", "No"], ["On request", "On request"], ["—unknown", "—unknown"]]


def test_further_terms_stand_below_with_their_source_and_date(client):
    endpoint = sell(make_model(), input="2.5", output="15")
    source = make_source("litellm", name="LiteLLM")
    make_rate(endpoint, "output", "7.5", terms=Terms(tier="batch"), source=source)
    make_rate(endpoint, "input", "1.25", terms=Terms(tier="batch"), source=source)
    make_rate(endpoint, "input", "5", terms=Terms(band=Band(272_000)), source=source)
    make_rate(endpoint, "cache_write_1h", "6", source=source)
    further = rows(page(client), "terms")
    assert [[cell["text"].strip() for cell in row["cells"]] for row in further] == [
        ["Openaio4-mini", "Standard", "Cache write, 1 hour $6.00/M", "LiteLLMNov 12, 2026"],
        ["Openaio4-mini", "Over 272,000 input tokens", "Input $5.00/M", "LiteLLMNov 12, 2026"],
        ["Openaio4-mini", "Batch", "Input $1.25/M Output $7.50/M", "LiteLLMNov 12, 2026"],
    ]
    (row,) = provider_rows(client)
    assert price(row, "input")[:2] == ("priced", "2.5")


def test_a_model_without_an_endpoint_still_has_a_page(client):
    make_model("openai/unserved")
    html = page(client, "openai/unserved").content.decode()
    assert "Nobody is known to serve this model." in html


def test_markup_in_upstream_names_is_shown_as_text(client):
    model = make_model(name="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    make_endpoint(model, make_provider("evil", name="<b>Evil</b>"), upstream_id='"><svg onload=alert(1)>')
    html = page(client).content.decode()
    for harmful in ("<script>alert", "<img src=x", "<b>Evil", "<svg onload"):
        assert harmful not in html


def test_a_model_page_costs_as_many_queries_whatever_it_holds(client):
    model = make_model()
    counts = []
    for size in (5, 10):
        for n in range(size):
            endpoint = sell(model, make_provider(f"host-{size}-{n}"), input="1", output="2")
            make_rate(endpoint, "input", "0.5", terms=Terms(tier="batch"))
        summarise()
        page(client)  # what the site says of itself is remembered
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts == [4, 4]
