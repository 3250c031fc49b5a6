"""What a visitor sees when there is nothing to see."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from web.views.render import HtmxHttpRequest, render_error, render_public

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
S = TypeVar("S", bound=HttpResponseBase)

# What may be meant, by the first word of its address, each by (slug, name).
Near = Mapping[str, Sequence[tuple[str, str]]]

READ_METHODS = ("GET", "HEAD")


def render_missing(request: HtmxHttpRequest, noun: str, asked: str, near: Near) -> HttpResponse:
    """The page for an address that leads nowhere, with what may be meant instead."""
    context = {
        "noun": noun,
        "asked": _visible(asked),
        "suggestions": [each for each in near.items() if each[1]],
    }
    return render_public(request, "404.html", context, status=404)


def _visible(asked: str) -> str:
    """What was asked for, with a sign for what nobody sees; "" where there is nothing else."""
    shown = "".join(sign if sign == " " or sign.isprintable() else "�" for sign in asked)
    return shown if shown.strip(" �") else ""


def read_only(
    view: Callable[Concatenate[R, P], S],
) -> Callable[Concatenate[R, P], S | HttpResponse]:
    """Let GET and HEAD through; answer every other method with a page that says so."""

    @wraps(view)
    def answer(request: R, /, *args: P.args, **kwargs: P.kwargs) -> S | HttpResponse:
        if request.method in READ_METHODS:
            return view(request, *args, **kwargs)
        return render_error(405, headers={"Allow": ", ".join(READ_METHODS)})

    # Nothing is written here, so there is nothing to forge: another method is told so, not
    # suspected.
    return csrf_exempt(answer)
