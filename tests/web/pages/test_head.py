"""What every page says of itself in its head, and in its top bar."""

import re
import struct

import pytest

from tests.factories import make_endpoint, make_model, make_provider, sell, summarise

pytestmark = pytest.mark.django_db

PATHS = [
    "/models/",
    "/models/openai/o4-mini/",
    "/providers/",
    "/providers/azure/",
    "/creators/openai/",
]


@pytest.fixture(autouse=True)
def one_model():
    make_endpoint(make_model(name='o4 "mini" <b>'), make_provider("azure", name="Azure"))
    summarise()


def meta(html, name):
    found = re.findall(f'<meta (?:name|property)="{name}" content="([^"]*)">', html)
    assert len(found) == 1, name
    return found[0]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_describes_itself_once_to_all_who_ask(client, settings, path):
    html = client.get(path).content.decode()
    title = re.search("<title>(.*) · Ratecard</title>", html)[1]
    assert meta(html, "og:title") == title
    assert meta(html, "og:description") == meta(html, "description")
    assert meta(html, "og:url") == f"{settings.PUBLIC_URL}{path}"
    assert f'<link rel="canonical" href="{settings.PUBLIC_URL}{path}">' in html
    assert "<b>" not in title
    assert 'content="noindex"' not in html


def test_no_two_pages_have_the_same_title_or_description(client):
    pages = [client.get(path).content.decode() for path in PATHS]
    assert len({re.search("<title>(.*)</title>", html)[1] for html in pages}) == len(PATHS)
    assert len({meta(html, "description") for html in pages}) == len(PATHS)


def test_the_front_page_is_known_as_the_list(client, settings):
    html = client.get("/").content.decode()
    assert f'<link rel="canonical" href="{settings.PUBLIC_URL}/models/">' in html


@pytest.mark.parametrize(
    "path",
    [
        "/models/?q=o4",
        "/models/?q=nothing-is-called-so",
        "/models/?zdr=1",
        "/models/?creator=openai&sort=name",
        "/providers/?q=azure&sort=kind",
        "/providers/?kind=cloud",
        "/providers/azure/?sort=name",
        "/creators/openai/?sort=-input",
    ],
)
def test_a_search_a_filter_and_another_order_are_for_people_alone(client, settings, path):
    html = client.get(path).content.decode()
    assert meta(html, "robots") == "noindex, follow"
    address = f"{settings.PUBLIC_URL}{path}".replace("&", "&amp;")
    assert f'<link rel="canonical" href="{address}">' in html


@pytest.mark.parametrize(
    "path", ["/models/?columns=input", "/models/?sort=nonsense", "/providers/?page=1"]
)
def test_what_shows_the_plain_list_is_known_as_the_plain_list(client, settings, path):
    html = client.get(path).content.decode()
    assert 'name="robots"' not in html
    assert f'<link rel="canonical" href="{settings.PUBLIC_URL}{path.partition("?")[0]}">' in html


def test_whoever_is_sent_a_link_sees_a_picture_that_is_there(client, settings):
    html = client.get("/").content.decode()
    address = meta(html, "og:image")
    assert address.startswith(f"{settings.PUBLIC_URL}/static/card.")
    assert meta(html, "twitter:card") == "summary_large_image"
    picture = (settings.ROOT / "static" / "card.png").read_bytes()
    stated = (int(meta(html, "og:image:width")), int(meta(html, "og:image:height")))
    assert struct.unpack(">II", picture[16:24]) == stated == (1200, 630)
    assert len(picture) < 20_000


def test_an_error_is_not_for_search_engines(client):
    html = client.get("/nothing/here").content.decode()
    assert meta(html, "robots") == "noindex"
    assert 'rel="canonical"' not in html


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", "Models"),
        ("/creators/openai/", "Models"),
        ("/providers/", "Providers"),
        ("/providers/azure/", "Providers"),
    ],
)
def test_the_top_bar_marks_where_one_is(client, path, section):
    html = client.get(path).content.decode()
    nav = html[html.index('aria-label="Main"') : html.index("</nav>")]
    assert re.findall('aria-current="page">([^<]*)<', nav) == [section]
    assert all(client.get(href).status_code == 200 for href in re.findall('href="([^"]*)"', nav))


@pytest.mark.parametrize("path", [*PATHS, "/nothing/here"])
def test_no_page_holds_a_script_or_a_style_of_its_own(client, path):
    html = client.get(path).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    # JSON-LD is data: browsers run none of it, whatever the policy is.
    assert set(re.findall("<script(?![^>]* src=)[^>]*>", html)) <= {
        '<script type="application/ld+json">'
    }
    assert re.findall(r"\son[a-z]+=", html) == []


@pytest.mark.parametrize(
    "path", ["/models/", "/providers/", "/providers/host/", "/creators/openai/"]
)
def test_what_load_more_leaves_in_the_address_is_known_as_its_last_page(client, settings, path):
    host = make_provider("host")
    for n in range(51):
        model = make_model(f"openai/m{n:02}")
        sell(model, host, input="1")
        make_endpoint(model, make_provider(f"p{n:02}"))
    summarise()
    both, second = (
        client.get(f"{path}?{query}").content.decode() for query in ("from=1&page=2", "page=2")
    )
    assert len(both) > 2 * len(second)
    for html in (both, second):
        assert 'name="robots"' not in html
        assert f'<link rel="canonical" href="{settings.PUBLIC_URL}{path}?page=2">' in html
    first = client.get(path).content.decode()
    for told in ("og:title", "og:description"):
        assert meta(first, told) != meta(second, told)
        assert "age 2" in meta(second, told)
