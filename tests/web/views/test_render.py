import pytest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from web.views import render

pytestmark = pytest.mark.django_db


class SpyTemplate:
    """Stands in for a template; keeps what it is rendered with."""

    def render(self, context, request=None):
        self.context, self.request = context, request
        return "drawn"


@pytest.fixture
def spy(monkeypatch):
    template = SpyTemplate()
    monkeypatch.setattr(
        render, "get_template", lambda name: setattr(template, "name", name) or template
    )
    return template


def request(**headers):
    made = RequestFactory().get("/", headers=headers)
    made.htmx = HtmxDetails(made)
    return made


def test_the_template_of_a_public_page_gets_neither_request_nor_user(spy):
    response = render.render_public(request(), "models/list.html", {"filters": 1})
    assert spy.request is None
    assert not {"request", "user"} & spy.context.keys()
    assert "Cache-Control" not in response.headers


def test_the_template_of_a_private_page_gets_the_request_and_no_cache_keeps_the_page(spy):
    asked = request()
    response = render.render_private(asked, "usage/upload.html", {})
    assert spy.request is asked
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-store"}


@pytest.mark.parametrize(
    ("headers", "name", "swapped"),
    [
        ({}, "page.html", False),
        ({"HX-Request": "true"}, "page.html#part", True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, "page.html", False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, "page.html", False),
    ],
)
def test_htmx_gets_the_part_and_everybody_else_the_page(spy, headers, name, swapped):
    response = render.render_public(request(**headers), "page.html", {}, partial="part")
    assert (spy.name, spy.context["swapped"]) == (name, swapped)
    assert "HX-Request" in response["Vary"]


def test_a_page_without_parts_is_whole_for_htmx_too(spy):
    response = render.render_public(request(**{"HX-Request": "true"}), "page.html", {})
    assert spy.name == "page.html"
    assert "Vary" not in response.headers
