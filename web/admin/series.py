"""Admin of series: names that senders of telemetry use, and the endpoint that each is of."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from catalog.known_names import known_names
from telemetry.models import Day, Series
from telemetry.naming import endpoint_of


class HasEndpoint(admin.SimpleListFilter):
    title = "endpoint"
    parameter_name = "mapped"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "without one"), ("yes", "with one"), ("chosen", "chosen by an editor")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Series]) -> QuerySet[Series]:
        if self.value() == "chosen":
            return queryset.filter(is_chosen=True)
        if self.value() in ("yes", "no"):
            return queryset.filter(endpoint__isnull=self.value() == "no")
        return queryset


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An editor's endpoint counts everything that was kept under the name, and is not looked up."""

    list_display = (
        *("model_name", "provider_name", "origin", "endpoint", "is_chosen", "calls"),
        *("first_seen", "last_seen"),
    )
    list_filter = (HasEndpoint, "origin")
    list_select_related = ("endpoint__model", "endpoint__provider")
    search_fields = ("model_name", "provider_name")
    autocomplete_fields = ("endpoint",)
    fields = (
        *("model_name", "provider_name", "origin", "endpoint", "is_chosen", "calls"),
        *("first_seen", "last_seen"),
    )
    readonly_fields = (
        *("model_name", "provider_name", "origin", "is_chosen", "calls", "first_seen"),
        "last_seen",
    )
    ordering = ("-last_seen",)
    actions = ("look_up_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        days = Day.objects.filter(series=OuterRef("pk")).order_by().values("series")
        counted = days.annotate(calls=Sum("succeeded") + Sum("failed") + Sum("refused"))
        rows: QuerySet[Series] = super().get_queryset(request)
        return rows.annotate(counted=Coalesce(Subquery(counted.values("calls")), 0))

    @admin.display(ordering="counted")
    def calls(self, series: Series) -> int:
        return int(getattr(series, "counted", 0))

    def save_model(self, request: HttpRequest, obj: Series, form: Any, change: Any) -> None:
        if "endpoint" in form.changed_data:
            obj.is_chosen = True
            obj.save(update_fields=["endpoint", "is_chosen"])

    @admin.action(description="Look up by name again", permissions=("change",))
    def look_up_again(self, request: HttpRequest, chosen: QuerySet[Series]) -> None:
        names = known_names()
        for series in chosen:
            series.is_chosen = False
            series.endpoint_id = endpoint_of(names, series.provider_name, series.model_name)
            series.save(update_fields=["endpoint", "is_chosen"])
        messages.success(request, "Their endpoints are those of their names again.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
