"""One address, two answers: the whole page, or the part of it that htmx asked to swap."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from web.reads.site import site


class HtmxHttpRequest(HttpRequest):
    htmx: HtmxDetails


def render_page(
    request: HtmxHttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page, or its `{% partialdef %}` of this name when htmx asks for less than the page.

    A template may tell by `swapped` that the part goes into a page that is there already. Nothing
    of the visitor's session reaches the template, so public pages set no cookie and vary on none.
    """
    whole = (
        not partial
        or not request.htmx
        or request.htmx.boosted
        or request.htmx.history_restore_request
    )
    name = template if whole else f"{template}#{partial}"
    known = {"site": site(), "site_url": settings.PUBLIC_URL, "swapped": not whole}
    content = get_template(name).render({**known, **context})
    response = HttpResponse(content, status=status)
    if partial:
        patch_vary_headers(response, ("HX-Request", "HX-Boosted", "HX-History-Restore-Request"))
    return response


def render_error(status: int, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The error page of this status.

    It needs no database, so that it can say that there is none.
    """
    return HttpResponse(get_template(f"{status}.html").render(), status=status, headers=headers)
