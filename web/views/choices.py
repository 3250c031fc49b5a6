"""Creators and providers to filter by."""

from django.http import HttpResponse

from web.http.page_cache import cached_page
from web.params.changes import ChangesQuery
from web.params.estimate import EstimateQuery
from web.params.explore import ExploreQuery
from web.params.models import ModelFilters
from web.params.values import last_value
from web.reads.choices import choices
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public

# The pages with these filters, and the query of each.
_QUERIES: dict[str, type[ModelFilters | ChangesQuery | ExploreQuery | EstimateQuery]] = {
    "models": ModelFilters,
    "changes": ChangesQuery,
    "explore": ExploreQuery,
    "estimate": EstimateQuery,
}


@read_only
@cached_page
def creator_choices(request: HtmxHttpRequest) -> HttpResponse:
    """Options of a long select; without scripts a page with the whole select."""
    return _render(request, "creator", choices().creators)


@read_only
@cached_page
def provider_choices(request: HtmxHttpRequest) -> HttpResponse:
    """Options of a long select; without scripts a page with the whole select."""
    return _render(request, "provider", choices().providers)


def _render(
    request: HtmxHttpRequest, name: str, named: tuple[tuple[str, str], ...]
) -> HttpResponse:
    wanted = last_value(request.GET, "for")
    page = wanted if wanted in _QUERIES else "models"
    query = _QUERIES[page].from_query(request.GET)
    filters = query if isinstance(query, ModelFilters | ChangesQuery) else query.filters
    context = {
        "section": page,
        "page": page,
        "filters": filters,
        "kept": [pair for pair in query.pairs() if pair[0] != name],
        "name": name,
        "options": dict(named),
        "chosen": getattr(filters, name),
    }
    return render_public(request, "models/choices.html", context, partial="options")
