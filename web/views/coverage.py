"""What is known: as page and CSV."""

from django.http import HttpResponse

from web.exports.coverage import coverage_csv
from web.http.page_cache import cached_page
from web.pages.coverage import coverage_head, coverage_page
from web.params.values import last_value
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, render_public


@read_only
@cached_page
def coverage(request: HtmxHttpRequest) -> HttpResponse:
    page = coverage_page(last_value(request.GET, "provider"))
    context = {"section": "coverage", "head": coverage_head(page), "page": page}
    return render_public(request, "coverage/page.html", context)


@read_only
@cached_page
def coverage_file(request: HtmxHttpRequest) -> HttpResponse:
    headers = {"Content-Disposition": 'attachment; filename="coverage.csv"'}
    return HttpResponse(coverage_csv(), content_type="text/csv; charset=utf-8", headers=headers)
