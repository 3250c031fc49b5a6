"""The page of one model, its provider table as CSV, and each endpoint's rate card."""

from functools import partial
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from agreements.agreed import Agreements
from web.exports.endpoints import endpoints_csv
from web.http.agreed_pages import shows_agreed
from web.http.page_cache import cached_page, cached_read
from web.pages.endpoint import read_endpoint_page
from web.pages.head import Head
from web.pages.model import ModelPage, read_model_page, read_model_page_at
from web.pages.model_list import offered_columns
from web.pages.model_sections import model_sections
from web.pages.performance import performance_of_model
from web.params import past
from web.params.charts import ChartQuery
from web.params.values import last_value
from web.reads.addresses import models_meant
from web.reads.agreed import endpoints_with_agreed, private_rows
from web.reads.endpoints import EndpointRecord, sources_of
from web.reads.known_columns import by_known_column, unknown_columns
from web.reads.live_rows import by_known_source
from web.reads.site import site
from web.tables.provider_query import ProviderQuery
from web.tables.provider_table import arrange, in_order
from web.text.headlines import in_short
from web.text.model_facts import headline_facts
from web.views.errors import read_only, render_missing
from web.views.models import model_by_spelling
from web.views.render import HtmxHttpRequest, render_public, rendering

# What htmx swaps, by its target; links to other targets get the whole page.
PARTS = {"provider-table": "providers", "performance": "performance"}

# None depends on how the table is sorted or folded, nor on the visitor.
cached_model_page = cached_read(read_model_page, most=128)
cached_sections = cached_read(model_sections, most=256)
cached_performance = cached_read(performance_of_model, most=128)


@read_only
@shows_agreed
def model_page(
    request: HtmxHttpRequest, creator: str, name: str, *, agreed: Agreements | None
) -> HttpResponse:
    now = timezone.now()
    query = by_known_source(by_known_column(ProviderQuery.from_query(request.GET).until(now), ""))
    slug = f"{creator}/{name}"
    page = read_model_page_at(slug, query.at) if query.at else cached_model_page(slug)
    if page is None:
        return model_by_spelling(request, slug)
    stage = page.model.stage, page.model.retired_on
    endpoints = page.measured_by(query.live)
    if agreed:
        endpoints = endpoints_with_agreed(endpoints, agreed, query.at or now)
    context = {
        "section": "models",
        "head": _head(page),
        "page": page,
        "model": page.model,
        "as_of": "" if query.at else site().as_of_sources(sources_of(page.endpoints)),
        "at": past.in_words(query.at),
        "table": arrange(
            endpoints, query, stage, unknown=unknown_columns(), disputes=page.disputes
        ),
        "yours": private_rows(agreed, page.model.slug, query.at or now) if agreed else [],
        "more_headings": offered_columns(),
        # Read where they are drawn: the table alone needs none of them.
        "performance": None
        if query.at
        else partial(cached_performance, page, ChartQuery.from_query(request.GET)),
        "below": ""
        if query.at
        else partial(cached_sections, page, request.GET.get("use", "")[:100]),
    }
    part = PARTS.get(request.htmx.target or "", "")
    response = rendering(agreed)(request, "models/page.html", context, partial=part)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response


def _head(page: ModelPage) -> Head:
    model, headline = page.model, page.headline
    facts = headline_facts(headline, page.prices) if headline else None
    price = in_short(facts) if facts else ""
    rest = "Prices, limits and capabilities at each provider."
    return Head(
        f"{model.name} by {model.creator_name}: providers and prices",
        " ".join(filter(None, (page.line, price, rest))),
        reverse("model", args=model.slug.split("/")),
    )


@read_only
def providers_csv(request: HtmxHttpRequest, creator: str, name: str) -> HttpResponse:
    page = read_model_page(f"{creator}/{name}", timezone.now())
    if page is None:
        return model_by_spelling(request, f"{creator}/{name}")
    query = by_known_source(ProviderQuery.from_query(request.GET))
    endpoints = in_order(page.measured_by(query.live), query)
    return HttpResponse(
        endpoints_csv(endpoints),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{creator}-{name}-providers.csv"'},
    )


@read_only
@cached_page
def endpoint_page(request: HtmxHttpRequest, creator: str, name: str, provider: str) -> HttpResponse:
    """A whole rate card; for a row of the provider table, only the row that opens below it."""
    slug = f"{creator}/{name}"
    upstream_id = request.GET.get("id", "").replace("\0", "")
    now, complaints = timezone.now(), list[str]()
    at = past.read_past(last_value(request.GET, "at"), complaints)
    at = past.not_after(at, now, complaints)
    page = read_endpoint_page(slug, provider, upstream_id, at or now, past=at is not None)
    if page is None:
        wanted = " ".join(filter(None, (slug, "at", provider, upstream_id)))
        return render_missing(request, "endpoint", wanted, {"models": models_meant(slug)})
    context = {
        "section": "models",
        "head": _endpoint_head(page.endpoint),
        "page": page,
        "endpoint": page.endpoint,
        "at": past.in_words(at),
        "complaints": complaints,
        "as_of": "" if at else site().as_of_sources(sources_of([page.endpoint])),
    }
    return render_public(request, "models/endpoint.html", context, partial="opened")


def _endpoint_head(endpoint: EndpointRecord) -> Head:
    model, provider = endpoint.model_name, endpoint.provider_name
    path = reverse("endpoint", args=[*endpoint.model_slug.split("/"), endpoint.provider_slug])
    return Head(
        f"{model} at {provider} ({endpoint.upstream_id}): every price",
        f"The whole rate card of {endpoint.upstream_id} at {provider}, its terms, "
        "and who states them.",
        f"{path}?{urlencode({'id': endpoint.upstream_id})}",
    )
