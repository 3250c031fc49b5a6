"""Pricing a usage log: upload, choice of columns, progress and result."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from kombu.exceptions import OperationalError

from catalog.known_names import known_names
from pricing.priced_endpoints import ranker
from usage import uploads
from usage.blocks import LogError
from usage.models import UsageLog
from usage.placement import unknown_model
from usage.preview import TWO_READINGS, EveryRow, Preview
from usage.reader import ReaderKilled, ReadersBusy, previews
from usage.reader_tasks import PreviewTask
from usage.tasks import price_usage_log
from web.exports.usage_owners import owners_csv
from web.http.uploads import NO_SPACE, REFUSED, TOO_LARGE
from web.http.visitor import visitor_address
from web.http.waiting import PLACES
from web.pages.estimate import complaint_of_tier
from web.pages.head import Head
from web.pages.usage_result import day_drawing, owner_drawing
from web.params.models import VIAS
from web.params.values import last_value, read_choice
from web.params.workload import read_instant, read_tier
from web.reads.choices import choices
from web.tables import usage_columns as usage_page
from web.tables.usage_columns import LogOptions
from web.tables.usage_names import names_of_result, names_to_place
from web.tables.usage_result import shown
from web.views.errors import render_missing
from web.views.render import HtmxHttpRequest, render_private

DESCRIPTION = (
    "What a month of real usage cost, what it would cost on every endpoint, and the moves that save"
    " most."
)
TOO_MANY = "There are as many logs at work as there may be: please come again in a few minutes."
TOO_MANY_YOURS = (
    f"{uploads.MOST_OF_ONE_VISITOR} logs from your address are at work, and no more may be at once:"
    " cancel one, or wait until one is priced."
)
PREVIEWS_BUSY = "Other logs are being looked at: please try again in a few seconds."
CHOOSE = "Choose a file first: CSV, JSON lines or Parquet, also packed as .gz or .zst."
NO_LENGTH = (
    "The request does not say how large the file is, so it was not read: send a Content-Length."
)
NO_QUEUE = "The queue of the workers does not answer, so nothing was started: please try again."
# Bytes of a form around its file: boundaries, names, the token.
AROUND = 100_000


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def usage_upload(request: HtmxHttpRequest) -> HttpResponse:
    """The form and its upload. A body that can be refused unread is."""
    if request.method != "POST":
        return _form(request)
    refused = _unwanted(request)
    return _form(request, *refused) if refused else _take(request)


def _unwanted(request: HtmxHttpRequest) -> tuple[str, int] | None:
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    if not stated.isdecimal():
        return NO_LENGTH, 411
    if int(stated) > settings.MOST_UPLOADED + AROUND:
        return TOO_LARGE, 413
    try:
        uploads.make_place(timezone.now(), _visitor(request))
    except uploads.Busy as busy:
        return _busy(busy)
    return None if uploads.has_space(int(stated)) else (NO_SPACE, 507)


def _look(request: HtmxHttpRequest, task: PreviewTask) -> Preview:
    """A preview, which may wait for others: in a place for that, without a database connection."""
    address = visitor_address(request.META, settings.PROXIES)
    if not PLACES.take(address):
        raise ReadersBusy
    try:
        if not connection.in_atomic_block:
            connection.close()
        return previews.preview(task)
    finally:
        PLACES.give_back(address)


def _visitor(request: HtmxHttpRequest) -> str:
    return uploads.visitor_key(visitor_address(request.META, settings.PROXIES))


def _busy(busy: uploads.Busy) -> tuple[str, int]:
    return (TOO_MANY_YOURS, 429) if isinstance(busy, uploads.VisitorBusy) else (TOO_MANY, 503)


@csrf_protect
def _take(request: HtmxHttpRequest) -> HttpResponse:
    """Keep a readable file until it is priced; any other is deleted with the answer."""
    file = request.FILES.get("log")
    if why := request.META.get(REFUSED):
        return _form(request, why, 413 if why == TOO_LARGE else 507)
    if not isinstance(file, TemporaryUploadedFile) or not file.size:
        return _form(request, "The file is empty." if file else CHOOSE, 400)
    path = Path(file.temporary_file_path())
    try:
        _look(request, PreviewTask(path, uploads.MOST_UNPACKED_TO_LOOK, complete=False))
        token = uploads.receive(path, file.name or "log", timezone.now(), _visitor(request))
    except ReaderKilled as error:
        return _form(request, str(error), 503)
    except LogError as error:
        return _form(request, str(error), 400)
    except ReadersBusy:
        return _form(request, PREVIEWS_BUSY, 503)
    except uploads.Busy as busy:
        return _form(request, *_busy(busy))
    return HttpResponseRedirect(
        _with_query(reverse("usage_log", args=[token]), LogOptions.from_query(request.GET))
    )


def _with_query(address: str, options: LogOptions) -> str:
    """An address that carries how a log is read."""
    query = options.to_query()
    return f"{address}?{query}" if query else address


def _form(request: HtmxHttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "section": "estimate",
        "head": Head("Price a usage log", DESCRIPTION, reverse("usage")),
        "error": error,
        "most": settings.MOST_UPLOADED,
        "most_mb": settings.UPLOAD_MB,
        "csrf_token": get_token(request),
        "action": _with_query(reverse("usage"), kept := LogOptions.from_query(request.GET)),
        "kept": bool(kept.to_query()),
        "models": list(kept.models.items()),
    }
    return render_private(request, "usage/upload.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def usage_log(request: HtmxHttpRequest, token: str) -> HttpResponse:
    log = uploads.find(token, timezone.now())
    if log is None:
        return render_missing(
            request, "usage log", "this address: it has expired, or never was", {}
        )
    options = LogOptions.from_form(request.POST) if request.method == "POST" else None
    if options and log.state == UsageLog.State.UPLOADED:
        options = _start(request, log, options)
    elif options and log.result is not None:
        options = _choose_names(request, log)
        if not options.wrong:
            return HttpResponseRedirect(_with_query(reverse("usage"), options))
    if request.method == "POST" and not (options and options.wrong):
        return HttpResponseRedirect(request.path)
    context = {
        "log": log,
        "token": token,
        "csrf_token": get_token(request),
        **_context(request, log, options),
    }
    page = {"section": "estimate", "title": log.name}
    return render_private(request, "usage/log.html", {**page, **context}, partial="state")


@never_cache
@require_http_methods(["GET", "HEAD"])
def usage_json(request: HtmxHttpRequest, token: str) -> HttpResponse:
    log = uploads.find(token, timezone.now())
    if log is None or log.result is None:
        return render_missing(request, "result", "this address", {})
    headers = {"Content-Disposition": 'attachment; filename="usage.json"'}
    return JsonResponse(log.result, headers=headers, json_dumps_params={"ensure_ascii": False})


@never_cache
@require_http_methods(["GET", "HEAD"])
def usage_owners(request: HtmxHttpRequest, token: str) -> HttpResponse | StreamingHttpResponse:
    log = uploads.find(token, timezone.now())
    owners = (log.result or {}).get("owners") if log else None
    if not owners:
        return render_missing(request, "split of a result", "this address", {})
    headers = {"Content-Disposition": 'attachment; filename="usage-by-owner.csv"'}
    lines = owners_csv(owners)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@never_cache
@require_POST
def usage_cancel(request: HtmxHttpRequest, token: str) -> HttpResponse:
    log = uploads.find(token, timezone.now())
    if log is not None:
        uploads.cancel(log)
    return HttpResponseRedirect(reverse("usage_log", args=[token]))


def _start(request: HtmxHttpRequest, log: UsageLog, options: LogOptions) -> LogOptions:
    """Queue the log with the chosen options; the result holds the complaints, if any."""
    complaints: dict[str, str] = {}
    tier = _tier(options.tier, complaints)
    provider = _provider(options.provider, complaints)
    every = EveryRow(provider, read_instant(options.at, complaints), options.decimals)
    stated = {
        "tier": tier,
        "provider": every.provider,
        "at": every.at.isoformat() if every.at else "",
        "decimals": options.decimals,
        "own_api": options.own_api,
        "choices": _places(options.places, complaints),
        "models": _models(options.models, complaints),
    }
    try:
        if "at" not in complaints:
            _look(
                request,
                PreviewTask(Path(log.path), uploads.MOST_UNPACKED_TO_LOOK, options.columns, every),
            )
        if not complaints and uploads.start(log, dict(options.columns), stated, timezone.now()):
            price_usage_log.delay(log.pk)
    except LogError as error:
        complaints["columns"] = str(error)
    except ReadersBusy:
        complaints["columns"] = PREVIEWS_BUSY
    except OperationalError:
        uploads.unqueue(log)
        complaints["columns"] = NO_QUEUE
    return replace(options, wrong=complaints)


def _tier(text: str, complaints: dict[str, str]) -> str:
    tier = read_tier(text, complaints)
    if tier and tier not in (tiers := ranker(timezone.now().date()).tiers):
        complaints["tier"] = complaint_of_tier(tier, tiers)
    return tier


def _provider(text: str, complaints: dict[str, str]) -> str:
    slug = known_names().provider(text) or ""
    if text and not slug:
        complaints["provider"] = "No provider here goes by this name."
    return slug


def _places(chosen: Mapping[str, str], complaints: dict[str, str]) -> dict[str, str]:
    names = known_names()
    slugs = {name: names.provider(provider) for name, provider in chosen.items()}
    if wrong := next((chosen[name] for name, slug in slugs.items() if not slug), ""):
        complaints["places"] = f"No provider here goes by the name “{wrong}”."
    return {name: slug for name, slug in slugs.items() if slug}


def _models(chosen: Mapping[str, str], complaints: dict[str, str]) -> dict[str, str]:
    names = known_names()
    unknown = [unknown_model(names, model) for model in chosen.values()]
    if complaint := next(filter(None, unknown), ""):
        complaints["models"] = complaint
    return dict(chosen)


def _choose_names(request: HtmxHttpRequest, log: UsageLog) -> LogOptions:
    """How a priced log was read, with other names chosen; the result holds complaints, if any."""
    form, kept = LogOptions.from_form(request.POST), LogOptions.of_log(log.columns, log.options)
    complaints: dict[str, str] = {}
    models = _models(form.models, complaints)
    places = _places(form.places, complaints)
    if complaints:
        return replace(kept, models=form.models, places=form.places, wrong=complaints)
    return replace(kept, models=models, places=places)


def _context(request: HtmxHttpRequest, log: UsageLog, options: LogOptions | None) -> dict[str, Any]:
    kept = LogOptions.of_log(log.columns, log.options)
    again = _with_query(reverse("usage"), kept)
    if log.result is not None:
        named = options or kept
        unplaced, placed = names_of_result(log.result["shares"], named, known_names())
        complaints: list[str] = []
        via = read_choice(
            last_value(request.GET, "via"),
            VIAS,
            "way to choose moves, direct or any is",
            complaints,
        )
        return {
            "result": shown(log.result, anywhere=via == "any"),
            "ignored": complaints,
            "day_drawing": day_drawing(log.result),
            "owner_drawing": owner_drawing(log.result),
            "again": again,
            "options": named,
            "unplaced": unplaced,
            "placed": placed,
            "providers": choices().providers,
        }
    if log.state != UsageLog.State.UPLOADED:
        return {"percent": round(100 * log.progress), "again": again}
    try:
        first_rows = _look(
            request, PreviewTask(Path(log.path), uploads.MOST_UNPACKED_TO_LOOK, complete=False)
        )
    except LogError as error:
        return {"unreadable": str(error)}
    except ReadersBusy:
        return {"unreadable": PREVIEWS_BUSY}
    gone: list[str] = []
    if options is None:
        kept = LogOptions.from_query(request.GET)
        columns, gone = usage_page.known_columns(first_rows, kept)
        options = replace(kept, columns=columns)
    return {**_preview(first_rows, options), "gone": gone}


def _preview(first_rows: Preview, options: LogOptions) -> dict[str, Any]:
    columns, rows = usage_page.first_rows(first_rows, options.columns)
    return {
        "preview": first_rows,
        "options": options,
        "choices": usage_page.choices(first_rows, options.columns),
        "tiers": ranker(timezone.now().date()).tiers,
        "providers": choices().providers,
        "offered": usage_page.offered(first_rows),
        "not_offered": usage_page.not_offered(first_rows),
        "names": names_to_place(first_rows, options, known_names()),
        "asks_decimals": first_rows.unclear
        or options.decimals
        or TWO_READINGS in options.wrong.get("columns", ""),
        "more_fields": (more := usage_page.more_fields(first_rows, options.columns)),
        "more_chosen": any(field.column for field in more),
        "first_columns": columns,
        "not_shown": len(usage_page.flat_columns(first_rows)) - len(columns),
        "first_rows": rows,
    }
