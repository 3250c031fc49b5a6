"""The page of one creator."""

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from catalog.known_names import known_names
from catalog.matching.tables import ORGS, OWNERS
from web.http.page_cache import cached_page
from web.pages import creator
from web.params.models import ModelFilters
from web.reads.addresses import near_creators
from web.views.errors import read_only, render_missing
from web.views.models import loads_more, push_shortest_url
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def creator_page(request: HtmxHttpRequest, slug: str) -> HttpResponse:
    filters, today = ModelFilters.from_query(request.GET), timezone.now().date()
    only_last = loads_more(request, filters)
    page = creator.creator_page(slug, filters, today, only_last=only_last)
    if page is None:
        return _missing(request, slug)
    context = {
        "section": "models",
        "head": creator.creator_head(page),
        "filters": page.models.filters,
        "page": page.models,
        "creator": page.creator,
    }
    response = render_public(request, "creators/page.html", context, partial="results")
    return push_shortest_url(request, response, page.models.filters)


def _missing(request: HtmxHttpRequest, spelling: str) -> HttpResponse:
    slug = known_names().creator(spelling, {**OWNERS, **ORGS})
    if slug:
        return HttpResponsePermanentRedirect(reverse("creator", args=[slug]))
    return render_missing(request, "creator", spelling, {"creators": near_creators(spelling)})
