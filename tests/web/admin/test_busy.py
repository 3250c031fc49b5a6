"""An editor's save waits a little for a refresh, then gives a sentence and keeps everything."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from catalog.models import Creator, Endpoint, Model, Override
from catalog.write_lock import LOCK, CatalogBusy, turn
from pricing.models import Rate
from tests.factories import make_creator, make_endpoint, make_model, make_rate
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401
from web.admin import base

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings(
        "ignore:The default scheme:django.utils.deprecation.RemovedInDjango60Warning"
    ),
]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(base, "PATIENCE", 0.1)
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


@contextmanager
def a_refresh() -> Iterator[None]:
    """A refresh that is being written by another process."""
    options = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    other = psycopg.connect(**{name: options[name] for name in names if options.get(name)})
    other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        other.close()


def test_a_turn_with_patience_ends_with_it_and_leaves_the_transaction_whole() -> None:
    with a_refresh():
        began = time.monotonic()
        with pytest.raises(CatalogBusy), turn(patience=0.2):
            pass
        assert 0.1 < time.monotonic() - began < 3
        make_creator("acme")
    with turn(patience=0.2), turn(patience=0.2), turn():
        assert Creator.objects.filter(slug="acme").exists()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_form_says_that_a_refresh_is_written_and_keeps_what_was_typed(client: Client) -> None:
    creator = make_creator("acme")
    address = f"/admin/catalog/creator/{creator.id}/change/"
    typed = {"slug": "acme", "name": "Acme & Sons", "website": "https://acme.example"}
    with a_refresh():
        response = client.post(address, typed)
    page = response.content.decode()
    assert response.status_code == 200
    assert base.BUSY in page
    assert 'value="Acme &amp; Sons"' in page
    assert 'value="https://acme.example"' in page
    creator.refresh_from_db()
    assert creator.name == "Acme"
    assert client.post(address, typed).status_code == 302
    creator.refresh_from_db()
    assert creator.name == "Acme & Sons"


def test_no_form_of_the_catalog_waits_or_writes_while_a_refresh_is_written(
    client: Client,
) -> None:
    endpoint = make_endpoint(make_model())
    rate = make_rate(endpoint)
    rows = (endpoint.model.creator, endpoint.model, endpoint.provider, endpoint, rate, rate.source)
    with a_refresh():
        for row in rows:
            place = f"/admin/{row._meta.app_label}/{row._meta.model_name}"
            for address in (f"{place}/add/", f"{place}/{row.pk}/change/"):
                response = client.post(address, {"why": "typed"})
                assert (response.status_code, base.BUSY in response.content.decode()) == (
                    200,
                    True,
                ), address
    assert not Override.objects.exists()
    assert (Model.objects.count(), Endpoint.objects.count(), Rate.objects.count()) == (1, 1, 1)


def test_an_action_or_a_deletion_does_nothing_while_a_refresh_is_written(client: Client) -> None:
    creator = make_creator("acme")
    action = {"action": "delete_selected", "_selected_action": creator.id, "post": "yes"}
    with a_refresh():
        for address, posted in (
            ("/admin/catalog/creator/", action),
            (f"/admin/catalog/creator/{creator.id}/delete/", {"post": "yes"}),
        ):
            response = client.post(address, posted, follow=True)
            assert response.redirect_chain == [(address, 302)]
            assert [str(m) for m in response.context["messages"]] == [base.AGAIN]
    assert Creator.objects.filter(slug="acme").exists()
    client.post("/admin/catalog/creator/", action)
    assert not Creator.objects.filter(slug="acme").exists()


def test_pages_of_the_admin_do_not_wait(client: Client) -> None:
    creator = make_creator("acme")
    with a_refresh():
        for address in ("", f"{creator.id}/change/", f"{creator.id}/delete/", "add/"):
            response = client.get(f"/admin/catalog/creator/{address}")
            assert response.status_code == 200
            assert base.BUSY not in response.content.decode()
