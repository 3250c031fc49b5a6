"""Pricing a whole usage log: the upload, what it is taken for, the work on it, and what it came to."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pricing import uploads
from pricing.log_files import LogError
from pricing.models import UsageLog
from pricing.tasks import price_usage_log
from pricing.usage_log import Preview, preview
from web import usage_page
from web.head import Head
from web.htmx import HtmxHttpRequest, render_page
from web.uploads import REFUSED
from web.usage_result import shown
from web.views.errors import render_missing
from web.workload import read_tier

SAID = "What a month of real usage cost, what it would cost on every endpoint, and the moves that save most."
TOO_MANY = "There are as many logs at work as there may be: please come again in a few minutes."
CHOOSE = "Choose a file first: CSV, JSON lines or Parquet, also packed as .gz or .zst."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def usage_upload(request: HtmxHttpRequest) -> HttpResponse:
    """The form, and what takes its file."""
    if request.method != "POST":
        return _form(request)
    if request.META.get(REFUSED):
        return _form(
            request, f"The file is larger than the {settings.UPLOAD_MB:,} MB that are taken here.", 413
        )
    file = request.FILES.get("log")
    if not isinstance(file, TemporaryUploadedFile) or not file.size:
        return _form(request, "The file is empty." if file else CHOOSE, 400)
    try:
        token = uploads.receive(Path(file.temporary_file_path()), file.name or "log", timezone.now())
    except uploads.Busy:
        return _form(request, TOO_MANY, 503)
    return HttpResponseRedirect(reverse("usage_log", args=[token]))


def _form(request: HtmxHttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "section": "estimate",
        "head": Head("Price a usage log", SAID, reverse("usage")),
        "error": error,
        "most": settings.MOST_UPLOADED,
        "most_mb": settings.UPLOAD_MB,
        "csrf_token": get_token(request),
    }
    return render_page(request, "usage/upload.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def usage_log(request: HtmxHttpRequest, token: str) -> HttpResponse:
    """A log on its way: what it is taken for, how far the work has come, what it came to."""
    log = uploads.find(token, timezone.now())
    if log is None:
        return render_missing(request, "usage log", "this address: it has expired, or never was", [])
    error = ""
    if request.method == "POST" and log.state == UsageLog.State.UPLOADED:
        error = _start(log, request)
        if not error:
            return HttpResponseRedirect(request.path)
    context = {"log": log, "token": token, "error": error, "csrf_token": get_token(request), **_context(log)}
    page = {"section": "estimate", "title": log.name}
    return render_page(request, "usage/log.html", {**page, **context}, partial="state")


@never_cache
@require_http_methods(["GET", "HEAD"])
def usage_json(request: HtmxHttpRequest, token: str) -> HttpResponse:
    """The result as it is kept, amounts as strings."""
    log = uploads.find(token, timezone.now())
    if log is None or log.result is None:
        return render_missing(request, "result", "this address", [])
    headers = {"Content-Disposition": 'attachment; filename="usage.json"'}
    return JsonResponse(log.result, headers=headers, json_dumps_params={"ensure_ascii": False})


@never_cache
@require_POST
def usage_cancel(request: HtmxHttpRequest, token: str) -> HttpResponse:
    log = uploads.find(token, timezone.now())
    if log is not None:
        uploads.cancel(log)
    return HttpResponseRedirect(reverse("usage_log", args=[token]))


def _start(log: UsageLog, request: HtmxHttpRequest) -> str:
    """Queue the log as the form says; gives what is wrong with it, if anything is."""
    columns = usage_page.mapping_of(request.POST)
    said: dict[str, str] = {}
    tier = read_tier(request.POST.get("tier", "").strip(), said)
    try:
        preview(Path(log.path), columns, limit=uploads.MOST_UNPACKED)
    except LogError as error:
        return str(error)
    if not said and uploads.start(log, columns, {"tier": tier}):
        price_usage_log.delay(log.pk)
    return said.get("tier", "")


def _context(log: UsageLog) -> dict[str, Any]:
    if log.result is not None:
        return {"result": shown(log.result)}
    if log.state != UsageLog.State.UPLOADED:
        return {"percent": round(100 * log.progress)}
    try:
        seen = preview(Path(log.path), limit=uploads.MOST_UNPACKED)
    except LogError as error:
        return {"unreadable": str(error)}
    return {"preview": seen, **_preview(seen)}


def _preview(seen: Preview) -> dict[str, Any]:
    columns, rows = usage_page.first_rows(seen)
    return {
        "choices": usage_page.choices(seen),
        "more_fields": usage_page.more_fields(seen),
        "first_columns": columns,
        "first_rows": rows,
    }
