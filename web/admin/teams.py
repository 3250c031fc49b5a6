"""Admin of teams, allowances, whose tokens are believed, and the ledger, which is read alone."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import Allowance, Membership, Team, TokenRule
from playground.models import LedgerEntry


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "allowance", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (MembershipInline,)


@admin.register(Allowance)
class AllowanceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "amount")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)


class TokenRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_claims(self) -> dict[str, str]:
        claims = self.cleaned_data["claims"] or {}
        if not isinstance(claims, dict) or not all(
            isinstance(value, str) and value for value in claims.values()
        ):
            raise forms.ValidationError(
                "An object of texts, such as {“repository_owner”: “acme”}; * ends a text."
            )
        return claims


@admin.register(TokenRule)
class TokenRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = TokenRuleForm
    list_display = ("issuer", "audience", "claims", "team")
    list_filter = ("team",)
    list_select_related = ("team",)
    autocomplete_fields = ("team",)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Bills are not edited."""

    list_display = (
        *("began_at", "model_slug", "provider_slug", "user", "team", "key", "outcome"),
        *("held", "spent"),
    )
    list_filter = ("outcome", "way", "counted_by", "provider_slug", "team")
    list_select_related = ("user", "team", "key")
    search_fields = ("model_slug", "user__username", "subject")
    date_hierarchy = "began_at"
    ordering = ("-began_at",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
