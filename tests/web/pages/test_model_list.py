import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.lifecycle import Lifecycle
from catalog.models import Endpoint, Model, Provider, Source
from catalog.provider_kinds import ProviderKind
from catalog.ratings import Rating
from pricing.terms import Terms
from tests.factories import (
    OBSERVED,
    make_creator,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_rating,
    sell,
    sell_all,
    summarise,
)
from tests.web.page import price, rows
from web.http.page_cache import PAGES
from web.pages.model_list import model_list_page
from web.params.models import ModelFilters

pytestmark = pytest.mark.django_db


LIVE = ("latency", "throughput")


def ids(response):
    return set(re.findall(r' id="([^"]+)"', response.content.decode()))


def listed(client, query=""):
    return [row["data-model"] for row in rows(client.get(f"/models/{query}"), "models")]


def priced_models():
    """Four models: two with prices, one unknown, one dynamic."""
    host = make_provider("host")
    sell(make_model("a/cheap", name="Zebra", released="2025-01-02"), host, input="0.1", output="9")
    sell(make_model("b/dear", name="apple", released="2025"), host, input="20", output="0.5")
    make_endpoint(make_model("c/unpriced", name="Mango", released=""), host)
    router = make_endpoint(make_model("d/router", name="kiwi", released="2024-12-31"), host)
    make_rate(router, "input", None, state="dynamic")
    summarise()


def test_the_front_page_is_the_model_list(client):
    sell(make_model(), input="1.10")
    summarise()
    assert rows(client.get("/"), "models") == rows(client.get("/models/"), "models")
    assert listed(client) == ["openai/o4-mini"]


def test_an_empty_catalog_is_a_page_too(client):
    response = client.get("/")
    assert response.status_code == 200
    assert rows(response, "models") == []
    assert b"No model" in response.content


def test_a_row_is_one_endpoints_with_its_provider_named_and_a_cheaper_one_beside_it(client):
    model = make_model(context_window=200_000, max_output=100_000, released="2025-04-16")
    openai = make_provider("openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY)
    Provider.objects.update(creator=model.creator)
    sell(model, openai, input="1.10", output="4.84")
    azure = make_provider("azure", name="Azure", kind=ProviderKind.CLOUD)
    sell(model, azure, input="1.21", output="4.4", cache_read="0.275")
    grey = make_provider("grey", name="Grey", kind=ProviderKind.GATEWAY)
    sell(model, grey, input="0.11", output="0.4")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert row["data-provider"] == "openai"
    assert price(row, "input")[:2] == ("priced", "1.1")
    assert price(row, "output")[:2] == ("priced", "4.84")
    assert price(row, "cache_read")[:2] == ("unknown", None)
    texts = [cell["text"] for cell in row["cells"]]
    assert "200K100K out" in texts
    assert texts[-1] == "Apr 16, 2025"
    page = model_list_page(ModelFilters(), timezone.now().date())
    (shown,) = page.rows
    assert (shown.standing, shown.lower.provider, shown.lower.times) == ("own", "Grey", "÷ 10")
    (cheapest,) = rows(client.get("/?via=any"), "models")
    assert cheapest["data-provider"] == "grey"
    (cloud,) = rows(client.get("/?kind=cloud"), "models")
    assert cloud["data-provider"] == "azure"


def test_an_endpoint_with_an_id_of_its_own_is_named_by_it(client):
    model = make_model()
    endpoint = make_endpoint(
        model, make_provider("azure", name="Azure"), upstream_id="eu/o4-mini-2025"
    )
    make_rate(endpoint, "input", "1")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert price(row, "input")[2] == "$1.00/M at Azure (eu/o4-mini-2025)"


def test_a_rounded_price_says_what_it_is_exactly(client):
    sell(make_model(), make_provider("openai", name="OpenAI"), input="2.6875")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert price(row, "input") == ("priced", "2.6875", "$2.69/M, exactly $2.6875 at OpenAI")


def test_a_plan_and_a_batch_price_are_never_the_lowest(client):
    model = make_model()
    endpoint = sell(model, make_provider("openai", name="OpenAI"), input="1.10")
    make_rate(endpoint, "input", "0.55", terms=Terms(tier="batch"))
    plan = make_endpoint(model, make_provider("plan", kind=ProviderKind.PLAN))
    make_rate(plan, "input", None, state="included")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert price(row, "input")[:2] == ("priced", "1.1")


def test_the_states_of_a_price_read_differently(client):
    host = make_provider("host", name="Host")
    make_endpoint(make_model("a/unknown"), host)
    make_endpoint(make_model("a/vectors", mode="embedding"), host, mode="embedding")
    make_rate(make_endpoint(make_model("a/gratis"), host), "output", "0", state="free")
    make_rate(make_endpoint(make_model("a/router"), host), "output", None, state="dynamic")
    sell(make_model("a/sold"), host, output="3")
    summarise()
    found = {
        row["data-model"]: price(row, "output") for row in rows(client.get("/?all=1"), "models")
    }
    assert found == {
        "a/unknown": ("unknown", None, "—unknown"),
        "a/vectors": ("not_offered", None, "Not offered"),
        "a/gratis": ("free", "0", "Free"),
        "a/router": ("dynamic", None, "Varies"),
        "a/sold": ("priced", "3", "$3.00/M"),
    }


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("input", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("-input", ["b/dear", "a/cheap", "d/router", "c/unpriced"]),
        ("output", ["b/dear", "a/cheap", "d/router", "c/unpriced"]),
        ("-output", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("name", ["b/dear", "d/router", "c/unpriced", "a/cheap"]),
        ("-name", ["a/cheap", "c/unpriced", "d/router", "b/dear"]),
        ("released", ["d/router", "b/dear", "a/cheap", "c/unpriced"]),
        ("-released", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
    ],
)
def test_what_has_no_value_comes_last_in_both_directions(client, sort, order):
    priced_models()
    assert listed(client, f"?all=1&sort={sort}") == order


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("column", ["context", "cache_read", "providers"])
def test_the_other_columns_sort_without_losing_a_model(client, column, direction):
    priced_models()
    assert sorted(listed(client, f"?all=1&sort={direction}{column}")) == [
        "a/cheap",
        "b/dear",
        "c/unpriced",
        "d/router",
    ]


def test_the_sorted_column_says_which_way(client):
    priced_models()
    html = client.get("/?sort=-input").content.decode()
    assert html.count("aria-sort") == 1
    heading = html.partition('data-key="input"')[2].partition(">")[0]
    assert 'aria-sort="descending"' in heading


@pytest.mark.parametrize(
    "words",
    [
        "gpt 4.1 mini",
        "mini GPT 4 1",
        "GPT-4.1_mini",
        "openai mini",
        "azure 4.1",
        "eu/gpt",
        "  gpt ",
    ],
)
def test_search_finds_a_model_by_its_words_in_any_order(client, words):
    model = make_model("openai/gpt-4.1-mini", name="GPT-4.1 mini")
    make_endpoint(
        model, make_provider("azure", name="Microsoft Azure"), upstream_id="eu/gpt-4.1-mini"
    )
    make_endpoint(make_model("anthropic/claude"), make_provider("anthropic"))
    summarise()
    response = client.get("/models/", {"q": words})
    assert [row["data-model"] for row in rows(response, "models")] == ["openai/gpt-4.1-mini"]


@pytest.mark.parametrize("words", ["gpt-9", "%", "_", "100%", "'; drop table", "\\", "<script>"])
def test_search_for_what_is_not_there_finds_nothing_and_breaks_nothing(client, words):
    make_endpoint(make_model("openai/gpt-4.1-mini"))
    summarise()
    response = client.get("/models/", {"q": words})
    assert response.status_code == 200
    assert b"<script>" not in response.content
    if words != "_":  # a separator, which is no word at all
        assert rows(response, "models") == []


def test_a_model_nobody_serves_is_not_listed(client):
    make_model("openai/unserved")
    sell(make_model("openai/served"), input="1")
    summarise()
    assert listed(client) == ["openai/served"]


def test_pages_hold_fifty_and_lead_to_each_other(client):
    host = make_provider("host")
    for n in range(101):
        sell(make_model(f"a/m{n:03}", name=f"m{n:03}"), host, input="1")
    summarise()
    first, second, third = (client.get(f"/models/?sort=name&page={n}") for n in (1, 2, 3))
    assert [len(rows(page, "models")) for page in (first, second, third)] == [50, 50, 1]
    assert b"1\xe2\x80\x9350 of 101" in first.content
    assert b'rel="next" href="?sort=name&amp;page=2"' in first.content
    assert b'rel="prev"' not in first.content
    assert b'rel="prev" href="?sort=name"' in second.content
    assert b'rel="next"' not in third.content


def test_a_page_past_the_last_is_the_last_and_says_so(client):
    sell(make_model(), input="1")
    summarise()
    response = client.get("/models/?page=999999")
    assert len(rows(response, "models")) == 1
    assert "there is no page 999,999, this is the last" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=-1",
        "page=%00",
        "page=99999999999999999999999",
        "sort=nope",
        "sort=%27%3B--",
        "q=%00",
        "q=a%00b",
        "q=%ff%fe",
        "q=%ed%a0%80",
        "q=" + "x" * 10_000,
        "q=" + "a+" * 4_000,
        "%00=%00",
        "q[]=1&sort[]=2",
        "&&&===",
        "%",
        "q=%",
        "q=%F0%9F%92%B8",
        "q=%E2%80%AE",
        "unheard=of",
    ],
)
def test_no_query_string_breaks_the_list(client, query):
    make_endpoint(make_model())
    summarise()
    assert client.get(f"/models/?{query}").status_code == 200


