from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.provider_kinds import ProviderKind
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from tests.web.page import collapsed, rows

pytestmark = pytest.mark.django_db


def listed(client, query=""):
    return [
        row["data-provider"] for row in rows(client.get(f"/providers/{query}"), "providers-list")
    ]


@pytest.fixture
def four_providers():
    one, two = make_model("a/one"), make_model("a/two")
    azure = make_provider("azure", name="azure", kind=ProviderKind.CLOUD)
    sell(one, azure, input="1")
    make_endpoint(one, azure, upstream_id="one-batch")
    make_endpoint(two, make_provider("zhost", name="Zhost"))
    router = make_provider("router", name="Router", kind=ProviderKind.GATEWAY)
    old = make_source("litellm", as_of=datetime(2026, 1, 2, tzinfo=UTC))
    of_two = make_endpoint(one, router, upstream_id="of-two")
    make_rate(of_two, "input", observed_at=datetime(2026, 11, 30, tzinfo=UTC), source=old)
    make_rate(of_two, "output", source=make_source())
    past = make_source("genai-prices", as_of=datetime(2025, 1, 1, tzinfo=UTC))
    make_rate(of_two, "cache_read", source=past, valid_to=datetime(2026, 1, 1, tzinfo=UTC))
    curated = make_source("curated", as_of=datetime(2025, 1, 1, tzinfo=UTC))
    make_rate(of_two, "web_search", source=curated)
    make_endpoint(two, router)
    make_provider("idle", name="Idle", kind=ProviderKind.LOCAL)
    summarise()


def test_every_provider_has_a_row_with_what_it_serves(client, four_providers):
    found = rows(client.get("/providers/"), "providers-list")
    said = {
        row["data-provider"]: [cell["text"].strip() for cell in row["cells"]][1:] for row in found
    }
    assert said == {
        "azure": ["Cloud", "1", "2", "—", "Nov 12, 2026"],
        "idle": ["Local", "0", "0", "—", "—"],
        "router": ["Gateway", "2", "2", "—", "Jan 2, 2026"],
        "zhost": ["Inference host", "1", "1", "—", "—"],
    }


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["azure", "idle", "router", "zhost"]),
        ("-name", ["zhost", "router", "idle", "azure"]),
        ("kind", ["azure", "zhost", "router", "idle"]),
        ("-kind", ["idle", "router", "zhost", "azure"]),
        ("models", ["azure", "zhost", "router", "idle"]),
        ("-models", ["router", "azure", "zhost", "idle"]),
        ("-endpoints", ["azure", "router", "zhost", "idle"]),
        ("as_of", ["router", "azure", "idle", "zhost"]),
        ("-as_of", ["azure", "router", "idle", "zhost"]),
    ],
)
def test_the_list_sorts_with_what_has_no_value_last(client, four_providers, sort, order):
    assert listed(client, f"?sort={sort}") == order


def test_the_list_is_searched_by_words_and_filtered_by_kind(client, four_providers):
    assert listed(client, "?q=ROUT") == ["router"]
    assert listed(client, "?q=host+inference") == ["zhost"]
    assert listed(client, "?kind=cloud") == ["azure"]
    assert listed(client, "?kind=cloud&q=zhost") == []
    html = collapsed(client.get("/providers/?kind=cloud"))
    assert (
        'href="?kind=cloud" hx-get="?kind=cloud" aria-current="true">Cloud <span class="faint">1<'
        in html
    )
    assert "1 of 4 providers" in html


def test_a_provider_links_to_its_own_pages_and_to_nothing_that_is_no_web_page(client):
    make_provider(
        "p",
        name="P",
        docs_url="https://p.example/docs",
        terms_url="javascript:alert(1)",
        headquarters="DE",
    )
    html = client.get("/providers/").content.decode()
    assert '<a href="https://p.example/docs" rel="noopener nofollow">Docs<' in html
    assert "javascript:" not in html
    assert 'title="Headquarters">DE<' in html


def test_pages_hold_fifty_and_the_next_is_a_link(client):
    for n in range(51):
        make_provider(f"p{n:02}", name=f"P{n:02}")
    first, second = client.get("/providers/"), client.get("/providers/?page=2")
    assert (len(rows(first, "providers-list")), len(rows(second, "providers-list"))) == (50, 1)
    assert b'rel="next" href="?page=2"' in first.content
    assert b'rel="prev" href="?"' in second.content
    assert b'rel="next"' not in second.content


@pytest.mark.parametrize(
    "query",
    [
        *(
            "page=abc",
            "page=-1",
            "page=%00",
            "page=99999999999999999",
            "sort=nope",
            "kind=nope",
            "kind=%00",
        ),
        *(
            "q=%00",
            "q=%ff",
            "q=%25",
            "q=_",
            "q=%5C",
            "q=" + "x" * 5000,
            "q[]=1",
            "&&==",
            "q=<script>",
        ),
    ],
)
def test_no_query_string_breaks_the_list(client, four_providers, query):
    response = client.get(f"/providers/?{query}")
    assert response.status_code == 200
    assert b"<script>" not in response.content


def test_what_was_not_understood_is_said_in_one_line_and_the_rest_applied(client, four_providers):
    response = client.get("/providers/?sort=<b>&kind=x&page=9&q=router")
    assert [row["data-provider"] for row in rows(response, "providers-list")] == ["router"]
    html = response.content.decode()
    assert html.count('class="notice"') == 1
    assert (
        "“x” is no kind of provider; “&lt;b&gt;” is no column to sort by; there is no page 9, this"
        in html
    )


def test_htmx_gets_the_count_and_the_table_alone(client, four_providers):
    part = client.get("/providers/", headers={"HX-Request": "true"})
    assert part.content.strip().startswith(b'<p class="quiet" id="count" role="status">')
    assert b"<!doctype" not in part.content
    assert rows(part, "providers-list") == rows(client.get("/providers/"), "providers-list")


def test_an_empty_list_is_a_page_too(client):
    response = client.get("/providers/")
    assert response.status_code == 200
    assert b"Nothing matches" in response.content


@pytest.mark.django_db(transaction=True)
def test_the_list_costs_as_many_queries_whatever_it_holds(client):
    model, counts = make_model(), []
    for size in (10, 20):
        for n in range(size):
            sell(model, make_provider(f"p{size}-{n}"), input="1")
        summarise()
        client.get("/providers/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/providers/?sort=-models&q=p").status_code == 200
        counts.append(len(queries))
    assert counts == [1, 1]
