"""Error pages: unknown addresses, refused methods, failures."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from web.http.bodies import RETRY_AFTER_SECONDS, BodyRefused
from web.http.unavailable import failure_of, unavailable
from web.views.render import HtmxHttpRequest, render_error, render_public

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
S = TypeVar("S", bound=HttpResponseBase)

# Suggestions as (slug, name), by the first word of their addresses.
Near = Mapping[str, Sequence[tuple[str, str]]]

READ_METHODS = ("GET", "HEAD")


def render_missing(request: HtmxHttpRequest, noun: str, spelling: str, near: Near) -> HttpResponse:
    context = {
        "noun": noun,
        "spelling": _printable(spelling),
        "suggestions": [(kind, names) for kind, names in near.items() if names],
    }
    return render_public(request, "404.html", context, status=404)


# Instead of Django's own handlers, which read the body for a token: a body that cannot be read,
# such as a form in another charset than UTF-8, became an error of the server.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, BodyRefused):
        return body_refused(exception)
    return render_error(400)


def body_refused(refused: BodyRefused) -> HttpResponse:
    headers = {"Cache-Control": "no-store", "Retry-After": str(RETRY_AFTER_SECONDS)}
    response = render_error(refused.status, headers=headers, template=refused.template)
    # Django would write a traceback for each 503, of which an attacker can cause many.
    response._has_been_logged = refused.status == 503  # type: ignore[attr-defined]
    return response


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render_error(403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render_error(404)


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """More codes or passwords were tried than a person mistypes."""
    headers = {"Retry-After": "300", "Cache-Control": "no-store"}
    return render_error(429, template="too_many_attempts.html", headers=headers)


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the connection to the database fails, 500 for any other exception."""
    failure = failure_of(sys.exc_info()[1])
    return unavailable(request, failure) if failure else render_error(500)


def _printable(spelling: str) -> str:
    shown = "".join(sign if sign == " " or sign.isprintable() else "�" for sign in spelling)
    return shown if shown.strip(" �") else ""


def read_only(
    view: Callable[Concatenate[R, P], S],
) -> Callable[Concatenate[R, P], S | HttpResponse]:
    @wraps(view)
    def answer(request: R, /, *args: P.args, **kwargs: P.kwargs) -> S | HttpResponse:
        if request.method in READ_METHODS:
            return view(request, *args, **kwargs)
        return render_error(405, headers={"Allow": ", ".join(READ_METHODS)})

    # Nothing is written, so nothing can be forged: 405 comes before the check for CSRF.
    return csrf_exempt(answer)
