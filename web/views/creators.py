"""The page of one creator."""

from django.http import HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from web.http.page_cache import cached_page
from web.pages.creator import CreatorPage, read_creator
from web.pages.head import Head, head_of_list
from web.pages.model_list import ModelList, read_model_list
from web.params.models import ModelFilters
from web.reads.addresses import creator_known_as, near_creators
from web.views.errors import read_only, render_missing
from web.views.models import address_plainly, list_context, loads_more
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def creator_page(request: HtmxHttpRequest, slug: str) -> HttpResponse:
    creator = read_creator(slug)
    if creator is None:
        return _missing(request, slug)
    filters, today = ModelFilters.from_query(request.GET), timezone.now().date()
    models = read_model_list(filters, today, creator=slug, only_last=loads_more(request, filters))
    context = {**list_context(models), "head": _head(creator, models), "creator": creator}
    response = render_public(request, "creators/page.html", context, partial="results")
    return address_plainly(request, response, models.filters)


def _head(creator: CreatorPage, models: ModelList) -> Head:
    # What is said is of all its models, whatever the filters leave.
    if creator.models == 1:
        said = f"The one model of {creator.name}: who serves it, what it costs, and what it can do."
    else:
        count = f"{creator.models:,}" if creator.models else "No"
        said = f"{creator.name}, {count} models: who serves them, what they cost, and what they can do."
    query = models.filters.query(page=models.page, columns=())
    path = reverse("creator", args=[creator.slug])
    return head_of_list(f"Models by {creator.name}", said, path, query, models.page)


def _missing(request: HtmxHttpRequest, asked: str) -> HttpResponse:
    """Lead another name to its creator for good; else offer what may be meant."""
    slug = creator_known_as(asked)
    if slug:
        return HttpResponsePermanentRedirect(reverse("creator", args=[slug]))
    return render_missing(request, "creator", asked, {"creators": near_creators(asked)})
