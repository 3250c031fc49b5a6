"""Pages and what they are made of, kept by each process for as long as nothing in the database
changes."""

import gzip
import re
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import lru_cache, wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
Read = TypeVar("Read")

# What a page says may depend on the time too: a rate begins, a model retires.
SECONDS = 60
# A list of 136 KB becomes 16 KB in 0.9 ms; the best size, 15 KB, takes seven times as long.
COMPRESSION = 4
_WEIGHT = re.compile(r"[01](\.\d{0,3})?", re.ASCII)
# The headers by which the same address gives the whole page or a part of it.
ASKED_FOR = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request", "HX-Target")


def remembered(
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[Concatenate[R, P], HttpResponse]:
    """Answer the same address with the same page until a transaction commits.

    Only for what all may see.
    """

    @wraps(view)
    def answer(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = _key(request)
        response: HttpResponse | None = cache.get(key) if key else None
        if response is None:
            response = packed(view(request, *args, **kwargs), small=_takes_gzip(request))
            if key and response.status_code == 200:
                cache.set(key, response, SECONDS)
        if response.status_code == 200:
            return cast(
                HttpResponse,
                get_conditional_response(request, etag=response["ETag"], response=response),
            )
        return response

    return answer


def until_written(read: Callable[..., Read], most: int) -> Callable[..., Read]:
    """Keep what a function reads for as long as the database is in one state, which is asked for
    first.

    `read` takes the instant last. It is the true one, so that what was written a second ago holds;
    as time alone may change what is read, nothing is kept beyond its minute. Nor where the state
    cannot be told.
    """

    @lru_cache(maxsize=most)
    def kept(state: str, minute: datetime, *asked: Hashable) -> Read:
        return read(*asked, timezone.now())

    @wraps(read)
    def answer(state: str, *asked: Hashable) -> Read:
        now = timezone.now()
        minute = now.replace(second=0, microsecond=0)
        return kept(state, minute, *asked) if state else read(*asked, now)

    return answer


def packed(response: HttpResponse, *, small: bool) -> HttpResponse:
    """A page with its ETag, small for who takes that.

    Public pages hold no secret to guess by their size.
    """
    patch_vary_headers(response, ("Accept-Encoding",))
    if response.status_code == 200:
        response["ETag"] = (
            f'"{sha256(response.content).hexdigest()[:32]}{"-gzip" if small else ""}"'
        )
        response["Cache-Control"] = "no-cache"  # keep it, and ask whether it still holds
    if small:
        response.content = gzip.compress(response.content, COMPRESSION, mtime=0)
        response["Content-Encoding"] = "gzip"
    return response


def _takes_gzip(request: HttpRequest) -> bool:
    """Whether gzip, or else whatever there is (*), has a weight above zero (RFC 9110, 12.5.3)."""
    weights = dict(map(_coding, request.headers.get("Accept-Encoding", "").lower().split(",")))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _coding(stated: str) -> tuple[str, float]:
    """A coding and its weight: 1 unless it states another; 0, to be safe, for what is no number."""
    name, *parameters = (part.strip() for part in stated.split(";"))
    weight = parameters[0].removeprefix("q=") if parameters else "1"
    return name, float(weight) if _WEIGHT.fullmatch(weight) else 0.0


def _key(request: HttpRequest) -> str:
    """The address, what of it is asked for, and the state of the database; "" where that cannot be
    told."""
    state = database_state()
    asked = (request.headers.get(name) for name in ASKED_FOR)
    wanted = (state, _takes_gzip(request), *asked, request.get_full_path())
    return sha256(repr(wanted).encode()).hexdigest() if state else ""


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
