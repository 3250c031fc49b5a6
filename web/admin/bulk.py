"""Parts of lists in the admin: a reason for actions, a filter by provider."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.models import Provider


class ReasonForm(ActionForm):
    why = forms.CharField(label="Reason:", max_length=500, required=False, widget=forms.TextInput())

    class Media:
        css = {"all": ("admin_review.css",)}


def reasoned(site: Any, request: HttpRequest) -> dict[str, Any]:
    """The editor, the reason and the instant of an action; none, with a message, without a reason.

    `site` is the table's admin, with `ReasonForm` as its form of actions.
    """
    assert isinstance(request.user, User)
    why = request.POST.get("why", "").strip()[:500]
    if not why:
        site.message_user(
            request, "Give a reason first: it is kept with the decision.", messages.WARNING
        )
        return {}
    return {"by": request.user, "why": why, "at": timezone.now()}


class ProviderFilter(admin.SimpleListFilter):
    """By provider, through any of the table's `provider_paths`."""

    title = "provider"
    parameter_name = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.paths = model_admin.provider_paths
        return [*Provider.objects.values_list("slug", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        of_provider = Q()
        for path in self.paths:
            of_provider |= Q(**{f"{path}__slug": self.value()})
        # Not the rows themselves: a path of many would repeat them.
        return queryset.filter(pk__in=queryset.model._default_manager.filter(of_provider))
