"""Models side by side."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from web.http.page_cache import cached_page
from web.pages.compare import ComparePage, read_compare_page
from web.pages.head import Head
from web.params.compare import FEWEST, MOST, CompareQuery
from web.reads.endpoints import sources_of
from web.reads.site import site
from web.text.facts import listed
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public

# HTMX target of the page's own links; the search swaps its results alone.
TABLE = "comparison"


@read_only
@cached_page
def compare(request: HtmxHttpRequest) -> HttpResponse:
    page = read_compare_page(CompareQuery.from_query(request.GET), timezone.now())
    query = page.query
    context = {
        "section": "compare",
        "head": _head(page),
        "page": page,
        "as_of": site().as_of_sources(sources_of([model.endpoint for model in page.models])),
        "workload": urlencode(query.workload.pairs()) if query.workload else "",
        "room": len(page.models) < MOST,
        "most": MOST,
    }
    response = render_public(request, "compare/page.html", context, partial=TABLE)
    patch_vary_headers(response, ("HX-Target",))
    if request.htmx.target == TABLE:
        response["HX-Push-Url"] = _path(query)
    return response


def _head(page: ComparePage) -> Head:
    names = listed((compared.model.name for compared in page.models), MOST)
    title = f"Compare {names}" if names else "Compare models"
    what = names if len(page.models) >= FEWEST else "AI models"
    path = _path(CompareQuery(asked=page.query.asked))
    return Head(title, f"{what} side by side: prices, limits, capabilities.", path)


def _path(query: CompareQuery) -> str:
    stated = query.query(q="")
    return f"{reverse('compare')}?{stated}" if stated else reverse("compare")
