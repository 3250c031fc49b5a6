"""Content types that Django cannot read: refused, or ignored where there is no body."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler

from web.http.content_types import readable_types

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
CHARSETS = ("base64", "rot13", "hex", "idna", "punycode", "undefined", "utf-16", "iso-8859-1")
UNREADABLE = (
    *(f"{kind}; charset={charset}" for kind in (FORM, PARTS) for charset in CHARSETS),
    f"{FORM}; charset*=utf-8''base64",
    f"{FORM}; charset*=none''utf-8",
    f"{FORM}; x*=none''utf-8",
)


def status(method, kind):
    """Of the application without the test client, which makes requests in its own way."""
    body = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n--x--\r\n'
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/estimate/prompt/" if method == "POST" else "/healthz",
        "QUERY_STRING": "q=xn--1",
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)) if method == "POST" else "",
        "HTTP_COOKIE": f"csrftoken={'a' * 32}",
        "wsgi.input": BytesIO(body),
        "SERVER_NAME": "testserver",
    }
    setup_testing_defaults(environ)
    environ["HTTP_HOST"] = "testserver"
    begun = []
    response = readable_types(WSGIHandler())(environ, lambda line, *_: begun.append(line))
    response.close()
    return int(begun[0].split()[0])


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_charset_other_than_utf_8_is_refused_with_a_body_and_ignored_without(kind):
    assert status("POST", kind) == 400
    assert status("GET", kind) == 200


@pytest.mark.parametrize("kind", [f"{FORM}; charset=UTF-8", f"{PARTS}; charset=none", FORM, ""])
def test_utf_8_and_an_unknown_charset_are_read(kind):
    assert status("POST", kind) == 403  # the form has no token
    assert status("GET", kind) == 200
