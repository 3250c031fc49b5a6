"""503 for what is gone or overloaded: at once, without a query, in the type of the address."""

import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import psycopg
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.utils.html import format_html
from psycopg_pool import PoolTimeout

log = logging.getLogger("ratecard.database")

RETRY_AFTER_SECONDS = 5
# SQLSTATE: connection exceptions; shutdown, crash, and a server that is still starting.
_GONE = ("08", "57P01", "57P02", "57P03")
_TOO_MANY_CONNECTIONS = "53300"


@dataclass(frozen=True, slots=True)
class Failure:
    sentence: str
    advice: str


class Overloaded(Exception):
    """Work that is refused for now, to be answered with 503 and its sentence."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


GONE = Failure(
    "The database does not answer",
    "No page can be read until it does. Try again in a few seconds: nothing else has to be done.",
)
BUSY = Failure(
    "Too busy right now",
    "More pages are being read than the database serves at once. Try again in a few seconds.",
)


def failure_of(error: BaseException | None) -> Failure | None:
    """What is overloaded or gone behind an error; None for an error of the query or the code."""
    if isinstance(error, Overloaded):
        return error.failure
    cause = error.__cause__ if isinstance(error, OperationalError) else error
    if isinstance(cause, PoolTimeout):
        return BUSY
    if isinstance(error, OperationalError) and not isinstance(cause, psycopg.Error):
        return GONE  # no server to begin with
    if not isinstance(cause, psycopg.OperationalError):
        return None
    if cause.sqlstate == _TOO_MANY_CONNECTIONS:
        return BUSY
    return GONE if not cause.sqlstate or cause.sqlstate.startswith(_GONE) else None


def unavailable(request: HttpRequest, failure: Failure) -> HttpResponse:
    text = f"{failure.sentence}. {failure.advice}"
    kind = request.path_info.rpartition(".")[2]
    response: HttpResponse
    if kind == "json" or request.headers.get("Accept", "").startswith("application/json"):
        response = JsonResponse({"error": text})
    elif kind == "csv":
        response = HttpResponse(f'error\r\n"{text}"\r\n', content_type="text/csv; charset=utf-8")
    elif kind in ("txt", "xml"):
        response = HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8")
    elif "HX-Request" in request.headers and "HX-Boosted" not in request.headers:
        response = HttpResponse(format_html("<p>{}</p>", text))
    else:
        response = HttpResponse(get_template("503.html").render(asdict(failure)))
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def started(lines: Iterator[str]) -> Iterator[str]:
    """The pieces of a file, the first one read at once: a failure before it is answered with 503.

    A later one ends the file with a line that names it, because the answer is already 200.
    """
    return _with_end(next(lines, ""), lines)


def _with_end(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    try:
        yield from rest
    except OperationalError as error:
        if not (failure := failure_of(error)):
            raise
        log.warning("A file ended early: %s.", failure.sentence)
        yield f'"INCOMPLETE: {failure.sentence}. {failure.advice}"\r\n'
