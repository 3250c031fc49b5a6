"""Review of held rates: each is published or rejected, with a reason."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from catalog.write_lock import CatalogBusy, turn
from pricing.edit import publish_held, reject_held
from pricing.models import Rate
from web.admin.base import AGAIN, PATIENCE
from web.reads.held_rates import (
    MOST,
    REJECTED,
    WAITING,
    held_providers,
    held_rates,
    held_sources,
)

# Reasons that the field of the reason offers.
REASONS = (
    "Their price page states it",
    "A slip of units: their page states another price",
    "The provider no longer sells it",
)


def review_held(request: HttpRequest, site: AdminSite, *, may_decide: bool) -> HttpResponse:
    if request.method == "POST" and may_decide:
        return _decided(request)
    return _page(request, site, may_decide=may_decide)


def _page(request: HttpRequest, site: AdminSite, *, may_decide: bool) -> HttpResponse:
    show = REJECTED if request.GET.get("show") == REJECTED else WAITING
    provider, source = request.GET.get("provider", ""), request.GET.get("source", "")
    choices = {"provider": held_providers(show), "source": held_sources(show)}
    rates = held_rates(show, provider=provider, source=source)
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "Held prices" if show == WAITING else "Rejected prices",
        "show": show,
        "rates": rates,
        "choices": choices,
        "chosen": {"provider": provider, "source": source},
        "is_cut": len(rates) == MOST,
        "may_decide": may_decide,
        "reasons": REASONS,
        "why": request.GET.get("why", ""),
    }
    return TemplateResponse(request, "admin/pricing/rate/review.html", context)


def _decided(request: HttpRequest) -> HttpResponse:
    """Decide of the row of the pressed button, or of all that are ticked."""
    assert isinstance(request.user, User)
    why = request.POST.get("why", "").strip()
    decision, ids = _asked(request)
    refusal = ""
    done = 0
    if not why:
        refusal = "Give a reason first: it is kept with the price."
    elif not ids:
        refusal = "Tick the prices first."
    else:
        try:
            with turn(patience=PATIENCE):
                done = _decide(decision, ids, request.user, why)
        except CatalogBusy:
            refusal = AGAIN
    said = refusal or f"{done:,} {decision}."
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"said": said}, status=409 if refusal else 200)
    (messages.warning if refusal else messages.success)(request, said)
    kept = {
        name: request.GET[name] for name in ("show", "provider", "source") if name in request.GET
    }
    return HttpResponseRedirect(f"{request.path}?{urlencode(kept | {'why': why})}")


def _asked(request: HttpRequest) -> tuple[str, list[int]]:
    for name, decision in (("publish", "published"), ("reject", "rejected")):
        if name in request.POST:
            pressed = request.POST[name]
            ids = request.POST.getlist("rate") if pressed == "ticked" else [pressed]
            return decision, [int(id_) for id_ in ids]
    return "", []


def _decide(decision: str, ids: list[int], by: User, why: str) -> int:
    """How many there were to decide of: a rejected price may still be published."""
    waiting = Rate.objects.waiting()
    if decision == "published":
        waiting |= Rate.objects.rejected()
    rates = list(waiting.filter(id__in=ids).select_related("endpoint"))
    decide = publish_held if decision == "published" else reject_held
    decide(rates, by=by, why=why, at=timezone.now())
    return len(rates)
