from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import EndpointClaims
from pricing.rates import StatedRate
from pricing.terms import Band, Terms
from tests.factories import (
    OBSERVED,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)

pytestmark = pytest.mark.django_db

ADDRESS = "/models/openai/o4-mini/endpoints/openai/"


def claim(endpoint, source, *rates, **fields):
    return EndpointClaims.objects.create(
        endpoint=endpoint,
        source=source,
        rates=[rate.to_json() for rate in rates],
        stated_at=OBSERVED,
        digest=b"",
        **fields,
    )


@pytest.fixture
def o4_mini():
    """An endpoint with a band and a batch tier, which two sources state, one of them otherwise."""
    endpoint = sell(
        make_model(name="o4-mini"), make_provider("openai", name="OpenAI"), input="2.6875"
    )
    make_rate(endpoint, "input", "5", terms=Terms(band=Band(272_000)))
    make_rate(endpoint, "web_search", "10")
    make_rate(endpoint, "input", "1.25", terms=Terms(tier="batch"))
    read = datetime(2026, 11, 20, tzinfo=UTC)
    litellm = make_source("litellm", name="LiteLLM", fetched_at=read)
    claim(endpoint, make_source(), StatedRate("input", Decimal("2.6875")))
    claim(endpoint, litellm, StatedRate("input", Decimal("0.25")), by_pattern=True)
    return endpoint


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_a_search_says_that_what_it_finds_costs_input_too(client, o4_mini):
    assert "+ input costs" not in text(client.get(f"{ADDRESS}?id=o4-mini"))
    o4_mini.rates.filter(meter="web_search").update(content_billed_as_input=True)
    html = text(client.get(f"{ADDRESS}?id=o4-mini"))
    assert html.count('<span class="sub">+ input costs</span>') == 2  # the batch tier inherits it


def test_the_page_holds_the_whole_card_in_exact_figures(client, o4_mini):
    html = text(client.get(f"{ADDRESS}?id=o4-mini"))
    assert "<h1>o4-mini at OpenAI</h1>" in html
    inherited = "inherited from standard"
    for said in ("$2.6875", "up to 272K", "above 272K", "$1.25", inherited, "per 1,000 calls"):
        assert said in html
    assert 'data-meter="input" data-state="priced" data-amount="2.6875"' in html


def test_the_page_says_who_states_what_and_when_it_was_checked(client, o4_mini):
    html = text(client.get(ADDRESS))
    assert "1 of 2 agree; LiteLLM says $0.25" in html
    assert "Models-Dev, Nov 12, 2026" in html
    assert (
        ", by a rule for ids like this one, has not changed what it states since Nov 12, 2026"
        in html
    )
    assert "checked Nov 20, 2026" in html


def test_the_page_links_the_evidence_of_a_source_once(client, o4_mini):
    at = ["https://openai.example/policy", "2026-08"]
    evidence = {"training": at, "zdr": at}
    read = datetime(2026, 11, 21, tzinfo=UTC)
    curated = make_source("curated", url="", fetched_at=read)
    claim(o4_mini, curated, by_rule=True, evidence=evidence)
    html = text(client.get(f"{ADDRESS}?id=o4-mini"))
    link = '<a class="link" href="https://openai.example/policy" rel="noopener nofollow">page</a>'
    assert html.count(f"{link} of Aug 2026") == 1
    assert "checked Nov 21, 2026" not in html
    assert 'href=""' not in html


def test_htmx_gets_the_row_that_opens_and_everybody_else_the_page(client, o4_mini):
    part = client.get(f"{ADDRESS}?id=o4-mini", headers={"HX-Request": "true"})
    assert text(part).strip().startswith('<tr class="opened">')
    assert "inherited from standard" in text(part)
    assert text(client.get(f"{ADDRESS}?id=o4-mini")).startswith("<!doctype html>")


def test_without_an_id_the_plain_endpoint_is_meant(client, o4_mini):
    make_endpoint(o4_mini.model, o4_mini.provider, upstream_id="eu/o4", region="eu", variant="eu")
    assert 'data-copy="o4-mini"' in text(client.get(ADDRESS))
    assert 'data-copy="eu/o4"' in text(client.get(f"{ADDRESS}?id=eu/o4"))


