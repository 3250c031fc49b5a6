"""Admin of the catalog. Every edit of a fact is an override with a reason."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import capfirst

from catalog.derived import summarise_models
from catalog.models import (
    Alias,
    Capability,
    Creator,
    Endpoint,
    Model,
    Provider,
    Source,
)
from web.admin.base import CatalogAdmin, CatalogForm
from web.admin.bulk import ProviderFilter
from web.admin.facts import FactAdmin
from web.admin.inlines import EndpointClaimsInline, ProviderClaimsInline, RatesInline
from web.text.markdown import written, written_faq

_ON_TEXTS = (
    "Markdown of your own for the model's page; no reason is asked for. Where a text is empty the"
    " page says what follows from the facts, which stays true by itself."
)


@admin.register(Creator)
class CreatorAdmin(CatalogAdmin):
    instead = "Move the models' endpoints to models of another creator first."
    list_display = ("name", "slug")
    search_fields = ("name", "slug")


@admin.register(Model)
class ModelAdmin(FactAdmin):
    instead = (
        "A model that has endpoints is on record: move each endpoint to another model first, or set"
        " the lifecycle to retired."
    )
    list_display = (
        *("slug", "name", "released", "knowledge_cutoff", "lifecycle", "open_weights"),
        *("context_window", "max_output", "provider_count"),
    )
    list_editable = (
        *("name", "released", "knowledge_cutoff", "lifecycle", "open_weights"),
        *("context_window", "max_output"),
    )
    list_filter = ("lifecycle", "open_weights", "mode", ProviderFilter, "creator")
    list_per_page = 50
    provider_paths = ("endpoints__provider",)
    actions = ("retire", "unretire", "withdraw_overrides")
    search_fields = ("slug", "name")
    autocomplete_fields = ("creator", "successor", "derived_from")
    readonly_fields = ("provenance",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        facts = [name for name in self.get_fields(request, obj) if name not in Model.TEXTS]
        return (
            (None, {"fields": facts}),
            ("Texts", {"fields": Model.TEXTS, "description": _ON_TEXTS}),
        )

    def get_urls(self) -> list[Any]:
        preview = path(
            "preview/", self.admin_site.admin_view(self.preview), name="catalog_model_preview"
        )
        return [preview, *super().get_urls()]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The posted texts as on the model's page. Nothing is saved."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        labels = {field.name: str(field.verbose_name) for field in Model._meta.fields}
        posted = ((name, request.POST.get(name, "")) for name in Model.TEXTS)
        shown = (
            {
                "label": capfirst(labels[name]),
                "text": written_faq(text) if name == "faq" else written(text),
            }
            for name, text in posted
            if text.strip()
        )
        context = {
            **self.admin_site.each_context(request),
            "title": "Preview of the texts",
            "texts": list(shown),
        }
        return TemplateResponse(request, "admin/catalog/model/preview.html", context)


@admin.register(Provider)
class ProviderAdmin(FactAdmin):
    instead = (
        "A provider that has endpoints is on record, and the next refresh would list it again: set"
        " the lifecycle of its endpoints to retired."
    )
    list_display = ("name", "slug", "kind")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("creator",)
    readonly_fields = ("provenance",)
    inlines = (ProviderClaimsInline,)


@admin.register(Endpoint)
class EndpointAdmin(FactAdmin):
    list_display = (
        *("upstream_id", "provider", "model", "variant", "lifecycle", "context_window"),
        *("max_output", "zdr", "training", "missing_since"),
    )
    list_editable = ("lifecycle", "context_window", "max_output", "zdr", "training")
    list_per_page = 50
    actions = ("retire", "unretire", "withdraw_overrides")
    list_filter = ("lifecycle", "zdr", "training", "provider__kind", "provider")
    list_select_related = ("provider", "model")
    search_fields = ("upstream_id", "model__slug", "provider__slug")
    autocomplete_fields = ("provider", "model")
    keys = ("provider", "upstream_id")
    readonly_fields = ("first_seen", "missing_since", "linked_by", "provenance")
    inlines = (RatesInline, EndpointClaimsInline)


class AliasForm(CatalogForm):
    def clean_spelling(self) -> str:
        spelling: str = self.cleaned_data["spelling"].lower()
        if re.search(r"\s", spelling):
            raise forms.ValidationError("An alias is an id: it has no spaces.")
        return spelling

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned["billed_as"]) != bool(cleaned["billed_from"]):
            self.add_error(
                "billed_from", "Billed as another model goes with the instant from which it is."
            )
        return cleaned


@admin.register(Alias)
class AliasAdmin(CatalogAdmin):
    list_display = ("spelling", "model", "billed_as", "billed_from")
    list_filter = ("by_editor", ProviderFilter)
    provider_paths = ("model__endpoints__provider",)
    list_select_related = ("model", "billed_as")
    form = AliasForm
    search_fields = ("spelling", "model__slug")
    autocomplete_fields = ("model", "billed_as")

    def save_model(self, request: HttpRequest, obj: Alias, form: Any, change: Any) -> None:
        obj.by_editor = True
        super().save_model(request, obj, form, change)
        summarise_models()


@admin.register(Capability)
class CapabilityAdmin(CatalogAdmin):
    list_display = ("name", "slug", "position", "explanation")
    search_fields = ("name", "slug")


@admin.register(Source)
class SourceAdmin(CatalogAdmin):
    list_display = (
        "name",
        "slug",
        "trust",
        "as_of",
        "read_at",
        "fetched_at",
        "failing_since",
        "licence",
    )
    readonly_fields = ("as_of", "read_at", "fetched_at", "failing_since")
    instead = (
        "What a source has stated stays on record. To switch the source off, leave it out of"
        " RATECARD_SOURCES and restart: the setting names the sources that are refreshed."
    )
