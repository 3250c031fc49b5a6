"""The model list and the page of one model."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from web.filters import ModelFilters
from web.head import Head
from web.htmx import HtmxHttpRequest, render_page
from web.queries.addresses import near_spellings, slug_behind
from web.queries.model_list import ModelList, read_model_list
from web.queries.model_page import read_model_page
from web.remembered import remembered
from web.views.errors import read_only, render_missing

# The list's columns: what they sort by ("" for none), and their headings.
COLUMNS = (
    ("name", "Model"),
    ("context", "Context"),
    ("input", "Input"),
    ("output", "Output"),
    ("cache_read", "Cache read"),
    ("", "Capabilities"),
    ("providers", "Providers"),
    ("released", "Released"),
)
NUMERIC = ("context", "input", "output", "cache_read")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: where a click leads, and which way the column is sorted now, if it is."""

    key: str
    label: str
    query: str
    direction: str
    numeric: bool


@read_only
@remembered
def model_list(request: HtmxHttpRequest) -> HttpResponse:
    models = read_model_list(ModelFilters.from_query(request.GET), timezone.now().date())
    context = {**list_context(models), "head": _list_head(models.filters, models.page)}
    return render_page(request, "models/list.html", context, partial="results")


def list_context(models: ModelList) -> dict[str, Any]:
    """What the table of models needs, on whatever page it stands."""
    filters = models.filters
    return {
        "section": "models",
        "models": models,
        "filters": filters,
        "headings": [_heading(filters, key, label) for key, label in COLUMNS],
        "cleared": filters.query(q=""),
        "previous": filters.query(page=models.page - 1),
        "next": filters.query(page=models.page + 1),
    }


def _list_head(filters: ModelFilters, page: int) -> Head:
    query = filters.query(page=page)
    title = f"{filters.q} · Models" if filters.q else "Models"
    said = "AI models, every provider that serves them, and what each of them costs."
    return Head(title, said, f"{reverse('models')}?{query}" if query else reverse("models"))


def _heading(filters: ModelFilters, key: str, label: str) -> Heading:
    sorted_by = "descending" if filters.descending else "ascending"
    query = filters.query(sort=filters.sort_after_click(key)) if key else ""
    return Heading(key, label, query, sorted_by if filters.column == key else "", key in NUMERIC)


@read_only
@remembered
def model_page(request: HtmxHttpRequest, creator: str, name: str) -> HttpResponse:
    page = read_model_page(f"{creator}/{name}", timezone.now())
    if page is None:
        return model_by_spelling(request, f"{creator}/{name}")
    context = {"section": "models", "head": _page_head(page.model), "page": page, "model": page.model}
    return render_page(request, "models/page.html", context)


def _page_head(model: Any) -> Head:
    return Head(
        f"{model.name} by {model.creator_name}: providers and prices",
        f"What {model.name} ({model.slug}) costs at each of its providers, with limits and capabilities.",
        reverse("model", args=model.slug.split("/")),
    )


@read_only
def model_by_spelling(request: HtmxHttpRequest, spelling: str) -> HttpResponse:
    """Lead an alias or a provider's id to its model for good; else offer what is spelled nearly so."""
    slug = slug_behind(spelling)
    if slug:
        return HttpResponsePermanentRedirect(reverse("model", args=slug.split("/")))
    return render_missing(request, "model", spelling, near_spellings(spelling))
