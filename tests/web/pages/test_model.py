import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.data_policy import ZDR, Training
from catalog.lifecycle import Lifecycle
from catalog.models import Capability, Endpoint, Model, Rating
from catalog.provider_kinds import ProviderKind
from pricing.models import Rate
from pricing.terms import Band, Terms
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
from tests.web.page import collapsed, price, rows
from web.tables.provider_query import OPTIONAL
from web.text.endpoints import endpoint_name, variant

pytestmark = pytest.mark.django_db


def page(client, slug="openai/o4-mini", query=""):
    response = client.get(f"/models/{slug}/{query}")
    assert response.status_code == 200
    return response


def provider_rows(client, slug="openai/o4-mini", query=""):
    return rows(page(client, slug, query), "providers")


def test_every_provider_has_a_row_with_exact_prices(client):
    model = make_model()
    sell(
        model,
        make_provider("openai"),
        input="1.10",
        output="4.40",
        cache_read="0.275",
        web_search="10",
    )
    sell(
        model,
        make_provider("azure"),
        input="1.10",
        output="4.40",
        cache_read="0.28",
        web_search="14",
    )
    sell(make_model("a/other"), make_provider("azure"), cache_write="1")
    azure, openai = provider_rows(client)
    assert (azure["data-provider"], openai["data-provider"]) == ("azure", "openai")
    assert azure["data-model"] == "openai/o4-mini"
    assert price(openai, "input") == ("priced", "1.1", "$1.10/M")
    best = ", the lowest of the direct providers"
    assert price(openai, "cache_read") == ("priced", "0.275", f"$0.275/M{best}")
    assert price(openai, "web_search") == ("priced", "10", f"$10.00/K{best}")
    assert price(azure, "cache_read") == ("priced", "0.28", "$0.28/M")
    assert price(azure, "cache_write") == ("unknown", None, "—unknown")


def test_a_price_or_a_lack_that_changes_shows_at_once(client):
    model = make_model()
    sell(model, make_provider("azure"), input="1.10", output="4.40")
    sell(model, make_provider("openai"), input="1.10", output="4.40")
    sell(make_model("a/other"), make_provider("azure"), web_search="10")
    azure, openai = provider_rows(client)
    assert price(azure, "input") == price(openai, "input") == ("priced", "1.1", "$1.10/M")
    azures = Endpoint.objects.filter(provider__slug="azure")
    Rate.objects.filter(endpoint__in=azures, meter="input").update(amount="0.90")
    azures.update(lacks=["web-search"])
    azure, openai = provider_rows(client)
    assert price(azure, "input")[:2] == ("priced", "0.9")
    assert price(openai, "input")[:2] == ("priced", "1.1")
    assert price(azure, "web_search")[0] == "not_offered"
    assert price(openai, "web_search")[0] == "unknown"


def test_the_six_states_read_differently(client):
    endpoint = make_endpoint(make_model(), lacks=["web-search"])
    sell(make_model("a/other"), make_provider("azure"), web_search="10")
    for meter, state in (
        ("input", "priced"),
        ("output", "free"),
        ("cache_read", "dynamic"),
        ("cache_write", "included"),
    ):
        make_rate(endpoint, meter, {"priced": "2", "free": "0"}.get(state), state=state)
    (row,) = provider_rows(client)
    assert [
        price(row, meter)
        for meter in ("input", "output", "cache_read", "cache_write", "web_search")
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
    make_rate(
        endpoint, "input", "1.10", source=make_source("litellm", name="LiteLLM"), observed_at=when
    )
    (row,) = provider_rows(client)
    cell = next(cell for cell in row["cells"] if cell.get("data-meter") == "input")
    assert cell["title"] == "$1.10 per million tokens. LiteLLM, Nov 12, 2026"


def test_only_published_rates_that_hold_now_are_shown(client):
    now = timezone.now()
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "input", "9", valid_to=now - timedelta(days=1))
    make_rate(
        endpoint, "input", "2", valid_from=now - timedelta(days=1), valid_to=now + timedelta(days=1)
    )
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
    assert found == ["openai", "a-cloud", "b-host", "0-dead"]
    found = [row["data-provider"] for row in provider_rows(client, query="?all=1")]
    assert found == ["openai", "openai", "a-cloud", "b-host", "0-dead", "a-gateway", "a-plan"]
    html = page(client, query="?all=1").content.decode()
    assert "3 direct · 2 more through gateways and plans" in html
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


