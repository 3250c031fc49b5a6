"""The attack by requests, in miniature: it finds what it must find, and nothing on this site."""

from random import Random

import pytest

from attack import hostile, requests
from attack.hostile import Attempt, attempt, of_framing, of_path
from attack.routes import Route, patterns, routes
from attack.wire import Reply, get, parsed
from web.urls import urlpatterns

GET = Attempt("GET /", b"GET / HTTP/1.1\r\n\r\n")


def test_a_share_of_the_requests_finds_no_fault(instance, monkeypatch):
    # Paths and framings are up to the server, and this one is Django's for tests.
    monkeypatch.setattr(
        hostile, "KINDS", [kind for kind in hostile.KINDS if kind not in (of_path, of_framing)]
    )
    public, admin = requests.attack(instance, Random("1"), share=0.004)
    assert "40 hostile requests" in public.what
    assert "16 hostile requests" in admin.what
    assert not public.broken + admin.broken


def test_every_route_is_attacked_with_the_names_of_its_page(instance):
    found = {route.pattern: route for route in routes(instance.port)}
    assert {str(route.pattern) for route in urlpatterns} < found.keys()
    assert found["models/<part:creator>/<part:name>/"].address() == "/models/openai/o4-mini/"
    assert {"q", "provider"} <= {*found["models/"].parameters}
    assert get(instance.port, found["providers/<part:slug>/"].address()).status == 200


def test_the_admin_of_every_model_is_attacked():
    assert {"admin/catalog/model/<path:object_id>/change/", "admin/login/"} <= {*patterns()}


def test_the_same_seed_gives_the_same_requests():
    route = Route("models/<part:creator>/", {"creator": "openai"}, ("q", "page"))
    first, second = Random("7"), Random("7")
    assert [attempt(first, route) for _ in range(50)] == [attempt(second, route) for _ in range(50)]


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(500, {}, b"", 0), "status 500"),
        (Reply(503, {}, b"", 0), "status 503"),
        (Reply(200, {}, b"a" * 2_000_001, 0), "2,000,001 bytes"),
        (Reply(404, {}, b"Traceback (most recent call last)", 0), "discloses"),
        (Reply(404, {}, f"no {requests.ROOT}/x".encode(), 0), "discloses"),
        (Reply(200, {"content-type": "text/html"}, b"\"'><script>attack</script>", 0), "markup"),
        (Reply(200, {"x-attack": "1"}, b"", 0), "a header"),
        (Reply(302, {"location": "/\\attack.example/"}, b"", 0), "leads to"),
    ],
)
def test_a_fault_is_seen(reply, fault):
    assert [text for text in requests.faults(GET, reply) if text.startswith(fault)]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"location": "/admin/attack.example/"}, b"a page", 0.1),
        Reply(503, {"retry-after": "5"}, b"busy", 0.1),
        Reply(0, {}, b"", 0.1),
    ],
)
def test_what_is_by_design_is_no_fault(reply):
    assert not list(requests.faults(GET, reply))


def test_an_answer_in_chunks_is_joined():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = parsed(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0)
    assert (reply.status, reply.body) == (200, b"abcde")


def test_a_closed_connection_is_an_answer_without_a_status():
    assert parsed(b"", 0).status == 0
