"""Read-only admin of refreshes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from sources.models import Refresh


@admin.register(Refresh)
class RefreshAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("source", "state", "started_at", "finished_at", "as_of", "clock_off", "counts"),
        "error",
    )
    list_filter = ("state", "source")
    list_select_related = ("source",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
