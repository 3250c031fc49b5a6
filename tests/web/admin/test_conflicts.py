"""Overrides and editors' prices whose sources move: they wait, are kept, or are withdrawn."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Override
from catalog.overrides import override, relink
from catalog.stated_then import moved
from pricing.edit import state_rate
from pricing.models import Rate
from pricing.rates import stated
from sources.winners import settle
from tests.factories import OBSERVED, make_endpoint, make_model, make_source
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = [
    pytest.mark.django_db,
    # Django's own forms take http for granted until version 6.
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]

CONFLICTS = "/admin/catalog/override/conflicts/"


@pytest.mark.parametrize(
    ("then", "now", "sources"),
    [
        (None, {"a": [1]}, []),
        ({}, {}, []),
        ({"a": [1]}, {"a": [1]}, []),
        ({"a": [1]}, {}, []),
        ({"a": [1]}, {"a": [2]}, ["a"]),
        ({"a": [1], "b": [2]}, {"a": [2], "b": [2]}, ["a"]),
        ({"a": [1]}, {"a": [1], "b": [1]}, []),
        ({"a": [1]}, {"a": [1], "b": [2]}, ["b"]),
        ({"a": [1, 2]}, {"a": [2]}, []),
    ],
)
def test_sources_have_moved_where_they_state_another_value(then, now, sources):
    assert moved(then, now) == sources


@pytest.fixture
def editor() -> User:
    return User.objects.create_superuser("ada")


@pytest.fixture
def client(editor: User) -> Client:
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def endpoint(editor: User) -> Endpoint:
    """An endpoint of which an editor has stated the context and the price of input."""
    endpoint = make_endpoint(make_model())
    claim(endpoint, 128_000, "1.1")
    settle([endpoint.id])
    endpoint.refresh_from_db()
    now = timezone.now()
    override(endpoint, {"context_window": 200_000}, by=editor, why="As on their page.", at=now)
    rate = stated("input", Decimal(2))
    state_rate(endpoint, rate, by=editor, why="They raised it.", at=now)
    return endpoint


def claim(endpoint: Endpoint, context: int, amount: str) -> None:
    EndpointClaims.objects.update_or_create(
        endpoint=endpoint,
        source=make_source(),
        defaults={
            "facts": {"context_window": context},
            "rates": [stated("input", Decimal(amount)).to_json()],
            "stated_at": OBSERVED,
            "digest": b"",
        },
    )


def page(client: Client, path: str = CONFLICTS) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def decide(client: Client, decision: str, *rows: str) -> str:
    sent: dict[str, Any] = {decision: "ticked", "row": rows, "why": "As I read it."}
    response = client.post(CONFLICTS, sent, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def test_what_sources_state_anew_waits_until_it_is_kept_or_withdrawn(client, endpoint):
    assert "Nothing waits." in page(client)
    assert "Nothing waits." in page(client, "/admin/")
    claim(endpoint, 200_000, "1.5")
    settle([endpoint.id])
    shown = page(client)
    for part in ("models-dev: 128000", "models-dev: 200000", "The same as the editor’s."):
        assert part in shown, part
    assert "models-dev: 1.1 USD" in shown
    assert "models-dev: 1.5 USD" in shown
    assert "2 conflicts<" in page(client, "/admin/")
    standing, rate = Override.objects.get(), Rate.objects.get(valid_to=None)
    assert decide(client, "keep", f"rate:{rate.pk}") == "1 kept."
    assert "1 conflict<" in page(client, "/admin/")
    assert decide(client, "withdraw", f"override:{standing.pk}").startswith("1 withdrawn")
    assert "Nothing waits." in page(client)
    standing.refresh_from_db()
    assert standing.withdrawn_at
    claim(endpoint, 200_000, "1.6")
    assert decide(client, "withdraw", f"rate:{rate.pk}").startswith("1 withdrawn")
    assert Rate.objects.get(valid_to=None).amount == Decimal("1.6")
    assert client.post(CONFLICTS, {"keep": "rate:x", "why": "So."}).status_code == 400


def test_a_conflict_is_decided_with_a_reason_that_is_kept(client, editor, endpoint):
    claim(endpoint, 250_000, "1.5")
    settle([endpoint.id])
    standing, rate = Override.objects.get(), Rate.objects.get(valid_to=None)
    sent = {"keep": f"override:{standing.pk}", "why": " "}
    response = client.post(CONFLICTS, sent, headers={"Accept": "application/json"})
    assert (response.status_code, response.json()["said"][:19]) == (409, "Give a reason first")
    assert decide(client, "keep") == "Tick the conflicts first."
    decide(client, "keep", f"override:{standing.pk}", f"rate:{rate.pk}")
    assert "Nothing waits." in page(client)
    claim(endpoint, 300_000, "1.6")
    assert "2 conflicts<" in page(client, "/admin/")
    assert f"override:{standing.pk}" in page(client, f"{CONFLICTS}?provider=openai")
    assert f"override:{standing.pk}" not in page(client, f"{CONFLICTS}?provider=azure")
    decide(client, "withdraw", f"override:{standing.pk}", f"rate:{rate.pk}")
    standing.refresh_from_db()
    rate.refresh_from_db()
    for row in (standing, rate):
        decided = [(what, by, why) for what, by, _, why in row.decisions]
        assert decided == [("kept", "ada", "As I read it."), ("withdrawn", "ada", "As I read it.")]
    shown = page(client, f"/admin/catalog/endpoint/{endpoint.pk}/change/")
    assert shown.count("As I read it.") == 4


def test_the_form_shows_who_changed_what_and_why(client, editor, endpoint):
    relink(endpoint, make_model("openai/o3"), by=editor, why="It is o3.", at=timezone.now())
    decide(client, "withdraw", f"override:{Override.objects.get().pk}")
    shown = page(client, f"/admin/catalog/endpoint/{endpoint.pk}/change/")
    edits = shown[shown.index("<h2>Edits</h2>") :]
    for part in (
        *("context window", "128000", "200000", "As on their page.", "as sources state it"),
        *("openai/o4-mini", "openai/o3", "It is o3."),
        *("$1.10", "$2.00", "They raised it."),
    ):
        assert part in edits, part
    assert "It is o3." in page(client, f"/admin/catalog/model/{endpoint.model_id}/change/")
    unchanged = page(client, f"/admin/catalog/provider/{endpoint.provider_id}/change/")
    assert "No editor has changed it." in unchanged
    assert f"/admin/pricing/rate/{Rate.objects.get(valid_to=None).pk}/change/" in shown
    assert "Edits" not in page(client, "/admin/catalog/endpoint/add/")


def test_a_form_keeps_the_value_before_an_override(client, endpoint):
    address = f"/admin/catalog/provider/{endpoint.provider_id}/change/"
    form = client.get(address).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in sent.items()}
    inline = {f"claims-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    sent |= {"headquarters": "US", "why": "Their imprint.", **inline}
    response = client.post(address, sent)
    assert response.status_code == 302, response.context["errors"]
    row = Override.objects.get(field="headquarters")
    assert (row.before, row.value, row.stated_then) == ("", "US", {})
