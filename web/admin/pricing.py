"""Admin of prices. Nothing is overwritten: an edit closes the old row and opens a new one."""

from collections.abc import Iterable, Mapping
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
from pricing.edit import state_rate, withdraw_stated
from pricing.edited_slips import far_from_usual
from pricing.meters import meter
from pricing.models import Rate
from pricing.rates import StatedRate
from pricing.terms import Terms
from sources.winners import settle
from web.admin.base import CatalogAdmin
from web.admin.bulk import ReasonForm, reasoned
from web.admin.held_rates import review_held
from web.admin.price_form import TERMS, PriceForm, quoted_per, with_choice
from web.format.terms import in_words
from web.reads.vocabulary import meters_on_record, tiers_on_record

_ON_RECORD = (
    *("valid_from", "valid_to", "announced", "held", "source", "observed_at", "by", "decided_at"),
    *("refresh", "evidence"),
)


class RateForm(PriceForm):
    """A price in force from now on. Endpoint, meter and terms are fixed once a price is stated."""

    origin = forms.ChoiceField(
        label="What it replaces",
        choices=[
            (Rate.Origin.CHANGE, "was right until now: the provider changed it"),
            (Rate.Origin.CORRECTION, "was wrong: a correction"),
        ],
    )
    why = forms.CharField(
        max_length=500,
        widget=forms.TextInput(attrs={"size": 80}),
        error_messages={"required": "Say why: the price is kept with its reason."},
    )
    sure = forms.BooleanField(
        label="The amount is right", required=False, widget=forms.HiddenInput()
    )

    class Meta:
        model = Rate
        fields = (
            *("endpoint", "meter", "state", "amount", "currency", "content_billed_as_input"),
            *("origin", "why"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("why", None)  # an earlier edit's reason is not this one's
        self.initial.pop("origin", None)
        if self.instance.pk:
            for name in ("meter", *TERMS):
                self.fields.pop(name, None)
            if "amount" in self.fields:
                self.fields["amount"].help_text = f"per {quoted_per(meter(self.instance.meter))}"
        else:
            _add_choices(self.fields["meter"], meters_on_record())
            _add_choices(self.fields["tier"], tiers_on_record())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.valid_to:
            raise forms.ValidationError("This price has ended: change the one that followed it.")
        if cleaned.get("state") and not (self.errors or cleaned.get("sure")):
            self._ask_if_far(cleaned)
        return cleaned

    def _ask_if_far(self, cleaned: Mapping[str, Any]) -> None:
        endpoint = cleaned.get("endpoint") or self.instance.endpoint
        terms = self.instance.terms if self.instance.pk else cleaned["terms"]
        rate = self.stated(cleaned.get("meter") or self.instance.meter, terms)
        if question := far_from_usual(endpoint, rate):
            self.fields["sure"].widget = forms.CheckboxInput()
            self.add_error("sure", f"{question}: tick to confirm.")

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


def _add_choices(field: forms.Field, values: Iterable[str]) -> None:
    """Values beside the known ones: the vocabulary is open, and sources add to it."""
    assert isinstance(field, forms.ChoiceField)
    choices: list[tuple[str, str]] = list(field.choices)  # type: ignore[arg-type]
    for value in values:
        choices = with_choice(choices, value)
    field.choices = choices


@admin.register(Rate)
class RateAdmin(CatalogAdmin):
    form = RateForm
    list_display = (
        "endpoint",
        "meter",
        "state",
        "amount",
        "under",
        "valid_from",
        "valid_to",
        "source",
        "held",
        "why",
    )
    list_filter = ("held", "announced", "state", "origin", "source", "meter", "endpoint__provider")
    list_select_related = ("endpoint__provider", "source")
    search_fields = ("endpoint__upstream_id", "endpoint__model__slug", "endpoint__provider__slug")
    autocomplete_fields = ("endpoint",)
    show_full_result_count = False
    actions = ("withdraw",)
    action_form = ReasonForm

    def get_readonly_fields(self, request: HttpRequest, obj: Rate | None = None) -> tuple[str, ...]:
        return ("endpoint", "meter", "under", *_ON_RECORD) if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Rate | None = None) -> Any:
        price = ("state", ("amount", "currency"), "sure", "content_billed_as_input")
        if obj:
            return (
                (None, {"fields": ("endpoint", ("meter", "under"), *price, "origin", "why")}),
                ("On record", {"fields": _ON_RECORD}),
            )
        terms = {"fields": TERMS, "description": "Empty for standard terms."}
        return (
            (None, {"fields": ("endpoint", "meter", *price, "origin", "why")}),
            ("Terms", terms),
        )

    @admin.display(description="terms")
    def under(self, rate: Rate) -> str:
        return in_words(Terms.from_json(rate.terms))

    def save_model(self, request: HttpRequest, obj: Rate, form: Any, change: Any) -> None:
        assert isinstance(request.user, User)
        row = state_rate(
            obj.endpoint,
            form.stated(obj.meter, obj.terms if change else form.cleaned_data["terms"]),
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
        if not (statement := reasoned(self, request)):
            return
        mine = list(queryset.filter(source__slug=Source.EDITOR, valid_to=None))
        with transaction.atomic():
            withdraw_stated(mine, **statement)
            settle({row.endpoint_id for row in mine})
        self.message_user(
            request, f"{len(mine)} withdrawn; the best of the sources' prices holds again."
        )

    def has_delete_permission(self, request: HttpRequest, obj: Rate | None = None) -> bool:
        return False
