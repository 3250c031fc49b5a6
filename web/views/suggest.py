"""Suggestions for the search in the header."""

from django.http import HttpResponse
from django.utils import timezone

from web.http.page_cache import cached_page
from web.pages.suggestions import suggestions
from web.params.models import ModelFilters
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def suggest(request: HtmxHttpRequest) -> HttpResponse:
    """The options of a listbox, as a part of a page."""
    page = suggestions(ModelFilters.from_query(request.GET), timezone.now().date())
    return render_public(request, "suggestions.html", {"page": page})
