"""The model list and the page of one model."""

from functools import lru_cache
from typing import Any

from django.http import HttpResponse, HttpResponsePermanentRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.gzip import gzip_page

from catalog.lifecycle import Lifecycle
from web.exports.models import model_csv
from web.http.page_cache import cached_page
from web.pages.head import Head, head_of_list
from web.pages.model_list import ModelList, read_model_list
from web.params.columns import headings
from web.params.lists import PER_PAGE
from web.params.models import COLUMNS, DEFAULTS, MODALITIES, ModelFilters
from web.reads.addresses import (
    creator_called,
    creators_known_as,
    near_spellings,
    providers_called,
    slug_behind,
)
from web.reads.choices import among_choices, choices
from web.reads.site import Named, site
from web.tables.filter_chips import Names, chips, label, more_chips
from web.views.errors import read_only, render_missing
from web.views.render import HtmxHttpRequest, render_public

# The fields of the form beside the chips.
CONTROLS = (
    *("creator", "provider", "modality", "lifecycle", "released_within"),
    *("input_max", "output_max", "context_min", "plans"),
)
AGES = {"7": "7 days", "30": "30 days", "90": "90 days", "180": "6 months", "365": "12 months"}


@read_only
@cached_page
def model_list(request: HtmxHttpRequest) -> HttpResponse:
    filters = ModelFilters.from_query(request.GET)
    models = read_model_list(filters, timezone.now().date(), only_last=loads_more(request, filters))
    context = {**list_context(models), "head": _list_head(models.filters, models.page)}
    response = render_public(request, "models/list.html", context, partial="results")
    return address_plainly(request, response, models.filters)


@read_only
@gzip_page
def models_csv(request: HtmxHttpRequest) -> StreamingHttpResponse:
    """The whole list that the filters leave, whatever page is asked for."""
    filters = among_choices(ModelFilters.from_query(request.GET))
    lines = model_csv(filters, timezone.now().date())
    headers = {"Content-Disposition": 'attachment; filename="models.csv"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def loads_more(request: HtmxHttpRequest, filters: ModelFilters) -> bool:
    """Whether htmx puts the rows of the last page below those of the others, which it has."""
    return (
        bool(request.htmx) and request.htmx.target == f"from-{(filters.first - 1) * PER_PAGE + 1}"
    )


def address_plainly(
    request: HtmxHttpRequest, response: HttpResponse, filters: ModelFilters
) -> HttpResponse:
    """Have htmx show the shortest address of a list: a form states its empty fields too."""
    patch_vary_headers(response, ("HX-Target",))
    if request.htmx:
        query = filters.query(page=filters.page, first=filters.first)
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


def list_context(models: ModelList) -> dict[str, Any]:
    """What the table of models needs, on whatever page it stands."""
    known, catalog = choices(), site()
    named = (known.creators, known.providers, tuple(catalog.capabilities.items()), catalog.policies)
    around = _around(models.filters, models.creator, *named)
    return {"section": "models", "models": models, "filters": models.filters, **around}


@lru_cache(maxsize=512)
def _around(
    filters: ModelFilters,
    creator: str,
    creators: Named,
    providers: Named,
    capabilities: Named,
    policies: frozenset[str],
) -> dict[str, Any]:
    """What stands around the rows, on the page of `creator` if it has one. Names change seldom."""
    names = Names(dict(creators), dict(providers), dict(capabilities), policies)
    return {
        "headings": headings(COLUMNS, filters),
        "chips": chips(filters, names),
        "more_chips": more_chips(filters, names),
        "names": names,
        "modalities": {value: label("modality", value, names) for value in MODALITIES},
        "lifecycles": {value: label("lifecycle", value, names) for value in Lifecycle},
        "ages": _ages(filters.released_within),
        "columns": [(column.key, column.label) for column in COLUMNS[1:]],
        **_queries(filters, creator),
    }


def _queries(filters: ModelFilters, creator: str) -> dict[str, Any]:
    """Where the links of the table lead, and what its forms carry besides their own fields."""
    return {
        "cleared": filters.cleared.query(),
        "previous": filters.query(page=filters.first - 1),
        "next": filters.query(page=filters.page + 1),
        "longer": filters.query(page=filters.page + 1, first=filters.first)
        if filters.can_grow
        else "",
        "as_file": filters.query(columns=(), creator=creator or filters.creator),
        "beside_search": filters.pairs(q=""),
        "beside_controls": filters.pairs(**{name: DEFAULTS[name] for name in CONTROLS}),
        "beside_columns": filters.pairs(columns=()),
    }


def _ages(days: int | None) -> dict[str, str]:
    """The usual ages of a release, and the one that was asked for."""
    return AGES if not days or str(days) in AGES else {**AGES, str(days): f"{days:,} days"}


def _list_head(filters: ModelFilters, page: int) -> Head:
    title = f"{filters.q} · Models" if filters.q else "AI models and what every provider charges"
    said = "AI models, every provider that serves them, and what each of them costs."
    query = filters.query(page=page, columns=())
    return head_of_list(title, said, reverse("models"), query, page)


@read_only
def model_by_spelling(request: HtmxHttpRequest, spelling: str) -> HttpResponse:
    """Lead a creator's name to its page, and an alias or a provider's id to its model, for good;
    else offer what may be meant."""
    creator = creator_called(spelling.rstrip("/"))
    if creator:
        return HttpResponsePermanentRedirect(reverse("creator", args=[creator]))
    slug = slug_behind(spelling)
    if slug:
        return HttpResponsePermanentRedirect(reverse("model", args=slug.split("/")))
    first = spelling.partition("/")[0]
    models = {"models": near_spellings(spelling)}
    makers = creators_known_as(first)
    named = {"creators": makers, "providers": [] if makers else providers_called(first)}
    near = {**models, **named} if "/" in spelling.rstrip("/") else {**named, **models}
    return render_missing(request, "model", spelling, near)
