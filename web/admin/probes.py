"""Admin of probes: a record to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from telemetry.models import ProbeRun


@admin.register(ProbeRun)
class ProbeRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = (
        *("endpoint", "began_at", "outcome", "status", "first", "throughput", "spent"),
        *("held", "sentence"),
    )
    list_filter = ("outcome", "provider")
    list_select_related = ("endpoint__provider", "provider")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
