"""Unmatched names: each becomes an alias of a known model, or is confirmed as a new one."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from catalog.models import Model
from sources.models import NameState, UnmatchedName
from sources.unmatched_names import NameRefused, confirm_model, make_alias
from web.admin.base import CatalogAdmin, CatalogForm, DecisionRefused, decided
from web.reads.unmatched_names import (
    MOST,
    listed_of,
    nearest_models,
    unmatched_choices,
    waiting_names,
)

# Reasons that the field of the reason offers.
REASONS = (
    "The provider's documentation names the model",
    "Another spelling of the same name",
    "A model of its own: its maker announced it",
)


class AliasOfForm(CatalogForm):
    """The model of which an id is an alias, with a reason."""

    class Meta:
        model = UnmatchedName
        fields = ("alias_of", "why")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.pop("why", None)  # an earlier decision's reason is not this one's
        for name in {"alias_of", "why"} & self.fields.keys():
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        wanted = cleaned.get("alias_of")
        if wanted and wanted.id == self.instance.endpoint.model_id:
            raise forms.ValidationError(
                f"It is linked to {wanted} already: confirm it as a new model in the review."
            )
        return cleaned


@admin.register(UnmatchedName)
class UnmatchedNameAdmin(CatalogAdmin):
    form = AliasOfForm
    list_display = (
        *(
            "upstream_id",
            "provider",
            "name",
            "model_now",
            "doubt",
            "source",
            "first_seen",
            "last_seen",
        ),
        *("state", "alias_of", "by", "why"),
    )
    list_filter = ("state", "doubt", "source", "endpoint__provider")
    list_select_related = ("endpoint__provider", "endpoint__model", "source", "alias_of", "by")
    search_fields = ("endpoint__upstream_id", "name", "endpoint__model__slug")
    autocomplete_fields = ("alias_of",)
    readonly_fields = (
        *("upstream_id", "provider", "name", "made", "model_now", "nearest", "doubt", "source"),
        *("first_seen", "last_seen", "state", "by", "decided_at"),
    )

    @admin.display(description="id", ordering="endpoint__upstream_id")
    def upstream_id(self, name: UnmatchedName) -> str:
        return name.endpoint.upstream_id

    @admin.display(ordering="endpoint__provider")
    def provider(self, name: UnmatchedName) -> str:
        return name.endpoint.provider.name

    @admin.display(description="model now", ordering="endpoint__model__slug")
    def model_now(self, name: UnmatchedName) -> str:
        return name.endpoint.model.slug

    @admin.display(description="last seen")
    def last_seen(self, name: UnmatchedName) -> Any:
        listed = listed_of({name.endpoint_id}).get(name.endpoint_id)
        return listed and listed.last_seen

    @admin.display(description="nearest models")
    def nearest(self, name: UnmatchedName) -> str:
        candidates = nearest_models().to(name.endpoint.model.slug)
        return ", ".join(f"{one.model} ({one.differs})" for one in candidates) or "none"

    def save_model(self, request: HttpRequest, obj: UnmatchedName, form: Any, change: Any) -> None:
        assert isinstance(request.user, User)
        assert obj.alias_of is not None
        make_alias(obj, obj.alias_of, by=request.user, why=obj.why, now=timezone.now())

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.review)
        return [path("review/", view, name="sources_unmatchedname_review"), *super().get_urls()]

    def review(self, request: HttpRequest) -> HttpResponse:
        may_decide = self.has_change_permission(request)
        if not self.has_view_permission(request) or (request.method == "POST" and not may_decide):
            raise PermissionDenied
        if request.method == "POST":
            return decided(request, partial(_decide, request), keeps=("provider", "source"))
        chosen = {name: request.GET.get(name, "") for name in ("provider", "source")}
        names = waiting_names(**chosen)
        context = {
            **self.admin_site.each_context(request),
            "title": "Unmatched names",
            "names": names,
            "choices": {
                "provider": unmatched_choices("endpoint__provider"),
                "source": unmatched_choices("source"),
            },
            "chosen": chosen,
            "is_cut": len(names) == MOST,
            "may_decide": may_decide,
            "reasons": REASONS,
            "why": request.GET.get("why", ""),
        }
        return TemplateResponse(request, "admin/sources/unmatchedname/review.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _decide(request: HttpRequest, why: str) -> str:
    """Make the row of the pressed button an alias, or confirm it, or all that are ticked."""
    assert isinstance(request.user, User)
    statement: dict[str, Any] = {"by": request.user, "why": why, "now": timezone.now()}
    waiting = UnmatchedName.objects.filter(state=NameState.WAITING)
    id_, _, slug = request.POST.get("alias", "").partition(":")
    pressed = request.POST.get("new", "")
    ids = [id_] if id_ else request.POST.getlist("name") if pressed == "ticked" else [pressed]
    names = [*waiting.filter(id__in=filter(None, ids)).select_related("endpoint__model")]
    if not names:
        raise DecisionRefused("Tick the names first: those that still wait.")
    if not id_:
        for name in names:
            confirm_model(name, **statement)
        return f"{len(names):,} confirmed as new models."
    model = Model.objects.filter(slug=slug).first()
    if model is None:
        raise DecisionRefused(f"There is no model {slug}.")
    try:
        make_alias(names[0], model, **statement)
    except NameRefused as error:
        raise DecisionRefused(str(error)) from error
    return f"An alias of {model} now."
