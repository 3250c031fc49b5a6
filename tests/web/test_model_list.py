import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Lifecycle, ProviderKind
from pricing.rates import Terms
from tests.factories import make_creator, make_endpoint, make_model, make_provider, make_rate, sell, summarise
from tests.web.page import price, rows

pytestmark = pytest.mark.django_db


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


def test_a_row_shows_the_lowest_price_at_a_named_endpoint(client):
    model = make_model(context_window=200_000, max_output=100_000, released="2025-04-16")
    sell(model, make_provider("azure", name="Azure"), input="1.21", output="4.4", cache_read="0.275")
    sell(model, make_provider("openai", name="OpenAI"), input="1.10", output="4.84")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert price(row, "input") == ("priced", "1.1", "$1.10/M, OpenAI")
    assert price(row, "output") == ("priced", "4.4", "$4.40/M, Azure")
    assert price(row, "cache_read") == ("priced", "0.275", "$0.275/M, Azure")
    texts = [cell["text"] for cell in row["cells"]]
    assert "200K100K out" in texts
    assert texts[-1] == "Apr 16, 2025"


def test_an_endpoint_with_an_id_of_its_own_is_named_by_it(client):
    model = make_model()
    endpoint = make_endpoint(model, make_provider("azure", name="Azure"), upstream_id="eu/o4-mini-2025")
    make_rate(endpoint, "input", "1")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert price(row, "input")[2] == "$1.00/M, Azure (eu/o4-mini-2025)"


def test_a_rounded_price_says_what_it_is_exactly(client):
    sell(make_model(), make_provider("openai", name="OpenAI"), input="2.6875")
    summarise()
    (row,) = rows(client.get("/"), "models")
    assert price(row, "input") == ("priced", "2.6875", "$2.69/M, exactly $2.6875, OpenAI")


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
    found = {row["data-model"]: price(row, "output") for row in rows(client.get("/"), "models")}
    assert found == {
        "a/unknown": ("unknown", None, "—unknown"),
        "a/vectors": ("not_offered", None, "Not offered"),
        "a/gratis": ("free", "0", "Free, Host (gratis)".replace(" (gratis)", "")),
        "a/router": ("dynamic", None, "Varies, Host"),
        "a/sold": ("priced", "3", "$3.00/M, Host"),
    }


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("input", ["a/cheap", "b/dear", "c/unpriced", "d/router"]),
        ("-input", ["b/dear", "a/cheap", "c/unpriced", "d/router"]),
        ("output", ["b/dear", "a/cheap", "c/unpriced", "d/router"]),
        ("-output", ["a/cheap", "b/dear", "c/unpriced", "d/router"]),
        ("name", ["b/dear", "d/router", "c/unpriced", "a/cheap"]),
        ("-name", ["a/cheap", "c/unpriced", "d/router", "b/dear"]),
        ("released", ["d/router", "b/dear", "a/cheap", "c/unpriced"]),
        ("-released", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
        ("", ["a/cheap", "b/dear", "d/router", "c/unpriced"]),
    ],
)
def test_what_has_no_value_comes_last_in_both_directions(client, sort, order):
    priced_models()
    assert listed(client, f"?sort={sort}") == order


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("column", ["context", "cache_read", "providers"])
def test_the_other_columns_sort_without_losing_a_model(client, column, direction):
    priced_models()
    assert sorted(listed(client, f"?sort={direction}{column}")) == [
        "a/cheap",
        "b/dear",
        "c/unpriced",
        "d/router",
    ]


def test_the_sorted_column_says_which_way(client):
    priced_models()
    html = client.get("/?sort=-input").content.decode()
    assert html.count("aria-sort") == 1
    assert '<th scope="col" class="num" aria-sort="descending"><a id="by-input" href="?sort=input"' in html


@pytest.mark.parametrize(
    "words",
    ["gpt 4.1 mini", "mini GPT 4 1", "GPT-4.1_mini", "openai mini", "azure 4.1", "eu/gpt", "  gpt "],
)
def test_search_finds_a_model_by_its_words_in_any_order(client, words):
    model = make_model("openai/gpt-4.1-mini", name="GPT-4.1 mini")
    make_endpoint(model, make_provider("azure", name="Microsoft Azure"), upstream_id="eu/gpt-4.1-mini")
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
    make_endpoint(make_model("openai/served"))
    summarise()
    assert listed(client) == ["openai/served"]


def test_pages_hold_fifty_and_lead_to_each_other(client):
    host = make_provider("host")
    for n in range(101):
        make_endpoint(make_model(f"a/m{n:03}", name=f"m{n:03}"), host)
    summarise()
    first, second, third = (client.get(f"/models/?sort=name&page={n}") for n in (1, 2, 3))
    assert [len(rows(page, "models")) for page in (first, second, third)] == [50, 50, 1]
    assert b"1\xe2\x80\x9350 of 101" in first.content
    assert b'rel="next" href="?sort=name&amp;page=2"' in first.content
    assert b'rel="prev"' not in first.content
    assert b'rel="prev" href="?sort=name"' in second.content
    assert b'rel="next"' not in third.content


def test_a_page_past_the_last_is_the_last_and_says_so(client):
    make_endpoint(make_model())
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
    make_endpoint(make_model(lifecycle=Lifecycle.PREVIEW))
    summarise()
    assert b'<span class="tag">preview</span>' in client.get("/").content


def test_the_makers_own_provider_is_marked_first_and_the_rest_are_counted(client):
    model = make_model()
    make_endpoint(model, make_provider("router", name="Router", kind=ProviderKind.GATEWAY))
    make_endpoint(model, make_provider("azure", name="Azure", kind=ProviderKind.CLOUD))
    make_endpoint(model, make_provider("zhost", name="Zhost"))
    make_endpoint(model, make_provider("openai", name="OpenAI", kind=ProviderKind.FIRST_PARTY))
    summarise()
    assert b'aria-label="OpenAI, Azure, Zhost and 1 more"' in client.get("/").content


def test_capabilities_come_in_the_order_of_the_vocabulary_with_the_unknown_last(client):
    make_endpoint(make_model(capabilities=["zero-g", "vision", "file-input"]))
    summarise()
    assert b'aria-label="File input, Vision, Zero g"' in client.get("/").content


def test_htmx_gets_the_results_alone_and_everybody_else_the_page(client):
    make_endpoint(make_model())
    summarise()
    part = client.get("/models/", headers={"HX-Request": "true"})
    restored = client.get("/models/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    boosted = client.get("/models/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert part.content.strip().startswith(b'<section id="results"')
    assert rows(part, "models") == rows(client.get("/models/"), "models")
    for whole in (restored, boosted):
        assert whole.content.startswith(b"<!doctype html>")
    for response in (part, restored, boosted, client.get("/models/")):
        assert "HX-Request" in response.headers["Vary"]


def test_the_list_costs_as_many_queries_whatever_it_holds(client):
    host = make_provider("host")
    counts = []
    for size in (10, 20):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), host, input="1", output="2", cache_read="0.1")
        summarise()
        client.get("/")  # what the site says of itself is remembered
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/?sort=input&q=m").status_code == 200
        counts.append(len(queries))
    assert counts == [4, 4]


def test_a_long_name_and_another_script_are_shown_whole(client):
    make_endpoint(make_model("a/long", name="x" * 300, creator=make_creator("a", name="")))
    make_endpoint(make_model("a/rtl", name="نموذج"))
    summarise()
    html = client.get("/").content.decode()
    assert "x" * 300 in html
    assert "نموذج" in html
