"""Review of held rates: each is published or rejected, with a reason."""

from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from pricing.edit import clear_held, publish_held, reject_held, unstated_held
from pricing.models import Rate
from web.admin.base import DecisionRefused, decided
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
        return decided(
            request, partial(_decide_posted, request), keeps=("show", "provider", "source")
        )
    return _page(request, site, may_decide=may_decide)


def _page(request: HttpRequest, site: AdminSite, *, may_decide: bool) -> HttpResponse:
    show = REJECTED if request.GET.get("show") == REJECTED else WAITING
    provider, source = request.GET.get("provider", ""), request.GET.get("source", "")
    choices = {"provider": held_providers(show), "source": held_sources(show)}
    rates = held_rates(show, provider=provider, source=source)
    unstated = unstated_held() if show == WAITING else {}
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "Held prices" if show == WAITING else "Rejected prices",
        "show": show,
        "rates": [(rate, unstated.get(rate.id)) for rate in rates],
        "unstated": len(unstated),
        "choices": choices,
        "chosen": {"provider": provider, "source": source},
        "is_cut": len(rates) == MOST,
        "may_decide": may_decide,
        "reasons": REASONS,
        "why": request.GET.get("why", ""),
    }
    return TemplateResponse(request, "admin/pricing/rate/review.html", context)


def _decide_posted(request: HttpRequest, why: str) -> str:
    """Decide of the row of the pressed button, or of all that are ticked."""
    assert isinstance(request.user, User)
    if "clear" in request.POST:
        gone = Rate.objects.waiting().filter(id__in=unstated_held()).select_related("endpoint")
        cleared = [*gone]
        clear_held(cleared, by=request.user, why=why, at=timezone.now())
        return f"{len(cleared):,} cleared."
    decision, ids = _asked(request)
    if not ids:
        raise DecisionRefused("Tick the prices first.")
    return f"{_decide(decision, ids, request.user, why):,} {decision}."


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
