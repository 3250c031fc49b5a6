"""Deletions in the admin: by counts, and refused with a reason where a row is on record."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Creator, Endpoint, EndpointClaims, Model, Provider, Source
from tests.factories import (
    OBSERVED,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
)
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def endpoint() -> Endpoint:
    endpoint = make_endpoint(make_model())
    add_claims(endpoint)
    return endpoint


def add_claims(endpoint: Endpoint) -> None:
    EndpointClaims.objects.create(
        endpoint=endpoint, source=make_source(), stated_at=OBSERVED, digest=b""
    )
    make_rate(endpoint)


def url(row: Any) -> str:
    return f"/admin/catalog/{row._meta.model_name}/{row.pk}/delete/"


@pytest.mark.parametrize(
    ("table", "guards", "instead"),
    [
        (Source, ["1 endpoint claims", "1 rates"], "RATECARD_SOURCES"),
        (Provider, ["1 endpoints"], "lifecycle"),
        (Model, ["1 endpoints"], "another model"),
        (Creator, ["1 models"], "another creator"),
    ],
)
def test_what_is_on_record_is_not_deleted_and_the_page_says_what_to_do(
    table: type[Any], guards: list[str], instead: str, client: Client, endpoint: Endpoint
) -> None:
    make_source(Source.EDITOR).delete()
    row = table.objects.get()
    page = client.get(url(row)).content.decode()
    assert "would require deleting the following protected related objects" in page
    for words in (*guards, instead):
        assert words in page
    client.post(url(row), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    client.post(f"/admin/catalog/{row._meta.model_name}/", chosen)
    assert table.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("table", [Source, Provider, Model, Creator, Endpoint])
def test_a_confirmation_takes_as_many_queries_for_one_related_row_as_for_many(
    table: type[Any], client: Client, endpoint: Endpoint
) -> None:
    make_source(Source.EDITOR).delete()
    row = table.objects.first()
    client.get(url(row))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url(row)).status_code == 200
        return len(captured)

    before = queries()
    for n in range(5):
        add_claims(make_endpoint(endpoint.model, endpoint.provider, upstream_id=f"o4-mini-{n}"))
        make_model(f"openai/o{n}")
    assert queries() == before


def test_what_is_not_on_record_is_deleted_with_what_belongs_to_it(client: Client) -> None:
    model = make_model()
    model.aliases.create(spelling="mini")
    page = client.get(url(model)).content.decode()
    assert "1 aliases" in page
    assert client.post(url(model), {"post": "yes"}).status_code == 302
    assert not Model.objects.exists()
    provider = make_provider("acme")
    assert client.post(url(provider), {"post": "yes"}).status_code == 302
    assert not Provider.objects.filter(slug="acme").exists()
    source = make_source("old")
    assert client.post(url(source), {"post": "yes"}).status_code == 302
    assert not Source.objects.filter(slug="old").exists()
