"""The drawing of models: as page and as SVG file."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from web.charts.scatter import NARROW, WIDE, draw
from web.charts.scatter_file import DARK, LIGHT, DrawingTexts, drawing_file
from web.format.figures import thousands
from web.http.page_cache import cached_page
from web.pages.explore import ExplorePage, explore_head, explore_page
from web.pages.explored import MEASURE_NAMES, PRICE_NAMES
from web.params.explore import ExploreQuery
from web.params.values import last_value
from web.reads.site import site
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public

# A drawing shows itself, and nothing else, even when it is opened by itself.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@read_only
@cached_page
def explore(request: HtmxHttpRequest) -> HttpResponse:
    page = _read(request)
    response = render_public(request, "explore/page.html", _context(page), partial="results")
    if request.htmx:
        query = page.asked.query()
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


def _read(request: HtmxHttpRequest) -> ExplorePage:
    return explore_page(ExploreQuery.from_query(request.GET), timezone.now().date())


def page_address(page: ExplorePage) -> str:
    address, query = f"{settings.PUBLIC_URL}{reverse('explore')}", page.asked.query()
    return f"{address}?{query}" if query else address


def _context(page: ExplorePage) -> dict[str, Any]:
    drawings = [
        draw(page.points, page.best, page.axes, geometry, linked=page.linked, title=page.title)
        for geometry in (WIDE, NARROW)
    ]
    return {
        "section": "explore",
        "head": explore_head(page),
        "page": page,
        "asked": page.asked,
        "filters": page.asked.filters,
        "drawing": "".join(drawings),
        "price_names": PRICE_NAMES,
        "measure_names": {name: MEASURE_NAMES[name] for name in page.measures},
        "link": page_address(page),
    }


@read_only
@cached_page
def explore_svg(request: HtmxHttpRequest) -> HttpResponse:
    page = _read(request)
    palette = DARK if last_value(request.GET, "theme") == "dark" else LIGHT
    drawing = drawing_file(
        page.points, page.best, page.axes, _texts(page), palette, linked=page.linked
    )
    response = HttpResponse(drawing, content_type="image/svg+xml; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{page.file_name}.svg"'
    response["Content-Security-Policy"] = POLICY
    return response


def _texts(page: ExplorePage) -> DrawingTexts:
    sources = "; ".join(
        f"ratings: {source.name}{f' ({source.licence})' if source.licence else ''}, {source.on}"
        for source in page.sources
    )
    as_of = site().as_of
    prices = f"Prices: Ratecard, as of {as_of}" if as_of else "Prices: Ratecard"
    return DrawingTexts(
        title=page.title,
        subtitle=f"{thousands(page.drawn)} AI models, each at one provider. {page.on_line}",
        legend=[(entry.group, entry.name) for entry in page.legend],
        source=f"{prices}; {sources}" if sources else prices,
        address=page_address(page),
        site=settings.PUBLIC_URL,
    )
