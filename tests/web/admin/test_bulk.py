"""Lists of the admin: actions with a reason, facts edited in their row, filters by provider."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import Alias, Endpoint, Model, Override
from catalog.overrides import override, relink
from tests.factories import make_endpoint, make_model, make_provider
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = [
    pytest.mark.django_db,
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]

MODELS, ENDPOINTS = "/admin/catalog/model/", "/admin/catalog/endpoint/"
WHY = "As on their page."


@pytest.fixture
def editor() -> User:
    return User.objects.create_superuser("ada")


@pytest.fixture
def client(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def models() -> list[Model]:
    models = [make_model("openai/o3"), make_model("openai/o4-mini", context_window=200_000)]
    for model, provider in zip(models, ("openai", "azure"), strict=True):
        make_endpoint(model, make_provider(provider))
    return models


def act(client: Client, path: str, action: str, rows: list[Any], why: str = WHY) -> str:
    sent = {"action": action, "_selected_action": [row.pk for row in rows], "why": why}
    response = client.post(path, sent, follow=True)
    assert response.status_code == 200
    return " ".join(str(message) for message in response.context["messages"])


def stages() -> dict[str, str]:
    today = timezone.now().date()
    return {model.slug: model.stage(today) for model in Model.objects.all()}


def test_models_are_retired_and_unretired_in_bulk_as_overrides(client, models):
    assert act(client, MODELS, "retire", models, why=" ").startswith("Give a reason first")
    assert set(stages().values()) == {"listed"}
    assert act(client, MODELS, "retire", models) == "2 retired."
    assert set(stages().values()) == {"retired"}
    rows = Override.objects.values_list("field", "value", "by__username", "why")
    assert [*rows] == [("lifecycle", "retired", "ada", WHY)] * 2
    act(client, MODELS, "unretire", models[:1])
    assert stages() == {"openai/o3": "listed", "openai/o4-mini": "retired"}
    # What sources state is overridden.
    Endpoint.objects.filter(model=models[0]).update(lifecycle="retired")
    Model.objects.filter(pk=models[0].pk).update(lifecycle="retired")
    act(client, MODELS, "unretire", models[:1])
    assert stages()["openai/o3"] == "listed"
    assert act(client, MODELS, "withdraw_overrides", models).startswith("3 overrides withdrawn")
    assert not Override.objects.standing().exists()
    assert act(client, ENDPOINTS, "retire", [*Endpoint.objects.all()]) == "1 retired."


def listed(client: Client, path: str) -> dict[str, Any]:
    """What a list posts when nothing in it is changed."""
    formset = client.get(path).context["cl"].formset
    sent: dict[str, Any] = {
        f"{formset.prefix}-{name}": value for name, value in formset.management_form.initial.items()
    }
    for form in formset.forms:
        for field in form:
            value = "" if field.value() is None else field.value()
            sent[field.html_name] = sent[f"initial-{field.html_name}"] = value
    return sent | {"_save": "Save"}


def test_facts_are_edited_in_their_row_with_a_reason(client, models):
    sent = listed(client, MODELS)
    ids = {sent[f"form-{place}-id"]: place for place in (0, 1)}
    row = f"form-{ids[models[1].pk]}"
    changed = {f"{row}-context_window": "400000", f"{row}-released": "2025-13"}
    refused = client.post(MODELS, sent | changed).content.decode()
    assert "Give a reason beside the actions" in refused
    assert "A date is as precise as it is known" in refused
    assert 'value="400000"' in refused
    assert not Override.objects.exists()
    changed[f"{row}-released"] = "2025-04"
    # A source has changed the other model since: that stays as it is.
    Model.objects.filter(pk=models[0].pk).update(name="O3")
    answer = client.post(MODELS, sent | changed | {"why": WHY})
    assert answer.status_code == 302
    rows = Override.objects.order_by("field").values_list("model__slug", "field", "value", "why")
    assert [*rows] == [
        ("openai/o4-mini", "context_window", 400_000, WHY),
        ("openai/o4-mini", "released", "2025-04", WHY),
    ]
    model = Model.objects.get(pk=models[1].pk)
    assert (model.context_window, model.released) == (400_000, "2025-04")
    assert Model.objects.get(pk=models[0].pk).name == "O3"


def test_every_list_filters_by_provider(client, editor, models):
    endpoint = Endpoint.objects.get(provider__slug="azure")
    statement: dict[str, Any] = {"by": editor, "why": WHY, "at": timezone.now()}
    override(endpoint, {"context_window": 1000}, **statement)
    override(endpoint.provider, {"name": "Azure AI"}, **statement)
    relink(endpoint, models[1], **statement)
    Alias.objects.create(spelling="mini", model=models[1])
    for path, count in (
        *(("catalog/model", 1), ("catalog/override", 2), ("catalog/relink", 1)),
        *(("catalog/alias", 1), ("agreements/privaterate", 0)),
    ):
        for provider, found in (("azure", count), ("openai", 0)):
            response = client.get(f"/admin/{path}/?at={provider}")
            assert response.status_code == 200, path
            wanted = 1 if (path, provider) == ("catalog/model", "openai") else found
            assert response.context["cl"].result_count == wanted, (path, provider)
