"""Changes: the page, and the feeds of any of its filters."""

from django.http import HttpResponse

from web.exports.changes import atom_feed, json_feed
from web.http.page_cache import cached_page, cached_read
from web.pages.changes import FOLDED, changes_head, changes_page
from web.params.changes import ChangesQuery
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def changes(request: HtmxHttpRequest) -> HttpResponse:
    page = changes_page(ChangesQuery.from_query(request.GET))
    context = {
        "section": "changes",
        "head": changes_head(page),
        "filters": page.filters,
        "page": page,
        "folded_in_words": FOLDED,
    }
    return render_public(request, "changes/page.html", context, partial="results")


# A feed is fetched again and again, by many.
cached_atom = cached_read(atom_feed, most=32)
cached_json = cached_read(json_feed, most=32)


@read_only
@cached_page
def changes_atom(request: HtmxHttpRequest) -> HttpResponse:
    filters = ChangesQuery.from_query(request.GET).of_feed
    return _feed(cached_atom(filters, request.path), "application/atom+xml")


@read_only
@cached_page
def changes_json(request: HtmxHttpRequest) -> HttpResponse:
    filters = ChangesQuery.from_query(request.GET).of_feed
    return _feed(cached_json(filters, request.path), "application/feed+json")


def _feed(text: bytes, kind: str) -> HttpResponse:
    headers = {"Access-Control-Allow-Origin": "*"}
    return HttpResponse(text, content_type=f"{kind}; charset=utf-8", headers=headers)