def test_a_rating_is_a_fact_with_its_interval_its_date_and_its_licence(client):
    model = make_model()
    sell(model, input="1.10")
    arena = make_source("arena", name="Arena leaderboard", licence="CC BY 4.0")
    figures = {"low": "1390.5", "high": "1400.1", "votes": 51234, "rank": 61}
    of = {"model": model, "source": arena, "as_of": "2026-10-20", "category": "overall", **figures}
    Rating.objects.create(**of, board="vision", name="o4-mini", rating="1396")
    Rating.objects.create(**of, board="text", name="o4-mini (High)", rating="1395.2")
    Rating.objects.create(**of, board="text", name="o4-mini", rating="1391")
    Rating.objects.create(**of | {"category": "math"}, board="text", name="o4-mini", rating="1399")
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    assert in_words(facts[facts.index("<dt>Rating</dt>") :]).startswith(
        "Rating 1,395 1,391–1,400, rank 61 Text board , Oct 20, 2026"
    )
    block = html[html.index('id="ratings"') :]
    block = block[: block.index("</section>")]
    assert (
        "1,395 (1,391–1,400) on the board Text: rank 61, 51,234 votes, Oct 20, 2026"
    ) in in_words(block)
    assert re.findall(r'data-board="(\w+)"\s+data-category="(\w+)">([\d,]+)', block) == [
        ("text", "overall", "1,395"),
        ("vision", "overall", "1,396"),
        ("text", "math", "1,399"),
    ]
    assert "Arena leaderboard , CC BY 4.0; rated as o4-mini (High), o4-mini." in in_words(block)


def in_words(html):
    return " ".join(re.sub("<.*?>", " ", html).split())


def test_the_facts_name_the_endpoint_that_is_cheapest(client):
    model = make_model(
        context_window=200_000,
        max_output=100_000,
        released="2025-04-16",
        knowledge_cutoff="2024-05",
    )
    sell(model, make_provider("openai", name="OpenAI"), input="1.10", output="4.40")
    sell(model, make_provider("azure", name="Azure"), input="1.21", output="4.84")
    summarise()
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    for said in (
        "$1.10",
        "$4.40",
        "OpenAI",
        "200K",
        "100K out",
        "Apr 16, 2025",
        "May 2024",
        "Listed",
    ):
        assert said in facts
    assert "Azure" not in facts


def test_data_policies_read_yes_no_or_unknown_and_silence_is_never_yes(client):
    model = make_model()
    make_endpoint(model, make_provider("a"), zdr=ZDR.DEFAULT, training=Training.NO)
    make_endpoint(model, make_provider("b"), zdr=ZDR.NO, training=Training.YES)
    make_endpoint(model, make_provider("c"), zdr=ZDR.ON_REQUEST, training=Training.OPT_OUT)
    make_endpoint(model, make_provider("d"))
    said = [
        [cell["text"] for cell in row["cells"] if "data-policy" in cell]
        for row in provider_rows(client)
    ]
    assert said == [
        ["Yes", "Yes"],
        ["No", "No"],
        ["On request", "On request"],
        ["—unknown", "—unknown"],
    ]


def test_a_data_policy_shows_its_basis_doubt_exceptions_and_date(client):
    make_endpoint(
        make_model(),
        zdr=ZDR.ON_REQUEST,
        policy_basis="gateway_agreement",
        policy_note="On request. In doubt: another page has it otherwise.",
        policy_exceptions="Batch keeps files 30 days.\nNot for previews.",
        policy_url="https://host.example/policy",
        policy_checked_on="2026-08-30",
    )
    make_endpoint(make_model("a/other"), training="no")
    (row,) = provider_rows(client)
    zdr, training = (cell for cell in row["cells"] if "data-policy" in cell)
    aside = (
        "The gateway’s own agreement. In doubt: another page has it otherwise. "
        "Except: Batch keeps files 30 days. Not for previews. Checked Aug 30, 2026"
    )
    assert zdr["title"] == f"On request. {aside}"
    assert zdr["text"] == f"On request. {aside}"
    assert training["title"] == "Unknown: no source states it"


def test_terms_and_privacy_are_linked_beside_the_name_where_they_are_web_pages(client):
    model = make_model()
    make_endpoint(
        model,
        make_provider(
            "azure",
            name="Azure",
            terms_url="https://azure.example/terms",
            privacy_url="javascript:alert(1)",
        ),
    )
    make_endpoint(model, make_provider("host"))
    html = page(client).content.decode()
    assert html.count('rel="noopener nofollow">Terms<') == 1
    assert (
        '<a href="https://azure.example/terms" rel="noopener nofollow">Terms'
        '<span class="visually-hidden"> of Azure</span></a>'
    ) in " ".join(html.split())
    assert "javascript:" not in html
    assert "Using a provider means you agree to its terms." in html


