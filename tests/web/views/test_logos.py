import gzip
from datetime import UTC, datetime

import pytest

from sources.logos.sprite import forget_sprite, keep, sanitised
from tests.factories import make_endpoint, make_model, make_provider, sell, summarise
from tests.sources.logos.test_drawing import CIRCLE, svg
from web.reads.monograms import forget_monograms, monogram

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.LOGO_FOLDERS = (tmp_path,)
    forget_sprite()
    forget_monograms()
    yield tmp_path
    forget_sprite()


@pytest.fixture
def model():
    model = make_model("openai/o4-mini", name="o4-mini")
    sell(model, make_provider("openai", name="OpenAI"), input="1")
    make_endpoint(model, make_provider("azure", name="Azure"))
    summarise()


def draw(folder, content=CIRCLE):
    files = {"providers": {"openai": svg(content)}, "creators": {"openai": svg(content)}}
    keep("lobe", sanitised(files)[0], version="1", at=AT, folder=folder)
    forget_sprite()
    return max(folder.glob("*.svg"), key=lambda path: path.stat().st_mtime_ns).stem


def test_a_row_has_a_logo_where_there_is_one_and_a_monogram_elsewhere(client, model, folder):
    assert "<use " not in client.get("/").content.decode()
    digest = draw(folder)
    page = client.get("/").content.decode()
    use = f'<use href="/logos/{digest}.svg#openai"/>'
    assert f'<svg class="mark logo" aria-hidden="true">{use}</svg>' in page
    assert f'<svg class="mark small logo">{use}</svg>' in page
    assert '<span class="mark small h16">Az</span>' in page


@pytest.mark.django_db(transaction=True)  # pages are kept for what is committed
def test_another_sprite_changes_the_page_and_its_etag(client, model, folder):
    draw(folder)
    before = client.get("/")
    digest = draw(folder, '<rect width="9" height="9"/>')
    after = client.get("/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert f"/logos/{digest}.svg#openai" in after.content.decode()


def test_a_sprite_is_kept_by_browsers_and_cannot_do_anything(client, folder):
    # A short body is not compressed.
    content = f'{CIRCLE}<path d="{"M1 1h4" * 100}"/>'
    address = f"/logos/{draw(folder, content)}.svg"
    response = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" in response["Cache-Control"]
    assert response["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert b"<symbol id=" in gzip.decompress(response.content)


def test_an_older_sprite_leads_to_the_present_one(client, folder):
    assert client.get("/logos/0123.svg").status_code == 404
    digest = draw(folder)
    response = client.get("/logos/0123.svg")
    assert (response.status_code, response["Location"]) == (302, f"/logos/{digest}.svg")


def test_without_logos_there_is_no_sprite(client, folder, settings):
    digest = draw(folder)
    settings.LOGOS = False
    assert client.get(f"/logos/{digest}.svg").status_code == 404


def test_monograms_are_read_once_and_again_for_a_new_name(model, django_assert_num_queries):
    forget_monograms()
    with django_assert_num_queries(2):
        assert monogram("azure", "Azure") == "Az"
        assert monogram("openai", "OpenAI") != "Az"
    make_provider("azerion", name="Azure Two")
    with django_assert_num_queries(2):
        assert monogram("azerion", "Azure Two") != monogram("azure", "Azure")


def test_a_name_that_was_gone_for_a_while_has_a_monogram_again():
    forget_monograms()
    assert monogram("gone", "Gone")
    assert monogram("other", "Other")
    assert monogram("gone", "Gone") == "Go"
