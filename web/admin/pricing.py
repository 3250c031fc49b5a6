"""Admin of prices. Nothing is overwritten: an edit closes the old row and opens a new one."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from catalog.models import Source
from pricing.edit import close_rates, state_rate
from pricing.meters import SEARCHES
from pricing.models import Rate
from pricing.rates import StatedRate, rounded
from pricing.terms import Terms, checked_terms
from sources.winners import settle
from web.admin.base import CatalogAdmin, CatalogForm
from web.admin.held_rates import review_held


class RateForm(CatalogForm):
    terms = forms.CharField(
        required=False,
        initial="{}",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        help_text=(
            '{} is the base card, {"tier": "batch"} the batch tier, {"band": {"threshold": 200000}}'
            " what holds beyond 200,000 input tokens."
        ),
    )
    origin = forms.ChoiceField(
        label="What it replaces",
        choices=[
            (Rate.Origin.CORRECTION, "was wrong: a correction"),
            (Rate.Origin.CHANGE, "was right until now: the provider changed it"),
        ],
    )
    why = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"size": 80}),
        error_messages={"required": "Say why: the price is kept with its reason."},
    )

    class Meta:
        model = Rate
        fields = (
            *("endpoint", "meter", "state", "amount", "currency", "content_billed_as_input"),
            *("terms", "origin", "why"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("why", None)  # an earlier edit's reason is not this one's

    def clean_meter(self) -> str:
        name: str = self.cleaned_data["meter"]
        if not re.fullmatch("[a-z][a-z0-9_]*", name):
            raise forms.ValidationError(
                "A meter is lower-case words joined by _, such as cache_read."
            )
        return name

    def clean_currency(self) -> str:
        currency: str = self.cleaned_data["currency"].upper()
        if not re.fullmatch("[A-Z]{3}", currency):
            raise forms.ValidationError("A currency is three letters, such as USD.")
        return currency

    def clean_amount(self) -> Decimal | None:
        amount: Decimal | None = self.cleaned_data["amount"]
        try:
            return None if amount is None else rounded(amount)
        except ValueError as error:
            raise forms.ValidationError("No price is that large.") from error

    def clean_terms(self) -> dict[str, Any]:
        try:
            return checked_terms(json.loads(self.cleaned_data["terms"] or "{}")).to_json()
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                'These terms do not read. {} is the base card, {"tier": "batch"} the batch tier.'
            ) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.valid_to:
            raise forms.ValidationError("This price has ended: change the one that followed it.")
        searches = cleaned.get("meter", self.instance.meter) in SEARCHES
        if cleaned.get("content_billed_as_input") is not None and not searches:
            self.add_error(
                "content_billed_as_input", "Only a search finds content: leave this unknown."
            )
        state, amount = cleaned.get("state"), cleaned.get("amount")
        if "amount" in self.errors or not state:
            return cleaned
        if state == "priced" and not (amount and amount > 0):
            self.add_error("amount", "A price is above zero; a zero is the state free.")
        elif state == "free" and amount:
            self.add_error("amount", "What is free costs zero: leave the amount empty.")
        elif state == "free":
            cleaned["amount"] = Decimal(0)
        elif state != "priced" and amount is not None:
            label = state.replace("_", " ")
            self.add_error(
                "amount", f"There is no amount when the state is {label}: leave it empty."
            )
        return cleaned

    def validate_constraints(self) -> None:
        """Nothing to check yet: the edit closes every row that it overlaps with."""

    def stated(self, meter: str, terms: Mapping[str, Any]) -> StatedRate:
        data = self.cleaned_data
        return StatedRate(
            meter,
            data["amount"],
            data["state"],
            Terms.from_json(terms),
            data["currency"],
            content_billed_as_input=data["content_billed_as_input"],
        )


@admin.register(Rate)
class RateAdmin(CatalogAdmin):
    form = RateForm
    list_display = (
        "endpoint",
        "meter",
        "state",
        "amount",
        "terms",
        "valid_from",
        "valid_to",
        "source",
        "held",
        "why",
    )
    list_filter = ("held", "announced", "state", "origin", "source", "meter")
    list_select_related = ("endpoint__provider", "source")
    search_fields = ("endpoint__upstream_id", "endpoint__model__slug", "endpoint__provider__slug")
    autocomplete_fields = ("endpoint",)
    show_full_result_count = False
    actions = ("withdraw",)

    def get_readonly_fields(self, request: HttpRequest, obj: Rate | None = None) -> tuple[str, ...]:
        fixed = ("valid_from", "valid_to", "announced", "held", "source", "observed_at", "by")
        return ("endpoint", "meter", "terms", *fixed, "evidence") if obj else ()

    def save_model(self, request: HttpRequest, obj: Rate, form: Any, change: Any) -> None:
        assert isinstance(request.user, User)
        row = state_rate(
            obj.endpoint,
            form.stated(obj.meter, obj.terms),
            by=request.user,
            why=form.cleaned_data["why"],
            at=timezone.now(),
            origin=form.cleaned_data["origin"],
        )
        obj.pk = row.pk
        obj.refresh_from_db()

    def get_urls(self) -> list[Any]:
        review = path(
            "review/", self.admin_site.admin_view(self.review), name="pricing_rate_review"
        )
        return [review, *super().get_urls()]

    def review(self, request: HttpRequest) -> HttpResponse:
        may_decide = self.has_change_permission(request)
        if not self.has_view_permission(request) or (request.method == "POST" and not may_decide):
            raise PermissionDenied
        return review_held(request, self.admin_site, may_decide=may_decide)

    @admin.action(
        description="Withdraw the editors' prices: let the sources decide again",
        permissions=["change"],
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Rate]) -> None:
        mine = list(queryset.filter(source__slug=Source.EDITOR, valid_to=None))
        with transaction.atomic():
            close_rates(mine, at=timezone.now())
            settle({row.endpoint_id for row in mine})
        self.message_user(
            request, f"{len(mine)} withdrawn; the best of the sources' prices holds again."
        )

    def has_delete_permission(self, request: HttpRequest, obj: Rate | None = None) -> bool:
        return False
