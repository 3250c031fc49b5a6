"""Edits of facts, on a form or in a list: each is an override with a reason."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import PositiveBigIntegerField
from django.http import HttpRequest
from django.utils import timezone

from catalog.fields import PartialDateField
from catalog.lifecycle import Lifecycle
from catalog.models import Endpoint, Model, Override, Provider
from catalog.overrides import override, relink, standing, withdraw
from sources.winners import settle, settle_models, settle_overridden
from web.admin.base import CatalogAdmin, CatalogForm
from web.admin.bulk import ReasonForm, reasoned
from web.text.markdown import LONGEST, is_long, length

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


class FactListForm(CatalogForm):
    """A row of a list: its facts, with the reason of the list's bar."""

    why = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.has_changed() and not self.why:
            self.add_error(None, "Give a reason beside the actions: it is kept with the change.")
        for name, value in list(cleaned.items()):
            if complaint := _complaint(self.instance, name, value):
                self.add_error(name, complaint)
        return cleaned | {"why": self.why}

    def changed_facts(self) -> list[str]:
        return self.changed_data

    def is_moved(self) -> bool:
        return False


class FactAdmin(CatalogAdmin):
    """Admin that writes facts as overrides. The keys that sources use are fixed once added."""

    form = FactForm
    keys: tuple[str, ...] = ("slug",)
    action_form = ReasonForm
    actions: tuple[str, ...] = ("withdraw_overrides",)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """What a row shows was read with the page: a fact that a source changed since stays."""
        why = request.POST.get("why", "").strip()[:500]
        form = type("ReasonedListForm", (FactListForm,), {"why": why})
        kwargs["formfield_callback"] = partial(self._listed_field, request=request)
        return super().get_changelist_form(request, form=form, **kwargs)

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["formfield_callback"] = partial(self._listed_field, request=request)
        return super().get_changelist_formset(request, **kwargs)

    def _listed_field(self, column: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = self.formfield_for_dbfield(column, request=request, **kwargs)
        if field:
            field.show_hidden_initial = True
        return field

    @admin.action(
        description="Withdraw overrides: let the sources decide again", permissions=["change"]
    )
    def withdraw_overrides(self, request: HttpRequest, queryset: Any) -> None:
        if statement := reasoned(self, request):
            ended = [one for subject in queryset for one in standing(subject)]
            self._withdraw(ended, statement)
            self.message_user(
                request, f"{len(ended):,} overrides withdrawn; the best of the sources holds again."
            )

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: Any) -> None:
        if statement := reasoned(self, request):
            subjects = [*queryset.exclude(lifecycle=Lifecycle.RETIRED)]
            self._override(subjects, {"lifecycle": Lifecycle.RETIRED.value}, statement)
            self.message_user(request, f"{len(subjects):,} retired.")

    @admin.action(description="Unretire", permissions=["change"])
    def unretire(self, request: HttpRequest, queryset: Any) -> None:
        """Withdraw an editor's retirement; where sources state one, override it as listed."""
        if not (statement := reasoned(self, request)):
            return
        subjects = [*queryset]
        ended = [
            one
            for subject in subjects
            for one in standing(subject).filter(field__in=("lifecycle", "retired_on"))
        ]
        self._withdraw(ended, statement)
        today = timezone.now().date()
        retired = []
        for subject in subjects:
            subject.refresh_from_db()
            if subject.stage(today) == Lifecycle.RETIRED:
                retired.append(subject)
        listed = {"lifecycle": Lifecycle.LISTED.value, "retired_on": ""}
        self._override(retired, listed, statement)
        self.message_user(request, f"{len(subjects):,} are not retired by an editor any more.")

    def _withdraw(self, overrides: Sequence[Override], statement: Mapping[str, Any]) -> None:
        with transaction.atomic():
            for one in overrides:
                withdraw(one, **statement)
            settle_overridden(overrides)

    def _override(
        self, subjects: Sequence[Any], facts: Mapping[str, Any], statement: Mapping[str, Any]
    ) -> None:
        with transaction.atomic():
            for subject in subjects:
                override(subject, facts, **statement)
            settle_overridden([one for subject in subjects for one in standing(subject)])

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
