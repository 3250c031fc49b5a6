import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.data_policy import ZDR, Training
from catalog.lifecycle import Lifecycle
from catalog.models import Endpoint, Model
from catalog.provider_kinds import ProviderKind
from pricing.terms import Terms
from tests.factories import (
    make_creator,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_rating,
    sell,
    summarise,
)
from tests.web.page import collapsed, price, rows
from web.format.figures import partial_date

pytestmark = pytest.mark.django_db


def page(client, query="", slug="host"):
    response = client.get(f"/providers/{slug}/{query}")
    assert response.status_code == 200
    return response


def served(client, query=""):
    return [row["data-model"] for row in rows(page(client, query), "endpoints")]


@pytest.fixture
def host():
    return make_provider("host", name="Host")


@pytest.fixture
def four_models(host):
    sell(make_model("a/cheap", name="Zebra", released="2025-01-02"), host, input="0.1", output="9")
    dear = make_endpoint(
        make_model("b/dear", name="apple"), host, released="2025", context_window=8_000
    )
    make_rate(dear, "input", "0.02", per=1000)
    make_endpoint(make_model("c/unpriced", name="Mango"), host, context_window=200_000)
    router = make_endpoint(make_model("d/router", name="kiwi", released="2024-12-31"), host)
    make_rate(router, "input", None, state="dynamic")
    make_endpoint(make_model("e/elsewhere"), make_provider("other"))
    summarise()


def test_models_are_in_the_order_top_unless_sorted(client, four_models):
    make_rating(Model.objects.get(slug="c/unpriced"))
    summarise()
    assert served(client) == ["c/unpriced", "a/cheap", "d/router", "b/dear"]
    assert "sort=top" not in page(client, "?sort=top&page=1").content.decode()


def test_every_endpoint_has_a_row_with_its_base_prices(client, host):
    endpoint = sell(make_model("openai/o4-mini", name="o4-mini"), host, input="1.10", output="4.40")
    make_rate(endpoint, "input", "0.55", terms=Terms(tier="batch"))
    make_rate(endpoint, "cache_read", "9", held=True)
    Endpoint.objects.update(lacks=["implicit-caching", "explicit-caching"])
    (row,) = rows(page(client), "endpoints")
    assert (row["data-model"], row["data-provider"]) == ("openai/o4-mini", "host")
    assert price(row, "input") == ("priced", "1.1", "$1.10/M")
    assert price(row, "output") == ("priced", "4.4", "$4.40/M")
    assert price(row, "cache_read") == ("not_offered", None, "Not offered")
    cell = next(cell for cell in row["cells"] if cell.get("data-meter") == "input")
    assert cell["title"] == "$1.10 per million tokens. Models-Dev, Nov 12, 2026"


def test_a_price_of_another_unit_takes_the_first_cell_without_an_amount(client, host):
    sell(make_model("lab/draws"), host, image="0.04")
    sell(make_model("lab/reads"), host, input="1", image="0.05")
    sell(make_model("lab/writes"), host, input="1", output="2", image="0.05")
    found = rows(page(client, "?sort=name"), "endpoints")
    meters = [
        [cell["data-meter"] for cell in row["cells"] if "data-meter" in cell] for row in found
    ]
    assert meters == [
        ["image", "output", "cache_read"],
        ["input", "image", "cache_read"],
        ["input", "output", "cache_read"],
    ]
    assert price(found[0], "image") == ("priced", "0.04", "$0.04/image")


