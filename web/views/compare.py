"""Models side by side."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from web.http.page_cache import cached_page
from web.pages.compare import Comparison, Suggestion, found_by, most_served, read_comparison
from web.pages.head import Head
from web.params.compare import FEWEST, MOST, CompareQuery
from web.params.workload import BY_NAME, Workload
from web.reads.site import site
from web.tables.comparison import Compared, groups
from web.text.facts import listed
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public

# The part of the page that its own links ask for; the search asks for what it found alone.
TABLE = "comparison"


@read_only
@cached_page
def compare(request: HtmxHttpRequest) -> HttpResponse:
    now = timezone.now()
    comparison = read_comparison(CompareQuery.from_query(request.GET), now)
    query, models = comparison.query, comparison.models
    context = {
        "section": "compare",
        "head": _head(comparison),
        "query": query,
        "workload": urlencode(query.workload.pairs()) if query.workload else "",
        "misread": _misread(query.workload),
        "groups": groups(models, query, site()) if len(models) >= FEWEST else (),
        "found": _with_links(query, found_by(query.q, now)) if query.q else [],
        "suggested": []
        if len(models) >= FEWEST
        else _with_links(query, most_served(of.slug for of in models)),
        "columns": [(of, query.without(of.spelled)) for of in models],
        "room": len(models) < MOST,
        "most": MOST,
        "beside_search": query.pairs(q=""),
        "beside_choices": query.pairs(asked=(), q="", mix=CompareQuery().mix),
        "cleared": query.query(asked=(), q=""),
    }
    response = render_public(request, "compare/page.html", context, partial=TABLE)
    patch_vary_headers(response, ("HX-Target",))
    if request.htmx.target == TABLE:
        response["HX-Push-Url"] = _path(query)
    return response


def _with_links(query: CompareQuery, found: list[Suggestion]) -> list[tuple[Suggestion, str]]:
    """Models that may be added, each with the query that adds it."""
    return [(each, query.adding(each.slug)) for each in found]


def _suggested(query: CompareQuery, models: Sequence[Compared]) -> list[tuple[Suggestion, str]]:
    return _with_links(query, most_served(of.slug for of in models))


def _misread(workload: Workload | None) -> list[str]:
    """Why a workload is not priced, by its fields."""
    said = workload.complaints if workload else {}
    return [
        f"{BY_NAME[name].label if name in BY_NAME else name}: {why}" for name, why in said.items()
    ]


def _head(comparison: Comparison) -> Head:
    names = [model.name for model in comparison.models]
    title = f"Compare {listed(names, MOST)}" if names else "Compare models"
    said = (
        f"{listed(names, MOST)} side by side" if len(names) >= FEWEST else "AI models side by side"
    )
    alone = CompareQuery(asked=comparison.query.asked)
    return Head(title, f"{said}: prices, limits, capabilities.", _path(alone))


def _path(query: CompareQuery) -> str:
    """The address of a comparison, whatever was searched for beside it."""
    stated = query.query(q="")
    return f"{reverse('compare')}?{stated}" if stated else reverse("compare")