def test_a_row_names_its_further_terms_and_leads_to_them(client):
    endpoint = make_endpoint(make_model(), upstream_id="a/b c")
    make_rate(endpoint, "output", "7.5", terms=Terms(tier="flex"))
    make_rate(endpoint, "input", "1.25", terms=Terms(tier="batch"))
    make_rate(endpoint, "input", "4", terms=Terms(band=Band(200_000, "gte")))
    make_rate(endpoint, "input", "5", terms=Terms(band=Band(272_000)))
    html = page(client).content.decode()
    assert "batch, flex, from 200K, above 272K" in html
    assert 'href="/models/openai/o4-mini/endpoints/openai/?id=a%2Fb%20c"' in html


def test_a_search_that_is_billed_by_the_prompt_says_so(client):
    endpoint = make_endpoint(make_model())
    make_rate(endpoint, "web_search", "35", terms=Terms(options=(("billed_by", "prompt"),)))
    (row,) = provider_rows(client)
    assert price(row, "web_search") == ("priced", "35", "$35.00/Kper prompt")
    cell = next(cell for cell in row["cells"] if cell.get("data-meter") == "web_search")
    assert cell["title"].startswith("$35.00 per 1,000 prompts, per prompt. ")


def test_a_search_shows_whether_what_it_finds_is_billed_as_input_where_that_is_stated(client):
    model = make_model()
    for slug, content in (("openai", True), ("azure", False), ("host", None)):
        endpoint = make_endpoint(model, make_provider(slug))
        make_rate(endpoint, "web_search", "10", content_billed_as_input=content)
    cells = [
        next(cell for cell in row["cells"] if cell.get("data-meter") == "web_search")
        for row in provider_rows(client)
    ]
    assert sorted("+ input costs" in cell["text"] for cell in cells) == [False, False, True]
    (said,) = (cell for cell in cells if "+ input costs" in cell["text"])
    assert said["title"].startswith(
        "$10.00 per 1,000 calls + input costs: the content it finds is billed as input too. "
    )
    assert "&lt;span" not in page(client).content.decode()
    (included,) = (cell for cell in cells if "content included" in cell["text"])
    assert included["title"].startswith(
        "$10.00 per 1,000 calls, content included: what it finds is not billed as input. "
    )
    assert sum("billed as input" in cell["title"] for cell in cells) == 2
    body = client.get("/models/openai/o4-mini/providers.csv").content.decode()
    lines = list(csv.DictReader(StringIO(body)))
    stated = {line["provider"]: line["web_search_content_billed_as_input"] for line in lines}
    assert stated == {"openai": "yes", "azure": "no", "host": ""}


def test_what_one_source_counts_is_said_of_the_same_amount_that_another_states_plainly(client):
    endpoint = make_endpoint(make_model())
    by_prompt = Terms(options=(("billed_by", "prompt"),))
    plain = make_rate(endpoint, "web_search", "35")
    make_rate(endpoint, "web_search", "35", terms=by_prompt, source=make_source("litellm"))
    (row,) = provider_rows(client)
    assert price(row, "web_search") == ("priced", "35", "$35.00/Kper prompt")
    plain.amount = 14
    plain.save()
    (row,) = provider_rows(client)
    assert price(row, "web_search") == ("priced", "14", "$14.00/K")


def test_a_capability_of_the_vocabulary_is_explained(client):
    make_endpoint(make_model(capabilities=["url-context"]), capabilities=["url-context"])
    html = page(client).content.decode()
    assert "URL context</span>" in html
    assert "Reads the web pages whose addresses stand in the prompt." in html


def test_of_a_price_under_options_alone_the_lowest_stands_in_the_column(client):
    endpoint = make_endpoint(make_model())
    for size, amount in (("high", "12"), ("low", "5")):
        make_rate(endpoint, "web_search", amount, terms=Terms(options=(("search_context", size),)))
    (row,) = provider_rows(client)
    assert price(row, "web_search") == ("priced", "5", "$5.00/KSearch context low")


def test_what_is_billed_by_another_unit_has_a_column_and_a_fact(client):
    model = make_model("cohere/rerank", mode="rerank")
    make_rate(
        make_endpoint(model, make_provider("cohere", name="Cohere"), mode="rerank"), "query", "2"
    )
    summarise()
    (row,) = provider_rows(client, "cohere/rerank")
    assert price(row, "query") == ("priced", "2", "$2.00/K queries")
    html = page(client, "cohere/rerank").content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    assert "<dt>Queries</dt>" in facts
    assert "<dt>Input</dt>" not in facts  # no source states it, and there is a price to show


