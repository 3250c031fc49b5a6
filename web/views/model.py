"""The page of one model, the table of its providers, and what stands behind each of its rows."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from web.exports.endpoints import provider_csv
from web.http.page_cache import cached_page, cached_read
from web.pages.endpoint import EndpointPage, read_endpoint_page
from web.pages.head import Head
from web.pages.model import read_model_page
from web.pages.model_sections import below
from web.params.models import COLUMNS
from web.reads.addresses import models_meant
from web.tables.provider_table import OPTIONAL, ProviderQuery, arrange, in_order
from web.views.errors import read_only, render_missing
from web.views.models import model_by_spelling
from web.views.render import HtmxHttpRequest, render_public

# The part of the page that its own links ask for; others of its parts name another target.
TABLE = "provider-table"

# Neither depends on how the table is sorted or folded, nor on the visitor.
cached_model_page = cached_read(read_model_page, most=128)
cached_sections = cached_read(below, most=256)


@read_only
@cached_page
def model_page(request: HtmxHttpRequest, creator: str, name: str) -> HttpResponse:
    page = cached_model_page(f"{creator}/{name}")
    if page is None:
        return model_by_spelling(request, f"{creator}/{name}")
    asked = ProviderQuery.from_query(request.GET)
    context = {
        "section": "models",
        "head": _head(page.model, page.line),
        "page": page,
        "model": page.model,
        "table": arrange(page.endpoints, asked, (page.stage, page.model.retired_on)),
        "optional": tuple(OPTIONAL.items()),
        "more_headings": COLUMNS,
        # Read where it is drawn: the table alone needs none of it.
        "below": partial(cached_sections, page.model.id, request.GET.get("use", "")[:100]),
    }
    part = "providers" if request.htmx.target == TABLE else ""
    response = render_public(request, "models/page.html", context, partial=part)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response


def _head(model: Any, line: str) -> Head:
    return Head(
        f"{model.name} by {model.creator_name}: providers and prices",
        f"{line} Prices, limits and capabilities at each provider.",
        reverse("model", args=model.slug.split("/")),
    )


@read_only
def providers_csv(request: HtmxHttpRequest, creator: str, name: str) -> HttpResponse:
    """Every row of the provider table, in the order that is asked for."""
    page = read_model_page(f"{creator}/{name}", timezone.now())
    if page is None:
        return model_by_spelling(request, f"{creator}/{name}")
    rows = in_order(page.endpoints, ProviderQuery.from_query(request.GET))
    attachment = f'attachment; filename="{creator}-{name}-providers.csv"'
    headers = {"Content-Disposition": attachment}
    return HttpResponse(provider_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)


@read_only
@cached_page
def endpoint_page(request: HtmxHttpRequest, creator: str, name: str, provider: str) -> HttpResponse:
    """A whole rate card, or for a row of the provider table the row that opens below it."""
    upstream_id = request.GET.get("id", "").replace("\0", "")
    page = read_endpoint_page(f"{creator}/{name}", provider, upstream_id, timezone.now())
    if page is None:
        asked = " ".join(filter(None, (f"{creator}/{name}", "at", provider, upstream_id)))
        return render_missing(
            request, "endpoint", asked, {"models": models_meant(f"{creator}/{name}")}
        )
    context = {
        "section": "models",
        "head": _endpoint_head(page),
        "page": page,
        "endpoint": page.endpoint,
    }
    return render_public(request, "models/endpoint.html", context, partial="opened")


def _endpoint_head(page: EndpointPage) -> Head:
    model, row = page.endpoint.model_name, page.row
    path = reverse("endpoint", args=[*row.model_slug.split("/"), row.provider_slug])
    return Head(
        f"{model} at {row.provider_name} ({row.upstream_id}): every price",
        f"The whole rate card of {row.upstream_id} at {row.provider_name}, its terms, and who states them.",
        f"{path}?{urlencode({'id': row.upstream_id})}",
    )
