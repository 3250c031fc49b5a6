"""The record of refreshes in the admin: there to read, for whom may see it."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from sources.base import Listing, Parsed
from sources.models import Refresh
from sources.refresh import load
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = pytest.mark.django_db

LIST = "/admin/sources/refresh/"
NOVEMBER = datetime(2026, 11, 12, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    return client


def test_the_list_names_what_a_refresh_skipped(client: Client) -> None:
    listings = (Listing("openai", "o4-mini"), Listing("azure", "x" * 301))
    load([Parsed("models-dev", NOVEMBER, listings)], now=timezone.now())
    page = client.get(LIST).content.decode()
    assert "upstream_id of 301 characters, and 300 fit" in page


def test_a_refresh_is_neither_added_nor_changed_by_hand(client: Client) -> None:
    load([Parsed("models-dev", NOVEMBER, ())], now=timezone.now())
    refresh = Refresh.objects.get()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{refresh.id}/change/", {"error": "x"}).status_code == 403