def strip(client, slug="openai/o4-mini"):
    """What the facts begin with."""
    html = page(client, slug).content.decode()
    return re.findall(
        r"<dt>(.*?)</dt>", html[html.index('<dl class="facts">') : html.index("</dl>")]
    )


def test_a_price_that_no_source_states_is_no_fact_where_another_one_is(client):
    model = make_model("openai/tts", mode="speech")
    sell(model, make_provider("openai"), output="12")
    summarise()
    assert strip(client, "openai/tts")[:2] == ["Output", "Context"]
    make_endpoint(make_model("openai/silent"), make_provider("host"))
    summarise()
    assert strip(client, "openai/silent")[:2] == ["Input", "Context"]


@pytest.mark.parametrize(
    ("makes", "shown"), [(["text"], False), (["image", "text"], True), ([], True)]
)
def test_images_are_not_sold_by_a_model_that_makes_none(client, makes, shown):
    sell(make_model(modalities_out=makes), input="2", output="12", image="0.00012")
    summarise()
    assert ("Images made" in strip(client)) is shown
    (row,) = provider_rows(client)
    assert any(cell.get("data-meter") == "image" for cell in row["cells"]) is shown


def test_who_has_a_price_for_searching_the_web_does_it(client):
    model = make_model()
    priced = sell(model, make_provider("azure", name="Azure"), input="1", web_search="14")
    Endpoint.objects.filter(pk=priced.pk).update(lacks=["web-search"])
    sell(model, make_provider("host", name="Host"), input="1")
    azure, host = page(client).content.decode().split('data-provider="')[1:3]
    assert "icon web-search" in azure
    assert "icon web-search" not in host


@pytest.mark.parametrize(
    ("dates", "note"),
    [
        ({"lifecycle": "deprecated", "deprecated_on": "2099-03-15"}, "stated for Mar 15, 2099"),
        ({"lifecycle": "deprecated", "deprecated_on": "2026-01"}, "since Jan 2026"),
        ({"lifecycle": "retired", "retired_on": "2099"}, "stated for 2099"),
        ({"deprecated_on": "2026-01-02", "retired_on": "2099-01"}, "retires Jan 2099"),
    ],
)
def test_a_stage_has_begun_only_where_its_date_has_come(client, dates, note):
    make_endpoint(make_model(**dates))
    html = page(client).content.decode()
    lifecycle = html[html.index("<dt>Lifecycle</dt>") :]
    assert f"<small>{note}</small>" in lifecycle[: lifecycle.index("</dd>")]
    assert ("since" in note) or "since Mar 15, 2099" not in html


def test_a_row_says_that_its_id_leads_to_another_model_some_day_and_it_is_never_the_cheapest(
    client,
):
    model = make_model("unbiased/pareto")
    router = make_provider("openrouter", name="OpenRouter")
    make_rate(make_endpoint(model, router, upstream_id="unbiased/pareto"), amount="2.50")
    leads = make_endpoint(model, router, upstream_id="~unbiased/pareto-latest", variant="latest")
    Endpoint.objects.filter(pk=leads.pk).update(floating=True)
    make_rate(leads, amount="0.80")
    summarise()
    html = page(client, "unbiased/pareto", "?all=1").content.decode()
    assert html.count("leads to the newest") == 1
    assert variant(leads) == "leads to the newest"
    assert "Input $2.50 per million tokens at OpenRouter, the only" in html
    assert "$0.80" not in html[html.index('id="choosing-title"') :]


def test_a_column_without_a_value_in_the_whole_catalog_is_not_offered(client):
    model = make_model()
    endpoint = sell(model, input="1")

    def offered():
        html = page(client).content.decode()
        return {key for key in OPTIONAL if f'id="column-{key}"' in html and f'"{key}"' in html}

    assert offered() == {"input", "output", "capabilities"}
    (row,) = provider_rows(client)
    assert not [cell for cell in row["cells"] if {"data-metric", "data-policy"} & cell.keys()]
    html = page(client, query="?sort=latency").content.decode()
    assert "Some filters were ignored: nothing is known of latency yet to sort by." in html
    assert "<dt>Best latency</dt>" not in html and 'id="definitions"' not in html
    Endpoint.objects.update(zdr="no", context_window=8192)
    make_rate(endpoint, "cache_read", "0.1")
    assert offered() == {"input", "output", "capabilities", "zdr", "context", "cache_read"}


def test_the_table_is_sorted_as_asked_and_says_so(client):
    model = make_model()
    sell(model, make_provider("dear"), input="2")
    sell(model, make_provider("cheap"), input="1")
    make_endpoint(model, make_provider("silent"))
    response = page(client, query="?sort=-input")
    found = [row["data-provider"] for row in rows(response, "providers")]
    assert found == ["dear", "cheap", "silent"]
    assert response.content.count(b"aria-sort=") == 1
    assert (
        b'aria-sort="descending"><a id="by-input" href="?sort=input#providers"' in response.content
    )


