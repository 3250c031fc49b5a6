"""Forms beside the estimate for a prompt and for a reported usage; nothing pasted is kept."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from usage.response_shapes import UnreadableReport
from usage.responses import read_reports
from usage.tokenizers import FAMILIES, WITHOUT, TooLong, count_tokens
from web.http.turns import in_turn
from web.pages.head import Head
from web.pages.pasted import price_report, with_input
from web.pages.pasted_many import price_reports
from web.params.estimate import EstimateQuery
from web.views.render import HtmxHttpRequest, render_error, render_public

METHODS = ("GET", "HEAD", "POST")
MOST_PASSED_OVER = 64 << 20
# Of a text that is far too long the form repeats so many characters: a little more than is counted.
MOST_SHOWN = 1_100_000
LONGEST_NAME = 300
_MOST_MB = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
TOO_LARGE = f"This is more than {_MOST_MB} MB, and was not read: paste less."


def _private(view: Callable[..., HttpResponse]) -> Callable[[HtmxHttpRequest], HttpResponse]:
    """Accept the page's own form only, and forbid caches to keep the answer.

    The view explains a body that is too large on an empty form: Django's own refusal is an error
    page without a reason.
    """
    protected = csrf_protect(sensitive_post_parameters()(view))

    @wraps(view)
    def answer(request: HtmxHttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return render_error(405, headers={"Allow": ", ".join(METHODS)})
        if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            _pass_over(request)
            return view(request, complaint=TOO_LARGE)
        return protected(request)

    return csrf_exempt(cache_control(no_store=True)(answer))


def _length(request: HtmxHttpRequest) -> int:
    stated = str(request.META.get("CONTENT_LENGTH") or "0")
    return int(stated) if stated.isdecimal() else 0


def _pass_over(request: HtmxHttpRequest) -> None:
    """Read the rest of a body, up to a bound: a browser that is still sending reads no answer."""
    left = min(_length(request), MOST_PASSED_OVER)
    while left > 0 and (part := request.read(min(left, 1 << 16))):
        left -= len(part)


@_private
@in_turn
def prompt(request: HtmxHttpRequest, complaint: str = "") -> HttpResponse:
    asked = EstimateQuery.from_query(request.GET)
    text = "" if complaint else _field(request, "prompt")
    counts = []
    try:
        counts = count_tokens(text) if text else []
    except TooLong as error:
        text, complaint = _cut(text, str(error))
    context = {
        "head": Head(
            "Paste a prompt", "How many tokens a prompt is, by tokenizer.", reverse("paste_prompt")
        ),
        "families": FAMILIES,
        "without": WITHOUT,
        "prompt": text,
        "characters": len(text.replace("\r\n", "\n")),
        "counts": [(count, with_input(asked, count.tokens)) for count in counts],
        **_around(request, asked, complaint),
    }
    return _answer(request, "estimate/prompt.html", context, partial="counts")


@_private
@in_turn
def usage_json(request: HtmxHttpRequest, complaint: str = "") -> HttpResponse:
    text = "" if complaint else _field(request, "usage")
    model = "" if complaint else _field(request, "model").strip()[:LONGEST_NAME]
    priced, many, now = None, None, timezone.now()
    try:
        if text.strip():
            reports = read_reports(text)
            first = reports.reports[0]
            if len(reports.reports) > 1:
                many = price_reports(reports, model, now)
            else:
                priced = price_report(first, model or first.model, now, _field(request, "lines"))
        elif request.method == "POST":
            complaint = (
                complaint or "Paste a response, or the usage in it: there is nothing here yet."
            )
    except UnreadableReport as error:
        text, complaint = _cut(text, str(error))
    description = "What requests cost, from the usages that providers, gateways and SDKs report."
    context = {
        "head": Head("Paste a usage JSON", description, reverse("paste_usage")),
        "usage": text,
        "model": model,
        "priced": priced,
        "many": many,
        **_around(request, EstimateQuery.from_query(request.GET), complaint),
    }
    return _answer(request, "estimate/usage_json.html", context)


def _cut(text: str, complaint: str) -> tuple[str, str]:
    """The beginning of a text that is too long to repeat, with a complaint that names the cut."""
    if len(text) <= MOST_SHOWN:
        return text, complaint
    shown = f"The field has the first {MOST_SHOWN:,} of its {len(text):,} characters."
    return f"{text[:MOST_SHOWN]}…", f"{complaint} {shown}"


def _field(request: HtmxHttpRequest, name: str) -> str:
    return str(request.POST.get(name, ""))


def _around(request: HtmxHttpRequest, asked: EstimateQuery, complaint: str) -> dict[str, Any]:
    carried = asked.query() if request.GET else ""
    return {
        "section": "estimate",
        "csrf_token": get_token(request),
        "query": carried,
        "complaint": complaint,
    }


def _answer(
    request: HtmxHttpRequest, template: str, context: dict[str, Any], partial: str = ""
) -> HttpResponse:
    """The page; 413 for a body that is too large, but 200 for htmx, which shows no error answer."""
    status = 413 if context["complaint"] == TOO_LARGE and not request.htmx else 200
    return render_public(request, template, context, partial=partial, status=status)
