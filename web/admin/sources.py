"""Admin of refreshes: a record to read, and the review of held and applied ones."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from catalog.write_lock import CatalogBusy, turn
from sources.models import REVIEWED, Refresh, RefreshState
from sources.review import ReviewRefused, accept, accept_rows, difference_of, reject, roll_back
from web.admin.base import AGAIN, PATIENCE
from web.pages.refresh_review import changed_keys, endpoints_of_provider, refresh_review

_REVIEWABLE = {*REVIEWED, RefreshState.OLDER, RefreshState.DONE}


@admin.register(Refresh)
class RefreshAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("source", "state", "review_link", "started_at", "finished_at", "as_of", "clock_off"),
        *("counts", "error"),
    )
    list_filter = ("state", "source")
    list_select_related = ("source",)

    @admin.display(description="review")
    def review_link(self, refresh: Refresh) -> str:
        if refresh.state not in _REVIEWABLE:
            return ""
        address = reverse("admin:sources_refresh_review", args=[refresh.id])
        return format_html('<a href="{}">Review</a>', address)

    def get_urls(self) -> list[Any]:
        review = path(
            "<int:refresh_id>/review/",
            self.admin_site.admin_view(self.review),
            name="sources_refresh_review",
        )
        return [review, *super().get_urls()]

    def review(self, request: HttpRequest, refresh_id: int) -> HttpResponse:
        """What an answer changes; an editor accepts, rejects or rolls it back with a reason."""
        may_decide = request.user.has_perm("sources.change_refresh")
        if not self.has_view_permission(request) or (request.method == "POST" and not may_decide):
            raise PermissionDenied
        refresh = Refresh.objects.select_related("source", "reviewed_by").filter(id=refresh_id)
        if not (found := refresh.first()):
            raise Http404
        if request.method == "POST":
            _decide(request, found)
            return HttpResponseRedirect(request.path)
        shown = request.GET.get("provider", "")
        endpoints = []
        if shown:
            try:
                endpoints = endpoints_of_provider(difference_of(found), shown)
            except ReviewRefused as error:
                messages.warning(request, str(error))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Refresh of {found.source.name}",
            "refresh": found,
            "review": refresh_review(found),
            "provider": shown,
            "listed": endpoints,
            "may_decide": may_decide,
        }
        return TemplateResponse(request, "admin/sources/refresh/review.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _decide(request: HttpRequest, refresh: Refresh) -> None:
    assert isinstance(request.user, User)
    decision = request.POST.get("decision", "")
    why = request.POST.get("why", "").strip()
    reviewed: dict[str, Any] = {"by": request.user, "why": why, "now": timezone.now()}
    if not why:
        messages.warning(request, "Give a reason first: it is kept with the refresh.")
        return
    try:
        with turn(patience=PATIENCE):
            said = _decided(decision, refresh, request, reviewed)
    except CatalogBusy:
        messages.warning(request, AGAIN)
    except ReviewRefused as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, said)


def _decided(
    decision: str, refresh: Refresh, request: HttpRequest, reviewed: dict[str, Any]
) -> str:
    if decision == "reject":
        reject(refresh, **reviewed)
        return "Rejected: the same content does not wait again."
    if decision == "accept":
        counts = accept(refresh, **reviewed)
    elif decision == "roll_back":
        counts = roll_back(refresh, **reviewed)
    elif decision == "accept_rows":
        rows = [tuple(row.split("\t", 1)) for row in request.POST.getlist("row")]
        keys = {(row[0], row[1]) for row in rows if len(row) == 2}
        keys.update(changed_keys(refresh, request.POST.getlist("provider")))
        if not keys:
            raise ReviewRefused("Tick providers or endpoints first.")
        counts = accept_rows(refresh, sorted(keys), **reviewed)
    else:
        raise ReviewRefused("Choose accept, reject or roll back.")
    done = "Rolled back" if decision == "roll_back" else "Accepted"
    changes = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()) if count)
    return f"{done}: {changes or 'nothing differs'}."
