"""The list of providers and the page of one."""

from functools import partial

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from catalog.known_names import known_names
from web.format.figures import partial_date
from web.http.page_cache import cached_page, cached_read
from web.pages import provider
from web.pages.performance import performance_of_provider
from web.pages.provider_list import PROVIDERS, provider_list_head, provider_list_page
from web.params import past
from web.params.charts import ChartQuery
from web.params.tables import TableFilters
from web.reads.addresses import near_providers
from web.views.errors import read_only, render_missing
from web.views.render import HtmxHttpRequest, render_public

cached_performance = cached_read(performance_of_provider, most=64)


@read_only
@cached_page
def provider_list(request: HtmxHttpRequest) -> HttpResponse:
    page = provider_list_page(TableFilters.from_query(request.GET, PROVIDERS))
    context = {
        "section": "providers",
        "head": provider_list_head(page.filters),
        "filters": page.filters,
        "page": page,
    }
    return render_public(request, "providers/list.html", context, partial="answer")


@read_only
@cached_page
def provider_page(request: HtmxHttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    filters = TableFilters.from_query(request.GET, provider.ENDPOINTS).until(now)
    page = provider.provider_page(slug, filters, now)
    if page is None:
        return _missing(request, slug)
    context = {
        "section": "providers",
        "head": provider.provider_head(page),
        "filters": page.filters,
        "page": page,
        "provider": page.provider,
        "as_of": "" if page.filters.at else partial_date(page.served.as_of),
        "at": past.in_words(page.filters.at),
        # Read where it is drawn: the table alone needs none of it.
        "performance": None
        if page.filters.at
        else partial(cached_performance, page.provider.id, ChartQuery.from_query(request.GET)),
    }
    part = "performance" if request.htmx.target == "performance" else "answer"
    return render_public(request, "providers/page.html", context, partial=part)


def _missing(request: HtmxHttpRequest, spelling: str) -> HttpResponse:
    slug = known_names().provider(spelling)
    if slug:
        return HttpResponsePermanentRedirect(reverse("provider", args=[slug]))
    return render_missing(request, "provider", spelling, {"providers": near_providers(spelling)})
