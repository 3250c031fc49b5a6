"""Whole pages, remembered by each process for as long as nothing in the database has changed."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)

# What a page says may depend on the time too: a rate begins, a model retires.
SECONDS = 60
# The headers by which the same address gives the whole page or a part of it.
ASKED_FOR = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request", "HX-Target")


def remembered(
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[Concatenate[R, P], HttpResponse]:
    """Answer the same address with the same page until a transaction commits. Only for what all may see."""

    @wraps(view)
    def answer(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = _key(request)
        known: HttpResponse | None = cache.get(key) if key else None
        if known is not None:
            return known
        response = view(request, *args, **kwargs)
        if key and response.status_code == 200:
            cache.set(key, response, SECONDS)
        return response

    return answer


def _key(request: HttpRequest) -> str:
    """The address, what of it is asked for, and the state of the database; "" where that cannot be told."""
    state = database_state()
    asked = (request.headers.get(name) for name in ASKED_FOR)
    return sha256(repr((state, *asked, request.get_full_path())).encode()).hexdigest() if state else ""


def database_state() -> str:
    """A name that is another one when anything has been written; "" where that cannot be told.

    PostgreSQL names a state by the transactions that are over: as long as its snapshot is the same,
    everybody reads the same. Only a transaction's own changes do not show in it.
    """
    if connection.in_atomic_block:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        (snapshot,) = cursor.fetchone() or ("",)
    return str(snapshot)
