"""Sources: health, freshness and agreement."""

from django.http import HttpResponse
from django.utils import timezone

from web.http.page_cache import RUNS, TOPICS, cached_page_of
from web.pages.sources import sources_head, sources_page
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page_of(*TOPICS, RUNS)
def sources(request: HtmxHttpRequest) -> HttpResponse:
    context = {
        "section": "sources",
        "head": sources_head(),
        "page": sources_page(timezone.now()),
    }
    return render_public(request, "sources/page.html", context)
