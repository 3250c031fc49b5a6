"""Creators and providers to filter the model list by."""

from django.http import HttpResponse

from web.http.page_cache import cached_page
from web.params.models import ModelFilters
from web.reads.choices import choices
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def creator_choices(request: HtmxHttpRequest) -> HttpResponse:
    """Options of the list's long select; without scripts a page with the whole select."""
    return _render(request, "creator", choices().creators)


@read_only
@cached_page
def provider_choices(request: HtmxHttpRequest) -> HttpResponse:
    """Options of the list's long select; without scripts a page with the whole select."""
    return _render(request, "provider", choices().providers)


def _render(
    request: HtmxHttpRequest, name: str, named: tuple[tuple[str, str], ...]
) -> HttpResponse:
    filters = ModelFilters.from_query(request.GET)
    context = {
        "section": "models",
        "filters": filters,
        "name": name,
        "options": dict(named),
        "chosen": getattr(filters, name),
    }
    return render_public(request, "models/choices.html", context, partial="options")
