"""Admin of the catalog. Every edit of a fact is an override with a reason."""

import re
from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import PositiveBigIntegerField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst

from catalog.derived import summarise_models
from catalog.fields import PartialDateField
from catalog.models import (
    Alias,
    Capability,
    Creator,
    Endpoint,
    Model,
    Provider,
    Source,
)
from catalog.overrides import override, relink, standing
from sources.winners import settle, settle_models, settle_overridden
from web.admin.base import CatalogAdmin, CatalogForm
from web.admin.inlines import EndpointClaimsInline, ProviderClaimsInline, RatesInline
from web.text.markdown import LONGEST, is_long, length, written, written_faq

_SLUG = "[a-z0-9][a-z0-9._-]*"
# Fields that link rows or hold an editor's text are edited plainly; the others are facts.
_NO_FACTS = {
    *(
        "why",
        "creator",
        "model",
        "provider",
        "upstream_id",
        "slug",
        "variant",
        "snapshot",
    ),
    *Model.TEXTS,
}


class FactForm(CatalogForm):
    """A form that requires a reason for changed facts."""

    why = forms.CharField(
        max_length=500,
        required=False,
        label="Why",
        help_text=(
            "Kept with your change. No refresh undoes it until you withdraw it under Overrides."
        ),
        widget=forms.TextInput(attrs={"size": 80}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (self.changed_facts() or self.is_moved()) and not cleaned.get("why"):
            self.add_error("why", "Say why: the change is kept with its reason.")
        for name, value in list(cleaned.items()):
            if complaint := _complaint(self.instance, name, value):
                self.add_error(name, complaint)
        if "retention" in cleaned and (cleaned["retention"] == "days") != bool(
            cleaned.get("retention_days")
        ):
            self.add_error(
                "retention_days",
                "A number of days goes with the retention days, and with no other.",
            )
        return cleaned

    def changed_facts(self) -> list[str]:
        return [name for name in self.changed_data if name not in _NO_FACTS]

    def is_moved(self) -> bool:
        return (
            isinstance(self.instance, Endpoint)
            and bool(self.instance.pk)
            and "model" in self.changed_data
        )


def _complaint(subject: Any, name: str, value: Any) -> str:
    """A readable reason for a bad value; the database would only name its constraint."""
    field = None if name == "why" else subject._meta.get_field(name)
    if isinstance(field, PartialDateField) and value and not _is_partial_date(value):
        return "A date is as precise as it is known: 2026, 2026-11 or 2026-11-30."
    if isinstance(field, PositiveBigIntegerField) and value == 0:
        return "A limit is above zero; leave it empty where it is not known."
    if name in Model.TEXTS and isinstance(subject, Model) and is_long(value):
        return (
            f"This text has {length(value):,} characters, and a page shows {LONGEST:,} of a text"
            " at most: shorten it. Nothing is lost until you leave this form."
        )
    if (
        name == "slug"
        and isinstance(subject, Model)
        and not re.fullmatch(f"{_SLUG}/{_SLUG}", value)
    ):
        return "A model's slug is creator/name in lower case, such as openai/o4-mini."
    if name == "slug" and isinstance(subject, Provider) and not re.fullmatch(_SLUG, value):
        return (
            "A provider's slug is letters in lower case, digits, dots and dashes, such as"
            " fireworks-ai."
        )
    return ""


def _is_partial_date(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}{'-01-01'[len(text) - 4 :]}")
    except ValueError:
        return False
    return bool(re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text))


class FactAdmin(CatalogAdmin):
    """Admin that writes facts as overrides. The keys that sources use are fixed once added."""

    form = FactForm
    keys: tuple[str, ...] = ("slug",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, *(self.keys if obj else ()))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        assert isinstance(request.user, User)
        statement = {"by": request.user, "why": form.cleaned_data["why"], "at": timezone.now()}
        wanted = obj.model if form.is_moved() else None
        if wanted:
            obj.model = Model.objects.get(id=form.initial["model"])
        if isinstance(obj, Endpoint) and not change:
            obj.linked_by = "editor"
        if not change:
            super().save_model(request, obj, form, change)
        if facts := {name: form.cleaned_data[name] for name in form.changed_facts()}:
            override(obj, facts, **statement)
        if change:
            super().save_model(request, obj, form, change)
        if wanted:
            relink(obj, wanted, **statement)
            settle([obj.id])
            settle_models([form.initial["model"]], Counter())
        settle_overridden(standing(obj))


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
    list_display = ("slug", "name", "released", "lifecycle", "provider_count")
    list_filter = ("lifecycle", "open_weights", "mode", "creator")
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
    list_display = ("upstream_id", "provider", "model", "variant", "lifecycle", "missing_since")
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
