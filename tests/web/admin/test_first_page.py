"""The admin's first page: what waits, and nothing that the visitor may not see."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from sources.models import Refresh, RefreshState
from tests.factories import make_endpoint, make_model, make_rate, make_source
from tests.web.conftest import plain_static_files, static_folder  # noqa: F401

pytestmark = pytest.mark.django_db


def first_page(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/admin/").content.decode()


def test_the_first_page_names_the_product_and_what_waits():
    editor = User.objects.create_superuser("ada")
    page = first_page(editor)
    assert "Nothing waits." in page
    assert "Django" not in page
    assert "Ratecard" in page
    source = make_source(failing_since=datetime(2026, 11, 12, tzinfo=UTC))
    Refresh.objects.create(
        source=source,
        state=RefreshState.FAILED,
        error="It answers 500.",
        finished_at=timezone.now(),
    )
    Refresh.objects.create(
        source=source, state=RefreshState.HELD, error="Its answer is held: it lacks all."
    )
    make_rate(make_endpoint(make_model()), amount="900", held=True)
    page = first_page(editor)
    for shown in ("Held refresh of", "it lacks all", "1 held price<", " fails", "It answers 500."):
        assert shown in page, shown
    assert "Nothing waits." not in page


def test_the_first_page_shows_what_may_be_seen_alone():
    make_source(failing_since=datetime(2026, 11, 12, tzinfo=UTC))
    make_rate(make_endpoint(make_model()), amount="900", held=True)
    viewer = User.objects.create_user("eve", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_rate"))
    page = first_page(viewer)
    assert "1 held price<" in page
    assert " fails" not in page