def test_what_was_not_understood_is_said_in_one_line_and_escaped(client):
    html = client.get("/?sort=<b>&page=abc").content.decode()
    assert html.count('class="notice"') == 1
    assert "“&lt;b&gt;” is no column to sort by; “abc” is no page number" in html


def test_a_preview_model_says_so(client):
    sell(make_model(lifecycle=Lifecycle.PREVIEW), input="1")
    summarise()
    assert b'<span class="tag">preview</span>' in client.get("/").content


def test_the_makers_own_provider_is_marked_first_and_the_rest_are_counted(client):
    model = make_model()
    make_endpoint(model, make_provider("router", name="Router", kind=ProviderKind.GATEWAY))
    make_endpoint(model, make_provider("azure", name="Azure", kind=ProviderKind.CLOUD))
    make_endpoint(model, make_provider("zhost", name="Zhost"))
    openai = make_provider("openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY)
    Provider.objects.filter(id=openai.id).update(creator=model.creator)
    sell(model, openai, input="1")
    make_endpoint(model, make_provider("ali", name="Ali", kind=ProviderKind.FIRST_PARTY))
    summarise()
    assert b'aria-label="OpenAI, Ali, Azure and 2 more"' in client.get("/").content


def test_capabilities_come_in_the_order_of_the_vocabulary_with_the_unknown_last(client):
    sell(make_model(capabilities=["zero-g", "vision", "file-input"]), input="1")
    summarise()
    assert b'aria-label="File input, Vision, Zero g"' in client.get("/").content


def test_htmx_gets_the_results_alone_and_everybody_else_the_page(client):
    make_endpoint(make_model())
    summarise()
    part = client.get("/models/", headers={"HX-Request": "true"})
    restored = client.get(
        "/models/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    boosted = client.get("/models/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert part.content.strip().startswith(b'<section id="results"')
    assert rows(part, "models") == rows(client.get("/models/"), "models")
    for whole in (restored, boosted):
        assert whole.content.startswith(b"<!doctype html>")
        assert b'<option value="">Creator' in whole.content
    assert b'<option value="">Creator' not in part.content  # the page has the long selects already
    for response in (part, restored, boosted, client.get("/models/")):
        assert "HX-Request" in response.headers["Vary"]


@pytest.mark.django_db(transaction=True)
def test_the_list_costs_as_many_queries_whatever_it_holds(client):
    host = make_provider("host")
    counts = []
    for size in (10, 20):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), host, input="1", output="2", cache_read="0.1")
        summarise()
        client.get("/")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/?sort=input&q=m").status_code == 200
        counts.append(len(queries))
    assert counts == [3, 3]  # a version, texts and the order: the rows are the plain list's


def test_a_long_name_and_another_script_are_shown_whole(client):
    sell(make_model("a/long", name="x" * 300, creator=make_creator("a", name="")), input="1")
    sell(make_model("a/rtl", name="نموذج"), input="1")
    summarise()
    html = client.get("/").content.decode()
    assert "x" * 300 in html
    assert "نموذج" in html


# Filters ------------------------------------------------------------------------------------------