@pytest.mark.parametrize(
    "address",
    [
        f"{ADDRESS}?id=nothing",
        f"{ADDRESS}?id=%00nothing",
        f"{ADDRESS}?id=%ff",
        f"{ADDRESS}?id=" + "x" * 5000,
        "/models/openai/o4-mini/endpoints/nobody/",
        "/models/openai/nothing/endpoints/openai/",
        "/models/openai/o4-mini/endpoints/<script>/",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(client, o4_mini, address):
    response = client.get(address)
    assert response.status_code == 404
    assert b"<script>/" not in response.content


def test_an_announced_price_is_told_apart_from_what_holds(client, o4_mini):
    begins = timezone.now() + timedelta(days=40)
    make_rate(o4_mini, "output", "9", valid_from=begins, announced=True)
    html = text(client.get(ADDRESS))
    assert f"Announced: from {begins:%b} {begins.day}, {begins.year}, output" in html


def test_a_held_price_is_not_shown_as_a_price(client, o4_mini):
    make_rate(o4_mini, "output", "9710", held=True)
    assert "9,710" not in text(client.get(ADDRESS))


def test_an_endpoint_without_a_price_reads_well(client):
    make_endpoint(make_model())
    assert "No source states a price here." in text(client.get(ADDRESS))


def test_a_source_that_does_not_list_it_any_more_claims_nothing_and_is_named(client, o4_mini):
    gone = make_source("genai-prices", name="genai-prices")
    missing = datetime(2026, 11, 1, tzinfo=UTC)
    claim(o4_mini, gone, StatedRate("input", Decimal(7)), missing_since=missing)
    html = text(client.get(ADDRESS))
    assert "$7.00" not in html
    assert "does not list it any more since Nov 1, 2026" in html


@pytest.mark.django_db(transaction=True)
def test_the_page_costs_as_many_queries_whatever_it_holds(client, o4_mini):
    counts = []
    summarise()
    for size in (3, 6):
        for n in range(size):
            make_rate(o4_mini, "output", "1", terms=Terms(tier=f"t{size}{n}"))
            claim(o4_mini, make_source(f"s{size}{n}"))
        client.get("/providers/")
        with CaptureQueriesContext(connection) as queries:
            text(client.get(ADDRESS))
        counts.append(len(queries))
    assert counts == [7, 7]


def test_the_details_hold_the_data_policy_and_the_provider_with_links(client, o4_mini):
    o4_mini.zdr, o4_mini.policy_url = "contract", "https://openai.example/data"
    o4_mini.policy_checked_on, o4_mini.policy_exceptions = "2026-08-30", "Files are kept."
    o4_mini.save()
    provider = o4_mini.provider
    provider.terms_url, provider.status_url = "https://t.example", "https://s.example"
    provider.docs_url, provider.headquarters = "ftp://d.example", "US"
    provider.save()
    for headers in ({}, {"HX-Request": "true"}):
        html = text(client.get(ADDRESS, headers=headers))
        assert "<dd>By contract</dd>" in html
        assert '<dt>No training</dt><dd><span class="faint">Unknown</span></dd>' in html
        assert "<li>Files are kept.</li>" in html
        assert (
            '<a class="link" href="https://openai.example/data" rel="noopener nofollow">'
            "openai.example</a>"
        ) in html
        assert "checked Aug 30, 2026" in html
        assert 'href="https://t.example" rel="noopener nofollow">Terms</a>' in html
        assert 'href="https://s.example" rel="noopener nofollow">Status</a>' in html
        assert "Headquarters: US" in html
        assert "ftp://" not in html


def test_only_claims_that_are_still_made_add_to_the_lifecycle(client, o4_mini):
    facts = {"retired_on": "2027-01-16", "successors": ["o5-mini"]}
    stated = EndpointClaims.objects.filter(source__slug="litellm")
    stated.update(facts=facts)
    assert "LiteLLM states Jan 16, 2027" in text(client.get(ADDRESS))
    assert "in its place: o5-mini" in text(client.get(ADDRESS))
    stated.update(missing_since=OBSERVED)
    assert "Jan 16, 2027" not in text(client.get(ADDRESS))
    assert "o5-mini" not in text(client.get(ADDRESS))
