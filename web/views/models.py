"""The model list as page and CSV, and other spellings of a model's address."""

from dataclasses import replace

from django.http import HttpResponse, HttpResponsePermanentRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page

from agreements.agreed import Agreements
from catalog.known_names import known_names
from web.exports.models import model_csv
from web.http.agreed_pages import shows_agreed
from web.http.unavailable import started
from web.pages.model_list import model_list_head, model_list_page, rows_with_agreed
from web.pages.suggestions import filter_offer
from web.params import past
from web.params.models import ModelFilters
from web.params.values import last_value
from web.reads.addresses import (
    address_behind,
    creators_known_as,
    near_spellings,
    providers_called,
)
from web.reads.choices import among_choices
from web.views.errors import read_only, render_missing
from web.views.render import HtmxHttpRequest, rendering


@read_only
@shows_agreed
def model_list(request: HtmxHttpRequest, *, agreed: Agreements | None) -> HttpResponse:
    now = timezone.now()
    filters = ModelFilters.from_query(request.GET).dated(last_value(request.GET, "at"), now)
    today = (filters.at or now).date()
    page = model_list_page(filters, today, only_last=loads_more(request, filters))
    if agreed and not filters.at:
        page = replace(page, rows=rows_with_agreed(page.rows, agreed, now))
    context = {
        "section": "models",
        "head": model_list_head(page),
        "filters": page.filters,
        "at": past.in_words(page.filters.at),
        "page": page,
        "offer": filter_offer(page.filters, today),
    }
    response = rendering(agreed)(request, "models/list.html", context, partial="results")
    return push_shortest_url(request, response, page.filters)


@read_only
@gzip_page
def models_csv(request: HtmxHttpRequest) -> StreamingHttpResponse:
    filters = among_choices(ModelFilters.from_query(request.GET))
    lines = started(model_csv(filters, timezone.now().date()))
    headers = {"Content-Disposition": 'attachment; filename="models.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def loads_more(request: HtmxHttpRequest, filters: ModelFilters) -> bool:
    """Whether htmx appends the last page to rows that it already has."""
    return bool(request.htmx) and request.htmx.target == f"from-{filters.start + 1}"


def push_shortest_url(
    request: HtmxHttpRequest, response: HttpResponse, filters: ModelFilters
) -> HttpResponse:
    """Show a list's shortest address in the browser; a form would state its empty fields too."""
    patch_vary_headers(response, ("HX-Target",))
    if request.htmx:
        query = filters.query(page=filters.page, first=filters.first)
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


@read_only
def model_by_spelling(request: HtmxHttpRequest, spelling: str) -> HttpResponse:
    """Redirect an alias, a provider's id or a creator's name; else suggest similar models."""
    creator = known_names().creator(spelling.rstrip("/"))
    if creator:
        return HttpResponsePermanentRedirect(reverse("creator", args=[creator]))
    address = address_behind(spelling)
    if address:
        return HttpResponsePermanentRedirect(address)
    first = spelling.partition("/")[0]
    models = {"models": near_spellings(spelling)}
    makers = creators_known_as(first)
    named = {"creators": makers, "providers": [] if makers else providers_called(first)}
    near = {**models, **named} if "/" in spelling.rstrip("/") else {**named, **models}
    return render_missing(request, "model", spelling, near)