def filtered_models():
    """Five models that differ in everything that can be filtered by."""
    openai = make_provider("openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY)
    azure = make_provider("azure", name="Azure", kind=ProviderKind.CLOUD)
    flagship = make_model(
        "openai/flagship",
        released="2026-11-01",
        context_window=1_000_000,
        open_weights=False,
        capabilities=["vision", "reasoning"],
        modalities_in=["text", "image"],
        modalities_out=["text"],
    )
    sell(flagship, openai, input="5", output="30")
    private = sell(flagship, azure, input="6", output="36")
    Endpoint.objects.filter(id=private.id).update(zdr="default", training="no")
    small = make_model(
        "meta/small", released="2026-08-01", open_weights=True, context_window=128_000
    )
    sell(small, azure, input="0.10", output="9")
    far = make_endpoint(small, make_provider("far", name="Far"), zdr="default", training="opt_in")
    make_rate(far, "input", "0.90")
    make_rate(far, "output", "0.90")
    painter = make_model(
        "meta/painter", released="2025-01", modalities_out=["image"], max_input=4000
    )
    sell(painter, openai, input="1")
    old = make_model(
        "openai/old", released="2023-03-14", deprecated_on="2024-01-01", lifecycle="active"
    )
    Endpoint.objects.filter(id=sell(old, azure, input="1").id).update(
        zdr="on_request", training="opt_out"
    )
    make_endpoint(
        make_model("lab/gratis", lifecycle="preview", released="2026"), make_provider("far")
    )
    summarise()


@pytest.fixture
def november(monkeypatch):
    """Ages are counted from the day on which the tests of releases were written."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("creator=meta", {"meta/small", "meta/painter"}),
        ("creator=META", {"meta/small", "meta/painter"}),
        ("provider=azure", {"openai/flagship", "meta/small", "openai/old"}),
        ("capability=vision", {"openai/flagship"}),
        ("capability=vision&capability=reasoning", {"openai/flagship"}),
        ("capability=vision&capability=web-search", set()),
        ("modality=image", {"openai/flagship", "meta/painter"}),
        ("modality=audio", set()),
        ("context_min=128000", {"openai/flagship", "meta/small"}),
        ("context_min=128001", {"openai/flagship"}),
        ("context_min=4000", {"openai/flagship", "meta/small", "meta/painter"}),
        ("open_weights=1", {"meta/small"}),
        ("lifecycle=deprecated", {"openai/old"}),
        ("lifecycle=preview", {"lab/gratis"}),
        ("lifecycle=retired", set()),
        ("released_within=21", {"openai/flagship"}),
        ("released_within=20", set()),
        ("released_within=365", {"openai/flagship", "meta/small", "lab/gratis"}),
        ("input_max=1", {"meta/small", "meta/painter", "openai/old"}),
        ("kind=cloud", {"openai/flagship", "meta/small", "openai/old"}),
        ("kind=cloud&kind=first-party&input_max=1", {"meta/small", "meta/painter", "openai/old"}),
        ("region=eu", set()),
        ("input_max=0.9", {"meta/small"}),
        ("input_max=0.89", set()),
        ("output_max=0.9", {"meta/small"}),
        ("zdr=1", {"openai/flagship", "meta/small"}),
        ("no_training=1", {"openai/flagship", "meta/small"}),
        ("q=meta&provider=azure", {"meta/small"}),
    ],
)
def test_a_filter_leaves_what_it_says(client, november, query, left):
    filtered_models()
    assert set(listed(client, f"?all=1&{query}")) == left


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("provider=azure&zdr=1", ["openai/flagship"]),
        ("provider=openai&zdr=1", []),
        ("provider=azure&input_max=1", ["meta/small", "openai/old"]),
        ("provider=azure&input_max=5.99", ["meta/small", "openai/old"]),
        ("provider=azure&input_max=6", ["openai/flagship", "meta/small", "openai/old"]),
        ("zdr=1&input_max=0.89", []),
        ("zdr=1&input_max=0.9", ["meta/small"]),
        ("no_training=1&zdr=1&provider=far", ["meta/small"]),
        # Small's cheapest input and its cheapest output are at two endpoints.
        ("input_max=0.1&output_max=0.9", []),
        ("input_max=0.9&output_max=0.9", ["meta/small"]),
        ("input_max=0.1&output_max=9", []),  # the headline is the row with the lower blend
        ("provider=azure&input_max=0.1&output_max=9", ["meta/small"]),
    ],
)
def test_what_is_asked_of_endpoints_must_hold_at_one_and_the_same(client, query, left):
    filtered_models()
    assert listed(client, f"?{query}") == left


@pytest.mark.parametrize(
    "gone",
    [{"missing_since": OBSERVED}, {"lifecycle": "retired"}, {"retired_on": "2024-01-01"}],
)
def test_an_endpoint_that_cannot_be_used_any_more_satisfies_no_filter(client, gone):
    filtered_models()
    Endpoint.objects.filter(model__slug="meta/small", provider__slug="azure").update(**gone)
    assert "meta/small" not in listed(client, "?provider=azure")
    assert "meta/small" not in listed(client, "?input_max=0.5&output_max=9&provider=azure")


def test_a_retired_model_is_counted_apart_from_its_day_on(client):
    today = timezone.now().date()
    for name, days in {"before": -1, "today": 0, "after": 1}.items():
        ends_on = (today + timedelta(days=days)).isoformat()
        sell(make_model(f"lab/{name}", ends_on=ends_on), input="1")
    sell(make_model("lab/said", lifecycle="retired"), input="1")
    summarise()
    assert listed(client) == listed(client, "?q=lab") == ["lab/after"]
    assert listed(client, "?sort=input") == listed(client, "?input_max=9") == ["lab/after"]
    retired = ["lab/before", "lab/said", "lab/today"]
    assert sorted(listed(client, "?lifecycle=retired")) == retired
    assert sorted(listed(client, "?lifecycle=retired&provider=openai")) == retired
    html = client.get("/?q=lab").content.decode()
    assert 'href="?q=lab&amp;all=1"' in html
    assert sorted(listed(client, "?q=lab&all=1")) == sorted([*retired, "lab/after"])
    assert "1 models" in html
    today = timezone.now().date()
    assert model_list_page(ModelFilters(), today).folded.retired == 3
    assert model_list_page(ModelFilters(lifecycle="retired"), today).folded.total == 0


def test_a_batch_price_and_a_batch_endpoint_are_no_price_to_filter_by(client):
    model = make_model()
    endpoint = sell(model, input="4", output="4")
    make_rate(endpoint, "input", "1", terms=Terms(tier="batch"))
    batch = make_endpoint(model, upstream_id="o4-mini:batch", variant="batch")
    make_rate(batch, "input", "1")
    make_rate(batch, "output", "1")
    summarise()
    assert listed(client, "?input_max=1") == []
    assert listed(client, "?input_max=1&output_max=1") == []
    assert listed(client, "?input_max=1&provider=openai") == []


def test_what_nobody_knows_is_named_and_the_rest_applies(client):
    filtered_models()
    response = client.get(
        "/?creator=nope&provider=nowhere&capability=zero-g&open_weights=1&unheard=of"
    )
    html = response.content.decode()
    assert [row["data-model"] for row in rows(response, "models")] == ["meta/small"]
    assert html.count('class="notice"') == 1
    assert "“nope” is no creator; “nowhere” is no provider; “zero-g” is no capability" in html
    assert "unheard" not in html


def test_filters_that_are_set_show_and_come_off_one_by_one(client):
    filtered_models()
    html = client.get(
        "/?q=flag&capability=vision&provider=azure&input_max=9&kind=cloud"
    ).content.decode()
    assert html.count('aria-current="true"') == 5
    for query, name in [
        ("provider=azure&amp;capability=vision&amp;input_max=9&amp;kind=cloud", "“flag”"),
        ("q=flag&amp;provider=azure&amp;input_max=9&amp;kind=cloud", "Vision"),
        ("q=flag&amp;capability=vision&amp;input_max=9&amp;kind=cloud", "At Azure"),
        ("q=flag&amp;provider=azure&amp;capability=vision&amp;kind=cloud", "Input ≤ $9/M"),
        ("q=flag&amp;provider=azure&amp;capability=vision&amp;input_max=9", "Cloud"),
    ]:
        (chip,) = [
            part
            for part in html.split('<a class="chip"')
            if f">{name} <" in part.partition("</a>")[0]
        ]
        assert f' href="?{query}" ' in chip
        assert 'aria-current="true"' in chip
    assert 'id="clear" href="?"' in html


def test_the_forms_carry_what_they_do_not_ask_for(client):
    filtered_models()
    html = client.get(
        "/?q=flag&capability=vision&provider=azure&sort=input&page=1"
    ).content.decode()
    hidden = [part.partition(">")[0] for part in html.split('<input type="hidden" ')[1:]]
    search = [part for part in hidden if 'form="search"' in part]
    assert [part.split('"')[1] for part in search] == ["provider", "capability", "sort"]
    controls = html.partition('<form class="controls"')[2].partition("</form>")[0]
    names = [part.split('"')[1] for part in controls.split('<input type="hidden" ')[1:]]
    assert names == ["q", "sort"]
    assert 'name="capability" value="vision" checked>' in controls
    assert '<option value="azure" selected>Azure</option>' in controls


def test_htmx_is_told_the_shortest_address(client):
    filtered_models()
    part = client.get("/models/?q=&creator=meta&provider=&sort=top", headers={"HX-Request": "true"})
    assert part["HX-Push-Url"] == "/models/?creator=meta"
    assert client.get("/?q=", headers={"HX-Request": "true"})["HX-Push-Url"] == "/"
    assert "HX-Push-Url" not in client.get("/?q=").headers


def test_a_creators_page_keeps_to_its_creator_whatever_the_filters(client):
    filtered_models()
    response = client.get("/creators/meta/?creator=openai&input_max=1&sort=input")
    assert [row["data-model"] for row in rows(response, "models")] == ["meta/small", "meta/painter"]
    assert b'name="creator"' not in response.content
    assert b'href="/models.csv?creator=meta&amp;input_max=1&amp;sort=input"' in response.content
    part = client.get("/creators/meta/?q=&input_max=1", headers={"HX-Request": "true"})
    assert part["HX-Push-Url"] == "/creators/meta/?input_max=1"


# Search -------------------------------------------------------------------------------------------


def test_a_search_puts_what_is_called_so_before_words_of_a_name_before_what_is_served_so(client):
    hosts = [make_provider(f"host{n}") for n in range(4)]
    served = {
        "a/mini-gpt-4": 3,
        "a/gpt-4-turbo": 1,
        "a/gpt-4-popular": 2,
        "a/gpt-4": 1,
        "b/other": 4,
    }
    for slug, count in served.items():
        model = make_model(slug)
        for host in hosts[:count]:
            make_endpoint(model, host, upstream_id="gpt-4" if slug == "b/other" else slug)
    summarise()
    assert listed(client, "?q=gpt+4") == [
        "a/gpt-4",
        "a/mini-gpt-4",
        "a/gpt-4-popular",
        "a/gpt-4-turbo",
        "b/other",
    ]
    assert listed(client, "?q=a/GPT_4")[0] == "a/gpt-4"
    assert listed(client, "?q=gpt4&sort=providers")[0] == "a/gpt-4"
    assert listed(client, "?q=gpt+4&sort=name")[0] == "a/gpt-4"
    assert listed(client, "?q=gpt+4&sort=-providers")[0] == "b/other"


def test_what_a_search_names_itself_comes_before_what_is_found_by_other_words_alone(client):
    """MiniMax's upstream id contains "gpt", and Ollama's name "llama"; neither is a match."""
    azure, ollama = make_provider("azure"), make_provider("ollama")
    for n, slug in enumerate(("minimax/minimax-m2.5", "openai/gpt-5.4-mini", "openai/gpt-5-mini")):
        model = make_model(slug)
        for host in [azure, ollama, make_provider("host")][n:]:
            make_endpoint(model, host, upstream_id=f"gpt/{slug}")
    sell(make_model("meta/llama-3"), ollama, input="1")
    make_endpoint(Model.objects.get(slug="openai/gpt-5-mini"), azure)
    summarise()
    named = ["openai/gpt-5-mini", "openai/gpt-5.4-mini", "minimax/minimax-m2.5"]
    assert [slug for slug in listed(client, "?q=gpt-5+mini+host") if slug in named] == named
    assert listed(client, "?q=azure+mini+gpt+5")[0] == "openai/gpt-5-mini"
    assert listed(client, "?q=ollama+llama")[0] == "meta/llama-3"


@pytest.mark.parametrize(
    "words", ["gpt41 mini", "GPT4.1MINI", "gpt4.1 mini", "gpt41mini", "Gpt 41 mini"]
)
def test_names_are_found_without_what_stands_between_their_words(client, words):
    make_endpoint(make_model("openai/gpt-4.1-mini", name="GPT-4.1 mini"))
    make_endpoint(make_model("openai/gpt-4.1", name="GPT-4.1"))
    summarise()
    response = client.get("/models/", {"q": words})
    assert [row["data-model"] for row in rows(response, "models")] == ["openai/gpt-4.1-mini"]


# Plans, limits, columns ---------------------------------------------------------------------------


def with_a_plan():
    """One model that is sold, included in a plan, and free on trial."""
    model = make_model()
    sell(model, make_provider("openai", name="OpenAI"), input="1.10", output="4")
    plan = make_endpoint(model, make_provider("plan", name="Plan", kind=ProviderKind.PLAN))
    make_rate(plan, "input", None, state="included")
    trial = make_endpoint(model, make_provider("trial", name="Trial"))
    make_rate(trial, "output", "0", state="free")
    sell(make_model("a/cheap"), make_provider("openai"), input="0.5", output="2")
    summarise()


def test_a_plan_stands_for_a_model_when_its_kind_is_asked_for(client):
    with_a_plan()
    (row,) = rows(client.get("/?kind=plan"), "models")
    assert price(row, "input") == ("included", None, "Included at Plan, subscription plan")
    assert listed(client, "?kind=plan&input_max=9") == []  # included in a plan is no price
    found = {row["data-model"]: row for row in rows(client.get("/"), "models")}
    assert price(found["openai/o4-mini"], "input")[:2] == ("priced", "1.1")
    assert listed(client, "?output_max=0") == []  # a trial is no price where others sell


def test_what_goes_in_stands_for_a_context_that_is_not_known(client):
    sell(make_model("a/in", context_window=None, max_input=8000, max_output=500), input="1")
    sell(make_model("a/whole", context_window=4000, max_input=3000), input="1")
    sell(make_model("a/silent"), input="1")
    summarise()
    html = client.get("/?sort=-context").content.decode()
    assert listed(client, "?sort=-context") == ["a/in", "a/whole", "a/silent"]
    assert "8,000 tokens in; the whole context is not stated, 500 tokens out" in html
    assert '8K<span class="unit"> in</span>' in html
    assert "3,000" not in html


def test_limits_that_are_rounded_or_unknown_are_heard_as_they_are(client):
    for slug, context, output in (
        ("a/long", 1_047_576, 128_000),
        ("a/none", None, None),
        ("a/round", 200_000, None),
    ):
        sell(make_model(slug, context_window=context, max_output=output), input="1")
    summarise()
    cells = [row["cells"][1] for row in rows(client.get("/?sort=name"), "models")]
    assert [(cell["title"], cell.get("aria-label"), cell["text"]) for cell in cells] == [
        (exact := "1,047,576 tokens of context, 128,000 tokens out", exact, "1.05M128K out"),
        (unknown := "Unknown: no source states it", unknown, "—"),
        ("200,000 tokens of context", None, "200K"),
    ]


def test_a_column_of_which_nothing_is_known_is_not_offered(client):
    sell(make_model(), input="1")
    summarise()
    html = client.get("/?sort=-throughput").content.decode()
    assert not any(f'{name}="{key}"' in html for name in ("data-key", "value") for key in LIVE)
    assert "data-metric" not in html
    assert "nothing is known of throughput yet to sort by" in html
    assert 'data-key="input"' in html
    assert 'data-key="cache_read"' not in html


def test_columns_that_the_address_leaves_out_are_put_away_and_stay_so(client):
    sell(make_model(), input="1")
    summarise()
    html = client.get("/?columns=input,output").content.decode()
    hides = html.partition('data-hides="')[2].partition('"')[0].split()
    assert hides == [
        "rating",
        "context",
        "latency",
        "throughput",
        "uptime",
        "cache_read",
        "capabilities",
        "providers",
        "released",
    ]
    assert 'href="?columns=input%2Coutput&amp;sort=name"' in html
    assert "data-hides" not in client.get("/").content.decode()


# Pages --------------------------------------------------------------------------------------------


def many_models(count):
    host, creator = make_provider("host"), make_creator("a")
    models = (Model(slug=f"a/m{n:03}", name=f"m{n:03}", creator=creator) for n in range(count))
    sell_all((model, host, {"input": "1"}) for model in models)
    summarise()


def test_loading_more_shows_the_pages_so_far_as_one(client):
    many_models(120)
    first = client.get("/?sort=name").content.decode()
    assert 'href="?sort=name&amp;page=2" hx-get="?sort=name&amp;from=1&amp;page=2"' in first
    assert 'hx-select="#from-51 tr" hx-target="#from-1"' in first
    both = client.get("/?sort=name&from=1&page=2")
    assert [row["data-model"] for row in rows(both, "models")] == [f"a/m{n:03}" for n in range(100)]
    assert "1–100 of 120" in both.content.decode()
    assert 'hx-get="?sort=name&amp;from=1&amp;page=3"' in both.content.decode()
    rest = client.get("/?sort=name&from=1&page=9")
    assert len(rows(rest, "models")) == 120
    assert "there is no page 9, this is the last" in rest.content.decode()
    assert 'id="load-more"' not in rest.content.decode()


def test_loading_more_sends_the_rows_of_the_next_page_alone_and_everybody_else_gets_all(client):
    many_models(120)
    more = {"HX-Request": "true", "HX-Target": "from-1"}
    part = client.get("/?sort=name&from=1&page=2", headers=more)
    assert [row["data-model"] for row in rows(part, "models")] == [
        f"a/m{n:03}" for n in range(50, 100)
    ]
    said = part.content.decode()
    assert '<tbody id="from-51">' in said
    assert "1–100 of 120" in said
    assert 'hx-select="#from-101 tr" hx-target="#from-1"' in said
    assert part["HX-Push-Url"] == "/?sort=name&from=1&page=2"
    assert "HX-Target" in part["Vary"]
    later = client.get("/?sort=name&from=2&page=3", headers={**more, "HX-Target": "from-51"})
    assert [row["data-model"] for row in rows(later, "models")] == [
        f"a/m{n:03}" for n in range(100, 120)
    ]
    assert "51–120 of 120" in later.content.decode()
    for headers in ({}, {**more, "HX-Target": "results"}, {**more, "HX-Target": "from-51"}):
        assert len(rows(client.get("/?sort=name&from=1&page=2", headers=headers), "models")) == 100
    assert (
        len(rows(client.get("/creators/a/?sort=name&from=1&page=3", headers=more), "models")) == 20
    )


def test_loading_more_of_a_list_that_shrank_adds_no_row_twice(client):
    many_models(60)
    part = client.get("/?from=1&page=3", headers={"HX-Request": "true", "HX-Target": "from-1"})
    said = part.content.decode()
    assert 'id="from-101"' not in said  # what the link of the second page selects
    assert "1–60 of 60" in said


@pytest.mark.parametrize("query", ["page=3&q=m", "page=3&sort=input", "page=3&capability=vision"])
def test_a_page_past_the_last_of_any_list_is_the_last(client, query):
    many_models(60)
    Model.objects.update(capabilities=["vision"])
    response = client.get(f"/?{query}")
    assert len(rows(response, "models")) == 10
    assert "there is no page 3, this is the last" in response.content.decode()


def test_a_list_by_price_goes_on_with_the_models_that_have_none(client):
    host = make_provider("host")
    for n in range(70):
        model = make_model(f"a/m{n:03}")
        if n % 2:
            sell(model, host, input=str(1 + n % 3))
        else:
            make_endpoint(model, host)
    summarise()
    for sort in ("input", "-input"):
        pages = [listed(client, f"?all=1&sort={sort}&page={n}") for n in (1, 2)]
        assert [len(page) for page in pages] == [50, 20]
        together = pages[0] + pages[1]
        assert together[35:] == [f"a/m{n:03}" for n in range(0, 70, 2)]
        amounts = [1 + int(slug[-3:]) % 3 for slug in together[:35]]
        assert amounts == sorted(amounts, reverse=sort == "-input")
        assert together == listed(client, f"?all=1&sort={sort}&from=1&page=2")
        narrowed = listed(client, f"?sort={sort}&from=1&page=2&creator=a")
        assert narrowed == together


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "query",
    [
        "",
        "sort=input",
        "sort=-name&q=m",
        "via=any&sort=output",
        "input_max=5&output_max=5",
        "input_max=5&output_max=5&kind=inference-host&sort=-rating&board=math",
        "from=1&page=1&no_training=0",
        "provider=host&input_max=5&output_max=5&zdr=0",
        "q=a&creator=a&capability=vision&sort=-context",
    ],
)
def test_a_filtered_list_costs_as_many_queries_whatever_it_holds(client, query):
    host = make_provider("host")
    counts = []
    for size in (10, 20):
        for n in range(size):
            model = make_model(f"a/m{size}-{n}", capabilities=["vision"])
            sell(model, host, input="1", output="2", cache_read="0.1")
        summarise()
        client.get("/?q=m")
        with CaptureQueriesContext(connection) as queries:
            assert len(listed(client, f"?{query}")) == (10 if size == 10 else 30)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_beside_a_provider_a_capability_is_asked_of_that_provider_s_endpoint(client):
    azure, openai = make_provider("azure"), make_provider("openai")
    sees = make_model("openai/sees", capabilities=["vision"])
    make_endpoint(sees, openai, capabilities=["vision"])
    make_endpoint(sees, azure, lacks=["vision"])
    there = make_model("meta/there", context_window=1000)
    make_endpoint(there, azure, capabilities=["vision"], context_window=200_000)
    summarise()
    assert listed(client, "?provider=azure&capability=vision") == ["meta/there"]
    assert listed(client, "?provider=azure&context_min=128000") == ["meta/there"]
    assert listed(client, "?capability=vision&all=1") == ["openai/sees"]


def test_at_a_provider_the_prices_are_those_of_that_provider(client):
    azure, host = make_provider("azure", name="Azure"), make_provider("host", name="Host")
    for slug, there, elsewhere in (("a/one", "3", "1"), ("a/two", "2", "9")):
        model = make_model(slug)
        sell(model, host, input=elsewhere)
        sell(model, azure, input=there, output="7")
        regional = make_endpoint(
            model, azure, upstream_id=f"eu/{slug[2:]}", region="eu", variant="eu"
        )
        make_rate(regional, "output", "0.006", per=1000)
    sell(make_model("a/elsewhere"), host, input="0.5")
    summarise()
    response = client.get("/?provider=azure&sort=input")
    two, one = rows(response, "models")
    assert (one["data-model"], two["data-model"]) == ("a/one", "a/two")
    assert price(one, "input") == ("priced", "3", "$3.00/M at Azure")
    assert price(two, "input") == ("priced", "2", "$2.00/M at Azure")
    assert price(one, "output") == ("priced", "7", "$7.00/M")  # one endpoint's row
    (regional,) = rows(client.get("/?provider=azure&region=eu&q=one"), "models")
    assert price(regional, "output") == ("priced", "6", "$6.00/M")
    assert [
        row["data-model"] for row in rows(client.get("/?provider=azure&sort=-input"), "models")
    ] == [
        *("a/one", "a/two"),
    ]
    lines = b"".join(client.get("/models.csv?provider=azure&sort=input")).decode().splitlines()
    assert lines[1].startswith("a/two,two,")
    assert ",azure,two,direct,2,priced,,,7,priced," in lines[1]
    # Without the filter the headline is named.
    first = rows(client.get("/?sort=input&q=one"), "models")[0]
    assert price(first, "input") == ("priced", "3", "$3.00/M at Azure")


def test_what_is_free_at_a_provider_is_within_any_price_there(client):
    free, host = make_provider("free"), make_provider("host")
    model = make_model("a/both")
    sell(model, host, input="3", output="9")
    gift = make_endpoint(model, free)
    for meter in ("input", "output"):
        make_rate(gift, meter, "0", state="free")
    sell(make_model("a/dear"), free, input="3", output="9")
    summarise()
    assert listed(client, "?provider=free&input_max=1") == ["a/both"]
    assert listed(client, "?provider=free&input_max=1&output_max=1") == ["a/both"]
    assert listed(client, "?provider=host&input_max=1") == []
    assert listed(client, "?input_max=1") == []


def test_what_shows_at_a_plan_and_of_a_trial_is_found_by_its_price_there(client):
    trial = make_endpoint(
        make_model("a/trial"), make_provider("gateway", kind="gateway"), variant="free"
    )
    make_rate(trial, "input", "0", state="free")
    sell(make_model("a/billed"), make_provider("plan", kind="plan"), input="0.5")
    summarise()
    assert listed(client, "?provider=gateway&input_max=1") == ["a/trial"]
    assert listed(client, "?provider=plan&input_max=1") == ["a/billed"]
    assert listed(client, "?input_max=1") == []


def test_capabilities_sort_by_how_many_there_are_with_none_last(client):
    for slug, capabilities in (
        ("a/none", []),
        ("a/one", ["vision"]),
        ("a/two", ["reasoning", "vision"]),
    ):
        sell(make_model(slug, capabilities=capabilities), input="1")
    summarise()
    assert listed(client, "?sort=-capabilities") == ["a/two", "a/one", "a/none"]
    assert listed(client, "?sort=capabilities") == ["a/one", "a/two", "a/none"]
    assert b'<a id="by-capabilities" href="?sort=-capabilities"' in client.get("/").content


def test_a_plan_that_is_asked_for_says_what_it_includes(client):
    model = make_model("a/one")
    sell(model, make_provider("host", name="Host"), input="1")
    make_rate(
        make_endpoint(model, make_provider("plan", name="Plan", kind="plan")),
        amount=None,
        state="included",
    )
    summarise()
    (row,) = rows(client.get("/?provider=plan"), "models")
    assert price(row, "input") == ("included", None, "Included at Plan, subscription plan")


def test_what_changes_shows_at_once_although_rows_are_drawn_once(client):
    """A price, a provider's name, a stage and a capability:

    rows are remembered by what they show.
    """
    maker = make_provider("openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY)
    endpoint = sell(make_model(), maker, input="1.10", output="4")
    plan = make_endpoint(endpoint.model, make_provider("plan", name="Plan", kind=ProviderKind.PLAN))
    make_rate(plan, "input", None, state="included")
    summarise()

    def shown(query=""):
        (row,) = rows(client.get(f"/models/{query}"), "models")
        return price(row, "input")

    assert shown() == ("priced", "1.1", "$1.10/M at OpenAI")
    assert shown("?kind=plan") == ("included", None, "Included at Plan, subscription plan")
    endpoint.rates.filter(meter="input").update(amount="0.9")
    Provider.objects.filter(slug="openai").update(name="Open AI")
    Provider.objects.filter(slug="plan").update(name="Best plan")
    Model.objects.update(name="o4 tiny", lifecycle="preview", capabilities=["vision"])
    summarise()
    assert shown() == ("priced", "0.9", "$0.90/M at Open AI")
    assert shown("?kind=plan") == ("included", None, "Included at Best plan, subscription plan")
    html = client.get("/models/").content.decode()
    assert ">o4 tiny</a>" in html
    assert '<span class="tag">preview</span>' in html
    assert 'aria-label="Vision"' in html
    assert 'title="Open AI, ' in html
    plan.rates.all().delete()
    summarise()
    assert shown("?kind=plan&all=1")[:2] == ("unknown", None)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("input_max=1&output_max=2", {"a/both", "a/dearer-elsewhere"}),
        ("input_max=1&output_max=2&via=any", {"a/both", "a/dearer-elsewhere"}),
        ("input_max=1&output_max=2&sort=-output", {"a/both", "a/dearer-elsewhere"}),
        ("input_max=1&output_max=2&provider=host", {"a/both", "a/dearer-elsewhere"}),
        ("input_max=1&output_max=1.5", {"a/dearer-elsewhere"}),
    ],
)
def test_two_prices_hold_at_the_one_endpoint_whose_row_is_shown(client, query, left):
    host, other = make_provider("host"), make_provider("other")
    sell(make_model("a/both"), host, input="1", output="2")
    apart = make_model("a/apart")
    sell(apart, host, input="1", output="9")
    sell(apart, other, input="9", output="1")
    second = make_model("a/dearer-elsewhere")
    sell(second, host, input="1", output="1.5")
    sell(second, other, input="0.5", output="9")
    sell(second, make_provider("third"), input="9", output="0.5")
    planned = make_model("a/planned")
    sell(planned, host, input="5", output="5")
    plan = make_endpoint(planned, make_provider("plan", kind=ProviderKind.PLAN))
    for meter in ("input", "output"):
        make_rate(plan, meter, None, state="included")
    summarise()
    assert set(listed(client, f"?{query}")) == left


def test_a_data_policy_is_offered_with_the_first_endpoint_that_passes_it(client):
    endpoint = make_endpoint(make_model())
    assert not {"chip-zdr", "chip-no_training", "zdr-1"} & ids(client.get("/"))
    assert "chip-zdr" in ids(client.get("/?zdr=1"))  # one that is set is in sight
    Endpoint.objects.filter(id=endpoint.id).update(training="opt_in", zdr="on_request")
    PAGES.clear()
    # On request is not what the filter finds.
    assert ids(client.get("/")) & {"chip-zdr", "chip-no_training"} == {"chip-no_training"}


def terms(row):
    """The line below the prices of a row."""
    (cell,) = [cell for cell in row["cells"] if "of-input" in cell.get("class", "")]
    return cell["text"].partition("at ")[2]


def test_a_row_names_the_provider_of_its_prices_and_a_lower_price_elsewhere(client):
    model = make_model()
    maker = make_provider("openai", name="OpenAI", kind="first-party", creator=model.creator)
    sell(model, maker, input="5", output="30")
    sell(model, make_provider("qihang", name="QiHang", kind="gateway"), input="0.7", output="4")
    near = make_model("openai/near")
    sell(near, maker, input="5", output="30")
    sell(near, make_provider("host", name="Host", kind="inference-host"), input="4", output="20")
    resold = make_model("openai/resold")
    sell(resold, make_provider("shop", name="Shop", kind="reseller"), input="3", output="4")
    summarise()
    by_slug = {row["data-model"]: row for row in rows(client.get("/?all=1"), "models")}
    assert {slug: row["data-provider"] for slug, row in by_slug.items()} == {
        "openai/o4-mini": "openai",
        "openai/near": "openai",
        "openai/resold": "shop",
    }
    assert terms(by_slug["openai/o4-mini"]) == "OpenAI · from $0.70 at QiHang (gateway) ÷ 7"
    assert terms(by_slug["openai/near"]) == "OpenAI · from $4.00 at Host"
    assert terms(by_slug["openai/resold"]) == "Shop, reseller"


def test_a_row_without_token_prices_shows_its_own_unit(client):
    endpoint = make_endpoint(make_model("a/painter", mode="image"), make_provider("host"))
    make_rate(endpoint, "image", "0.04", per=1)
    summarise()
    (row,) = rows(client.get("/?all=1"), "models")
    assert price(row, "image") == ("priced", "0.04", "$0.04/image at Host")
    assert not any(cell.get("data-meter") == "input" for cell in row["cells"])


def test_a_rating_has_its_interval_its_votes_and_its_attribution(client):
    make_rating(sell(make_model(), input="1").model, "1466.4")
    sell(make_model("a/unrated"), input="1")
    summarise()
    response = client.get("/?all=1")
    first, second = rows(response, "models")
    (cell,) = [cell for cell in first["cells"] if "data-rating" in cell]
    assert cell["data-rating"] == "1466.4"
    assert cell["title"].startswith("1466.4, between 1461 and 1471, ")
    assert cell["text"].endswith(", 12,345 votes")
    assert [cell["text"] for cell in second["cells"] if "rated" in cell.get("class", "")] == [
        "—not rated"
    ]
    html = response.content.decode()
    assert 'id="order">by Arena rating, 20 October 2026<' in html
    assert 'id="attribution"' in html


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("sort=input", "by price of input: the headline’s"),
        ("sort=input&kind=first-party", "by price of input: the chosen endpoint’s"),
        ("sort=-output&via=any", "by price of output: the cheapest endpoint’s, the highest first"),
        ("sort=-released", "by release, the newest first"),
        ("sort=-providers", "by providers, the most first"),
        ("sort=name", "by name"),
        ("q=o4", "by how well the name matches"),
    ],
)
def test_the_order_is_printed_in_words(client, query, order):
    sell(make_model(released="2025-04-16"), input="1")
    summarise()
    assert f'id="order">{order}<' in client.get(f"/?{query}").content.decode()


def test_what_is_folded_is_one_chip_that_unfolds_it(client):
    sell(make_model(), make_provider("openai"), input="1")
    make_endpoint(make_model("a/unpriced"), make_provider("host"))
    summarise()
    response = client.get("/")
    assert [row["data-model"] for row in rows(response, "models")] == ["openai/o4-mini"]
    html = response.content.decode()
    assert 'id="folded" href="?all=1"' in html
    assert "+ 1 folded" in html
    assert "1 without a price" in html
    unfolded = client.get("/?all=1")
    assert len(rows(unfolded, "models")) == 2
    assert "Nothing folded" in unfolded.content.decode()


def test_a_list_of_which_all_is_folded_away_leads_to_it(client):
    make_endpoint(make_model("a/unpriced"), make_provider("host"))
    summarise()
    html = client.get("/").content.decode()
    assert "All that matches is folded away: 1 without a price." in " ".join(html.split())
    assert html.count('href="?all=1"') == 2


def test_all_direct_kinds_are_one_chip(client):
    sell(make_model(), make_provider("openai"), input="1")
    summarise()
    on = client.get("/?kind=cloud&kind=inference-host&kind=first-party").content.decode()
    assert ids(client.get("/")) & {"chip-direct", "chip-kind"} == {"chip-direct"}
    assert on.count('aria-current="true"') == 1
    mixed = ids(client.get("/?kind=cloud&via=any&board=coding&rating_min=1300"))
    assert mixed >= {"chip-kind", "chip-via", "chip-board", "chip-rating_min"}


def test_a_region_that_no_endpoint_has_is_named_and_ignored(client):
    sell(make_model(), input="1")
    summarise()
    html = client.get("/?region=mars").content.decode()
    assert "“mars” is no region of an endpoint" in html
    assert 'data-model="openai/o4-mini"' in html


def test_a_region_leaves_out_what_states_none_and_the_page_tells(client):
    sell(make_model(), input="1")
    regional = make_endpoint(make_model("a/eu"), make_provider("cloud"), region="eu")
    make_rate(regional, "input", "2")
    summarise()
    note = "Only endpoints that state their region; many providers state none."
    assert note in client.get("/?region=eu").content.decode()
    assert note not in client.get("/").content.decode()


def test_a_row_that_filters_choose_has_the_context_of_its_endpoint(client):
    model = make_model(context_window=1_000_000)
    sell(model, make_provider("host"), input="1", output="2")
    regional = make_endpoint(
        model, make_provider("cloud", kind="cloud"), region="eu-west-1", context_window=200_000
    )
    make_rate(regional, "input", "2")
    other = make_model("a/other", context_window=500_000)
    make_rate(make_endpoint(other, make_provider("cloud"), region="eu"), "input", "2")
    summarise()
    assert "1,000,000 tokens" in client.get("/").content.decode()
    html = client.get("/?region=eu").content.decode()
    assert "200,000 tokens" in html
    assert "1,000,000 tokens" not in html
    assert listed(client, "?region=eu&sort=-context") == ["a/other", "openai/o4-mini"]
    assert listed(client, "?region=eu&context_min=500000") == ["a/other"]


def test_unfolding_shows_no_model_in_use_at_an_endpoint_that_is_retired(client):
    model = make_model()
    sell(model, make_provider("host"), input="1")
    make_endpoint(model, make_provider("azure"), lifecycle="retired")
    retired = make_model("a/gone", ends_on="2024-01-01")
    make_endpoint(retired, make_provider("azure"), lifecycle="retired")
    summarise()
    assert listed(client, "?provider=azure") == []
    assert listed(client, "?provider=azure&all=1") == ["a/gone"]


def test_top_reversed_is_by_the_same_board(client):
    source = Source.objects.create(slug="arena", name="Arena")
    for slug, rating in (("a/sees", 1400), ("a/stares", 1200), ("a/blind", None)):
        model = make_model(slug, modalities_in=["image"])
        sell(model, make_provider("host"), input="1")
        if rating:
            Rating.objects.create(
                model=model, board="vision", category="overall", name=slug, rating=rating,
                low=rating, high=rating, votes=9, rank=1, as_of="2026-10-20", source=source,
            )  # fmt: skip
    summarise()
    assert listed(client, "?modality=image") == ["a/sees", "a/stares", "a/blind"]
    assert listed(client, "?modality=image&sort=-top") == ["a/stares", "a/sees", "a/blind"]
    assert listed(client, "?rating_min=1300&board=vision") == ["a/sees"]


@pytest.mark.django_db(transaction=True)
def test_a_write_changes_rows_order_and_counts_that_are_kept(client):
    host, dear = make_provider("host"), make_model("a/dear", name="Dear")
    endpoint = sell(dear, host, input="9", output="9")
    sell(make_model("b/cheap", name="Cheap"), host, input="1", output="2")
    summarise()

    def page():
        response = client.get("/?sort=input")
        shown = [(row["data-model"], price(row, "input")[1]) for row in rows(response, "models")]
        return shown, "folded" in ids(response)

    first = [("b/cheap", "1"), ("a/dear", "9")]
    assert page() == page() == (first, False)
    endpoint.rates.filter(meter="input").update(amount="0.5")
    summarise()
    assert page() == ([("a/dear", "0.5"), ("b/cheap", "1")], False)
    make_rating(dear, "1400")
    assert 'data-rating="1400"' in client.get("/").content.decode()
    Endpoint.objects.filter(model__slug="b/cheap").update(retired_on="2020-01-01")
    summarise()
    assert page() == ([("a/dear", "0.5")], True)


@pytest.mark.django_db(transaction=True)
def test_kept_rows_live_until_the_clock_changes_them(client, monkeypatch):
    begins = datetime(2031, 5, 1, 12, tzinfo=UTC)
    endpoint = sell(make_model(), input="1", output="2")
    endpoint.rates.filter(meter="input").update(valid_to=begins)
    make_rate(endpoint, amount="7", valid_from=begins)
    summarise()
    shown = []
    for seconds in (-2, -1, 0):
        now = begins + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        PAGES.clear()
        shown.append("data-next=" in client.get("/").content.decode())
    assert shown == [True, True, False]
