"""Unmatched names in the admin: counted, filtered, and decided with one click and a reason."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Alias, Endpoint
from sources.models import UnmatchedName
from tests.factories import OBSERVED, make_endpoint, make_model, make_provider, make_source
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = [
    pytest.mark.django_db,
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]

ADMIN = "/admin/sources/unmatchedname/"
WHY = "As in their documentation."


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def names() -> list[UnmatchedName]:
    """Two ids that wait, at two providers; beside the first there is a model of that name."""
    make_endpoint(make_model("acme/celeris-1", provider_count=1), make_provider("groq"))
    return [unmatched("celeris-1", "poe"), unmatched("aplomb-2", "ollama")]


def unmatched(name: str, provider: str) -> UnmatchedName:
    endpoint = make_endpoint(
        make_model(f"unknown/{name}", provider_count=1), make_provider(provider), upstream_id=name
    )
    source = make_source()
    endpoint.claims.create(source=source, facts={}, stated_at=OBSERVED, digest=b"0")
    return UnmatchedName.objects.create(
        endpoint=endpoint,
        source=source,
        name=name.title(),
        made=endpoint.model.slug,
        doubt="no_creator",
        first_seen=OBSERVED,
    )


def post(client: Client, **data: object) -> str:
    answer = client.post(f"{ADMIN}review/", data, headers={"Accept": "application/json"})
    return str(answer.json()["said"])


def test_names_that_wait_are_counted_and_listed_with_the_nearest_models(client, names):
    assert "2 unmatched names<" in client.get("/admin/").content.decode()
    page = client.get(f"{ADMIN}review/").content.decode()
    for shown in ("Celeris-1", "No creator is known", "Models-Dev", "2026-11-12", "aplomb-2"):
        assert shown in page, shown
    assert f'value="{names[0].id}:acme/celeris-1"' in page
    page = client.get(f"{ADMIN}review/?provider=ollama&source=models-dev").content.decode()
    assert "aplomb-2" in page
    assert "celeris-1" not in page
    provider = names[1].endpoint.provider_id
    page = client.get(f"{ADMIN}?endpoint__provider__id__exact={provider}&state__exact=waiting")
    assert page.status_code == 200
    assert "aplomb-2" in page.content.decode()


def test_one_click_makes_an_alias_or_confirms_a_model_with_a_reason(client, names):
    first, second = names
    assert post(client, alias=f"{first.id}:acme/celeris-1").startswith("Give a reason first")
    assert post(client, alias=f"{first.id}:acme/none", why=WHY) == "There is no model acme/none."
    said = post(client, alias=f"{first.id}:acme/celeris-1", why=WHY)
    assert said == "An alias of acme/celeris-1 now."
    assert Endpoint.objects.get(id=first.endpoint_id).model.slug == "acme/celeris-1"
    assert Alias.objects.get(spelling="celeris-1").by_editor
    assert post(client, new="ticked", why=WHY).startswith("Tick the names first")
    assert post(client, new="ticked", name=second.id, why=WHY) == "1 confirmed as new models."
    assert {*UnmatchedName.objects.values_list("state", "why")} == {
        ("alias", WHY),
        ("new_model", WHY),
    }
    assert "Nothing waits." in client.get(f"{ADMIN}review/").content.decode()


def test_the_form_takes_any_model(client, names):
    address = f"{ADMIN}{names[1].id}/change/"
    page = client.get(address).content.decode()
    assert "nearest models" in page.lower()
    wanted = make_model("openai/gpt-5.4")
    own = names[1].endpoint.model
    said = client.post(address, {"alias_of": own.id, "why": WHY}).content.decode()
    assert "confirm it as a new model in the review" in said
    assert (
        "This field is required" in client.post(address, {"alias_of": wanted.id}).content.decode()
    )
    assert client.post(address, {"alias_of": wanted.id, "why": WHY}).status_code == 302
    assert Endpoint.objects.get(id=names[1].endpoint_id).model == wanted


def test_only_editors_decide(names):
    client = Client()
    client.force_login(User.objects.create_user("eve", is_staff=True))
    assert client.get(f"{ADMIN}review/").status_code == 403
    assert client.post(f"{ADMIN}review/", {"new": names[0].id, "why": WHY}).status_code == 403
