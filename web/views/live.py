"""Live figures of some endpoints: a page, and what open pages renew their cells from."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.gzip import gzip_page

from web.pages.live import live_head, live_page
from web.params.live import LiveQuery
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@gzip_page
@read_only
def live_figures(request: HtmxHttpRequest) -> HttpResponse:
    """Made for each request: its ETag is of the figures, which renewals often find the same."""
    page = live_page(LiveQuery.from_query(request.GET), timezone.now())
    etag = f'"{page.digest}{"-part" if request.htmx else ""}"'
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    context = {
        "section": "",
        "head": live_head(),
        "page": page,
        "rows": page.rows(named=not request.htmx),
    }
    response = render_public(request, "live/page.html", context, partial="figures")
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response
