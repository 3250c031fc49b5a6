"""The floor serves recorded bytes, and only under settings of its own."""

import gzip

import pytest
from django.http import Http404
from django.test import RequestFactory

from bench import floor
from bench.recordings import file_name
from web.http import page_cache

PAGE = b"<p>A page</p>" * 100
PART = b"<p>A part</p>" * 10


@pytest.fixture(autouse=True)
def recordings(monkeypatch):
    recordings = {
        file_name("/?page=2", part=False): PAGE,
        file_name("/", part=True): PART,
    }
    monkeypatch.setattr(floor, "RECORDINGS", recordings)
    floor._packed_once.cache_clear()


def get(address, **headers):
    return floor.answer(
        RequestFactory().get(address, headers={"Accept-Encoding": "gzip"} | headers)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/?page=2", "/?page=2&fresh=0.5"])
def test_a_recorded_page_is_served_compressed(address):
    response = get(address)
    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == PAGE


@pytest.mark.django_db
def test_one_part_serves_its_path_with_any_query():
    response = get("/?context_min=7", **{"HX-Request": "true"})
    assert gzip.decompress(response.content) == PART


@pytest.mark.django_db
def test_a_known_etag_gets_no_body():
    etag = get("/?page=2")["ETag"]
    response = get("/?page=2", **{"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.django_db
def test_an_address_that_was_not_recorded_is_not_found():
    with pytest.raises(Http404):
        get("/providers/")


def test_the_floor_compresses_as_the_page_cache_does():
    assert floor.COMPRESSION == page_cache.COMPRESSION
