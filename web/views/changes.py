"""Changes: the page, and the feeds of any of its filters."""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils import timezone

from web.exports.changes import Feed, atom_feed, feed_of, json_feed
from web.http.page_cache import cached_page
from web.pages.changes import FOLDED, changes_head, changes_page
from web.params.changes import ChangesQuery
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def changes(request: HtmxHttpRequest) -> HttpResponse:
    page = changes_page(ChangesQuery.from_query(request.GET), timezone.now().date())
    context = {
        "section": "changes",
        "head": changes_head(page),
        "filters": page.filters,
        "page": page,
        "folded_in_words": FOLDED,
    }
    return render_public(request, "changes/page.html", context, partial="results")


@read_only
@cached_page
def changes_atom(request: HtmxHttpRequest) -> HttpResponse:
    return _feed(request, atom_feed, "application/atom+xml")


@read_only
@cached_page
def changes_json(request: HtmxHttpRequest) -> HttpResponse:
    return _feed(request, json_feed, "application/feed+json")


def _feed(
    request: HtmxHttpRequest, write: Callable[[Feed], str | bytes], kind: str
) -> HttpResponse:
    feed = feed_of(ChangesQuery.from_query(request.GET), timezone.now().date(), request.path)
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(write(feed), content_type=f"{kind}; charset=utf-8", headers=headers)
