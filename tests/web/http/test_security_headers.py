import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/models/nobody/knows/", "/healthz", "/admin/login/"])
def test_every_answer_forbids_what_pages_do_not_need(client, path):
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert client.get(path)["Permissions-Policy"].startswith("camera=()")


def test_public_pages_set_no_cookie_and_vary_on_none(client):
    for path in ("/", "/models/nobody/knows/"):
        response = client.get(path)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


def test_pages_hold_nothing_that_the_policy_would_block(client):
    html = client.get("/").content.decode()
    assert "style=" not in html
    assert "<style" not in html
    assert "onclick" not in html
    assert "<script>" not in html
