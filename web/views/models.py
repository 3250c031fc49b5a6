"""The model list and the page of one model."""

from django.http import HttpResponse

from web.htmx import HtmxHttpRequest, render_page
from web.views.errors import read_only


@read_only
def model_list(request: HtmxHttpRequest) -> HttpResponse:
    return render_page(request, "models/list.html", {}, partial="results")


@read_only
def model_page(request: HtmxHttpRequest, creator: str, name: str) -> HttpResponse:
    return render_page(request, "models/model.html", {})
