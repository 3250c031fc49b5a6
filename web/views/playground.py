"""The playground: its page, the most that its calls can cost, and their answers as they come."""

from urllib.parse import urlencode

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from accounts.payers import NoPayer
from playground.ledger import NotHeld
from playground.models import LedgerEntry
from playground.run import PromptRun
from pricing.most import NoBound
from web.http.image_uploads import ANY_IMAGE, ImageUploadHandler
from web.http.streams import RETRY_AFTER_SECONDS, take_place
from web.pages.playground import (
    Calls,
    PlaygroundPage,
    most_cost,
    payer_of,
    playground_page,
    read_calls,
)
from web.params.playground import read_form
from web.views.errors import read_only
from web.views.playground_stream import LINES, LineStream, PageStream
from web.views.render import HtmxHttpRequest, render_private

# A person's runs at once, of up to three calls each.
MOST_RUNS = 2


@csrf_exempt
def playground(request: HtmxHttpRequest) -> HttpResponseBase:
    """The body is read by `_sent`, after its handler of images is in place."""
    if request.method == "POST":
        request.upload_handlers = [ImageUploadHandler(request)]
        return _sent(request)
    return _page(request)


@read_only
def _page(request: HtmxHttpRequest) -> HttpResponse:
    page = playground_page(read_form(request.GET), request.user, timezone.now())
    partial = "form" if request.GET.get("part") == "form" else ""
    return _rendered(request, page, partial=partial)


@csrf_exempt
@require_http_methods(["POST"])
def most(request: HtmxHttpRequest) -> HttpResponse:
    """The most that the form's calls can cost, anew while it is filled in."""
    request.upload_handlers = [ImageUploadHandler(request)]
    return _most(request)


@csrf_exempt
@require_http_methods(["POST"])
def form(request: HtmxHttpRequest) -> HttpResponse:
    """The form anew for another model, with what it holds."""
    request.upload_handlers = [ImageUploadHandler(request)]
    return _form(request)


@csrf_protect
def _form(request: HtmxHttpRequest) -> HttpResponse:
    page = playground_page(read_form(request.POST), request.user, timezone.now())
    return render_private(request, "playground/form.html", {"page": page})


@csrf_protect
def _most(request: HtmxHttpRequest) -> HttpResponse:
    now = timezone.now()
    page = playground_page(read_form(request.POST), request.user, now)
    # The form says that it has an image, and sends the image itself with its prompt alone.
    page, calls = read_calls(page, ANY_IMAGE if "has_image" in request.POST else None)
    context = {"most": most_cost(page, calls, now) if calls else None, "page": page}
    return render_private(request, "playground/most.html", context)


@csrf_protect
def _sent(request: HtmxHttpRequest) -> HttpResponseBase:
    user = request.user
    if not isinstance(user, User):
        model = read_form(request.POST).model
        back = f"{reverse('playground')}?{urlencode({'m': model})}"
        return redirect(f"{reverse('sign_in')}?{urlencode({REDIRECT_FIELD_NAME: back})}")
    page = playground_page(read_form(request.POST), user, timezone.now())
    page, calls = read_calls(page, _image(request))
    if page.is_off:
        return _refused(request, page, "The playground is off: its allowance is set to 0.", 403)
    if not calls:
        return _refused(request, page, "", 400)
    return _started(request, page, calls, user)


def _started(
    request: HtmxHttpRequest, page: PlaygroundPage, calls: Calls, user: User
) -> HttpResponseBase:
    place = take_place()
    if place is None:
        return _refused(request, page, "Too many answers are being written: try again soon.", 503)
    try:
        run = PromptRun(payer_of(page, user), calls, LedgerEntry.Way.PAGE, most_runs=MOST_RUNS)
    except (NotHeld, NoBound, NoPayer) as error:
        place.release()
        status = 503 if isinstance(error, NotHeld) and error.what == "runs" else 403
        return _refused(request, page, f"{error}", status)
    except BaseException:
        place.release()
        raise
    lines = LineStream(page, calls, run, place)
    if LINES in request.headers.get("Accept", ""):
        return _streaming(lines, LINES)
    try:
        frame = _rendered(request, page, calls=calls).content.decode()
    except BaseException:
        lines.close()  # nobody else would: what it holds, and its place
        raise
    return _streaming(PageStream(frame, page, calls, run, place), "text/html; charset=utf-8")


def _streaming(stream: LineStream, content_type: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        stream,
        content_type=content_type,
        headers={"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"},
    )


def _refused(
    request: HtmxHttpRequest, page: PlaygroundPage, sentence: str, status: int
) -> HttpResponse:
    """The form as it was filled in, with what is wrong."""
    response = _rendered(request, page, sentence=sentence)
    response.status_code = status
    if status == 503:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _rendered(
    request: HtmxHttpRequest,
    page: PlaygroundPage,
    *,
    sentence: str = "",
    calls: Calls | None = None,
    partial: str = "",
) -> HttpResponse:
    context = {"section": "playground", "page": page, "sentence": sentence, "calls": calls}
    return render_private(request, "playground/page.html", context, partial=partial)


def _image(request: HttpRequest) -> bytes | None:
    file = request.FILES.get("image")
    return file.read() if file else None
