import psycopg
import pytest
from django.db import IntegrityError, OperationalError
from psycopg import errors
from psycopg_pool import PoolTimeout

from web.http.unavailable import BUSY, GONE, failure_of, started


def wrapped(cause):
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (wrapped(psycopg.OperationalError("the connection is lost")), GONE),
        (psycopg.OperationalError("the connection is closed"), GONE),
        (wrapped(errors.AdminShutdown()), GONE),
        (wrapped(errors.CrashShutdown()), GONE),
        (wrapped(errors.CannotConnectNow()), GONE),
        (wrapped(errors.ConnectionFailure()), GONE),
        (OperationalError("the embedded PostgreSQL did not start"), GONE),
        (wrapped(PoolTimeout("couldn't get a connection after 10.00 sec")), BUSY),
        (wrapped(errors.TooManyConnections()), BUSY),
        # Errors of the statement, of the data or of the code.
        (wrapped(errors.QueryCanceled()), None),
        (wrapped(errors.DeadlockDetected()), None),
        (wrapped(errors.DiskFull()), None),
        (IntegrityError("duplicate key"), None),
        (errors.UndefinedTable(), None),
        (ZeroDivisionError(), None),
        (None, None),
    ],
    ids=repr,
)
def test_a_failing_connection_is_told_from_a_failing_statement(error, failure):
    assert failure_of(error) == failure


def fails_after(pieces, error):
    yield from pieces
    raise error


def test_a_file_that_cannot_begin_fails_before_its_answer():
    with pytest.raises(OperationalError):
        started(fails_after([], OperationalError()))


def test_a_file_that_breaks_off_says_so_in_its_last_line():
    lost = wrapped(psycopg.OperationalError("lost"))
    pieces = list(started(fails_after(["a,b\r\n", "1,2\r\n"], lost)))
    assert pieces[:2] == ["a,b\r\n", "1,2\r\n"]
    assert pieces[2].startswith('"INCOMPLETE: The database does not answer.')
    assert list(started(iter(["a\r\n", "1\r\n"]))) == ["a\r\n", "1\r\n"]
    with pytest.raises(ZeroDivisionError):
        list(started(fails_after(["a"], ZeroDivisionError())))


@pytest.mark.django_db
def test_a_busy_database_is_answered_in_other_words(client, monkeypatch):
    def fail(*words, **options):
        raise wrapped(PoolTimeout("couldn't get a connection"))

    client.raise_request_exception = False
    monkeypatch.setattr("web.views.models.model_list_page", fail)
    response = client.get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"<h1>Too busy right now</h1>" in response.content
