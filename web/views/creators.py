"""The page of one creator."""

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from web.filters import ModelFilters
from web.head import Head
from web.htmx import HtmxHttpRequest, render_page
from web.queries.addresses import creator_known_as, near_creators
from web.queries.creator_page import CreatorPage, read_creator
from web.queries.model_list import read_model_list
from web.remembered import remembered
from web.views.errors import read_only, render_missing
from web.views.models import address_plainly, list_context, loads_more


@read_only
@remembered
def creator_page(request: HtmxHttpRequest, slug: str) -> HttpResponse:
    creator = read_creator(slug)
    if creator is None:
        return _missing(request, slug)
    filters, today = ModelFilters.from_query(request.GET), timezone.now().date()
    models = read_model_list(filters, today, creator=slug, only_last=loads_more(request, filters))
    query = models.filters.query(page=models.page, columns=())
    context = {**list_context(models), "head": _head(creator, models.total, query), "creator": creator}
    response = render_page(request, "creators/page.html", context, partial="results")
    return address_plainly(request, response, models.filters)


def _head(creator: CreatorPage, total: int, query: str) -> Head:
    path = reverse("creator", args=[creator.slug])
    said = f"The {total:,} models of {creator.name}: who serves them, what they cost, and what they can do."
    return Head(f"Models by {creator.name}", said, f"{path}?{query}" if query else path)


def _missing(request: HtmxHttpRequest, asked: str) -> HttpResponse:
    """Lead another name to its creator for good; else offer what may be meant."""
    slug = creator_known_as(asked)
    if slug:
        return HttpResponsePermanentRedirect(reverse("creator", args=[slug]))
    return render_missing(request, "creator", asked, {"creators": near_creators(asked)})
