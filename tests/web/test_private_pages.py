"""Agreed prices show for people with the permission alone, and leave no trace elsewhere."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction
from django.utils import timezone

from agreements.agreed import agreed_ranker, agreements
from agreements.models import PrivateEndpoint, PrivateProvider, PrivateRate
from tests.factories import make_model, make_provider, sell, summarise
from tests.web.http.test_what_pages_read import HTMX, PUBLIC, get, read_by_pages

pytestmark = pytest.mark.django_db

# Nothing else in the catalog is called or costs so.
MARKS = ("Zanzibar", "zanzibar", "zz-o4", "0.6131", "0.4177", "ZZ-77")


@pytest.fixture
def editor():
    return User.objects.create(username="editor")


@pytest.fixture
def viewer(client):
    user = User.objects.create_user("vera", password="a long pass phrase")
    user.groups.add(Group.objects.get(name="Viewer"))
    return user


@pytest.fixture
def catalog(editor):
    """A model at two public providers, an agreed price at one, and a private endpoint."""
    model, other = make_model(mode="chat", context_window=200_000), make_model("openai/o3")
    openai = make_provider("openai", name="OpenAI", kind="first-party")
    azure = make_provider("azure", name="Azure", kind="cloud")
    public = sell(model, openai, input="1.10", output="4.40")
    sell(model, azure, input="1.10", output="4.40")
    sell(other, openai, input="2", output="8")
    partner = PrivateProvider.objects.create(slug="zanzibar", name="Zanzibar Cloud")
    private = PrivateEndpoint.objects.create(
        model=model, private_provider=partner, upstream_id="zz-o4"
    )
    agree(editor, endpoint=public, meter="input", amount="0.6131", why="Contract ZZ-77")
    agree(editor, private_endpoint=private, meter="input", amount="0.4177", why="Contract ZZ-77")
    agree(editor, private_endpoint=private, meter="output", amount="2.5", why="Contract ZZ-77")
    summarise()
    return public


def agree(editor, **fields):
    return PrivateRate.objects.create(by=editor, **{"why": "a contract", **fields})


def text(response):
    return response.content.decode()


MODEL = "/models/openai/o4-mini/"
ESTIMATE = "/estimate/?requests=1000&input=1000&output=1000&per=endpoint&model=openai/o4-mini"


def test_a_viewer_sees_yours_beside_the_list_price(client, viewer, catalog):
    client.force_login(viewer)
    page = text(client.get(MODEL))
    assert 'data-yours="0.6131"' in page
    assert 'data-amount="1.1"' in page
    assert "Zanzibar Cloud" in page
    assert 'data-amount="0.4177"' in page
    assert 'data-yours="0.4177"' in text(client.get("/models/?q=o4"))
    estimate = text(client.get(ESTIMATE))
    assert "Zanzibar Cloud" in estimate
    assert 'data-listed="5.5"' in estimate.replace("5.500", "5.5")
    prices = text(client.get("/account/prices/"))
    assert all(mark in prices for mark in MARKS if mark != "zanzibar")


def test_pages_with_agreed_prices_are_kept_by_no_cache(client, viewer, catalog):
    public = client.get(MODEL)
    client.force_login(viewer)
    for address in (MODEL, "/", ESTIMATE, "/account/prices/"):
        response = client.get(address, headers={"If-None-Match": public.get("ETag", '"x"')})
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        assert "ETag" not in response
        assert 'hx-history="false"' in text(response)


def test_nobody_finds_a_trace_anywhere(client, viewer, catalog):
    # What a viewer was shown is in no cache of the process either.
    client.force_login(viewer)
    for addresses in PUBLIC.values():
        for address in addresses:
            get(client, address, {})
    client.logout()
    for addresses in PUBLIC.values():
        for address in addresses:
            for headers in ({}, HTMX):
                page = get(client, address, headers).decode("utf-8", "replace")
                assert not [mark for mark in MARKS if mark in page], address
    assert client.get("/account/prices/").status_code == 302
    assert client.get("/providers/zanzibar/").status_code == 404


def test_no_public_page_reads_a_private_table(client, catalog):
    read = set().union(*read_by_pages(client).values())
    assert not [table for table in read if table.startswith("agreements_")]


def test_people_without_the_permission_see_the_public_page(client, catalog):
    client.force_login(User.objects.create_user("guest", password="a long pass phrase"))
    assert "yours" not in text(client.get(MODEL))
    assert client.get("/account/prices/").status_code == 403


def test_signing_in_leads_to_the_prices_and_out_of_them(client, viewer, catalog):
    form = {"username": "vera", "password": "wrong"}
    assert "do not match an account" in text(client.post("/account/sign-in/", form))
    form["password"] = "a long pass phrase"
    response = client.post("/account/sign-in/?next=https://elsewhere.example/", form)
    assert response["Location"] == "/account/"
    assert client.get("/account/sign-out/").status_code == 405
    client.post("/account/sign-out/")
    assert client.get("/account/prices/").status_code == 302


def test_a_contract_holds_for_its_time_alone(client, viewer, editor, catalog):
    now = timezone.now()
    ended = {"valid_from": now - timedelta(days=9), "valid_to": now - timedelta(days=2)}
    agree(editor, endpoint=catalog, meter="output", amount="3.3", **ended)
    client.force_login(viewer)
    assert 'data-yours="3.3"' not in text(client.get(MODEL))
    assert 'data-amount="3.3"' in text(client.get("/account/prices/"))


def test_two_agreed_prices_never_hold_at_once(editor, catalog):
    for amount in ("0.5", "0"):
        with pytest.raises(IntegrityError), transaction.atomic():
            agree(editor, endpoint=catalog, meter="input", amount=amount)


def test_private_endpoints_rank_with_the_public_ones(catalog):
    ranker = agreed_ranker(timezone.now().date())
    cards = {
        endpoint.provider_name: {rate.meter: rate.amount for rate in endpoint.card.rates}
        for endpoint in ranker._endpoints
        if endpoint.model == "openai/o4-mini"
    }
    assert cards["Zanzibar Cloud"] == {"input": Decimal("0.4177"), "output": Decimal("2.5")}
    assert cards["OpenAI"] == {"output": Decimal("4.40"), "input": Decimal("0.6131")}
    assert cards["Azure"] == {"input": Decimal("1.10"), "output": Decimal("4.40")}


def test_a_written_price_is_read_at_once(editor, catalog):
    before = len(agreements().at_public)
    azure = catalog.model.endpoints.get(provider__slug="azure")
    agree(editor, endpoint=azure, meter="input", amount="0.9")
    assert len(agreements().at_public) == before + 1
