"""Admin of what editors stated: overrides with their conflicts, moved endpoints; and ratings."""

from collections import Counter
from functools import partial
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from catalog.models import Override, Rating, Relink
from catalog.overrides import withdraw
from sources.winners import settle_overridden
from web.admin.base import CatalogAdmin, decided
from web.admin.bulk import ProviderFilter, ReasonForm, reasoned
from web.admin.conflicts import REASONS, settle_conflicts
from web.reads.conflicts import conflicts
from web.reads.held_rates import ReviewChoice


@admin.register(Relink)
class RelinkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Log of moved endpoints. To move one, change the endpoint's model."""

    list_display = ("endpoint", "from_model", "to_model", "by", "at", "why")
    list_select_related = ("endpoint__provider", "from_model", "to_model", "by")
    list_filter = (ProviderFilter, "by")
    provider_paths = ("endpoint__provider",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Override)
class OverrideAdmin(CatalogAdmin):
    """Overrides, current and withdrawn. To add one, edit the model, provider or endpoint."""

    list_display = ("subject", "field", "value", "by", "at", "why", "withdrawn_at")
    list_filter = (*(("withdrawn_at", admin.EmptyFieldListFilter), ProviderFilter, "field", "by"),)
    provider_paths = ("provider", "endpoint__provider")
    action_form = ReasonForm
    list_select_related = ("model", "provider", "endpoint__provider", "by")
    search_fields = (
        *("model__slug", "provider__slug", "endpoint__upstream_id", "endpoint__provider__slug"),
        "why",
    )
    actions = ("withdraw_selected",)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.conflicts)
        return [path("conflicts/", view, name="catalog_override_conflicts"), *super().get_urls()]

    def conflicts(self, request: HttpRequest) -> HttpResponse:
        """Overrides and editors' prices whose sources have moved since."""
        may_decide = self.has_change_permission(request)
        if not self.has_view_permission(request) or (request.method == "POST" and not may_decide):
            raise PermissionDenied
        if request.method == "POST":
            return decided(request, partial(settle_conflicts, request), keeps=("provider",))
        chosen = request.GET.get("provider", "")
        waiting = conflicts()
        counts = Counter(conflict.provider for conflict in waiting if conflict.provider)
        context = {
            **self.admin_site.each_context(request),
            "title": "Conflicts",
            "conflicts": [one for one in waiting if chosen in ("", one.provider)],
            "choices": {
                "provider": [ReviewChoice(slug, slug, counts[slug]) for slug in sorted(counts)]
            },
            "chosen": {"provider": chosen},
            "may_decide": may_decide,
            "reasons": REASONS,
            "why": request.GET.get("why", ""),
        }
        return TemplateResponse(request, "admin/catalog/override/conflicts.html", context)

    @admin.display(description="of")
    def subject(self, obj: Override) -> str:
        return str(obj.model or obj.provider or obj.endpoint)

    @admin.action(description="Withdraw: let the sources decide again", permissions=["change"])
    def withdraw_selected(self, request: HttpRequest, queryset: Any) -> None:
        if not (statement := reasoned(self, request)):
            return
        statements = list(queryset.standing())
        with transaction.atomic():
            for one in statements:
                withdraw(one, **statement)
            settle_overridden(statements)
        self.message_user(
            request, f"{len(statements)} withdrawn; the best of the sources' claims holds again."
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(field.name for field in Override._meta.fields)


@admin.register(Rating)
class RatingAdmin(CatalogAdmin):
    list_display = ("model", "board", "category", "name", "rating", "votes", "rank", "as_of")
    list_filter = ("board", "category", "source")
    list_select_related = ("model", "source")
    search_fields = ("name", "model__slug")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
