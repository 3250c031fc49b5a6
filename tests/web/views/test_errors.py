import pytest
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, permission_denied, server_error


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/models/",
            "/models/openai/o4-mini/",
            "/providers/",
            "/providers/openai/",
            "/creators/openai/",
        ),
        *("/creators/", "/favicon.ico"),
        *("/sitemap.xml", "/sitemap-pages.xml", "/robots.txt", "/healthz", "/readyz"),
    ],
)
def test_pages_can_only_be_read(client, method, path):
    response = client.generic(method, path)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert b"This page can only be read" in response.content


@pytest.mark.parametrize("path", ["/models/", "/creators/", "/favicon.ico"])
def test_a_form_without_a_token_is_told_the_same(path):
    response = Client(enforce_csrf_checks=True).post(path, {"q": "o4"})
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/", "/models/", "/providers/", "/healthz", "/models/nobody/knows/", "/providers/nobody/"],
)
def test_head_is_get_without_the_body(client, path):
    asked, looked = client.get(path), client.head(path)
    assert looked.status_code == asked.status_code
    assert looked.content == b""


def test_the_error_pages_need_no_database():
    request = RequestFactory().get("/")
    for view, status in ((server_error, 500),):
        response = view(request)
        assert response.status_code == status
        assert b"Something broke on our side" in response.content
    assert b"makes no sense" in bad_request(request, ValueError()).content
    assert b"not open to you" in permission_denied(request, ValueError()).content


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused_in_our_layout():
    response = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"username": "a"})
    assert response.status_code == 403
    assert b"That form has expired" in response.content


def test_a_foreign_host_is_refused_in_our_layout(client):
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert b"That request makes no sense here" in response.content


def test_a_crash_is_our_fault_and_looks_like_us(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("web.views.models.model_list_page", lambda *a: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content