@pytest.mark.parametrize(
    "query",
    [
        "sort=nope",
        "sort=%00",
        "sort=",
        "all=nobody",
        "all=%00&all=&all=1",
        "all=" + "x" * 5000,
        "use=nobody",
        "use=%00",
        "use=%ff%fe",
        "all=%ed%a0%80",
        "sort[]=1",
        "%",
    ],
)
def test_no_query_string_breaks_the_page_or_its_file(client, query):
    sell(make_model(), input="1")
    assert len(provider_rows(client, query=f"?{query}")) == 1
    assert client.get(f"/models/openai/o4-mini/providers.csv?{query}").status_code == 200


def test_what_was_not_understood_is_said_in_one_line_and_escaped(client):
    sell(make_model(), input="1")
    html = page(client, query="?sort=<b>&all=<i>").content.decode()
    assert html.count('class="notice"') == 1
    assert "“&lt;b&gt;” is no column to sort by; “&lt;i&gt;” is nothing to unfold here" in html


def test_htmx_gets_the_table_alone_when_that_is_its_target(client):
    sell(make_model(), input="1")
    headers = {"HX-Request": "true", "HX-Target": "provider-table"}
    part = client.get("/models/openai/o4-mini/?sort=input", headers=headers)
    assert part.content.strip().startswith(b'<section class="section" id="provider-table"')
    assert len(rows(part, "providers")) == 1
    other = client.get("/models/openai/o4-mini/", headers={**headers, "HX-Target": "use"})
    assert other.content.startswith(b"<!doctype html>")
    assert "HX-Target" in part.headers["Vary"]


def test_links_to_terms_and_privacy_are_there_where_they_are_known_and_are_links(client):
    model = make_model()
    fields = {"terms_url": "https://a.example/terms", "privacy_url": "javascript:alert(1)"}
    sell(model, make_provider("a", **fields), input="1")
    html = page(client).content.decode()
    assert 'href="https://a.example/terms"' in html
    assert "javascript:" not in html


def test_capabilities_are_explained_to_whoever_asks(client):
    Capability.objects.update_or_create(
        slug="vision", defaults={"name": "Vision", "explanation": "It sees."}
    )
    make_endpoint(make_model(capabilities=["vision", "unheard-of"]))
    html = page(client).content.decode()
    assert "It sees." in html
    assert html.count('<li tabindex="0">') == 1  # nobody explained the other


def test_more_models_of_the_creator_are_those_at_the_top_and_not_this_one(client):
    host = make_provider("host")
    for n in range(10):
        sell(make_model(f"openai/m{n}", released=f"2025-01-{n + 10}"), host, input="1")
    make_model("openai/unserved", released="2026-01-01")
    sell(make_model("meta/llama", released="2026-01-01"), host, input="1")
    summarise()
    found = [row["data-model"] for row in rows(page(client, "openai/m9"), "more")]
    assert found == [f"openai/m{n}" for n in (8, 7, 6, 5, 4, 3, 2, 1)]


def test_a_successor_is_named_with_its_page(client):
    new = make_model("openai/o5", name="o5")
    make_model(lifecycle=Lifecycle.DEPRECATED, successor=new)
    text = collapsed(page(client))
    assert 'successor: <a class="link" href="/models/openai/o5/">o5</a>' in text


def test_a_long_name_and_another_script_are_shown_whole(client):
    model = make_model("a/long", name="x" * 300, description="نموذج صغير")
    make_endpoint(model, make_provider("host", name="مزود"), upstream_id="y" * 300)
    html = page(client, "a/long").content.decode()
    for said in ("x" * 300, "y" * 300, "مزود", "نموذج صغير"):
        assert said in html


def test_the_file_holds_every_endpoint_in_full(client):
    model = make_model()
    sell(model, make_provider("openai"), input="2.6875", output="4.40")
    make_endpoint(
        model, make_provider("evil", name="=HYPERLINK(1)"), upstream_id="-1+1", variant="@x"
    )
    make_endpoint(model, make_provider("plan", kind=ProviderKind.PLAN))
    response = client.get("/models/openai/o4-mini/providers.csv?sort=input")
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(StringIO(response.content.decode())))
    assert [line["provider"] for line in lines] == ["openai", "evil", "plan"]
    assert (lines[0]["input"], lines[0]["input_per"], lines[0]["input_state"]) == (
        *("2.6875", "1000000", "priced"),
    )
    assert (lines[1]["input"], lines[1]["input_state"]) == ("", "unknown")
    assert (lines[1]["provider_name"], lines[1]["upstream_id"]) == ("'=HYPERLINK(1)", "'-1+1")


