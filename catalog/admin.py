"""Where editors keep the catalog true. Every edit of a fact is an override that says why."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.forms.models import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import (
    Alias,
    Capability,
    Creator,
    Endpoint,
    EndpointClaims,
    Model,
    Override,
    Provider,
    Relink,
    Source,
)
from catalog.overrides import override, relink, withdraw
from catalog.summary import summarise_models
from sources.settle import settle, settle_models, settle_overridden

# What links rows together is edited plainly; everything else on these forms is a fact.
_LINKS = {"creator", "successor", "model", "provider", "upstream_id", "slug"}


class FactForm(ModelForm):  # type: ignore[type-arg]
    """A form whose changed facts need a reason."""

    why = forms.CharField(
        max_length=500,
        required=False,
        label="Why",
        help_text="Kept with your change. No refresh undoes it until you withdraw it under Overrides.",
        widget=forms.TextInput(attrs={"size": 80}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        moved = self.instance.pk and "model" in self.changed_data
        if (self.changed_facts() or moved) and not cleaned.get("why"):
            self.add_error("why", "Say why: the change is kept with its reason.")
        return cleaned

    def changed_facts(self) -> list[str]:
        return [name for name in self.changed_data if name != "why" and name not in _LINKS]


class FactAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin that writes facts as overrides."""

    form = FactForm

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        now, why = timezone.now(), form.cleaned_data["why"]
        if isinstance(obj, Endpoint) and change and "model" in form.changed_data:
            wanted, obj.model = obj.model, Model.objects.get(id=form.initial["model"])
            before = obj.model_id
            relink(obj, wanted, by=request.user, why=why, at=now)
            self._after_relink(before, obj)
        super().save_model(request, obj, form, change)
        facts = {name: form.cleaned_data[name] for name in form.changed_facts()}
        if facts:
            override(obj, facts, by=request.user, why=why, at=now)
        summarise_models()

    def _after_relink(self, before: int, endpoint: Endpoint) -> None:
        counts = settle([endpoint.id])
        settle_models([before, endpoint.model_id], counts)


class ClaimsInline(admin.TabularInline):  # type: ignore[type-arg]
    """What every source says, losers included."""

    model = EndpointClaims
    extra = 0
    can_delete = False
    fields = readonly_fields = ("source", "stated_at", "missing_since", "by_pattern", "facts", "rates")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Creator)
class CreatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug")
    search_fields = ("name", "slug")


@admin.register(Model)
class ModelAdmin(FactAdmin):
    list_display = ("slug", "name", "released", "lifecycle", "provider_count")
    list_filter = ("lifecycle", "open_weights", "mode")
    search_fields = ("slug", "name")
    autocomplete_fields = ("creator", "successor")
    readonly_fields = ("provenance",)


@admin.register(Provider)
class ProviderAdmin(FactAdmin):
    list_display = ("name", "slug", "kind")
    list_filter = ("kind",)
    search_fields = ("name", "slug")
    autocomplete_fields = ("creator",)
    readonly_fields = ("provenance",)


@admin.register(Endpoint)
class EndpointAdmin(FactAdmin):
    list_display = ("upstream_id", "provider", "model", "variant", "lifecycle", "missing_since")
    list_filter = ("lifecycle", "zdr", "training", "provider__kind")
    list_select_related = ("provider", "model")
    search_fields = ("upstream_id", "model__slug", "provider__slug")
    autocomplete_fields = ("provider", "model")
    readonly_fields = ("first_seen", "missing_since", "linked_by", "provenance")
    inlines = (ClaimsInline,)


@admin.register(Alias)
class AliasAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("spelling", "model", "billed_as", "billed_from")
    list_select_related = ("model", "billed_as")
    search_fields = ("spelling", "model__slug")
    autocomplete_fields = ("model", "billed_as")

    def save_model(self, request: HttpRequest, obj: Alias, form: Any, change: bool) -> None:
        obj.by_editor = True
        super().save_model(request, obj, form, change)
        summarise_models()


@admin.register(Capability)
class CapabilityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "position", "explanation")
    search_fields = ("name", "slug")


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "trust", "as_of", "read_at", "licence")
    readonly_fields = ("as_of", "read_at")


@admin.register(Relink)
class RelinkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The log of moved endpoints. To move one, change the model of the endpoint."""

    list_display = ("endpoint", "from_model", "to_model", "by", "at", "why")
    list_select_related = ("endpoint__provider", "from_model", "to_model", "by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Override)
class OverrideAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The overrides, standing and withdrawn. To make one, edit the model, provider or endpoint."""

    list_display = ("subject", "field", "value", "by", "at", "why", "withdrawn_at")
    list_filter = ("withdrawn_at", "field")
    list_select_related = ("model", "provider", "endpoint__provider", "by")
    actions = ("withdraw_selected",)

    @admin.display(description="of")
    def subject(self, obj: Override) -> str:
        return str(obj.model or obj.provider or obj.endpoint)

    @admin.action(description="Withdraw: let the sources decide again", permissions=["change"])
    def withdraw_selected(self, request: HttpRequest, queryset: Any) -> None:
        assert isinstance(request.user, User)
        standing = list(queryset.standing())
        for statement in standing:
            withdraw(statement, by=request.user, at=timezone.now())
        settle_overridden(standing)
        self.message_user(request, f"{len(standing)} withdrawn; the best of the sources' claims holds again.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(field.name for field in Override._meta.fields)
