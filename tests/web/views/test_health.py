from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from catalog.models import Source
from sources.heartbeat import note_heartbeat
from sources.models import Heartbeat
from tests.factories import make_model, make_source, sell
from web.views.health import PATIENCE_SECONDS


def test_the_process_answers_without_a_database(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db(transaction=True)
def test_a_filled_catalog_is_ready(client):
    sell(make_model(), input="1")
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "problem": "",
        "newest": "2026-11-12T00:00:00Z",
        "oldest": "2026-11-12T00:00:00Z",
        "models": 1,
        "endpoints": 1,
        "rates": 1,
        "sources": [
            {
                "slug": "models-dev",
                "name": "Models-Dev",
                "data_of": "2026-11-12T00:00:00Z",
                "fetched_at": None,
                "failing_since": None,
            }
        ],
        "beat_seconds": None,
        "worker_seconds": None,
        "warnings": [
            "The beat process has left no sign of life yet.",
            "The worker process has left no sign of life yet.",
            "Models-Dev was never fetched: its prices are of 2026-11-12.",
        ],
    }


@pytest.mark.django_db(transaction=True)
def test_an_old_sign_of_life_is_a_warning_and_pages_are_served_in_spite_of_it(client):
    sell(make_model(), input="1")
    Source.objects.update(fetched_at=timezone.now())
    note_heartbeat("worker")
    note_heartbeat("beat")
    Heartbeat.objects.filter(name="beat").update(at=timezone.now() - timedelta(hours=2))
    response = client.get("/readyz")
    assert response.status_code == 200
    state = response.json()
    assert state["ready"]
    assert state["worker_seconds"] < 60
    assert 7200 <= state["beat_seconds"] < 7300
    assert state["warnings"] == [
        f"The last sign of life of beat was {state['beat_seconds']:,.0f} seconds ago: "
        "nothing is refreshed until it runs again."
    ]


@pytest.mark.django_db(transaction=True)
def test_a_source_in_use_that_no_longer_answers_is_a_warning(client, settings):
    sell(make_model(), input="1")
    make_source("litellm", name="LiteLLM", fetched_at=timezone.now() - timedelta(days=9))
    make_source("editor", as_of=None)
    note_heartbeat("worker")
    note_heartbeat("beat")
    now = timezone.now()
    Source.objects.filter(slug="models-dev").update(fetched_at=now - timedelta(hours=2.9))
    assert client.get("/readyz").status_code == 200
    day = f"{now - timedelta(days=9):%Y-%m-%d %H:%M}"
    stale = f"LiteLLM was last fetched with success at {day}."
    assert client.get("/readyz").json()["warnings"] == [stale]
    settings.SOURCES = ["models-dev"]
    assert client.get("/readyz").json()["warnings"] == []
    Source.objects.filter(slug="models-dev").update(fetched_at=now - timedelta(hours=3))
    assert len(client.get("/readyz").json()["warnings"]) == 1
    Source.objects.filter(slug="models-dev").update(fetched_at=now, failing_since=now)
    at = f"{now:%Y-%m-%d %H:%M}"
    assert client.get("/readyz").json()["warnings"] == [
        f"Models-Dev was last fetched with success at {at}, and fails since {at}."
    ]


@pytest.mark.django_db(transaction=True)
def test_an_empty_catalog_is_not_ready_and_says_what_to_do(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["problem"] == (
        "There are no models and no endpoints and no rates yet: run manage.py load_snapshot."
    )


@pytest.mark.django_db
def test_a_database_that_is_not_there_is_reported_after_one_short_attempt(
    client, monkeypatch, caplog
):
    attempts = []

    def connect(**parameters):
        attempts.append(parameters["connect_timeout"])
        return psycopg.Connection.connect(**parameters)

    monkeypatch.setitem(connection.settings_dict, "ENGINE", "django.db.backends.postgresql")
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    monkeypatch.setattr(psycopg, "connect", connect)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["problem"] == "The database does not answer."
    assert "/nowhere" not in response.content.decode()
    assert "/nowhere" in caplog.text
    assert attempts == [PATIENCE_SECONDS]
    assert PATIENCE_SECONDS <= 2
