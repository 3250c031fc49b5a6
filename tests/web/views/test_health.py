import psycopg
import pytest
from django.db import connection

from tests.factories import make_model, sell
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
        "models": 1,
        "endpoints": 1,
        "rates": 1,
    }


@pytest.mark.django_db(transaction=True)
def test_an_empty_catalog_is_not_ready_and_says_what_to_do(client):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["problem"] == (
        "There are no models and no endpoints and no rates yet: run manage.py load_snapshot."
    )


@pytest.mark.django_db
def test_a_database_that_is_not_there_is_reported_after_one_short_attempt(client, monkeypatch):
    attempts = []

    def connect(**parameters):
        attempts.append(parameters["connect_timeout"])
        return psycopg.Connection.connect(**parameters)

    monkeypatch.setitem(connection.settings_dict, "ENGINE", "django.db.backends.postgresql")
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    monkeypatch.setattr(psycopg, "connect", connect)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["problem"].startswith("The database cannot be read: ")
    assert attempts == [PATIENCE_SECONDS]
    assert PATIENCE_SECONDS <= 2
