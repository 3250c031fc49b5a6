"""Odd addresses, parameters, headers and bodies on every route: never an error of the server."""

import re
from urllib.parse import quote

import pytest
from django.test import Client

from tests.factories import make_endpoint, make_model, make_provider, make_rate
from web.urls import urlpatterns

pytestmark = pytest.mark.django_db

VALUES = (
    *("", " ", "0", "-1", "1e9999999", "NaN", "Infinity", "٣", "9" * 400, "0x10", "1_000"),
    *("a" * 5_000, "%", "%00", "\\", "'", '"', "'; DROP TABLE catalog_model; --", "_", "%_%"),
    *("<script>alert(1)</script>", "{{ 7 * 7 }}", "{% debug %}", "../../etc/passwd", "//evil"),
    *("\u202e", "🦜" * 50, "é" * 300, "a/b/c/d/e/f/g", "null", "true", "[]", "{}", "2026-02-30"),
    *("openai/o4-mini@", "@azure", "openai/o4-mini@azure@x", "~", ".", "..", "-" * 300),
)
PARAMETERS = (
    *("q", "creator", "provider", "capability", "modality", "input_max", "output_max", "sort"),
    *("context_min", "zdr", "no_training", "open_weights", "lifecycle", "released_within", "page"),
    *("from", "columns", "plans", "kind", "all", "show", "use", "m", "requests", "input", "cached"),
    *("cache_write", "output", "reasoning", "web_search", "tier", "at", "per", "pin", "open"),
    *("via", "region", "rating_min", "board"),
    *("uncached", "search_content", "mix", "differences", "id", "id\x00", "q[]"),
    *("x", "y", "board", "theme"),
)
ROUTES = sorted({str(route.pattern) for route in urlpatterns})
PART = re.compile(r"<[^>]+>")


def filled(route: str, value: str) -> str:
    """The address of a route with one value in all of its places."""
    return "/" + PART.sub(lambda _: quote(value, safe="/"), route)


def is_answered(response) -> bool:
    """Whether no error is the server's; /readyz reads past the test, and finds no catalog there."""
    empty = response.request["PATH_INFO"] == "/readyz" and response.status_code == 503
    return response.status_code < 500 or empty


@pytest.fixture
def visitor():
    endpoint = make_endpoint(make_model("openai/o4-mini"), make_provider("azure"))
    make_rate(endpoint, "input", "1.1")
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("route", [route for route in ROUTES if "<" in route])
def test_no_value_in_an_address_is_an_error_of_the_server(visitor, route):
    for value in (*VALUES, "openai", "o4-mini", "azure"):
        if value:
            address = filled(route, value)
            assert is_answered(visitor.get(address)), address


@pytest.mark.parametrize("route", ROUTES)
def test_no_parameter_is_an_error_of_the_server(visitor, route):
    address = filled(route, "openai")
    if route.startswith("models/<part:creator>"):
        address = "/" + PART.sub(lambda part: NAMES[part[0]], route)
    for n, name in enumerate(PARAMETERS):
        # Each parameter meets every 24th value on each route, and so all values on all routes.
        for value in VALUES[(n + ROUTES.index(route)) % 24 :: 24]:
            response = visitor.get(address, {name: value}, headers={"HX-Request": "true"})
            assert is_answered(response), (address, name, value)


NAMES = {"<part:creator>": "openai", "<part:name>": "o4-mini", "<part:provider>": "azure"}


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options", "trace", "head"])
def test_no_method_or_body_is_an_error_of_the_server(visitor, method):
    bodies = (
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00" * 50, "application/x-www-form-urlencoded; charset=utf-8"),
        (b'{"usage": {"prompt_tokens": 1e400}}', "application/json"),
        (b"[" * 5_000, "application/json"),
        (b"usage=" + b"%5B" * 5_000, "application/x-www-form-urlencoded"),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    )
    for route in ROUTES:
        for body, kind in bodies:
            address = filled(route, "openai")
            arguments = {} if method in ("head", "trace") else {"data": body, "content_type": kind}
            response = getattr(visitor, method)(address, **arguments)
            assert is_answered(response), (method, address, kind)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Encoding": "gzip;q=x, *;q=, ,;;"},
        {"If-None-Match": '"' + "a" * 5_000, "If-Modified-Since": "yesterday"},
        {"HX-Request": "true", "HX-Target": "\u202e", "HX-Current-URL": "::://"},
        {"Cookie": "sessionid=%00; csrftoken=" + "a" * 5_000},
        {"Range": "bytes=9-1", "Accept": "\\", "Accept-Language": "x" * 500},
        {"X-Forwarded-For": "'; --", "X-Forwarded-Proto": "gopher", "Referer": "\\\\"},
    ],
)
def test_no_header_is_an_error_of_the_server(visitor, headers):
    for route in ROUTES:
        address = filled(route, "openai")
        assert is_answered(visitor.get(address, headers=headers)), address


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1", "idna", "zip"])
@pytest.mark.parametrize("address", ["/estimate/usage/", "/estimate/prompt/", "/account/sign-in/"])
def test_a_form_in_another_charset_is_refused_in_a_sentence(visitor, address, charset):
    # With the check for CSRF, which reads the body before the view does, and again for error pages.
    visitor.handler.enforce_csrf_checks = True
    visitor.cookies["csrftoken"] = "a" * 32
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    response = visitor.generic("POST", address, b"usage=1", kind)
    assert response.status_code == 400
    assert "Something in it could not be read." in response.content.decode()


def test_a_body_that_cannot_be_read_does_not_hide_that_an_address_is_unknown(visitor):
    visitor.handler.enforce_csrf_checks = True
    kind = "application/x-www-form-urlencoded; charset=utf-16"
    assert visitor.generic("POST", "/no/such/address", b"usage=1", kind).status_code == 404


@pytest.mark.parametrize("address", ["/estimate/usage/", "/estimate/prompt/", "/account/sign-in/"])
@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * 300}",
        "multipart/form-data; boundary=x; charset=utf-16",
    ],
)
def test_a_form_in_parts_that_cannot_be_told_apart_is_refused(visitor, address, kind):
    visitor.handler.enforce_csrf_checks = True
    visitor.cookies["csrftoken"] = "a" * 32
    response = visitor.generic("POST", address, b"--x\r\n\r\n--x--", kind)
    assert response.status_code in (400, 403)


@pytest.mark.parametrize(
    "usage",
    [
        "[" * 100_000,
        '{"usage":' * 20_000,
        '{"usage": {"prompt_tokens": 1e9999999}}',
        '{"usage": {"prompt_tokens": ' + "9" * 5_000 + "}}",
        '{"usage": {"a\\u0000": 1}, "model": "\\ud800"}',
        "\x00",
        "\ufeff{}",
    ],
)
def test_an_odd_usage_that_is_pasted_gets_a_page(visitor, usage):
    response = visitor.post("/estimate/usage-json/", {"usage": usage, "model": "a\x00b"})
    assert response.status_code == 200


@pytest.mark.parametrize("value", ["\x00", "%ED%A0%80", "1e9999999", "9" * 5_000])
def test_an_odd_value_in_a_form_gets_a_page(visitor, value):
    for address in ("/estimate/prompt/", "/estimate/usage-json/"):
        body = "&".join(f"{name}={value}" for name in ("prompt", "usage", "model", "lines"))
        kind = "application/x-www-form-urlencoded"
        assert visitor.generic("POST", address, body.encode(), kind).status_code == 200
