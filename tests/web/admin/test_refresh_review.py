"""The review of refreshes in the admin: the difference, and decisions with a reason."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from pricing.models import Rate
from sources.held_answers import Held
from sources.models import Refresh
from sources.refresh import refresh
from sources.registry import SOURCES
from tests.sources.conftest import server, upstream  # noqa: F401
from tests.sources.server import Server
from tests.sources.test_held_answers import HOSTS, catalog, serve
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = pytest.mark.django_db

WHY = "As on their page."


def run() -> None:
    refresh(SOURCES["models-dev"], now=timezone.now())


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def held(upstream: Server) -> Refresh:  # noqa: F811
    """All prices divided by a thousand."""
    serve(upstream, catalog())
    run()
    serve(upstream, catalog(times="0.001"))
    with pytest.raises(Held):
        run()
    return Refresh.objects.get(state="held")


def page(client: Client, row: Refresh, query: str = "") -> str:
    response = client.get(f"/admin/sources/refresh/{row.id}/review/{query}")
    assert response.status_code == 200
    return response.content.decode()


def decide(client: Client, row: Refresh, **sent: Any) -> str:
    response = client.post(
        f"/admin/sources/refresh/{row.id}/review/", {"why": WHY, **sent}, follow=True
    )
    row.refresh_from_db()
    return " ".join(str(message) for message in response.context["messages"])


def amounts(host: str) -> set[Decimal | None]:
    rates = Rate.objects.published().filter(valid_to=None, meter="input")
    return set(rates.filter(endpoint__provider__slug=host).values_list("amount", flat=True))


def test_a_held_refresh_is_shown_and_decided_with_a_reason(client, held):
    assert f"/admin/sources/refresh/{held.id}/review/" in client.get("/admin/").content.decode()
    assert "Review</a>" in client.get("/admin/sources/refresh/").content.decode()
    shown = page(client, held)
    for part in ("1/1,000 of what it was", HOSTS[0], "Accept ticked", "Reject", "Most frequent"):
        assert part in shown, part
    assert "Roll back" not in shown
    rows = page(client, held, f"?provider={HOSTS[0]}")
    assert "maker-" in rows
    assert HOSTS[1] not in rows
    before = amounts(HOSTS[0])
    assert decide(client, held, decision="accept", why=" ").startswith("Give a reason first")
    assert decide(client, held, decision="x").startswith("Choose accept")
    assert decide(client, held, decision="accept_rows").startswith("Tick providers")
    assert held.state == "held"
    assert decide(client, held, decision="reject").startswith("Rejected")
    assert (held.state, held.why, held.reviewed_by.username) == ("rejected", WHY, "ada")
    assert amounts(HOSTS[0]) == before
    assert "Decided" in page(client, held)


def test_the_ticked_providers_alone_are_accepted_and_rolled_back(client, held):
    before = [amounts(HOSTS[0]), amounts(HOSTS[1])]
    said = decide(client, held, decision="accept_rows", provider=[HOSTS[0]])
    assert said.startswith("Accepted: "), said
    assert held.state == "accepted"
    assert amounts(HOSTS[0]) == {amount / 1000 for amount in before[0]}
    assert amounts(HOSTS[1]) == before[1]
    assert "Roll back" in page(client, held)
    assert decide(client, held, decision="roll_back").startswith("Rolled back: ")
    assert [amounts(HOSTS[0]), amounts(HOSTS[1])] == before


def test_a_refresh_is_seen_without_being_decided_by_a_viewer(held):
    viewer = User.objects.create_user("eve", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_refresh"))
    client = Client()
    client.force_login(viewer)
    assert "Accept" not in page(client, held)
    sent = {"why": WHY, "decision": "accept"}
    assert client.post(f"/admin/sources/refresh/{held.id}/review/", sent).status_code == 403
    assert client.get("/admin/sources/refresh/999999999/review/").status_code == 404