def test_a_model_without_an_endpoint_still_has_a_page(client):
    make_model("openai/unserved")
    html = page(client, "openai/unserved").content.decode()
    assert "No provider is known to serve this model." in html
    for said in ("0 direct", "Add to compare", "Estimate cost"):
        assert said not in html


def test_an_estimate_is_offered_of_the_model_alone_and_only_while_somebody_serves_it(client):
    endpoint = sell(make_model(), input="1", output="4")
    door = "/estimate/?per=endpoint&amp;model=openai%2Fo4-mini"
    assert (
        f'<a class="button primary" href="{door}">Estimate cost</a>'
        in page(client).content.decode()
    )
    endpoint.missing_since = timezone.now()
    endpoint.save()
    html = page(client).content.decode()
    assert "Estimate cost" not in html
    assert "Add to compare" in html


@pytest.mark.parametrize(
    ("slug", "facts", "kind", "prices"),
    [
        (
            "openai/whisper-1",
            {"mode": "transcription"},
            "first-party",
            {"input": "1", "output": "4"},
        ),
        ("cohere/rerank-v3.5", {}, "first-party", {"input": "1", "output": "4"}),
        (
            "openai/gpt-image-2",
            {"modalities_out": ["image"]},
            "first-party",
            {"input": "1", "output": "4"},
        ),
        ("openai/o4-mini", {}, "plan", {"input": "1", "output": "4"}),
        ("openai/o4-mini", {}, "first-party", {"input": "1"}),
    ],
)
def test_no_estimate_is_offered_where_nothing_sells_text_by_tokens(
    client, slug, facts, kind, prices
):
    model = make_model(slug, **facts)
    sell(model, make_provider(slug.partition("/")[0], kind=kind), **prices)
    html = page(client, slug).content.decode()
    assert "Estimate cost" not in html
    assert "Add to compare" in html


def test_who_serves_it_only_indirectly_is_counted_in_words(client):
    model = make_model()
    make_endpoint(model, make_provider("a", kind=ProviderKind.GATEWAY))
    assert ">1 through a gateway or plan<" in page(client).content.decode()
    make_endpoint(model, make_provider("b", kind=ProviderKind.PLAN))
    assert ">2 through gateways and plans<" in page(client).content.decode()
    make_endpoint(model, make_provider("c"))
    assert ">1 direct · 2 more through gateways and plans<" in page(client).content.decode()
    Endpoint.objects.filter(provider__slug="b").delete()
    html = page(client).content.decode()
    assert ">1 direct · 1 more through a gateway or plan<" in html
    assert ">1 more through a gateway, reseller or plan</a>" in html
    assert (
        ">Fold the 1 gateway, reseller or plan</a>"
        in page(client, query="?all=indirect").content.decode()
    )


def test_a_provider_is_copied_by_its_slug_and_an_endpoint_by_its_id(client):
    make_endpoint(make_model(), make_provider("azure", name="Azure"), upstream_id="eu/o4-mini")
    html = page(client).content.decode()
    assert '<button type="button" class="copy" data-copy="azure"' in html
    assert '<button type="button" class="copy id" data-copy="eu/o4-mini"' in html


def test_a_row_says_its_stage_of_life_only_where_the_models_own_is_another(client):
    model = make_model(lifecycle=Lifecycle.DEPRECATED, retired_on="2099-02-01")
    make_endpoint(
        model, make_provider("same"), lifecycle=Lifecycle.DEPRECATED, retired_on="2099-02-01"
    )
    make_endpoint(
        model, make_provider("sooner"), lifecycle=Lifecycle.DEPRECATED, retired_on="2099-01"
    )
    make_endpoint(model, make_provider("stays"), lifecycle=Lifecycle.ACTIVE)
    make_endpoint(model, make_provider("silent"))
    said = {row["data-provider"]: row["cells"][0]["text"] for row in provider_rows(client)}
    assert "Deprecated" not in said["same"]
    assert "Deprecated, retires Jan 2099" in said["sooner"]
    assert "Active" in said["stays"]
    assert "Listed" not in said["silent"]
    Model.objects.update(lifecycle=Lifecycle.ACTIVE, retired_on="")
    said = {row["data-provider"]: row["cells"][0]["text"] for row in provider_rows(client)}
    assert "Deprecated, retires Feb 1, 2099" in said["same"]
    assert "Active" not in said["stays"]


