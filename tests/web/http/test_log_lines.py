import logging
from io import StringIO

import pytest
from celery.beat import SchedulingError
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest
from psycopg import OperationalError as Lost

from web.http.log_lines import MOST_OF_A_PATH, BrokerLines, LineFormatter, RequestLines

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """What the settings' handler writes."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    handler.addFilter(RequestLines())
    handler.addFilter(BrokerLines())
    logging.getLogger().addHandler(handler)
    yield lambda: stream.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


def test_the_settings_use_them():
    (handler,) = settings.LOGGING["handlers"].values()
    assert (handler["formatter"], handler["filters"]) == ("line", ["requests", "broker"])


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/models/nobody/knows/?key=sk-secret", 404),
        ("POST", "/models/?key=sk-secret", 405),
        ("GET", "/models/a/b%0aERROR%20root:%20forged%e2%80%a8x%1b[31m/", 404),
        ("GET", f"/models/{'long' * 200}/", 404),
        ("GET", "/estimate/usage/0123456789abcdef/", 404),
        ("POST", "/estimate/usage/0123456789abcdef/cancel/", 403),
    ],
)
def test_a_refused_request_is_one_line_without_its_secrets(client, lines, method, path, status):
    client.handler.enforce_csrf_checks = True
    response = client.generic(method, path, headers={"X-Forwarded-For": "1.2.3.4"})
    assert response.status_code == status
    (line,) = lines()
    time, level, logger, stated, *rest = line.split()
    assert time.endswith("Z") and len(time) == len("2026-11-30T12:00:00.000Z")
    assert (level, stated, rest[0]) == ("WARNING", str(status), method)
    assert logger.startswith("django.")
    assert line.endswith(" from 127.0.0.1")
    assert "secret" not in line and "0123456789abcdef" not in line
    assert len(line) < MOST_OF_A_PATH + 120
    assert line.isprintable()


def test_a_foreign_host_is_one_line(client, lines):
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    (line,) = lines()
    assert "WARNING" in line and line.endswith("400 GET / from 127.0.0.1")


def test_a_fault_of_ours_keeps_its_traceback_and_a_lost_database_has_none(
    client, lines, monkeypatch
):
    def fail(*words, **options):
        raise error

    client.raise_request_exception = False
    monkeypatch.setattr("web.views.models.model_list_page", fail)
    error = ZeroDivisionError()
    assert client.get("/").status_code == 500
    assert "500 GET / from 127.0.0.1" in lines()[0] and lines()[-1] == "ZeroDivisionError"
    before = len(lines())
    error = OperationalError()
    error.__cause__ = Lost("server closed the connection unexpectedly")
    assert client.get("/").status_code == 503
    (line,) = lines()[before:]
    assert "ERROR" in line and line.endswith("503 GET / from 127.0.0.1")


def test_no_message_begins_a_line_of_its_own(lines):
    logging.getLogger("ratecard").warning("a source said %s", "no\n2026 ERROR root: forged\r\x85x")
    assert len(lines()) == 1
    assert "forged" in lines()[0]


def test_a_request_without_a_status_is_left_alone(lines):
    logging.getLogger("ratecard").warning("seen", extra={"request": HttpRequest()})
    assert lines()[0].endswith("WARNING ratecard: seen")


def test_a_lost_broker_is_one_line_and_a_failed_task_keeps_its_traceback(lines):
    log = logging.getLogger("celery.beat")
    try:
        raise SchedulingError("Couldn't apply: no database")
    except SchedulingError:
        log.exception("Message Error: %s\n%s", "no database", "a stack")
    (line,) = lines()
    assert line.endswith("ERROR celery.beat: Message Error: no database")
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        log.exception("a task failed")
    assert lines()[-1] == "ZeroDivisionError"
