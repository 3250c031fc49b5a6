"""The banner of a catalog that is no longer refreshed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Source
from tests.factories import make_model, make_source, sell, summarise

pytestmark = pytest.mark.django_db(transaction=True)

BANNER = "Prices were last checked on Mar 1, 2030"
FETCHED = datetime(2030, 3, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sold():
    sell(make_model(), input="1")
    summarise()


@pytest.fixture
def clock(monkeypatch):
    now = [FETCHED]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def banner(client, path="/"):
    return BANNER in " ".join(client.get(path).content.decode().split())


def test_it_appears_on_cached_pages_when_the_time_has_come_and_goes_with_a_refresh(client, clock):
    Source.objects.update(fetched_at=FETCHED)
    clock[0] = FETCHED + timedelta(hours=47, minutes=59)
    assert not banner(client)
    clock[0] = FETCHED + timedelta(hours=48)
    assert banner(client) and banner(client, "/providers/") and banner(client, "/compare/")
    with CaptureQueriesContext(connection) as queries:
        assert banner(client)
    assert len(queries) == 1  # of the catalog's version
    Source.objects.update(fetched_at=clock[0])
    assert not banner(client)
    cache.clear()


def test_one_source_in_use_that_answers_is_enough(client, clock, settings):
    Source.objects.update(fetched_at=FETCHED)
    clock[0] = FETCHED + timedelta(days=3)
    make_source("litellm", fetched_at=clock[0])
    assert not banner(client)
    settings.SOURCES = ["models-dev"]
    Source.objects.filter(slug="litellm").update(fetched_at=FETCHED)
    assert banner(client)


def test_a_snapshot_that_was_never_refreshed_has_none(client, clock):
    clock[0] = FETCHED + timedelta(days=400)
    assert 'class="page stale"' not in client.get("/").content.decode()


def test_an_install_that_refreshes_nothing_has_none(client, clock, settings):
    Source.objects.update(fetched_at=FETCHED)
    settings.SOURCES = ["openrouter"]
    clock[0] = FETCHED + timedelta(days=3)
    assert not banner(client)


def test_a_part_for_htmx_has_none(client, clock):
    Source.objects.update(fetched_at=FETCHED)
    clock[0] = FETCHED + timedelta(days=3)
    assert BANNER not in client.get("/", headers={"HX-Request": "true"}).content.decode()