def test_what_is_measured_is_explained_under_the_table_and_at_its_headings(client, monkeypatch):
    monkeypatch.setattr("web.views.model.unknown_columns", frozenset)
    sell(make_model(), input="1")
    html = page(client).content.decode()
    table, definitions = (
        html.index('id="provider-table"'),
        html.index('<details class="dated" id="definitions">'),
    )
    assert table < definitions < html.index('id="use-title"')
    assert 'title="Seconds from sending a request to the first token of any kind' in html
    for name in ("Latency", "Throughput", "Uptime"):
        assert f"<dt>{name}</dt>" in html[definitions:]


def test_facts_hold_the_exact_figures_and_say_whose_they_are_once(client):
    model = make_model(context_window=1_047_576, max_output=128_000)
    sell(
        model,
        make_provider("poe", name="Poe", kind=ProviderKind.GATEWAY),
        input="2.1254",
        output="4",
    )
    summarise()
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    assert (
        '<dd title="$2.1254 per million tokens, Poe, gateway. Models-Dev, Nov 12, 2026">' in facts
    )
    assert ", exactly $2.1254<" in facts
    first = facts[: facts.index("</dd>")]
    assert first[first.index("</span>") :].count("Poe") == 1
    assert '<dd title="1,047,576 tokens of context, 128,000 tokens out">1.05M' in facts
    assert ", exactly 1,047,576 tokens of context, 128,000 tokens out<" in facts


def test_limits_that_are_rounded_are_read_out_exactly(client):
    model = make_model()
    make_endpoint(model, make_provider("a"), context_window=1_047_576, max_output=128_000)
    make_endpoint(model, make_provider("b"), context_window=200_000, max_output=100_000)
    rounded, plain = (row["cells"][1]["text"] for row in provider_rows(client))
    assert rounded.endswith("128K out, exactly 1,047,576 tokens of context, 128,000 tokens out")
    assert plain == "200K100K out"


def test_the_most_input_stands_in_for_a_window_that_is_not_stated(client):
    model = make_model()
    make_endpoint(model, make_provider("azure"), max_input=922_000, max_output=128_000)
    (row,) = provider_rows(client)
    assert row["cells"][1]["text"] == "922K in128K out"
    title = "922,000 tokens in, the whole context is not stated, 128,000 tokens out"
    assert f'title="{title}"' in page(client).content.decode()


def test_the_models_own_date_stands_in_and_says_so(client):
    model = make_model(released="2024-01-01")
    make_endpoint(model, make_provider("a"), released="2025-02-03")
    make_endpoint(model, make_provider("b"))
    dates = [row["cells"][-1]["text"] for row in provider_rows(client)]
    assert dates == ["Feb 3, 2025", "Jan 1, 2024of the model"]


def test_a_retired_model_has_no_price_that_it_is_sold_from(client):
    model = make_model(lifecycle=Lifecycle.RETIRED)
    make_rate(make_endpoint(model, make_provider("gateway")), "input", "1.1")
    html = page(client).content.decode()
    assert "$1.10" in html
    assert "Input from" not in html


def test_the_file_is_found_whatever_the_creator_is_called(client):
    sell(make_model("meta-llama/llama", creator=make_creator("meta")), input="1")
    html = page(client, "meta-llama/llama").content.decode()
    (link,) = re.findall(r'href="([^"]+\.csv)"', html)
    assert client.get(link).status_code == 200


def test_markup_in_upstream_names_is_shown_as_text(client):
    model = make_model(name="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>")
    make_endpoint(
        model, make_provider("evil", name="<b>Evil</b>"), upstream_id='"><svg onload=alert(1)>'
    )
    html = page(client).content.decode()
    for harmful in ("<script>alert", "<img src=x", "<b>Evil", "<svg onload"):
        assert harmful not in html


@pytest.mark.django_db(transaction=True)
def test_a_model_page_costs_as_many_queries_whatever_it_holds(client):
    model = make_model()
    counts = []
    for size in (5, 10):
        for n in range(size):
            endpoint = sell(model, make_provider(f"host-{size}-{n}"), input="1", output="2")
            make_rate(endpoint, "input", "0.5", terms=Terms(tier="batch"))
        summarise()
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


def test_a_model_without_a_description_is_described_by_its_facts(client):
    Capability.objects.update_or_create(slug="vision", defaults={"name": "Vision"})
    model = make_model(mode="chat", capabilities=["vision"], context_window=200_000)
    sell(model, make_provider("openai", name="OpenAI"), input="1")
    make_endpoint(model, make_provider("gone"), missing_since=datetime(2026, 10, 1, tzinfo=UTC))
    line = "A language model by Openai with vision, 200K context, served by OpenAI."
    html = page(client).content.decode()
    assert f'<p class="lede">{line}</p>' in html
    assert f'<meta name="description" content="{line}' in html
    Model.objects.update(description="An editor's words.")
    html = page(client).content.decode()
    assert '<p class="lede">An editor&#x27;s words.</p>' in html
    assert '<meta name="description" content="An editor&#x27;s words.' in html
    assert line not in html


