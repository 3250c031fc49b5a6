import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.provider_kinds import ProviderKind
from tests.factories import make_creator, make_endpoint, make_model, make_provider, sell, summarise
from tests.web.page import collapsed, rows

pytestmark = pytest.mark.django_db


def made(client, query="", slug="openai"):
    return [row["data-model"] for row in rows(client.get(f"/creators/{slug}/{query}"), "models")]


@pytest.fixture
def three_models():
    host = make_provider("host")
    sell(make_model("openai/a", name="Alpha", released="2025-01-01"), host, input="1")
    sell(make_model("openai/b", name="Beta", released="2024-01-01"), host, input="2")
    make_endpoint(make_model("meta/c", name="Gamma"), host)
    make_model("openai/unserved")
    summarise()


def test_a_creators_models_stand_in_the_lists_own_table(client, three_models):
    assert made(client) == ["openai/a", "openai/b"]
    assert made(client, "?sort=-input") == ["openai/b", "openai/a"]
    assert made(client, "?q=beta") == ["openai/b"]
    assert made(client, "?q=gamma") == []
    listed = {row["data-model"]: row for row in rows(client.get("/models/"), "models")}
    assert rows(client.get("/creators/openai/"), "models") == [
        listed["openai/a"],
        listed["openai/b"],
    ]


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("openai", "Openai, 2 models: their providers,"),
        ("meta", "The one model of Meta: its providers,"),
        ("quiet", "Quiet, No models"),
    ],
)
def test_a_creators_page_is_described_by_all_its_models_whatever_is_asked(
    client, three_models, slug, said
):
    make_creator("quiet", name="Quiet")
    for query in ("", "?q=beta", "?q=nothing-of-the-kind"):
        html = client.get(f"/creators/{slug}/{query}").content.decode()
        assert f'<meta name="description" content="{said}' in html


def test_a_creators_own_doors_are_named_and_its_plans_are_none(client):
    openai = make_creator("openai", name="OpenAI", website="https://openai.example")
    make_provider("openai", name="OpenAI API", kind=ProviderKind.FIRST_PARTY, creator=openai)
    make_provider("chatgpt", name="ChatGPT", kind=ProviderKind.PLAN, creator=openai)
    make_provider("zcloud", name="Zcloud", kind=ProviderKind.CLOUD, creator=openai)
    html = collapsed(client.get("/creators/openai/"))
    assert 'href="/providers/openai/">OpenAI API</a>, <a' in html
    assert 'href="/providers/zcloud/"' in html
    assert "chatgpt" not in html
    assert 'href="https://openai.example"' in html


def test_a_creator_without_a_model_or_a_door_has_a_page_too(client):
    make_creator("quiet", name="<b>Quiet</b>", website="javascript:alert(1)")
    response = client.get("/creators/quiet/")
    assert response.status_code == 200
    assert b"<b>Quiet" not in response.content
    assert b"javascript:" not in response.content


def test_the_models_page_links_to_its_creator_and_providers(client, three_models):
    html = client.get("/models/openai/a/").content.decode()
    assert '<a href="/creators/openai/">Openai</a>' in html
    assert '<a href="/providers/host/">Host</a>' in html


def test_another_name_of_a_creator_leads_to_it(client, three_models):
    assert client.get("/creators/meta-llama/")["Location"] == "/creators/meta/"


@pytest.mark.parametrize("written", ["OpenAI", "OPENAI", "open_ai", "Open%20AI"])
def test_another_way_to_write_a_slug_leads_to_it(client, three_models, written):
    response = client.get(f"/creators/{written}/")
    assert (response.status_code, response["Location"]) == (301, "/creators/openai/")


def test_a_typo_is_answered_with_what_is_spelled_nearly_like_it(client, three_models):
    response = client.get("/creators/opnai/")
    assert response.status_code == 404
    assert b'<a href="/creators/openai/">Openai' in response.content
    assert b"/creators/meta/" not in response.content


@pytest.mark.parametrize(
    "query", ["page=x", "sort=%00", "q=%00", "q=%ff", "page=999999", "q=" + "x" * 5000]
)
def test_no_query_string_breaks_the_page(client, three_models, query):
    response = client.get(f"/creators/openai/?{query}")
    assert response.status_code == 200
    assert response.content.count(b'class="notice"') == 1


def test_htmx_gets_the_results_alone(client, three_models):
    part = client.get("/creators/openai/?sort=name", headers={"HX-Request": "true"})
    assert b"<!doctype" not in part.content
    assert [row["data-model"] for row in rows(part, "models")] == ["openai/a", "openai/b"]


def test_a_creator_page_costs_as_many_queries_whatever_it_holds(client):
    host, counts = make_provider("host"), []
    for size in (10, 20):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), host, input="1", output="2")
        summarise()
        client.get("/creators/a/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/creators/a/?sort=input").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
