import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.factories import make_creator, make_endpoint, make_model, make_provider

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:The default scheme"),
]


@pytest.fixture
def editor():
    client = Client()
    client.force_login(User.objects.create_superuser("editor"))
    return client


def linked(client, at):
    response = client.get("/edit-link/", {"at": at})
    assert "no-store" in response["Cache-Control"]
    assert response.status_code in (200, 204)
    text = response.content.decode()
    return text.partition('href="')[2].partition('"')[0]


def test_an_editor_gets_a_link_to_the_form_of_what_a_page_shows(editor):
    creator = make_creator("openai")
    model = make_model("openai/o4-mini")
    azure = make_provider("azure")
    make_endpoint(model, azure, upstream_id="o4-mini")
    dated = make_endpoint(model, azure, upstream_id="o4-mini-2025-04-16", snapshot="2025-04-16")
    at = "/models/openai/o4-mini/endpoints/azure/?id=o4-mini-2025-04-16"
    assert linked(editor, at) == f"/admin/catalog/endpoint/{dated.pk}/change/"
    assert linked(editor, "/models/openai/o4-mini/?all=1") == (
        f"/admin/catalog/model/{model.pk}/change/"
    )
    assert linked(editor, "/providers/azure/") == f"/admin/catalog/provider/{azure.pk}/change/"
    assert linked(editor, "/creators/openai/") == f"/admin/catalog/creator/{creator.pk}/change/"
    assert editor.get(linked(editor, at)).status_code == 200
    for other in ("", "/", "/providers/", "/models/no/model/", "http://[", "//evil/", "/no/\0/"):
        assert linked(editor, other) == ""
    assert linked(editor, "/models/openai/o4-mini/endpoints/azure/?id=o4%00") == ""


def test_whoever_may_not_change_it_gets_no_link(client):
    make_model("openai/o4-mini")
    at = "/models/openai/o4-mini/"
    assert linked(client, at) == ""
    user = User.objects.create_user("viewer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_model"))
    client.force_login(user)
    assert linked(client, at) == ""
    user.user_permissions.set(Permission.objects.filter(codename="change_model"))
    assert linked(client, at) != ""
    assert linked(client, "/providers/azure/") == ""
    User.objects.update(is_staff=False)
    assert linked(client, at) == ""


def test_a_cookie_marks_an_editor_from_sign_in_to_sign_out(client):
    User.objects.create_superuser("editor", password="long and secret")
    assert "ratecard_editor" not in client.get("/account/sign-in/").cookies
    form = {"username": "editor", "password": "long and secret"}
    answer = client.post("/account/sign-in/", form)
    mark = answer.cookies["ratecard_editor"]
    assert (mark.value, mark["httponly"], mark["samesite"]) == ("1", "", "Strict")
    assert "ratecard_editor" not in client.get("/admin/").cookies
    assert "Cookie" not in client.get("/providers/").get("Vary", "")
    assert client.post("/admin/logout/").cookies["ratecard_editor"]["max-age"] == 0


def test_the_mark_of_a_session_that_has_ended_is_removed(client):
    client.cookies["ratecard_editor"] = "1"
    answer = client.get("/edit-link/", {"at": "/"})
    assert answer.cookies["ratecard_editor"]["max-age"] == 0
