"""Where an editor fixes a price. Nothing is overwritten: an edit closes the old row and opens a new one."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Source
from pricing.edit import close_rate, publish_held, state_rate
from pricing.models import Rate
from pricing.rates import StatedRate, Terms, rounded
from sources.settle import settle


class RateForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Rate
        fields = ("endpoint", "meter", "state", "amount", "currency", "terms", "origin", "why")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("why"):
            self.add_error("why", "Say why: the price is kept with its reason.")
        state, amount = cleaned.get("state"), cleaned.get("amount")
        if state == "priced" and not (amount and amount > 0):
            self.add_error("amount", "A price is above zero; a zero is the state free.")
        if state == "free":
            cleaned["amount"] = amount = 0
        if state not in ("priced", "free") and amount is not None:
            self.add_error("amount", f"There is no amount when the state is {state}: leave it empty.")
        return cleaned

    def clean_terms(self) -> dict[str, Any]:
        try:
            return Terms.from_json(self.cleaned_data["terms"] or {}).to_json()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise forms.ValidationError(
                'These terms do not read. {} is the base card, {"tier": "batch"} the batch tier.'
            ) from error

    def validate_constraints(self) -> None:
        """The edit closes what it would overlap with, so there is nothing to check yet."""

    def stated(self) -> StatedRate:
        data = self.cleaned_data
        amount = None if data["amount"] is None else rounded(data["amount"])
        terms = Terms.from_json(data["terms"])
        return StatedRate(data["meter"], amount, data["state"], terms, data["currency"])


@admin.register(Rate)
class RateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
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
    )
    list_filter = ("held", "announced", "state", "origin", "source", "meter")
    list_select_related = ("endpoint__provider", "source")
    search_fields = ("endpoint__upstream_id", "endpoint__model__slug", "endpoint__provider__slug")
    autocomplete_fields = ("endpoint",)
    show_full_result_count = False
    actions = ("publish", "withdraw")

    def get_readonly_fields(self, request: HttpRequest, obj: Rate | None = None) -> tuple[str, ...]:
        return ("endpoint", "meter", "terms") if obj else ()

    def save_model(self, request: HttpRequest, obj: Rate, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        if change:
            before = Rate.objects.select_related("endpoint").get(id=obj.id)
            form.cleaned_data |= {"endpoint": before.endpoint, "meter": before.meter, "terms": before.terms}
        row = state_rate(
            form.cleaned_data["endpoint"],
            form.stated(),
            by=request.user,
            why=form.cleaned_data["why"],
            at=timezone.now(),
            origin=form.cleaned_data["origin"],
        )
        obj.pk = row.pk
        obj.refresh_from_db()

    @admin.action(description="Publish the held prices", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Rate]) -> None:
        assert isinstance(request.user, User)
        held = list(queryset.filter(held=True))
        for row in held:
            publish_held(row, by=request.user, at=timezone.now())
        self.message_user(request, f"{len(held)} published.")

    @admin.action(
        description="Withdraw the editors' prices: let the sources decide again", permissions=["change"]
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Rate]) -> None:
        mine = list(queryset.filter(source__slug=Source.EDITOR, valid_to=None))
        for row in mine:
            close_rate(row, at=timezone.now())
        settle({row.endpoint_id for row in mine})
        self.message_user(request, f"{len(mine)} withdrawn; the best of the sources' prices holds again.")

    def has_delete_permission(self, request: HttpRequest, obj: Rate | None = None) -> bool:
        return False
