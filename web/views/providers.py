"""The list of providers and the page of one."""

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from web.http.page_cache import cached_page
from web.pages.head import Head, head_of_list
from web.pages.provider import ENDPOINTS, ProviderPage, read_provider_page
from web.pages.provider_list import PROVIDERS, read_provider_list
from web.params.columns import headings
from web.params.lists import page_count
from web.params.tables import TableFilters
from web.reads.addresses import near_providers, provider_called
from web.views.errors import read_only, render_missing
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def provider_list(request: HtmxHttpRequest) -> HttpResponse:
    providers = read_provider_list(TableFilters.from_query(request.GET, PROVIDERS))
    filters = providers.filters
    context = {
        "section": "providers",
        "head": _list_head(filters),
        "providers": providers,
        "kinds": [(*kind, filters.query(kind=kind[0])) for kind in providers.kinds if kind[2]],
        "of_every_kind": filters.query(kind=""),
        **_table(filters, providers.total),
    }
    return render_public(request, "providers/list.html", context, partial="answer")


def _list_head(filters: TableFilters) -> Head:
    said = "Everyone who serves AI models over an API: kind, models, endpoints, and how old their prices are."
    return _head("Providers of AI models", said, reverse("providers"), filters)


@read_only
@cached_page
def provider_page(request: HtmxHttpRequest, slug: str) -> HttpResponse:
    page = read_provider_page(slug, TableFilters.from_query(request.GET, ENDPOINTS), timezone.now())
    if page is None:
        return _missing(request, slug)
    context = {
        "section": "providers",
        "head": _page_head(page),
        "page": page,
        "provider": page.provider,
        **_table(page.filters, page.total),
    }
    return render_public(request, "providers/page.html", context, partial="answer")


def _page_head(page: ProviderPage) -> Head:
    return _head(
        f"{page.provider.name}: models and prices",
        f"What {page.provider.name} ({page.kind}) serves and charges: {page.endpoints:,} endpoints"
        " with prices, limits, capabilities and data policy.",
        reverse("provider", args=[page.provider.slug]),
        page.filters,
    )


def _head(title: str, said: str, path: str, filters: TableFilters) -> Head:
    return head_of_list(title, said, path, filters.query(page=filters.page), filters.page)


def _table(filters: TableFilters, total: int) -> dict[str, object]:
    """What every table's template needs: its headings, and where its links lead."""
    return {
        "filters": filters,
        "total": total,
        "headings": headings(filters.table.columns, filters),
        "cleared": filters.query(q=""),
        "previous": filters.query(page=filters.first - 1) if filters.first > 1 else None,
        **_more(filters, total),
    }


def _more(filters: TableFilters, total: int) -> dict[str, object]:
    """The next page by itself, the same below the rows that are there, and the first row that is
    new then."""
    page = filters.page + 1
    return {
        "next": filters.query(page=page) if page <= page_count(total) else None,
        "longer": filters.query(page=page, first=filters.first) if filters.can_grow else "",
        "following": filters.shown + 1,
    }


def _missing(request: HtmxHttpRequest, asked: str) -> HttpResponse:
    """Lead another name to its provider for good; else offer what may be meant."""
    slug = provider_called(asked)
    if slug:
        return HttpResponsePermanentRedirect(reverse("provider", args=[slug]))
    return render_missing(request, "provider", asked, {"providers": near_providers(asked)})
