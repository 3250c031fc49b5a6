from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_creator, make_endpoint, make_model, make_provider, summarise
from web.pages.sitemaps import Pages

pytestmark = pytest.mark.django_db


def mapped(response):
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    named = ElementTree.fromstring(response.content).iter()
    return [element.text for element in named if element.tag.endswith("}loc")]


def test_the_map_holds_every_page_that_is_worth_finding(client, settings):
    make_endpoint(make_model("openai/o4-mini"), make_provider("azure"))
    make_model("meta/unserved")
    make_creator("idle")
    summarise()
    base = settings.PUBLIC_URL
    assert mapped(client.get("/sitemap.xml")) == [
        f"{base}/models/",
        f"{base}/providers/",
        f"{base}/compare/",
        f"{base}/estimate/",
        f"{base}/estimate/usage/",
        f"{base}/explore/",
        f"{base}/changes/",
        f"{base}/coverage/",
        f"{base}/sources/",
        f"{base}/models/openai/o4-mini/",
        f"{base}/providers/azure/",
        f"{base}/creators/openai/",
    ]


def test_every_address_of_the_map_is_a_page_that_names_itself_so(client, settings):
    make_endpoint(make_model("openai/o4-mini"), make_provider("azure"))
    summarise()
    for address in mapped(client.get("/sitemap.xml")):
        html = client.get(address.removeprefix(settings.PUBLIC_URL)).content.decode()
        assert f'<link rel="canonical" href="{address}">' in html


def test_a_map_of_too_many_addresses_is_split(client, monkeypatch):
    monkeypatch.setattr(Pages, "limit", 6)
    for n in range(5):
        make_endpoint(make_model(f"a/m{n}"), make_provider("host"))
    summarise()
    parts = mapped(client.get("/sitemap.xml"))
    assert [part.rpartition("/")[2] for part in parts] == [
        *("sitemap-pages.xml", "sitemap-pages.xml?p=2", "sitemap-pages.xml?p=3")
    ]
    found = [address for part in parts for address in mapped(client.get(part))]
    assert len(found) == len(set(found)) == 16


@pytest.mark.parametrize(
    "path", ["/sitemap-nope.xml", "/sitemap-pages.xml?p=x", "/sitemap-pages.xml?p=99"]
)
def test_a_part_that_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_map_costs_as_many_queries_whatever_it_holds(client):
    counts = []
    for size in (5, 10):
        for n in range(size):
            make_endpoint(make_model(f"a/m{size}-{n}"), make_provider(f"p{size}-{n}"))
        summarise()
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/sitemap.xml")
        counts.append(len(queries))
    assert counts == [2, 2]


def test_robots_are_kept_out_of_the_admin_and_shown_the_map(client, settings):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain"
    lines = response.content.decode().splitlines()
    assert "Disallow: /admin/" in lines
    assert "Disallow: /suggest/" in lines
    assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml" in lines
