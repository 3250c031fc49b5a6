"""Pages with agreed prices for people with the permission to view them; public for others."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from agreements.agreed import VIEW, Agreements, agreements
from catalog.version import one_version
from web.http.page_cache import cached_page


def sees_agreed(request: HttpRequest) -> bool:
    """Whether this visitor is signed in and may view private entries; reads no session without a
    cookie of one."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.has_perm(VIEW)


def shows_agreed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Call `view` with `agreed`: None for a public page, which is cached for all visitors.

    A page with `agreed` is rendered by `render_private`, so that no cache keeps it.
    """

    @wraps(view)
    def without(request: Any, /, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, agreed=None, **kwargs)

    public = cached_page(without)

    @wraps(view)
    def answer(request: Any, /, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sees_agreed(request):
            return public(request, *args, **kwargs)
        with one_version():
            agreed: Agreements = agreements()
            return view(request, *args, agreed=agreed, **kwargs)

    return answer
