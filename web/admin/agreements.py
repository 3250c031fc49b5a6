"""Admin of agreed prices: private providers, endpoints and rates."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest

from agreements.models import PrivateEndpoint, PrivateProvider, PrivateRate
from web.admin.base import CatalogAdmin
from web.admin.bulk import ProviderFilter
from web.admin.price_form import TERMS, PriceForm


class PrivateRateForm(PriceForm):
    class Meta:
        model = PrivateRate
        fields = (
            *("endpoint", "private_endpoint", "meter", "state", "amount", "currency"),
            *("valid_from", "valid_to", "why"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self.instance.terms = cleaned.get("terms", {})
        # The database judges series, which a form does not have.
        if not self.errors and self._overlaps(cleaned):
            raise forms.ValidationError(
                "Another agreed price of this meter holds in that time: end it first."
            )
        return cleaned

    def _overlaps(self, cleaned: dict[str, Any]) -> bool:
        names = ("endpoint", "private_endpoint", "meter", "terms")
        others = PrivateRate.objects.filter(**{name: cleaned.get(name) for name in names})
        if cleaned["valid_to"]:
            before = Q(valid_from=None) | Q(valid_from__lt=cleaned["valid_to"])
            others = others.filter(before)
        if cleaned["valid_from"]:
            others = others.filter(Q(valid_to=None) | Q(valid_to__gt=cleaned["valid_from"]))
        return others.exclude(pk=self.instance.pk).exists()


@admin.register(PrivateProvider)
class PrivateProviderAdmin(CatalogAdmin):
    list_display = ("name", "slug", "note")
    search_fields = ("name", "slug")


@admin.register(PrivateEndpoint)
class PrivateEndpointAdmin(CatalogAdmin):
    list_display = ("model", "provider_name", "upstream_id", "context_window")
    list_select_related = ("model", "provider", "private_provider")
    search_fields = ("upstream_id", "model__slug", "private_provider__slug", "provider__slug")
    autocomplete_fields = ("model", "provider", "private_provider")

    @admin.display(description="provider")
    def provider_name(self, endpoint: PrivateEndpoint) -> str:
        return endpoint.provider_name


@admin.register(PrivateRate)
class PrivateRateAdmin(CatalogAdmin):
    """Contract dates bound a price; to change one, end it and add the next."""

    form = PrivateRateForm
    list_display = (
        *("where", "meter", "state", "amount", "currency", "valid_from", "valid_to", "by", "why"),
    )
    list_filter = ("meter", "state", "private_endpoint__private_provider", ProviderFilter)
    provider_paths = ("endpoint__provider", "private_endpoint__provider")
    list_select_related = (
        *("endpoint__provider", "private_endpoint__provider", "private_endpoint__model"),
        *("private_endpoint__private_provider", "by"),
    )
    search_fields = (
        *("endpoint__upstream_id", "endpoint__model__slug", "endpoint__provider__slug"),
        *("private_endpoint__upstream_id", "private_endpoint__model__slug"),
    )
    autocomplete_fields = ("endpoint", "private_endpoint")
    fieldsets = (
        (
            None,
            {"fields": ("endpoint", "private_endpoint", "meter", "state", ("amount", "currency"))},
        ),
        ("Contract", {"fields": ("valid_from", "valid_to", "why")}),
        ("Terms", {"fields": TERMS, "description": "Empty for standard terms."}),
    )

    @admin.display(description="of")
    def where(self, rate: PrivateRate) -> str:
        return str(rate.endpoint or rate.private_endpoint)

    def save_model(self, request: HttpRequest, obj: PrivateRate, form: Any, change: Any) -> None:
        assert isinstance(request.user, User)
        obj.by = request.user
        super().save_model(request, obj, form, change)
