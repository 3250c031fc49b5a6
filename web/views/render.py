"""Render pages: whole or the part that htmx swaps; public or of one visitor."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django_htmx.middleware import HtmxDetails

from web.reads.known_columns import is_offered
from web.reads.live import METRICS
from web.reads.site import site
from web.text.freshness import not_refreshed


class HtmxHttpRequest(HttpRequest):
    htmx: HtmxDetails


def render_public(
    request: HtmxHttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page that is the same for all visitors; its template gets neither request nor user.

    htmx gets the `{% partialdef %}` named `partial`, where it swaps less than the page; the
    template then sees `swapped`.
    """
    return _render(request, template, context, partial, status, with_request=False)


def render_private(
    request: HtmxHttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page of one visitor: as `render_public`, with request and user, and kept by no cache."""
    response = _render(request, template, context, partial, status, with_request=True)
    patch_cache_control(response, private=True, no_store=True)
    return response


def rendering(agreed: object | None) -> Callable[..., HttpResponse]:
    """How to render a page that shows agreed prices, or that has none to show: None."""
    return render_public if agreed is None else render_private


def render_error(
    status: int, *, template: str = "", headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The error page of this status. Reads no database, which may be the cause."""
    page = get_template(template or f"{status}.html").render()
    return HttpResponse(page, status=status, headers=headers)


def _render(
    request: HtmxHttpRequest,
    template: str,
    context: Mapping[str, Any],
    partial: str,
    status: int,
    *,
    with_request: bool,
) -> HttpResponse:
    htmx = request.htmx
    whole = not partial or not htmx or htmx.boosted or htmx.history_restore_request
    name = template if whole else f"{template}#{partial}"
    usual = {
        "site": site(),
        "not_refreshed": not_refreshed(site().refreshed, timezone.now()),
        "site_url": settings.PUBLIC_URL,
        "swapped": not whole,
        "has_live": any(map(is_offered, METRICS)),
    }
    content = get_template(name).render({**usual, **context}, request if with_request else None)
    response = HttpResponse(content, status=status)
    if partial:
        patch_vary_headers(response, ("HX-Request", "HX-Boosted", "HX-History-Restore-Request"))
    return response
