"""Fields of a price in forms: meter, currency and terms as choices instead of JSON."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from pricing.meters import METERS, SEARCHES, Meter
from pricing.rates import rounded
from pricing.terms import Terms, checked_terms
from web.admin.base import CatalogForm

# ISO 4217 codes in which prices of models are published.
CURRENCIES = ("USD", "EUR", "CNY", "GBP", "JPY", "KRW", "INR", "RUB")
TIERS = ("batch", "flex", "priority", "ultrafast")
OPERATORS = (("gt", "above"), ("gte", "from"))
APPLIES = (("whole_request", "for the whole request"), ("marginal", "for the tokens past it"))
WEEKDAYS = tuple(enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 1))
_WINDOW = re.compile(r"(\d\d:\d\d)\s*(?:-|–|to)\s*(\d\d:\d\d)")
TERMS = (
    *("tier", "operator", "band", "applies", "region"),
    *("windows", "weekdays", "timezone", "options"),
)


def quoted_per(known: Meter) -> str:
    """What an amount buys: 1,000,000 tokens."""
    return f"{known.per:,} {known.units}" if known.per > 1 else known.unit


def with_choice(choices: Sequence[tuple[str, str]], value: str) -> list[tuple[str, str]]:
    """The choices, with the present value if none of them is it."""
    known = value in dict(choices)
    return [*choices] if known or not value else [*choices, (value, value)]


class PriceForm(CatalogForm):
    """A price with its unit, currency and terms. `cleaned_data["terms"]` is terms as JSON."""

    meter = forms.ChoiceField(
        choices=[(slug, f"{known.name}, per {quoted_per(known)}") for slug, known in METERS.items()]
    )
    currency = forms.ChoiceField(choices=[(code, code) for code in CURRENCIES], initial="USD")
    tier = forms.ChoiceField(
        label="Service tier",
        required=False,
        choices=[("", "standard"), *((tier, tier) for tier in TIERS)],
    )
    operator = forms.ChoiceField(label="Context band", required=False, choices=OPERATORS)
    band = forms.IntegerField(
        label="Input tokens",
        required=False,
        min_value=1,
        max_value=10**9,
        help_text="The band's threshold in tokens, cached ones included; empty for no band.",
    )
    applies = forms.ChoiceField(label="Its price holds", required=False, choices=APPLIES)
    region = forms.CharField(required=False, max_length=50)
    windows = forms.CharField(
        label="Hours of a day",
        required=False,
        max_length=200,
        help_text="Such as 01:00-04:00, 06:00-10:00; empty for all hours.",
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="Days",
        required=False,
        coerce=int,
        choices=WEEKDAYS,
        widget=forms.CheckboxSelectMultiple,
        help_text="None chosen means every day. They go with hours.",
    )
    timezone = forms.CharField(
        label="Time zone", required=False, max_length=50, help_text="Such as UTC or Asia/Shanghai."
    )
    options = forms.CharField(
        label="Further conditions",
        required=False,
        max_length=300,
        help_text="Such as size=1024x1024, quality=high.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            terms = Terms.from_json(self.instance.terms)
            self.initial = {**self.initial, **terms_as_fields(terms)}
        for name in ("meter", "currency", "tier"):
            if field := self.fields.get(name):
                field.choices = with_choice(field.choices, str(self.initial.get(name) or ""))  # type: ignore[attr-defined]

    def clean_amount(self) -> Decimal | None:
        amount: Decimal | None = self.cleaned_data["amount"]
        try:
            return None if amount is None else rounded(amount)
        except ValueError as error:
            raise forms.ValidationError("No price is that large.") from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._check_amount(cleaned)
        searches = cleaned.get("meter", self.instance.meter) in SEARCHES
        if cleaned.get("content_billed_as_input") is not None and not searches:
            self.add_error(
                "content_billed_as_input", "Only a search finds content: leave this unknown."
            )
        if self.errors.keys() & set(TERMS) or "tier" not in self.fields:
            return cleaned
        try:
            cleaned["terms"] = checked_terms(_stated_terms(cleaned)).to_json()
        except ValueError as error:
            name = "options" if "Further" in str(error) else "windows"
            self.add_error(name, str(error))
        return cleaned

    def _check_amount(self, cleaned: dict[str, Any]) -> None:
        """An amount that fits the state; what is free gets its zero."""
        state, amount = cleaned.get("state"), cleaned.get("amount")
        if "amount" in self.errors or not state:
            return
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


def terms_as_fields(terms: Terms) -> dict[str, Any]:
    """Values of the fields for these terms; of several schedules only the first is shown."""
    fields: dict[str, Any] = {"tier": terms.tier, "region": terms.region}
    if terms.band:
        fields |= {
            "band": terms.band.threshold,
            "operator": terms.band.operator,
            "applies": terms.band.applies,
        }
    if terms.schedules:
        schedule = terms.schedules[0]
        fields["windows"] = ", ".join("-".join(window) for window in schedule.windows)
        fields["weekdays"] = list(schedule.weekdays) if len(schedule.weekdays) < 7 else []
        fields["timezone"] = schedule.timezone
    fields["options"] = ", ".join(f"{name}={value}" for name, value in terms.options)
    return fields


def _stated_terms(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as JSON. Raises ValueError, with a sentence, for hours or options that do not read."""
    terms: dict[str, Any] = {name: cleaned[name] for name in ("tier", "region") if cleaned[name]}
    if cleaned["band"]:
        terms["band"] = {
            "threshold": cleaned["band"],
            "operator": cleaned["operator"] or "gt",
            "applies": cleaned["applies"] or "whole_request",
        }
    if cleaned["windows"]:
        windows = [_WINDOW.fullmatch(text.strip()) for text in cleaned["windows"].split(",")]
        if None in windows:
            raise ValueError("Hours are written as 01:00-04:00, with commas between.")
        schedule: dict[str, Any] = {"windows": [list(found.groups()) for found in windows if found]}
        days = cleaned["weekdays"] or [day for day, _ in WEEKDAYS]
        terms["schedules"] = [
            schedule | {"weekdays": days, "timezone": cleaned["timezone"] or "UTC"}
        ]
    elif cleaned["weekdays"]:
        raise ValueError("Days go with hours: 00:00-00:00 is the whole day.")
    if cleaned["options"]:
        pairs = [text.strip().split("=", 1) for text in cleaned["options"].split(",")]
        if any(len(pair) < 2 or not all(pair) for pair in pairs):
            raise ValueError("Further conditions are written as name=value, with commas between.")
        terms["options"] = {name.strip(): value.strip() for name, value in pairs}
    return terms
