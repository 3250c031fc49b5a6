"""Admin of the exporters that Prometheus scrapes: their queries, and how the last run went."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from telemetry.models import QUERIES, PrometheusExporter

_NAMES = ("provider_labels", "provider_name", "model_labels", "model_name")
_RUN = ("read_at", "failing_since", "error", "left_out")


@admin.register(PrometheusExporter)
class PrometheusExporterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "is_enabled", "place", *_RUN)
    readonly_fields = _RUN
    fieldsets = (
        (None, {"fields": ("name", "is_enabled", "place", "note")}),
        ("Labels", {"fields": _NAMES}),
        (
            "Queries in PromQL, with $window for the duration",
            {
                "fields": (
                    *("latency", "latency_definition", "token_time", "throughput_definition"),
                    *QUERIES[2:],
                )
            },
        ),
        ("The last run", {"fields": _RUN}),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Only what was edited: a run may have gone on since the form was shown."""
        if change:
            PrometheusExporter.objects.filter(pk=obj.pk).update(
                **{name: getattr(obj, name) for name in form.changed_data}
            )
        else:
            obj.save()