def test_the_facts_are_the_creators_row_and_another_is_not_cheaper_by_a_conversions_dust(client):
    model = make_model()
    own = make_provider(
        "openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY, creator=make_creator("openai")
    )
    sell(model, own, input="20", output="40")
    sell(model, make_provider("bricks", name="Bricks"), input="19.99998", output="50")
    sell(model, make_provider("poe", name="Poe", kind=ProviderKind.GATEWAY), output="30")
    summarise()
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    assert "<small>OpenAI</small>" in facts
    assert facts.count("<small>OpenAI</small>") == 2
    assert "Bricks" not in facts
    assert "Poe" not in facts


def test_a_lower_price_is_beside_the_headline_with_its_provider_and_by_how_much(client):
    model = make_model()
    creator = make_creator("openai")
    own = make_provider("openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY, creator=creator)
    sell(model, own, input="5", output="30", cache_read="0.5")
    sell(model, make_provider("azure", name="Azure", kind="cloud"), input="4.5", output="32")
    grey = make_provider("grey", name="Grey", kind=ProviderKind.GATEWAY)
    sell(model, grey, input="0.4", output="3")
    summarise()
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    assert in_words(facts).startswith(
        "Input $5.00 /M OpenAI Output $30.00 /M OpenAI Cache read $0.50 /M OpenAI "
        "Input from $0.40 /M Grey (gateway) ÷ 12 Context"
    )
    assert (
        "Input $5.00, output $30.00, cache read $0.50 per million tokens at OpenAI."
        in html[: html.index("</head>")]
    )
    assert [row["data-provider"] for row in provider_rows(client)] == ["openai", "azure"]
    assert html.index('data-provider="openai"') < html.index('data-provider="azure"')
    assert 'value="openai" selected' in html


def test_a_gateways_headline_is_the_first_row_of_the_table(client):
    model = make_model()
    make_endpoint(model, make_provider("host", name="Host", kind="inference-host"))
    cheap = make_provider("cheap", name="Cheap", kind=ProviderKind.GATEWAY)
    sell(model, cheap, input="1", output="2")
    sell(model, make_provider("dear", kind=ProviderKind.GATEWAY), input="2", output="2")
    summarise()
    rows = [row["data-provider"] for row in provider_rows(client)]
    assert rows == ["cheap", "host"]
    html = page(client).content.decode()
    assert "1 direct · 2 more through gateways and plans" in in_words(html)
    assert "1 more through a gateway, reseller or plan" in in_words(html)
    assert "<small>Cheap, gateway</small>" in html


def test_an_endpoint_of_a_region_or_variant_is_named_as_such(client):
    model = make_model()
    sell(model, make_provider("openai", name="OpenAI"), input="1")
    regional = make_endpoint(
        model,
        make_provider("azure", name="Azure"),
        upstream_id="eu/o4-mini",
        region="eu",
        variant="latest,eu",
    )
    make_rate(regional, "input", "1.2")
    html = page(client).content.decode()
    assert "the highest price of 2 direct providers is input $1.20, at Azure (eu, latest)." in html
    assert "<span>eu · latest</span>" in html


@pytest.mark.parametrize(
    ("upstream_id", "variant", "said"),
    [
        ("o4-mini", "", "P"),
        ("openai/O4_mini", "", "P"),
        ("eu/o4-mini", "eu", "P (eu)"),
        ("o4-mini-fast", "fast", "P (o4-mini-fast)"),
        ("o4-mini-maas", "global · maas", "P (o4-mini-maas, global)"),
    ],
)
def test_an_endpoint_name_shows_what_sets_it_apart(upstream_id, variant, said):
    assert endpoint_name("P", upstream_id, variant, "openai/o4-mini") == said


@pytest.mark.parametrize(
    ("upstream_id", "said"),
    [("m-2025-10-01", "us · fast"), ("m-20251001", "us · fast"), ("m", "us · fast · 2025-10-01")],
)
def test_what_sets_an_endpoint_apart_is_said_once_and_not_where_its_id_says_it(upstream_id, said):
    parts = {"variant": "fast,us", "region": "us", "snapshot": "2025-10-01", "quantization": ""}
    assert variant(Endpoint(upstream_id=upstream_id, **parts)) == said