def test_only_rates_that_hold_now_are_shown_and_sorted_by(client, host):
    now = timezone.now()
    early, late = (make_endpoint(make_model(f"a/{name}"), host) for name in ("early", "late"))
    make_rate(early, "input", "1", valid_to=now - timedelta(days=1))
    make_rate(early, "input", "5", valid_from=now - timedelta(days=1))
    make_rate(late, "input", "3", valid_to=now + timedelta(days=1))
    make_rate(late, "input", "9", valid_from=now + timedelta(days=1))
    found = rows(page(client, "?sort=input"), "endpoints")
    assert [(row["data-model"], price(row, "input")[1]) for row in found] == [
        ("a/late", "3"),
        ("a/early", "5"),
    ]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["a/cheap", "d/router", "b/dear", "c/unpriced"]),
        ("-released", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("released", ["d/router", "b/dear", "a/cheap", "c/unpriced"]),
        ("name", ["b/dear", "d/router", "c/unpriced", "a/cheap"]),
        ("-name", ["a/cheap", "c/unpriced", "d/router", "b/dear"]),
        ("input", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("-input", ["b/dear", "a/cheap", "d/router", "c/unpriced"]),
        ("output", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("context", ["b/dear", "c/unpriced", "d/router", "a/cheap"]),
        ("-context", ["c/unpriced", "b/dear", "d/router", "a/cheap"]),
    ],
)
def test_what_has_no_value_comes_last_in_both_directions(client, four_models, sort, order):
    assert served(client, f"?sort={sort}") == order


@pytest.mark.parametrize("words", ["zeb", "CHEAP", "a cheap", "zebra a/cheap"])
def test_the_table_is_searched_by_words(client, four_models, words):
    response = client.get("/providers/host/", {"q": words})
    assert [row["data-model"] for row in rows(response, "endpoints")] == ["a/cheap"]
    assert "1 of 4 endpoints for “" in collapsed(response)


def test_a_word_that_only_another_provider_says_finds_nothing(client, host):
    model = make_model("a/one")
    make_endpoint(model, host)
    make_endpoint(model, make_provider("azure", name="Azure"), upstream_id="azure-one")
    summarise()
    assert served(client, "?q=one") == ["a/one"]
    assert served(client, "?q=azure") == []


@pytest.mark.parametrize("words", ["%25", "_", "%5C", "'", "100%25"])
def test_signs_in_a_search_are_letters(client, host, words):
    make_endpoint(make_model("a/one"), host)
    summarise()
    assert served(client, f"?q={words}") == (["a/one"] if words == "_" else [])


def test_the_models_own_date_stands_in_and_says_so(client, host):
    make_endpoint(make_model("a/own", released="2024-01-01"), host, released="2025-02-03")
    make_endpoint(make_model("a/models", released="2024-01-01"), host)
    own, models = rows(page(client, "?sort=-released"), "endpoints")
    assert [cell["text"] for cell in own["cells"] if cell.get("class") == "date"] == ["Feb 3, 2025"]
    assert [cell["text"] for cell in models["cells"] if cell.get("class") == "date"] == [
        "Jan 1, 2024of the model"
    ]


def test_the_lifecycle_is_said(client, host):
    make_endpoint(make_model("a/a"), host)
    make_endpoint(make_model("a/b"), host, lifecycle=Lifecycle.DEPRECATED, retired_on="2099-01")
    make_endpoint(make_model("a/c"), host, lifecycle=Lifecycle.ACTIVE)
    make_endpoint(make_model("a/d"), host, missing_since=timezone.now())
    make_endpoint(make_model("a/e"), host, listed_since="2026-09-30")
    make_endpoint(make_model("a/f"), host, listed_since="2026-09-30", retired_on="2099-02")
    found = rows(page(client, "?sort=name"), "endpoints")
    assert [row["cells"][-1]["text"] for row in found] == [
        "Listed",
        "Deprecatedretires Jan 2099",
        "Active",
        f"Missing since {partial_date(timezone.now().date().isoformat())}",
        "Listedfirst seen Sep 30, 2026",
        "Listedretires Feb 2099",
    ]


def test_what_is_retired_is_apart_and_counted(client, host):
    make_endpoint(make_model("a/a"), host)
    make_endpoint(make_model("a/b"), host, retired_on="2026-01-31")
    make_endpoint(make_model("a/c", ends_on="2026-01-31"), host)
    assert [row["data-model"] for row in rows(page(client), "endpoints")] == ["a/a"]
    assert "2 retired</a>" in page(client).content.decode()
    apart = page(client, "?retired=1&sort=name")
    found = rows(apart, "endpoints")
    assert [row["data-model"] for row in found] == ["a/b", "a/c"]
    assert found[0]["cells"][-1]["text"] == "Retired Jan 31, 2026"
    assert 'href="?sort=name">those in use</a>' in apart.content.decode()


def test_the_page_says_who_the_provider_is_and_how_to_reach_it(client):
    make_provider(
        "openai",
        name="OpenAI",
        kind=ProviderKind.FIRST_PARTY,
        creator=make_creator("openai", name="OpenAI Inc"),
        docs_url="https://openai.example/docs",
        status_url="javascript:alert(1)",
        headquarters="US",
        env_names=["OPENAI_API_KEY", "OPENAI_ORG"],
        api_base="https://api.openai.example/v1",
    )
    html = page(client, slug="openai").content.decode()
    for said in (
        "<h1>OpenAI</h1>",
        '<button type="button" class="copy" data-copy="openai">',
        'href="/creators/openai/">OpenAI Inc</a>',
        "First-party",
        '<a class="link" href="https://openai.example/docs" rel="noopener nofollow">Docs</a>',
        'data-copy="OPENAI_ORG"',
        'data-copy="https://api.openai.example/v1"',
        "US",
        "No model is known to be served here.",
    ):
        assert said in html
    assert "javascript:" not in html


def test_the_policy_of_the_provider_is_summed_up_with_its_evidence(client):
    make_provider(
        "openai",
        training=Training.OPT_IN,
        retention="days",
        retention_days=30,
        policy_basis="provider_default",
        policy_note="API content trains nothing.",
        policy_exceptions="Batch keeps files.\nPreviews too.",
        policy_url="https://www.openai.example/data",
        policy_checked_on="2026-08",
    )
    html = collapsed(page(client, slug="openai"))
    ways = re.sub(r"<[^>]+>", " ", html.partition('<dl class="ways">')[2].partition("</dl>")[0])
    assert " ".join(ways.split()) == (
        "Zero data retention Unknown No training Yes, unless you opt in Data retention 30 days "
        "In a sentence API content trains nothing. Exceptions Batch keeps files. Previews too. "
        "Basis The provider’s default openai.example checked Aug 2026"
    )
    assert 'href="https://www.openai.example/data" rel="noopener nofollow"' in html
    make_provider("silent")
    assert "In a sentence" not in page(client, slug="silent").content.decode()
    assert "Zero data retention Unknown" not in page(client, slug="silent").content.decode()


def test_data_policies_are_counted_and_silence_is_unknown(client, host):
    model, zdr, training = make_model(), ZDR, Training
    policies = (
        *(
            (zdr.DEFAULT, training.NO),
            (zdr.DEFAULT, training.OPT_IN),
            (zdr.ON_REQUEST, training.OPT_OUT),
        ),
        *((zdr.NO, training.YES), (zdr.UNKNOWN, training.UNKNOWN), (zdr.UNKNOWN, training.NO)),
    )
    for n, (kept, trained) in enumerate(policies):
        make_endpoint(model, host, upstream_id=f"{n}", zdr=kept, training=trained)
    html = page(client).content.decode()
    facts = html[html.index('<dl class="facts">') : html.index("</dl>")]
    kept, trained = (part[: part.index("</dd>")] for part in facts.split('class="answers">')[1:])
    assert [line.split(" <small>") for line in answers(kept)] == [
        *(
            ["Yes", "2 endpoints"],
            ["On request", "1 endpoint"],
            ["No", "1 endpoint"],
            ["Unknown", "2 endpoints"],
        )
    ]
    assert [line.split(" <small>")[0] for line in answers(trained)] == [
        *("Yes", "Yes, unless you opt in", "On request", "No", "Unknown")
    ]


def answers(html):
    return [
        part.split(">", 1)[1].replace("</small>", "").replace("</span>", "").strip()
        for part in html.split("<span")[1:]
    ]


def test_pages_hold_fifty_and_the_next_is_a_link(client, host):
    model = make_model()
    for n in range(51):
        make_endpoint(model, host, upstream_id=f"id-{n:02}")
    first, second = page(client), page(client, "?page=2")
    assert (len(rows(first, "endpoints")), len(rows(second, "endpoints"))) == (50, 1)
    assert b'rel="next" href="?page=2"' in first.content
    assert "50 of 51" in collapsed(first)
    assert b'rel="prev"' in second.content


@pytest.mark.parametrize(
    "query",
    [
        *(
            "page=abc",
            "page=-1",
            "page=%00",
            "page=99999999999999999",
            "sort=nope",
            "sort=models",
            "kind=x",
        ),
        *("from=x", "from=9", "from=1&page=9", "from=1&page=99999999"),
        *(
            "q=%00",
            "q=%ff",
            "q=%25",
            "q=" + "x" * 5000,
            "q=" + "a+" * 400,
            "q[]=1",
            "&&==",
            "q=<script>",
        ),
    ],
)
def test_no_query_string_breaks_the_page(client, four_models, query):
    assert b"<script>" not in page(client, f"?{query}").content


def test_what_was_not_understood_is_said_in_one_line_and_the_rest_applied(client, four_models):
    response = page(client, "?sort=<b>&page=9&q=zebra")
    assert len(rows(response, "endpoints")) == 1
    html = response.content.decode()
    assert html.count('class="notice"') == 1
    assert "“&lt;b&gt;” is no column to sort by; there is no page 9, this is the last." in html


def test_markup_and_long_names_from_upstream_are_shown_as_text(client):
    evil = make_provider("evil", name="<b>Evil</b>" + "x" * 180, api_base='"><script>')
    make_endpoint(make_model("a/rtl", name="نموذج"), evil, upstream_id='"><svg onload=alert(1)>')
    html = page(client, slug="evil").content.decode()
    for harmful in ("<b>Evil", "<script>", "<svg onload"):
        assert harmful not in html
    assert "نموذج" in html


@pytest.mark.parametrize("written", ["OpenRouter", "openRouter", "OPENROUTER"])
def test_another_way_to_write_a_slug_leads_to_it(client, written):
    make_provider("openrouter", name="OpenRouter")
    response = client.get(f"/providers/{written}/")
    assert (response.status_code, response["Location"]) == (301, "/providers/openrouter/")


@pytest.mark.parametrize(
    "written", ["open_router", "Open%20Router", "Open.Router%20Inc", "open-router-"]
)
def test_a_name_leads_to_its_provider_however_it_is_separated(client, written):
    make_provider("open-router", name="OpenRouter Inc")
    response = client.get(f"/providers/{written}/")
    assert (response.status_code, response["Location"]) == (301, "/providers/open-router/")


@pytest.mark.parametrize("called", ["aws", "AWS", "bedrock", "bedrock_converse"])
def test_what_others_call_a_provider_leads_to_it(client, called):
    make_provider("amazon-bedrock")
    make_provider("evroc")
    assert client.get(f"/providers/{called}/")["Location"] == "/providers/amazon-bedrock/"


def test_a_name_that_two_providers_share_leads_to_neither_and_offers_both(client):
    for slug in ("host-eu", "host-us"):
        make_provider(slug, name="The Host")
    html = client.get("/providers/thehost/").content.decode()
    assert 'href="/providers/host-eu/"' in html
    assert 'href="/providers/host-us/"' in html


def test_a_whole_word_counts_for_more_than_how_the_rest_is_spelled(client):
    for slug in ("alaxon", "web-amazon-services", "amazon-bedrock"):
        make_provider(slug)
    html = client.get("/providers/amazon/").content.decode()
    found = re.findall('<li><a href="/providers/([^"]*)/">', html)
    assert found == ["amazon-bedrock", "web-amazon-services", "alaxon"]


@pytest.mark.parametrize("typo", ["opnai", "opeanai", "Opn AI Inc"])
def test_a_typo_is_answered_with_what_is_spelled_nearly_like_it(client, typo):
    make_provider("openai", name="OpenAI Inc")
    make_provider("mistral", name="Mistral")
    response = client.get(f"/providers/{typo}/")
    assert response.status_code == 404
    html = response.content.decode()
    assert '<a href="/providers/openai/">OpenAI Inc' in html
    assert "mistral" not in html


def test_the_address_of_a_former_provider_leads_to_the_one_that_it_is_a_part_of(client):
    sell(make_model("openai/gpt-7"), make_provider("azure", name="Azure"), input="1")
    summarise()
    for former in ("azure-cognitive-services", "Azure_Cognitive_Services"):
        response = client.get(f"/providers/{former}/")
        assert (response.status_code, response["Location"]) == (301, "/providers/azure/")
    models = client.get("/models/?provider=azure-cognitive-services").content.decode()
    assert "is no provider" not in models
    assert "/models/openai/gpt-7/" in models


@pytest.mark.parametrize(
    "path", ["x", "a%00b", "%ff%fe", "%25", "x" * 10_000, "<script>", "..%2f.."]
)
def test_no_path_breaks_the_site(client, path):
    make_provider("openai")
    response = client.get(f"/providers/{path}/")
    assert response.status_code == 404
    assert b"There is nothing at this address" in response.content
    assert b"<script>" not in response.content


@pytest.mark.django_db(transaction=True)
def test_a_provider_page_costs_as_many_queries_whatever_it_holds(client, host):
    counts = []
    for size in (10, 20):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), host, input="1", output="2")
        summarise()
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client, "?q=m&sort=input")
        counts.append(len(queries))
    assert counts == [2, 2]
