"""One refresh at a time, ended by a deadline, each one on record with its outcome."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from celery.exceptions import Retry, SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from sources import http, running
from sources.base import FetchFailed
from sources.http import HttpClient
from sources.models import Refresh
from sources.refresh import refresh
from sources.registry import SOURCES
from sources.running import OtherRefreshRunning, RefreshRunning
from sources.tasks import refresh_source
from tests.sources.server import Page, Server
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db

MODELS_DEV, LITELLM = SOURCES["models-dev"], SOURCES["litellm"]


@contextmanager
def another_process(source: Any) -> Iterator[None]:
    """A refresh of `source` that runs elsewhere: on a connection of its own."""
    ready, ended = threading.Event(), threading.Event()

    def run() -> None:
        with running.only_refresh(source):
            ready.set()
            ended.wait(30)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(30)
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_source_is_not_refreshed_twice_at_once(upstream: Server) -> None:
    with another_process(MODELS_DEV):
        with pytest.raises(RefreshRunning, match=r"models\.dev is being refreshed already"):
            refresh(MODELS_DEV, now=timezone.now())
        refresh_source("models-dev")  # a second message: dropped
    assert not upstream.answered
    assert not Refresh.objects.exists()
    refresh_source("models-dev")
    assert Refresh.objects.get().error == ""


def test_two_sources_are_refreshed_one_after_the_other(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    retried: list[dict[str, Any]] = []

    def retry(**options: Any) -> Retry:
        retried.append(options)
        return Retry()

    monkeypatch.setattr(refresh_source, "retry", retry)
    with another_process(LITELLM):
        with pytest.raises(OtherRefreshRunning):
            refresh(MODELS_DEV, now=timezone.now())
        with pytest.raises(Retry):
            refresh_source("models-dev")
    assert retried[0]["countdown"] == 30
    assert not Refresh.objects.exists()


def test_the_command_says_that_a_refresh_is_running(upstream: Server) -> None:
    with another_process(MODELS_DEV), pytest.raises(CommandError, match="refreshed already"):
        call_command("refresh_source", "models-dev")


def test_the_turn_ends_with_the_connection_of_a_killed_process(upstream: Server) -> None:
    options = connection.get_connection_params()
    killed = psycopg.connect(
        **{name: options[name] for name in ("host", "port", "user", "dbname") if name in options}
    )
    killed.execute("SELECT pg_advisory_lock(%s)", [running._ANY_SOURCE])
    with pytest.raises(OtherRefreshRunning):
        refresh(MODELS_DEV, now=timezone.now())
    killed.close()
    # The server ends the session a little after its connection.
    wait_until(lambda: not _is_locked(running._ANY_SOURCE))
    assert refresh(MODELS_DEV, now=timezone.now())["endpoints new"] == 1


def _is_locked(key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())",
            [key],
        )
        return cursor.fetchone() is not None


def test_a_source_that_drips_is_recorded_as_failed(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST", 0.3)
    upstream.pages["/api.json"] = Page(b" " * 100, pause=0.05)
    with pytest.raises(FetchFailed):
        refresh_source("models-dev")
    record = Refresh.objects.get()
    assert record.error.startswith("models.dev took longer than 0.3 s")
    assert record.finished_at
    assert 0.3 <= (record.finished_at - record.started_at).total_seconds() < 5


def test_a_refresh_that_meets_its_time_limit_is_recorded_as_failed(
    upstream: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def limit(*args: Any) -> bytes:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(HttpClient, "get", limit)
    with pytest.raises(SoftTimeLimitExceeded):
        refresh_source("models-dev")
    assert Refresh.objects.get().error == "It ended with SoftTimeLimitExceeded."


def test_a_refresh_that_was_killed_is_recorded_as_failed_by_the_next(upstream: Server) -> None:
    refresh(MODELS_DEV, now=timezone.now())
    Refresh.objects.update(finished_at=None)
    refresh(MODELS_DEV, now=timezone.now())
    last, killed = Refresh.objects.all()
    assert "was killed before it ended" in killed.error
    assert last.error == ""


def test_a_dry_run_records_nothing_of_a_failure(upstream: Server) -> None:
    upstream.pages["/api.json"].status = 503
    with pytest.raises(FetchFailed):
        refresh(MODELS_DEV, now=timezone.now(), dry_run=True)
    assert not Refresh.objects.exists()


def test_the_time_limits_of_the_task_stay_above_the_deadline() -> None:
    assert http.LONGEST_OF_ALL < refresh_source.soft_time_limit - 180 < refresh_source.time_limit
